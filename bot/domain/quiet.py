"""Quiet hours: when a channel or a person is not reminded of anything. Pure.

    quiet = from "-" until " " zone        22:00-07:00 Europe/Warsaw

They may go over midnight, and hold by the clocks of their zone, whatever its summer time does.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from typing_extensions import override

_AWAY = re.compile(r"UTC([+-])([01][0-9]|2[0-3]):([0-5][0-9])")
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From when until when it is quiet each day, by the clocks of a zone."""

    since: time
    until: time
    zone: str

    @property
    def is_ever(self) -> bool:
        """Whether there are any: from one time until the same is never."""
        return self.since != self.until

    @override
    def __str__(self) -> str:
        return f"{self.since:%H:%M}-{self.until:%H:%M} {self.zone}"

    def end(self, now: datetime) -> datetime | None:
        """Tell when the quiet hours end that go on at this moment; None where it is not quiet."""
        if not self.is_ever:
            return None
        here = now.astimezone(zone_of(self.zone))
        for day in (here.date() - _ONE_DAY, here.date()):
            begins = datetime.combine(day, self.since, here.tzinfo)
            last = day if self.since < self.until else day + _ONE_DAY
            ends = datetime.combine(last, self.until, here.tzinfo)
            # Compared in UTC: within one zone, Python compares what the clocks show.
            if begins.astimezone(UTC) <= now < ends.astimezone(UTC):
                return ends.astimezone(UTC)
        return None


def read_quiet(text: str) -> QuietHours | None:
    """Read what ``str`` wrote; nothing is no quiet hours."""
    hours, _, zone = text.partition(" ")
    since, _, until = hours.partition("-")
    try:
        return QuietHours(time.fromisoformat(since), time.fromisoformat(until), zone)
    except ValueError:
        return None


def zone_of(name: str) -> tzinfo:
    """Find a zone by its name, or by what it is away from UTC; any other counts as UTC."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        away = _AWAY.fullmatch(name)
    if away is None:
        return UTC
    hours = timedelta(hours=int(away[2]), minutes=int(away[3]))
    return timezone(-hours if away[1] == "-" else hours)


def name_of(zone: tzinfo) -> str:
    """Name a zone so that ``zone_of`` finds it again."""
    return str(getattr(zone, "key", "")) or str(zone)
