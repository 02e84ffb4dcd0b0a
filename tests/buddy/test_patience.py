"""When a failed call is made once more."""

from datetime import timedelta

import pytest

from bot.buddy.patience import SHORT_WAIT, pause
from bot.errors import (
    AnswerLost,
    ApiDisabled,
    BuddyError,
    BuddyForbids,
    BuddyRateLimited,
    BuddyRefuses,
    BuddyUnavailable,
    NotFoundInBuddy,
    TokenRejected,
)
from tests.buddy.samples import NOW

SOON = BuddyRateLimited(NOW + SHORT_WAIT)
LATE = BuddyRateLimited(NOW + SHORT_WAIT + timedelta(seconds=1))
PAST = BuddyRateLimited(NOW - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("error", "call", "attempt", "seconds"),
    [
        (BuddyUnavailable(), "read", 1, 0.25),
        (BuddyUnavailable(), "read", 2, 0.5),
        (BuddyUnavailable(), "read", 3, None),
        (BuddyUnavailable(), "write", 1, None),
        (AnswerLost(), "write", 1, None),
        (SOON, "read", 1, 5),
        (SOON, "read", 2, 5),
        (SOON, "read", 3, None),
        (SOON, "write", 1, 5),
        (SOON, "write", 2, None),
        (LATE, "read", 1, None),
        (LATE, "write", 1, None),
        (PAST, "read", 1, 0),
        (TokenRejected(), "read", 1, None),
        (BuddyForbids(""), "read", 1, None),
        (ApiDisabled(), "read", 1, None),
        (NotFoundInBuddy(), "read", 1, None),
        (BuddyRefuses(400, ""), "write", 1, None),
    ],
)
def test_only_what_is_safe_and_short_is_tried_again(
    error: BuddyError, call: str, attempt: int, seconds: float | None
) -> None:
    """A write waits only for a limit that surely refused it; nobody waits long inside a call."""
    wait = pause(error, is_write=call == "write", attempt=attempt, now=NOW, chance=0.5)
    assert wait == (None if seconds is None else timedelta(seconds=seconds))


def test_waits_are_spread() -> None:
    """Many calls that failed together do not come back together."""
    waits = [
        pause(BuddyUnavailable(), is_write=False, attempt=1, now=NOW, chance=chance)
        for chance in (0.0, 1.0)
    ]
    assert waits == [timedelta(milliseconds=125), timedelta(milliseconds=375)]
