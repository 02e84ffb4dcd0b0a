"""What a ladder of reminders says is due."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ladder import USUAL, Due, LadderUnreadable, due, read_ladder, write_ladder
from bot.domain.quiet import QuietHours

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
LUNCH = QuietHours(time(12), time(13), "UTC")
LADDERS = st.lists(
    st.integers(1, 7 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)),
    max_size=6,
    unique=True,
).map(lambda rungs: tuple(sorted(rungs)))


def minutes(number: int) -> datetime:
    """Name the moment so long after noon."""
    return NOON + timedelta(minutes=number)


@pytest.mark.parametrize(
    ("now", "rung", "next_at"),
    [
        (0, None, 15),
        (14, None, 15),
        (15, 0, 60),
        (59, 0, 60),
        (60, 1, 240),
        (239, 1, 240),
        (240, 2, None),
        (10_000, 2, None),
    ],
)
def test_the_usual_ladder(now: int, rung: int | None, next_at: int | None) -> None:
    """After 15 minutes, an hour and four; of several that were missed the last one."""
    expected = None if next_at is None else minutes(next_at)
    assert due(USUAL, NOON, minutes(now), None) == Due(rung, expected)


def test_of_what_had_passed_when_the_gate_was_noticed_nobody_is_reminded() -> None:
    """Its card has just said how long it waits; the next ones count from its opening."""
    noticed = minutes(70)
    assert due(USUAL, NOON, noticed, None, noticed_at=noticed) == Due(None, minutes(240))
    assert due(USUAL, NOON, minutes(240), None, noticed_at=noticed) == Due(2, None)
    assert due(USUAL, NOON, minutes(300), None, noticed_at=minutes(300)) == Due(None, None)


def test_nobody_is_reminded_in_quiet_hours() -> None:
    """What became due is told when they are over, once."""
    assert due(USUAL, NOON, minutes(5), LUNCH) == Due(None, minutes(15))
    assert due(USUAL, NOON, minutes(20), LUNCH) == Due(None, minutes(60))
    assert due(USUAL, NOON, minutes(60), LUNCH) == Due(1, minutes(240))


@given(LADDERS, st.integers(0, 11_000))
def test_a_ladder_ends(ladder: tuple[timedelta, ...], now: int) -> None:
    """It is read back as itself, and looking when it says always leads to its last rung."""
    assert read_ladder(write_ladder(ladder)) == ladder
    told = due(ladder, NOON, minutes(now), None)
    assert told.next_at is None or told.next_at > minutes(now)
    assert (told.rung is None) == all(after > minutes(now) - NOON for after in ladder)
    looked = 0
    at: datetime | None = NOON
    while at is not None:
        at, looked = due(ladder, NOON, at, None).next_at, looked + 1
    assert looked == len(ladder) + 1


@pytest.mark.parametrize(
    ("text", "ladder"),
    [
        ("15m, 1h, 4h", USUAL),
        ("4h 15min 60m", USUAL),
        ("1H", (timedelta(hours=1),)),
        ("off", ()),
        (" none ", ()),
    ],
)
def test_how_people_write_it(text: str, ladder: tuple[timedelta, ...]) -> None:
    """Commas or spaces, in any order."""
    assert read_ladder(text) == ladder


@pytest.mark.parametrize("text", ["", "soon", "15", "0m", "8d", "1m 2m 3m 4m 5m 6m 7m", "1h;2h"])
def test_what_is_no_ladder(text: str) -> None:
    """It is said, and not guessed at."""
    with pytest.raises(LadderUnreadable):
        read_ladder(text)
