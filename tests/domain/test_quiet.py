"""Quiet hours hold by the clocks of their zone."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.quiet import QuietHours, read_quiet

NIGHT = QuietHours(time(22), time(7), "Europe/Warsaw")
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-11-27T20:59:00+00:00", None),
        ("2026-11-27T21:00:00+00:00", "2026-11-28T06:00:00+00:00"),
        ("2026-11-28T05:59:59+00:00", "2026-11-28T06:00:00+00:00"),
        ("2026-11-28T06:00:00+00:00", None),
        # Summer time, and the night in which it ends: its clocks go back at 01:00 UTC.
        ("2026-07-01T20:00:00+00:00", "2026-07-02T05:00:00+00:00"),
        ("2026-10-24T20:30:00+00:00", "2026-10-25T06:00:00+00:00"),
    ],
)
def test_a_night_ends_by_the_clocks_of_its_zone(now: str, end: str | None) -> None:
    """Over midnight, in winter and in summer."""
    expected = None if end is None else datetime.fromisoformat(end)
    assert NIGHT.end(datetime.fromisoformat(now)) == expected


def test_a_zone_that_nobody_knows_is_utc() -> None:
    """A typing mistake of long ago must not stop reminders for good."""
    quiet = QuietHours(time(1), time(2), "Mars/Olympus")
    assert quiet.end(datetime(2026, 1, 1, 1, 30, tzinfo=UTC)) == datetime(2026, 1, 1, 2, tzinfo=UTC)


@given(TIMES, TIMES, st.integers(0, 527_000))
def test_quiet_hours_end(since: time, until: time, minute: int) -> None:
    """Whatever somebody chose: they are read back as they are, and are over within a day."""
    quiet = QuietHours(since, until, "America/New_York")
    assert read_quiet(str(quiet)) == quiet
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    end = quiet.end(now)
    assert end is None or now < end <= now + timedelta(hours=25)
    assert end is None or since != until


@pytest.mark.parametrize("text", ["", "off", "22:00", "22:00-", "25:00-07:00 UTC"])
def test_what_is_no_quiet_hours(text: str) -> None:
    """It is taken for none."""
    assert read_quiet(text) is None
