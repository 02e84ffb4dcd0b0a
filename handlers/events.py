"""What Slack tells by itself."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncAck

from bot.services import Services
from handlers.payloads import Body, ChannelMoved, ChannelNews
from handlers.routes import Routes

_CLOSED = (
    "channel_archive",
    "channel_deleted",
    "channel_left",
    "group_archive",
    "group_deleted",
    "group_left",
    "member_left_channel",
)
_OPENED = ("channel_unarchive", "group_unarchive", "member_joined_channel")


@dataclass(frozen=True, slots=True)
class Events:
    """Answers the events that the app subscribes to."""

    services: Services

    def register(self, routes: Routes) -> None:
        """Name each event's method."""
        routes.events["channel_id_changed"] = self.channel_id_changed
        for name in _CLOSED:
            routes.events[name] = self.channel_closed
        for name in _OPENED:
            routes.events[name] = self.channel_opened

    async def channel_id_changed(self, ack: AsyncAck, body: Body) -> None:
        """Follow a channel to its new id; acknowledged once that is stored, else Slack repeats."""
        moved = ChannelMoved.parse(body)
        await self.services.moves.follow(moved.old, moved.new)
        await ack()

    async def channel_closed(self, ack: AsyncAck, body: Body) -> None:
        """Note that nothing can be posted in a channel; acknowledged once that is stored."""
        told = ChannelNews.parse(body)
        if told.is_about_us:
            await self.services.departures.gone("", told.channel)
        await ack()

    async def channel_opened(self, ack: AsyncAck, body: Body) -> None:
        """Note that a channel can be posted in again; acknowledged once that is stored."""
        told = ChannelNews.parse(body)
        if told.is_about_us:
            await self.services.departures.back(told.channel)
        await ack()
