"""How often something may be called: at most so many times within any window. Pure.

Slack counts calls a minute and messages a channel takes at once. What is urgent may use all of it;
what can wait leaves a part free for what cannot.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most ``calls`` within any ``seconds``."""

    calls: int
    seconds: float

    def recent(self, calls: Sequence[float], now: float) -> list[float]:
        """Keep the moments that still count, oldest first; one of the future counts as now."""
        return sorted(min(at, now) for at in calls if at > now - self.seconds)

    def wait(self, calls: Sequence[float], now: float, *, kept_free: int = 0) -> float:
        """Tell in how many seconds one more call fits; ``kept_free`` are left to others."""
        recent = self.recent(calls, now)
        most = max(1, self.calls - kept_free)
        if len(recent) < most:
            return 0.0
        return max(0.0, recent[len(recent) - most] + self.seconds - now)
