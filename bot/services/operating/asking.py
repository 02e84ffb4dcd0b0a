"""Ask for a gate's variables in a form, and look at what was filled in before it is taken.

A form is open before anything is read: Slack gives three seconds for it, and Buddy none. What the
gate asks for then takes the place of «asking Buddy…».
"""

from dataclasses import dataclass

import structlog

from bot.cards.actions import Asked
from bot.cards.answers import problem_card
from bot.cards.card import Form
from bot.cards.forms import problem_form
from bot.cards.values import TITLE, loading_form, values_form
from bot.domain.click import Place
from bot.domain.execution import Binding, Execution, Operation
from bot.domain.person import Person
from bot.domain.values import fitting, is_menu, is_single_line, places
from bot.errors import BotError, GateGone, LinkError, SlackError
from bot.services.identity import Actor
from bot.services.operating.checking import Checking
from bot.services.operating.drafts import Drafts
from bot.services.operating.questions import Questions
from bot.slack.messenger import Messenger
from bot.store.clicks import StoredClick

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Asking:
    """Opens the forms of gates that ask for variables."""

    checking: Checking
    questions: Questions
    drafts: Drafts
    messenger: Messenger
    command: str
    """The slash command people type."""

    async def open(self, person: Person, asked: Asked, trigger_id: str) -> None:
        """Open the form of a gate; nothing is changed yet.

        Raises:
            ForeignInstallation, SlackError: the button is not ours, or the form came too late.
        """
        self.checking.recognize(asked.binding)
        view_id = await self.messenger.open_form(trigger_id, loading_form())
        try:
            form = await self.form(person, asked)
        except BotError as problem:
            await self._explain(person, asked.place, view_id, problem)
            return
        try:
            await self.messenger.update_form(view_id, form)
        except SlackError as error:
            # Most likely it was closed meanwhile: nobody waits for it any more.
            log.info("form.not_filled", code=error.code)

    async def open_for(
        self, click: StoredClick, actor: Actor, execution: Execution, binding: Binding
    ) -> bool:
        """Open the form for what was typed, while Slack still lets us; whether it is open."""
        trigger_id = self.drafts.trigger_of(click.key)
        if not trigger_id:
            return False
        asked = Asked(Operation.PROVIDE, binding, click.place)
        try:
            form = await self._made(click.person, actor, execution, asked)
            await self.messenger.open_form(trigger_id, form)
        except SlackError as error:
            log.info("form.not_opened", code=error.code)
            return False
        return True

    def problems(self, person: Person, binding: Binding, given: dict[str, str]) -> dict[str, str]:
        """Say what is wrong with what was filled in, by field; what cannot be told yet is later."""
        found = {
            place: "Only a single line, please: Buddy takes no line breaks."
            for place, value in given.items()
            if not is_single_line(value)
        }
        known = self.questions.known(person, binding.ref, binding.gate_id)
        for place, field in places(known.fields if known else ()).items():
            value = given.get(place)
            if value is None:  # The field is another one than the form was made of.
                continue
            if field.options and not is_menu(field) and value not in field.options:
                found[place] = f"Type one of Buddy's {len(field.options)} choices, exactly."
        return found

    async def form(self, person: Person, asked: Asked) -> Form:
        """Make the form of a gate, as it is now.

        Raises:
            BotError: the person may not, or there is nothing to fill in.
        """
        actor = await self.checking.enter(person)
        execution = await self.checking.reading.execution(actor, asked.binding.ref)
        await self.checking.foresee(person, Operation.PROVIDE, asked.binding, execution)
        return await self._made(person, actor, execution, asked)

    async def _made(self, person: Person, actor: Actor, execution: Execution, asked: Asked) -> Form:
        binding = asked.binding
        gate = execution.gate(binding.gate_id, binding.gate_started_at)
        if gate is None:
            raise GateGone("", "")
        question = await self.questions.of(actor, execution, gate)
        typed = self.drafts.typed(person, execution.ref, gate)
        begins = fitting(question.fields, typed)
        return values_form(asked, execution, gate, question, begins)

    async def _explain(self, person: Person, place: Place, view_id: str, problem: BotError) -> None:
        """Say in the form why there is nothing to fill in, or beside it if it was closed."""
        log.info("form.refused", code=problem.code)
        card = problem_card(problem, self.command)
        how = f"\nType `{self.command} connect`." if isinstance(problem, LinkError) else ""
        try:
            await self.messenger.update_form(view_id, problem_form(TITLE, f"{card.text}{how}"))
        except SlackError:
            await self.messenger.tell(person, place, card)
