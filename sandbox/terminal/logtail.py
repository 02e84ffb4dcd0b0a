"""Keep the last lines of a log, for somebody who asks what the bot wrote."""

import io
import re
from collections import deque

from typing_extensions import override

from sandbox.looks import harmless

KEPT = 20
_REAL_TIME = re.compile(r"^\d{4}-\d\d-\d\dT[\d:.]+Z ")


class LogTail(io.StringIO):
    """A stream that remembers its last lines; everything older is forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: deque[str] = deque(maxlen=KEPT)
        self._rest = ""

    @override
    def write(self, text: str, /) -> int:
        """Keep whole lines; the beginning of one waits for its end."""
        *lines, self._rest = (self._rest + text).split("\n")
        self._lines.extend(harmless(line) for line in lines)
        return len(text)

    def last(self) -> str:
        """Read what is remembered, without real time: it means nothing beside the simulated."""
        return "\n".join(" ".join(_REAL_TIME.sub("", line).split()) for line in self._lines)
