"""Reminders of a gate that waits: when the next one is due. Pure.

A ladder is a few durations since the gate opened: after 15 minutes, after 1 hour, after 4 hours.
What is due follows from the clock alone, so nobody has to remember what was done: a reminder has a
rung, and a rung is told once.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.quiet import QuietHours

Ladder = tuple[timedelta, ...]

USUAL: Ladder = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4))
"""When people are reminded where nobody said otherwise."""

MAX_RUNGS = 6
MOST = timedelta(days=7)
LEAST = timedelta(minutes=1)

_RUNG = re.compile(r"([1-9][0-9]{0,4})\s*(min|m|h|d)", re.IGNORECASE)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class LadderUnreadable(ValueError):
    """The text is no ladder."""


@dataclass(frozen=True, slots=True)
class Due:
    """What of a ladder is to be done now, and when to look again."""

    rung: int | None
    """The highest rung that is reached and may be told now; None if none is."""

    next_at: datetime | None
    """When the next one may be; None after the last."""


def due(
    ladder: Sequence[timedelta],
    opened_at: datetime,
    now: datetime,
    quiet: QuietHours | None,
    *,
    noticed_at: datetime | None = None,
) -> Due:
    """Tell what is due of a gate that opened at a moment and waits still.

    Of rungs that were missed, because the bot was away or it was quiet, only the last one is told;
    of those that had passed when the gate was noticed, none: its card has just said how it waits.
    """
    since = opened_at if noticed_at is None else noticed_at
    reached = [rung for rung, after in enumerate(ladder) if since < opened_at + after <= now]
    following = [opened_at + after for after in ladder if opened_at + after > now]
    next_at = min(following, default=None)
    wakes = quiet.end(now) if quiet is not None else None
    if wakes is None:
        return Due(reached[-1] if reached else None, next_at)
    if reached:
        return Due(None, wakes)
    return Due(None, next_at)


def read_ladder(text: str) -> Ladder:
    """Read ``15m, 1h, 4h``; ``off`` is a ladder without rungs.

    Raises:
        LadderUnreadable: it is none, or has too many rungs, or one beyond a week.
    """
    words = text.replace(",", " ").strip()
    if words.lower() in {"off", "none", "0"}:
        return ()
    found: list[timedelta] = []
    at = 0
    while at < len(words):
        match = _RUNG.match(words, at)
        if match is None:
            raise LadderUnreadable(text)
        found.append(int(match[1]) * _UNITS[match[2][0].lower()])
        at = match.end() + len(words[match.end() :]) - len(words[match.end() :].lstrip())
    if not found or len(found) > MAX_RUNGS or max(found) > MOST or min(found) < LEAST:
        raise LadderUnreadable(text)
    return tuple(sorted(set(found)))


def write_ladder(ladder: Sequence[timedelta]) -> str:
    """Write a ladder so that it is read back as itself."""
    return ", ".join(map(_written, ladder)) or "off"


def _written(rung: timedelta) -> str:
    minutes = int(rung.total_seconds()) // 60
    for size, unit in ((24 * 60, "d"), (60, "h")):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"
