"""How often something may be called. Pure.

A rule looks at what was called so far, a few moments in seconds, and says how long one more call
has to wait. What is urgent may use all of it; what can wait leaves a part free for what cannot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Allowance(Protocol):
    """A rule that tells how often something may be called."""

    def wait(self, state: Sequence[float], now: float, *, kept_free: int = 0) -> float:
        """Tell in how many seconds one more call fits; ``kept_free`` are left to others."""
        ...

    def after(self, state: Sequence[float], now: float) -> list[float]:
        """Note one more call, whether it fits or not."""
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """At most ``calls`` within any ``seconds``; the state is the moments of those calls."""

    calls: int
    seconds: float

    def wait(self, state: Sequence[float], now: float, *, kept_free: int = 0) -> float:
        """Tell in how many seconds one more call fits; ``kept_free`` are left to others."""
        recent = self._recent(state, now)
        most = max(1, self.calls - kept_free)
        if len(recent) < most:
            return 0.0
        return max(0.0, recent[len(recent) - most] + self.seconds - now)

    def after(self, state: Sequence[float], now: float) -> list[float]:
        """Note one more call; those that count no more are left out."""
        return [*self._recent(state, now), now][-self.calls :]

    def _recent(self, state: Sequence[float], now: float) -> list[float]:
        # A moment of the future was told by a clock that went ahead.
        return sorted(min(at, now) for at in state if at > now - self.seconds)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A call every ``seconds``, and up to ``burst`` at once after a rest.

    The state is the one moment at which all calls so far would have been made one by one.
    """

    burst: int
    seconds: float

    def wait(self, state: Sequence[float], now: float, *, kept_free: int = 0) -> float:
        """Tell in how many seconds one more call fits; ``kept_free`` are left to others."""
        most = max(1, self.burst - kept_free) * self.seconds
        return max(0.0, self._full(state, now) + self.seconds - now - most)

    def after(self, state: Sequence[float], now: float) -> list[float]:
        """Note one more call."""
        return [self._full(state, now) + self.seconds]

    def _full(self, state: Sequence[float], now: float) -> float:
        return max(now, *state[-1:]) if state else now
