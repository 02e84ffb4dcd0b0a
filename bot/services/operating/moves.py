"""Follow a channel that got another id: its cards are the same messages under the new one."""

from dataclasses import dataclass

import structlog

from bot.database import Database, Transaction
from bot.jobs.queue import Jobs
from bot.services.notifying.jobs import notify_job
from bot.slack.channels import Channels
from bot.store import aliases, announcements, cards, habits, streaks, subscriptions

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Moves:
    """Keeps the addresses of cards true."""

    database: Database
    channels: Channels
    jobs: Jobs

    async def follow(self, old: str, new: str) -> None:
        """Know a channel's cards and short names by its new id; a second time changes nothing.

        Slack changes a private channel's id when another organisation is invited to share it.
        """
        async with self.database.transaction(heavy=True) as transaction:
            await self._send_on(transaction, old, new)
            moved = await cards.move_channel(transaction, old, new)
            await subscriptions.move_channel(transaction, old, new)
            await announcements.move_channel(transaction, old, new)
            await habits.move_channel(transaction, old, new)
            await streaks.move_channel(transaction, old, new)
            await aliases.move_channel(transaction, old, new)
        self.channels.forget(new)
        log.info("channel.moved", cards=moved)

    async def _send_on(self, transaction: Transaction, old: str, new: str) -> None:
        """Have the cards that are on their way to a channel go to its new id."""
        for one in await announcements.coming(transaction, old):
            gone = notify_job(one.team, old, one.ref)
            await self.jobs.drop(transaction, gone.kind, gone.key)
            await self.jobs.put(transaction, notify_job(one.team, new, one.ref))
