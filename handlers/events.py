"""What Slack tells by itself."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncAck

from bot.services import Services
from handlers.payloads import Body, ChannelMoved
from handlers.routes import Routes


@dataclass(frozen=True, slots=True)
class Events:
    """Answers the events that the app subscribes to."""

    services: Services

    def register(self, routes: Routes) -> None:
        """Name each event's method."""
        routes.events["channel_id_changed"] = self.channel_id_changed

    async def channel_id_changed(self, ack: AsyncAck, body: Body) -> None:
        """Follow a channel to its new id; acknowledged once that is stored, else Slack repeats."""
        moved = ChannelMoved.parse(body)
        await self.services.moves.follow(moved.old, moved.new)
        await ack()
