"""Follow a channel that got another id: its cards are the same messages under the new one."""

from dataclasses import dataclass

import structlog

from bot.database import Database
from bot.slack.channels import Channels
from bot.store import aliases, announcements, cards, habits, streaks, subscriptions

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Moves:
    """Keeps the addresses of cards true."""

    database: Database
    channels: Channels

    async def follow(self, old: str, new: str) -> None:
        """Know a channel's cards and short names by its new id; a second time changes nothing.

        Slack changes a private channel's id when another organisation is invited to share it.
        """
        async with self.database.transaction() as transaction:
            moved = await cards.move_channel(transaction, old, new)
            await subscriptions.move_channel(transaction, old, new)
            await announcements.move_channel(transaction, old, new)
            await habits.move_channel(transaction, old, new)
            await streaks.move_channel(transaction, old, new)
            await aliases.move_channel(transaction, old, new)
        self.channels.forget(new)
        log.info("channel.moved", cards=moved)
