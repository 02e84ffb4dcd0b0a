"""What one token may still ask Buddy for, and how much of it following may use.

Following goes at the pace at which three quarters of the calls last until Buddy counts anew; the
last quarter is the person's own, so that no card keeps anybody from clicking. What other processes
and programs use of the token shows in what Buddy says is left, so nobody has to tell anybody.

Where Buddy tells nothing, the calls are counted here, in windows of an hour. Pure.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.buddy.budget import Budget

RESERVED = 0.25
"""The part of the calls that only clicks may use."""

WINDOW = timedelta(hours=1)
"""How long Buddy is taken to count, where it does not say. Source: none; likely."""

_SHORTEST = timedelta(seconds=1)
_UNLIMITED = timedelta(0)


@dataclass(slots=True, eq=False, weakref_slot=True)
class Ledger:
    """The calls of one token.

    ``per_window`` is how many there are where Buddy tells nothing; 0 is without end.
    """

    per_window: int
    budget: Budget = field(default_factory=Budget)
    _counted_from: datetime | None = None
    _counted: int = 0
    _next_at: datetime | None = None

    @property
    def is_limited(self) -> bool:
        """Whether there is an end to the calls, by Buddy's word or by the setting."""
        return self.budget.remaining is not None or self.per_window > 0

    def hear(self, budget: Budget, now: datetime) -> None:
        """Learn from an answer; also one that tells nothing is a call that was made."""
        self.budget = budget
        if self._counted_from is None or now - self._counted_from >= WINDOW:
            self._counted_from, self._counted = now, 0
        self._counted += 1

    def reserve(self, now: datetime, wanted: datetime, *, sharers: int = 1) -> datetime:
        """Plan one more call of following for a moment, or later where the pace says so.

        ``sharers`` processes plan without knowing of each other.
        """
        pace = self.pace(now)
        earliest = max(now, self._next_at or now)
        self._next_at = earliest + pace * sharers
        return max(wanted, earliest) if pace else wanted

    def wait(self, now: datetime) -> timedelta:
        """Tell how long following must leave the token alone; nothing while calls are to spare."""
        limit, left, reset_at = self._standing(now)
        if limit is None or left > limit * RESERVED:
            return timedelta(0)
        return max(_SHORTEST, reset_at - now)

    def lead(self, now: datetime) -> timedelta:
        """Tell how far ahead calls are planned already: nothing where one more fits at once."""
        return max(timedelta(0), (self._next_at or now) - now)

    def spare(self, now: datetime) -> int | None:
        """Count the calls that following may still use; None if there is no end to them."""
        limit, left, _ = self._standing(now)
        return None if limit is None else max(0, int(left - limit * RESERVED))

    def pace(self, now: datetime) -> timedelta:
        """Tell how far apart calls must be for what is to spare to last; 0 without a limit."""
        limit, left, reset_at = self._standing(now)
        if limit is None:
            return _UNLIMITED
        spare = max(1.0, left - limit * RESERVED)
        return max(timedelta(0), reset_at - now) / spare

    def _standing(self, now: datetime) -> tuple[int | None, int, datetime]:
        """Tell how many calls there are, how many are left, and until when."""
        told = self.budget
        if told.remaining is None:
            return self._counting(now)
        reset_at = told.reset_at
        # A documented answer has a limit of 1 and 999 left: a limit is at least what is left of it.
        limit = max(told.limit or 0, told.remaining)
        if reset_at is None:
            reset_at = (self._counted_from or now) + WINDOW
        if reset_at <= now:
            return limit, limit, now + WINDOW
        return limit, told.remaining, reset_at

    def _counting(self, now: datetime) -> tuple[int | None, int, datetime]:
        if not self.per_window:
            return None, 0, now
        began = self._counted_from
        if began is None or now - began >= WINDOW:
            return self.per_window, self.per_window, now + WINDOW
        return self.per_window, max(0, self.per_window - self._counted), began + WINDOW
