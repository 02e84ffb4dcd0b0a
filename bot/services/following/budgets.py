"""Stay below Slack's limits, all processes together, so that what matters gets through.

Edits of messages have one small budget for a whole workspace. A card that merely moves on leaves
room in it for every open execution to reach a gate or its end; those use all of it.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from bot.clock import Clock
from bot.database import Database
from bot.domain.allowance import Bucket, Window
from bot.store import budgets, follows

MINUTE = 61
"""Seconds in which Slack counts edits, and one for the way."""

POSTS = Bucket(burst=8, seconds=1.05)
"""chat.postMessage, for a channel. Source: the same, «one per second», and «short bursts»."""

KEPT_FREE = 0.8
"""The part of a minute's edits that is left to gates and ends, if as many executions are open."""


@dataclass(frozen=True, slots=True)
class SlackBudgets:
    """Asked before messages are edited and replies posted."""

    database: Database
    clock: Clock
    edits_per_minute: int
    """chat.update, for a workspace. Source: Slack, «Rate limits», tier 3, 50 and more; 0: any."""

    _full_until: dict[str, float] = field(default_factory=dict)
    """Until when a team's edits are known to be used up for what can wait: nobody has to ask."""

    async def edit(self, team: str, *, is_urgent: bool) -> timedelta:
        """Take one edit of a workspace's budget, or tell how long to wait for it."""
        if not self.edits_per_minute:
            return timedelta(0)
        if not is_urgent and (left := self._full_until.get(team, 0.0) - self._now()) > 0:
            return timedelta(seconds=left)
        window = Window(self.edits_per_minute, MINUTE)
        async with self.database.transaction() as transaction:
            kept_free = 0
            if not is_urgent:
                most = int(KEPT_FREE * window.calls)
                kept_free = await follows.count_open(transaction, team, most)
            wait = await budgets.take(
                transaction, f"{team}/edits", window, self._now(), kept_free=kept_free
            )
        if not is_urgent:
            self._full_until[team] = self._now() + wait
        return timedelta(seconds=wait)

    async def post(
        self, team: str, channel: str, *, is_awaited: bool = False, is_urgent: bool = True
    ) -> timedelta:
        """Take one message of a channel's budget, or tell how long to wait for it.

        What a person waits for is posted all the same, and counted. What can wait leaves room for
        what is urgent.
        """
        kept_free = 0 if is_urgent else POSTS.burst // 2
        async with self.database.transaction() as transaction:
            name = f"{team}/{channel}/posts"
            wait = await budgets.take(
                transaction,
                name,
                POSTS,
                self._now(),
                kept_free=kept_free,
                is_forced=is_awaited,
            )
        return timedelta(seconds=wait)

    async def no_edits(self, team: str, wait: timedelta) -> None:
        """Leave a workspace's messages alone for as long as Slack said."""
        async with self.database.transaction() as transaction:
            until = self._now() + wait.total_seconds()
            await budgets.close(transaction, f"{team}/edits", until)

    def _now(self) -> float:
        return self.clock.now().timestamp()
