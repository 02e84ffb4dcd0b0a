"""How long somebody wants to wait."""

import re
from datetime import timedelta

from sandbox.terminal.commands import Misunderstood

LONGEST = timedelta(hours=1)
_DURATION = re.compile(r"(\d{1,6})\s*([smh]?)\w*", re.ASCII)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


def parse_duration(text: str) -> timedelta:
    """Understand ``40``, ``40 s``, ``2m`` and ``1h``.

    Raises:
        Misunderstood: it is something else, nothing, or too long.
    """
    found = _DURATION.fullmatch(text.strip().casefold())
    if found is None or not int(found[1]):
        raise Misunderstood("Say how long: wait 40, wait 2m or wait 1h")
    duration = timedelta(seconds=int(found[1]) * _SECONDS[found[2]])
    if duration > LONGEST:
        raise Misunderstood("An hour is the most that can pass at once: wait 1h")
    return duration
