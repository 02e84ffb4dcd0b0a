"""Buttons: what changes something is stored before it is acknowledged, the rest is at once."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncAck

from bot.cards import actions
from bot.domain.click import Click, Way
from bot.domain.execution import Operation
from bot.services import Services
from handlers.payloads import Body, ButtonClick
from handlers.routes import Routes


@dataclass(frozen=True, slots=True)
class Buttons:
    """Answers the buttons of cards and private messages."""

    services: Services

    def register(self, routes: Routes) -> None:
        """Name each button's method."""
        for action_id, operation in actions.OPERATION_BY_ACTION.items():
            asks = operation in actions.ASKS_REASON
            routes.actions[action_id] = self.ask_reason if asks else self.operate
        routes.actions[actions.SHOW] = self.show
        routes.actions[actions.action_id(Operation.PROVIDE)] = self.ask_values
        routes.actions[actions.CONNECT] = self.connect
        routes.actions[actions.OPEN_LINK] = self.open_link

    async def operate(self, ack: AsyncAck, body: Body) -> None:
        """Take the click; a job carries it out, repaints the cards and replies."""
        pressed = ButtonClick.parse(body)
        click = Click(
            key=pressed.key,
            person=pressed.person,
            way=Way.BUTTON,
            place=pressed.place,
            operation=actions.OPERATION_BY_ACTION[pressed.action_id],
            binding=actions.decode(pressed.value),
            answer_url=pressed.answer_url,
        )
        await self.services.operations.accept(click)
        await ack()

    async def ask_reason(self, ack: AsyncAck, body: Body) -> None:
        """Open the form that asks for a reason; nothing is changed yet."""
        await ack()
        pressed = ButtonClick.parse(body)
        asked = actions.Asked(
            actions.OPERATION_BY_ACTION[pressed.action_id],
            actions.decode(pressed.value),
            pressed.place,
        )
        await self.services.operations.ask_reason(pressed.person, asked, pressed.trigger_id)

    async def show(self, ack: AsyncAck, body: Body) -> None:
        """Bring the card of the run that has overtaken this one, or lead to it."""
        await ack()
        pressed = ButtonClick.parse(body)
        ref = actions.decode(pressed.value).ref
        await self.services.browsing.bring(pressed.person, pressed.place, ref, pressed.answer_url)

    async def ask_values(self, ack: AsyncAck, body: Body) -> None:
        """Open the form that asks for a gate's variables; nothing is changed yet."""
        await ack()
        pressed = ButtonClick.parse(body)
        asked = actions.Asked(Operation.PROVIDE, actions.decode(pressed.value), pressed.place)
        await self.services.asking.open(pressed.person, asked, pressed.trigger_id)

    async def connect(self, ack: AsyncAck, body: Body) -> None:
        """Open the form to link a Buddy account."""
        await ack()
        pressed = ButtonClick.parse(body)
        await self.services.accounts.ask_token(pressed.person, pressed.trigger_id)

    async def open_link(self, ack: AsyncAck, _body: Body) -> None:
        """Let Slack know that the click arrived; the client opened the page by itself."""
        await ack()
