"""Decide whether a failed call is made once more, and after how long. Pure.

a read     3 tries: after 429 if the wait is short, after 5xx, after no answer
a write    2 tries: only after 429 (or the text that means the same) if the wait is short,
           because only then it was surely not done
"""

from datetime import datetime, timedelta

from bot.errors import BuddyError, BuddyRateLimited, BuddyUnavailable

BACKOFF = (timedelta(milliseconds=250), timedelta(milliseconds=500))
"""Before the second and the third try, spread by half in both directions."""

READ_TRIES = len(BACKOFF) + 1
WRITE_TRIES = 2

SHORT_WAIT = timedelta(seconds=5)
"""The longest wait for a rate limit inside one call."""


def pause(
    error: BuddyError, *, is_write: bool, attempt: int, now: datetime, chance: float
) -> timedelta | None:
    """Tell how long to wait before the next try, or None to give up.

    ``chance`` lies between 0 and 1; it keeps many waiting calls from coming back at once.
    """
    if attempt >= (WRITE_TRIES if is_write else READ_TRIES):
        return None
    match error:
        case BuddyRateLimited():
            wait = max(timedelta(0), error.retry_at - now)
            return wait if wait <= SHORT_WAIT else None
        case BuddyUnavailable() if not is_write:
            return BACKOFF[attempt - 1] * (0.5 + chance)
        case _:
            return None
