"""How often each method may be called, on the simulated clock.

Source: Slack, «Rate limits»: tiers count per method, app and workspace; posting counts per channel,
about one message a second with short bursts.
"""

import math
from collections import defaultdict, deque
from datetime import datetime, timedelta

from sandbox.clock import SandboxClock

WINDOW = timedelta(minutes=1)
TIER_2 = 20
TIER_3 = 50
TIER_4 = 100

TIER_1 = 10
"""Slack names a floor of one a minute and tolerates bursts: all ten connections can open."""

PER_MINUTE = {
    "apps.connections.open": TIER_1,
    "chat.postEphemeral": TIER_4,
    "chat.update": TIER_3,
    "chat.delete": TIER_3,
    "conversations.info": TIER_3,
    "conversations.open": TIER_3,
    "conversations.members": TIER_4,
    "conversations.history": TIER_3,
    "conversations.replies": TIER_3,
    "users.info": TIER_4,
    "users.lookupByEmail": TIER_3,
    "views.open": TIER_4,
    "views.push": TIER_4,
    "views.update": TIER_4,
    "views.publish": TIER_4,
}
"""Methods without a line are generous ones: auth.test, chat.getPermalink."""

POST_BURST = 10
"""How many messages a channel takes at once. Slack names no number: «short bursts»."""

POST_INTERVAL = timedelta(seconds=1)


class RateLimits:
    """Counts calls and says when one comes too early."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._calls: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self._posts_until: dict[str, datetime] = {}

    def take(self, method: str, channel: str) -> int:
        """Count a call; say how many seconds to wait if it is one too many, else 0."""
        if method == "chat.postMessage":
            return self._take_post(channel)
        allowed = PER_MINUTE.get(method)
        return self._take_call(method, allowed) if allowed else 0

    def _take_call(self, method: str, allowed: int) -> int:
        now, calls = self._clock.now(), self._calls[method]
        while calls and now - calls[0] >= WINDOW:
            calls.popleft()
        if len(calls) >= allowed:
            return _seconds(calls[0] + WINDOW - now)
        calls.append(now)
        return 0

    def _take_post(self, channel: str) -> int:
        """Fill a leaky bucket: each message takes a second to drain, ten fit in."""
        now = self._clock.now()
        until = max(now, self._posts_until.get(channel, now)) + POST_INTERVAL
        if (excess := until - now - POST_BURST * POST_INTERVAL) > timedelta(0):
            return _seconds(excess)
        self._posts_until[channel] = until
        return 0


def _seconds(wait: timedelta) -> int:
    return max(1, math.ceil(wait.total_seconds()))
