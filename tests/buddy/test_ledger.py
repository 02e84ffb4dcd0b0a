"""What a token may still ask for, and the pace at which following uses it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.buddy.budget import Budget
from bot.buddy.ledger import RESERVED, WINDOW, Ledger

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=30)


def told(limit: int | None, remaining: int | None, reset_at: datetime | None = LATER) -> Ledger:
    """Make a ledger that heard this just now."""
    ledger = Ledger(per_window=1000)
    ledger.hear(Budget(limit, remaining, reset_at), NOON)
    return ledger


@pytest.mark.parametrize(
    ("ledger", "spare"),
    [
        (told(1000, 1000), 750),
        (told(1000, 251), 1),
        (told(1000, 250), 0),
        (told(1000, 0), 0),
        (told(1, 999), 749),  # a documented answer: more is left than there ever was
        (told(None, 400), 300),
        (told(1000, 0, NOON), 750),  # Buddy counts anew from now on
        (told(None, None, None), 749),  # nothing told: counted here
        (Ledger(per_window=1000), 750),
        (Ledger(per_window=0), None),
    ],
)
def test_a_quarter_is_kept_for_clicks(ledger: Ledger, spare: int | None) -> None:
    """Following may use what is above the last quarter, and everything where nothing is limited."""
    assert ledger.spare(NOON) == spare


@pytest.mark.parametrize(
    ("ledger", "wait"),
    [
        (told(1000, 251), timedelta(0)),
        (told(1000, 250), timedelta(minutes=30)),
        (told(1000, 0), timedelta(minutes=30)),
        (told(1000, 0, NOON), timedelta(0)),
        (told(None, 0, None), WINDOW),
        (Ledger(per_window=0), timedelta(0)),
    ],
)
def test_following_waits_until_buddy_counts_anew(ledger: Ledger, wait: timedelta) -> None:
    """Once only the clicks' part is left, nobody reads for cards before the next window."""
    assert ledger.wait(NOON) == wait


def test_where_buddy_tells_nothing_the_calls_are_counted() -> None:
    """A thousand calls in an hour; the next hour begins anew."""
    ledger = Ledger(per_window=1000)
    for _ in range(750):
        ledger.hear(Budget(), NOON)

    assert ledger.wait(NOON + timedelta(minutes=59)) == timedelta(minutes=1)
    assert not ledger.wait(NOON + WINDOW)
    ledger.hear(Budget(), NOON + WINDOW)
    assert ledger.spare(NOON + WINDOW) == 749


def test_one_execution_is_read_every_five_seconds() -> None:
    """750 calls an hour are enough for one: a read every 4.8 seconds."""
    ledger, now = told(1000, 1000, NOON + WINDOW), NOON
    for _ in range(100):
        planned = ledger.reserve(now, now + timedelta(seconds=5))
        assert planned == now + timedelta(seconds=5)
        now = planned


def test_without_a_limit_everything_is_read_when_it_is_wanted() -> None:
    """Nothing is planned for later than it is due."""
    ledger = Ledger(per_window=0)
    wanted = NOON + timedelta(seconds=5)

    assert {ledger.reserve(NOON, wanted) for _ in range(10_000)} == {wanted}
    assert not ledger.lead(NOON)


@given(
    executions=st.integers(1, 60),
    clicks=st.lists(st.integers(0, 3599), max_size=240),
    processes=st.integers(1, 3),
)
def test_following_never_takes_what_clicks_may_need(
    executions: int, clicks: list[int], processes: int
) -> None:
    """However many executions, clicks and processes: a click always finds a call left.

    Every process has a ledger of its own and hears from Buddy what the others used.
    """
    left, limit, reset = 1000, 1000, NOON + WINDOW
    ledgers = [Ledger(per_window=1000) for _ in range(processes)]
    due = [(NOON, number % processes) for number in range(executions)]
    calls = sorted([(NOON + timedelta(seconds=at), -1) for at in clicks])
    while True:
        now, who = min([*due, *calls[:1]])
        if now >= reset:
            break
        if who < 0:
            calls.pop(0)
            assert left > 0
            left -= 1
            continue
        due.remove((now, who))
        ledger = ledgers[who]
        if wait := ledger.wait(now):
            due.append((now + wait, who))
            continue
        left -= 1
        ledger.hear(Budget(limit, left, reset), now)
        wanted = now + timedelta(seconds=5)
        due.append((ledger.reserve(now, wanted, sharers=processes), who))
    assert left >= limit * RESERVED - len(clicks) - executions
