"""How long a refused token waits, and what it knows about its budget."""

from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.buddy.budget import LONGEST_WAIT, SHORTEST_WAIT, USUAL_WAIT, Budget, retry_at
from tests.buddy.samples import NOW

SERVER = NOW + timedelta(minutes=7)
"""Buddy's clock, which is seven minutes ahead of ours."""

DATE = format_datetime(SERVER, usegmt=True)


def epoch(moment: datetime) -> str:
    """Write a moment as Buddy writes ``X-Rate-Limit-Reset``."""
    return str(int(moment.timestamp()))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "30"}, 30),
        ({"retry-after": " 30 ", "x-rate-limit-reset": epoch(NOW)}, 30),
        (
            {
                "retry-after": format_datetime(SERVER + timedelta(seconds=9), usegmt=True),
                "date": DATE,
            },
            9,
        ),
        ({"x-rate-limit-reset": epoch(SERVER + timedelta(seconds=40)), "date": DATE}, 40),
        ({"x-rate-limit-reset": epoch(NOW + timedelta(seconds=40))}, 40),
        ({"x-rate-limit-reset": epoch(NOW + timedelta(seconds=40)), "date": "yesterday"}, 40),
        (
            {
                "x-rate-limit-reset": epoch(NOW + timedelta(seconds=2)),
                "date": "Mon, 23 Nov 2026 09:00:00",
            },
            2,
        ),
    ],
)
def test_the_wait_is_counted_by_buddys_clock(headers: dict[str, str], seconds: int) -> None:
    """Retry-After first, then the reset; both relative to the answer's own date."""
    assert retry_at(headers, NOW) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, USUAL_WAIT),
        ({"retry-after": "soon", "x-rate-limit-reset": "-5"}, USUAL_WAIT),
        ({"retry-after": "٣"}, USUAL_WAIT),
        ({"retry-after": "0"}, SHORTEST_WAIT),
        ({"x-rate-limit-reset": epoch(NOW - timedelta(hours=1))}, SHORTEST_WAIT),
        ({"retry-after": "99999999999"}, LONGEST_WAIT),
        ({"retry-after": "9" * 5000}, USUAL_WAIT),
        ({"x-rate-limit-reset": "99999999999"}, LONGEST_WAIT),
    ],
)
def test_a_wait_is_never_nothing_and_never_endless(
    headers: dict[str, str], wait: timedelta
) -> None:
    """Nonsense in a header makes a usual wait, not a busy loop and not a lost year."""
    assert retry_at(headers, NOW) == NOW + wait


def test_a_budget_is_what_was_told_last() -> None:
    """Headers without a word about the budget change nothing."""
    told = {"x-rate-limit-limit": "1000", "x-rate-limit-remaining": "990"}
    reset = {"x-rate-limit-reset": epoch(SERVER + timedelta(minutes=5)), "date": DATE}
    assert Budget().after({"date": DATE}, NOW) == Budget(None, None, None)
    budget = Budget().after(told, NOW)
    assert budget == Budget(1000, 990, None)
    budget = budget.after(told | reset, NOW)
    assert budget == Budget(1000, 990, NOW + timedelta(minutes=5))
    assert budget.after({}, NOW) is budget
    assert budget.after({"x-rate-limit-reset": epoch(NOW), "date": DATE}, NOW).reset_at == NOW


@given(
    st.dictionaries(
        st.sampled_from(["date", "retry-after", "x-rate-limit-reset", "x-rate-limit-remaining"]),
        st.text("0123456789 :,GMTNov+-")
        | st.integers().map(str)
        | st.datetimes().map(format_datetime),
    )
)
def test_no_header_breaks_the_count(headers: dict[str, str]) -> None:
    """Whatever a proxy writes, there is a moment to try again within a day."""
    assert SHORTEST_WAIT <= retry_at(headers, NOW) - NOW <= LONGEST_WAIT
    reset_at = Budget().after(headers, NOW).reset_at
    assert reset_at is None or timedelta(0) <= reset_at - NOW <= LONGEST_WAIT
