"""Buttons of private answers: choose what was meant, go on in a list, confirm what was typed."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncAck

from bot.cards import carried, running
from bot.cards.confirm import taken_card
from bot.domain.click import Click, Way
from bot.domain.command import Operate, Show, Subscribing
from bot.errors import ChoiceOfAnother
from bot.services import Services
from bot.services.browsing import Question
from handlers import subscriptions
from handlers.payloads import Body, ButtonClick
from handlers.routes import Routes


@dataclass(frozen=True, slots=True)
class PrivateButtons:
    """Answers the buttons of what only one person sees."""

    services: Services

    def register(self, routes: Routes) -> None:
        """Name each button's method."""
        for action_id in carried.CARRYING:
            routes.actions[action_id] = self.carry_on
        routes.actions[carried.CONFIRM] = self.confirm
        routes.actions[running.CHOOSE_PIPELINE] = self.choose_pipeline
        routes.actions[running.FILL_IN] = self.fill_in

    async def carry_on(self, ack: AsyncAck, body: Body) -> None:
        """Carry on with what was typed: with what was chosen, a level down, or a page further."""
        pressed = ButtonClick.parse(body)
        asked = carried.Carried.decode(pressed.value)
        _check_owner(asked.user, pressed)
        command = asked.command
        if isinstance(command, Subscribing):
            asked_for = subscriptions.Typed(
                pressed.key,
                pressed.person,
                pressed.place,
                pressed.trigger_id,
                command,
                pressed.answer_url,
                asked.page,
                in_place=True,
            )
            await subscriptions.answer(self.services, ack, asked_for)
            return
        if isinstance(command, Operate) and not command.execution.is_latest:
            await self._operate(ack, pressed, command)
            return
        await ack()
        # What is shown in the channel leaves its list as it is, for the next one.
        stays = pressed.action_id == carried.BROWSE and isinstance(command, Show)
        await self.services.browsing.answer(
            Question(
                pressed.person,
                pressed.place,
                command,
                pressed.answer_url,
                page=asked.page,
                in_place=not stays,
            )
        )

    async def confirm(self, ack: AsyncAck, body: Body) -> None:
        """Take a typed operation, now that the person saw which execution it is for."""
        pressed = ButtonClick.parse(body)
        asked = carried.Confirmed.decode(pressed.value)
        _check_owner(asked.user, pressed)
        await self.services.operations.accept(
            Click(
                key=pressed.key,
                person=pressed.person,
                way=Way.COMMAND,
                place=pressed.place,
                operation=asked.operation,
                binding=asked.binding,
                reason=asked.reason,
                answer_url=pressed.answer_url,
            )
        )
        await ack()
        card = taken_card(asked.operation, f"#{asked.binding.ref.execution}")
        await self.services.browsing.put(pressed.person, pressed.place, card, pressed.answer_url)

    async def choose_pipeline(self, ack: AsyncAck, body: Body) -> None:
        """Go on with a run, now that it is said which pipeline was meant."""
        pressed = ButtonClick.parse(body)
        asked = running.RunButton.decode(pressed.value)
        _check_owner(asked.u, pressed)
        await self.services.runs.choose(pressed.person, asked.r, asked.c, pressed.answer_url)
        await ack()
        card = running.run_taken_card(asked.c)
        await self.services.browsing.put(pressed.person, pressed.place, card, pressed.answer_url)

    async def fill_in(self, ack: AsyncAck, body: Body) -> None:
        """Open the form of a run with what was said of it so far."""
        await ack()
        pressed = ButtonClick.parse(body)
        asked = running.RunButton.decode(pressed.value)
        _check_owner(asked.u, pressed)
        await self.services.runs.fill_in(pressed.person, asked.r, pressed.trigger_id)

    async def _operate(self, ack: AsyncAck, pressed: ButtonClick, command: Operate) -> None:
        """Take a typed operation, now that it is said which pipeline was meant."""
        self.services.asking.drafts.expect(pressed.key, pressed.trigger_id)
        await self.services.operations.accept(
            Click(
                key=pressed.key,
                person=pressed.person,
                way=Way.COMMAND,
                place=pressed.place,
                operation=command.operation,
                named=command.execution,
                reason=command.reason,
                answer_url=pressed.answer_url,
            )
        )
        await ack()
        card = taken_card(command.operation, str(command.execution))
        await self.services.browsing.put(pressed.person, pressed.place, card, pressed.answer_url)


def _check_owner(user: str, pressed: ButtonClick) -> None:
    if user != pressed.person.user:
        raise ChoiceOfAnother
