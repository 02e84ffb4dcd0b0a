"""Know which subscribed channels the bot cannot post in, and tell who subscribed them, once.

Slack tells when the bot is removed or a channel is archived, where the app may hear of it; else the
next card that is refused does. Whatever is posted there again ends it.
"""

from dataclasses import dataclass
from itertools import groupby

import structlog

from bot.cards.departures import gone_card
from bot.clock import Clock
from bot.database import Database
from bot.domain.subscription import Subscription
from bot.services.following.letters import Letters
from bot.slack.channels import Channels
from bot.store import subscriptions

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Departures:
    """Keeps account of channels that cannot be reached."""

    database: Database
    channels: Channels
    letters: Letters
    clock: Clock
    command: str

    async def gone(self, team: str, channel: str) -> None:
        """Tell each person who subscribed a channel that it cannot be told; a second time nobody.

        ``team`` may be empty where an event names the channel alone.
        """
        self.channels.forget(channel)
        now = self.clock.now()
        async with self.database.transaction() as transaction:
            told = await subscriptions.in_channel(transaction, channel)
            ours = [one for one in told if one.told_gone_at is None and team in {"", one.team}]
            # Another process may be told the same: whoever notes it tells of it.
            news = [one for one in ours if await subscriptions.note_gone(transaction, one.id, now)]
            for owner, several in groupby(sorted(news, key=_by_owner), key=lambda one: one.owner):
                content = gone_card(channel, list(several), self.command)
                about = f"gone/{channel}/{now.timestamp()}"
                await self.letters.send(transaction, owner, about, content)
        if news:
            log.warning("channel.gone", subscriptions=len(news))

    async def back(self, channel: str) -> None:
        """Know that a channel can be told again."""
        self.channels.forget(channel)
        async with self.database.transaction() as transaction:
            for one in await subscriptions.in_channel(transaction, channel):
                if one.told_gone_at is not None:
                    await subscriptions.note_back(transaction, one.id)


def _by_owner(one: Subscription) -> tuple[str, str, int]:
    return one.owner.team, one.owner.user, one.id
