"""Stay below Slack's limits, all processes together, so that what matters gets through.

Edits of messages have one small budget for a whole workspace. A card that merely moves on leaves
room in it for every open execution to reach a gate or its end; those use all of it.
"""

from dataclasses import dataclass
from datetime import timedelta

from bot.clock import Clock
from bot.database import Database
from bot.domain.allowance import Bucket, Window
from bot.store import budgets, follows

EDITS = Window(calls=50, seconds=61)
"""chat.update, for a workspace. Source: Slack, «Rate limits», tier 3; a second for the way."""

POSTS = Bucket(burst=8, seconds=1.05)
"""chat.postMessage, for a channel. Source: the same, «one per second», and «short bursts»."""

MOST_KEPT_FREE = 40
"""Edits of a minute that are left to gates and ends, however many executions are open."""


@dataclass(frozen=True, slots=True)
class SlackBudgets:
    """Asked before messages are edited and replies posted."""

    database: Database
    clock: Clock

    async def edit(self, team: str, *, is_urgent: bool) -> timedelta:
        """Take one edit of a workspace's budget, or tell how long to wait for it."""
        async with self.database.transaction() as transaction:
            kept_free = 0
            if not is_urgent:
                kept_free = await follows.count_open(transaction, team, MOST_KEPT_FREE)
            wait = await budgets.take(
                transaction, f"{team}/edits", EDITS, self._now(), kept_free=kept_free
            )
        return timedelta(seconds=wait)

    async def post(self, team: str, channel: str, *, is_awaited: bool = False) -> timedelta:
        """Take one message of a channel's budget, or tell how long to wait for it.

        What a person waits for is posted all the same, and counted.
        """
        async with self.database.transaction() as transaction:
            name = f"{team}/{channel}/posts"
            wait = await budgets.take(transaction, name, POSTS, self._now(), is_forced=is_awaited)
        return timedelta(seconds=wait)

    async def no_edits(self, team: str, wait: timedelta) -> None:
        """Leave a workspace's messages alone for as long as Slack said."""
        async with self.database.transaction() as transaction:
            until = self._now() + wait.total_seconds()
            await budgets.close(transaction, f"{team}/edits", until)

    def _now(self) -> float:
        return self.clock.now().timestamp()
