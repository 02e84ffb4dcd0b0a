"""Whether the bot can post in a channel, and the one word a channel gets of a change."""

from dataclasses import dataclass

import structlog

from bot.cards.card import Card
from bot.errors import ChannelUnreachable, NotInvited, SlackError, SlackUnavailable
from bot.slack.channels import Channels
from bot.slack.messenger import Messenger

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rooms:
    """Speaks in channels."""

    channels: Channels
    messenger: Messenger
    installation: str

    async def check(self, channel: str) -> None:
        """Refuse a channel in which nobody would be told.

        Raises:
            NotInvited: the bot is no member. Where Slack does not say, the first post will.
        """
        # They may have invited the bot because they were told to, a moment ago.
        self.channels.forget(channel)
        if await self.channels.is_closed(channel):
            raise NotInvited

    async def tell(self, channel: str, card: Card, mark: str, *, is_again: bool) -> None:
        """Tell a channel of a change; once, though what was said may have to be looked for.

        Raises:
            NotInvited: nothing can be posted there.
            SlackError: Slack does not answer, or is busy.
        """
        mark = f"{self.installation}/{mark}"
        if is_again and await self._may_stand(channel, mark):
            return
        try:
            await self.messenger.post(channel, card.text, card.blocks, mark=mark)
        except ChannelUnreachable:
            self.channels.forget(channel)
            raise NotInvited from None

    async def _may_stand(self, channel: str, mark: str) -> bool:
        try:
            return bool(await self.messenger.find_message(channel, mark))
        except SlackUnavailable as silent:
            if not silent.is_sure:
                raise
            return True
        except SlackError:
            return True
