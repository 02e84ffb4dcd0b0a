"""What the sandbox prints: Slack in boxes, and its own voice beside them."""

import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sandbox.looks import boxed, harmless
from sandbox.terminal.buttons import GLUE
from sandbox.terminal.style import Style

WIDEST = 88
_NUMBER = re.compile(rf"\[\d+\]{GLUE}[^\[]*")
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Screen:
    """Prints below what was printed before."""

    write: Callable[[str], None]
    style: Style
    width: Callable[[], int]

    def says(self, text: str) -> None:
        """Speak as the sandbox."""
        lines = [
            line
            for paragraph in harmless(text).splitlines()
            for line in textwrap.wrap(paragraph, self._room) or [""]
        ]
        self.write("\n".join((_INDENT + line).rstrip() for line in lines))

    def lists(self, rows: Sequence[tuple[str, str]]) -> None:
        """Print two columns; what stands in the first one can be typed."""
        left = max((len(first) for first, _ in rows), default=0)
        hang = " " * (left + 2)
        for first, second in rows:
            text = harmless(f"{first:<{left}}  {second}")
            lines = textwrap.wrap(text, self._room, subsequent_indent=hang, drop_whitespace=True)
            head = self.style.bold(lines[0][:left]) + lines[0][left:]
            self.write("\n".join(_INDENT + line for line in [head, *lines[1:]]))

    def titles(self, text: str) -> None:
        """Print a heading."""
        self.write(f"\n{_INDENT}{self.style.bold(text)}")

    def shows(self, heading: str, text: str, *, has_title: bool = False) -> None:
        """Draw what stands on somebody's screen; its first line may be a title."""
        top, *body = boxed(harmless(heading), text, self._room)
        painted = [_INDENT + self.style.faint(top)]
        for number, line in enumerate(body):
            edge, rest = line[:1], line[1:]
            content = (
                self.style.bold(rest) if has_title and number == 0 else self._with_buttons(rest)
            )
            painted.append(_INDENT + self.style.faint(edge) + content)
        self.write("\n".join(painted))

    def _with_buttons(self, line: str) -> str:
        painted = _NUMBER.sub(lambda found: self.style.button(found[0].rstrip()) + "  ", line)
        return painted.replace(GLUE, " ").rstrip()

    @property
    def _room(self) -> int:
        return min(self.width(), WIDEST) - len(_INDENT) - 2
