"""Shortcuts: the menu of a message asks once more in a form, or tells why something cannot be."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncAck

from bot.cards import shortcuts
from bot.services import Services
from bot.services.finding.messages import Spot
from handlers.payloads import Body, MessageShortcut
from handlers.routes import Routes


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """Answers the menus of messages; nothing is changed before a form is sent."""

    services: Services

    def register(self, routes: Routes) -> None:
        """Name each shortcut's method."""
        for callback_id in shortcuts.OPERATION_BY_SHORTCUT:
            routes.message_shortcuts[callback_id] = self.propose
        routes.message_shortcuts[shortcuts.WHY] = self.why

    async def propose(self, ack: AsyncAck, body: Body) -> None:
        """Open the form that says what exactly is meant, and asks whether it is to be done."""
        await ack()
        chosen = MessageShortcut.parse(body)
        operation = shortcuts.OPERATION_BY_SHORTCUT[chosen.callback_id]
        spot = Spot(chosen.place, chosen.links, is_ours=chosen.is_ours)
        await self.services.proposing.propose(chosen.person, operation, spot, chosen.trigger_id)

    async def why(self, ack: AsyncAck, body: Body) -> None:
        """Tell privately what this person may do with it, and what stands against it."""
        await ack()
        chosen = MessageShortcut.parse(body)
        spot = Spot(chosen.place, chosen.links, is_ours=chosen.is_ours)
        await self.services.explaining.answer(chosen.person, spot, chosen.answer_url)
