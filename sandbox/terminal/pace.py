"""How fast time runs, and how it is moved."""

import re
from datetime import timedelta

from sandbox.clock import SandboxClock
from sandbox.terminal.commands import Misunderstood

RATES = {"slow": 1.0, "normal": 5.0, "fast": 30.0}
"""How many times as fast as real time."""

LONGEST = timedelta(hours=1)
_DURATION = re.compile(r"(\d{1,6})\s*([smh]?)\w*", re.ASCII)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


def set_rate(clock: SandboxClock, rate: float) -> None:
    """Change how fast time runs, from now on: what has passed stays as it is."""
    before = clock.now()
    clock.rate = rate
    clock.advance(before - clock.now())


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
