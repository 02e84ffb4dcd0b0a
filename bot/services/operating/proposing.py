"""Ask once more what a shortcut means: nothing is sent before somebody says yes in the form.

A form opens at once, since Slack gives three seconds for it, and is filled when Buddy answers. What
it sends is bound like any button, and checked against the execution as it is then.
"""

from dataclasses import dataclass, replace

import structlog

from bot.cards.actions import Asked, encode, encode_choice
from bot.cards.card import Form
from bot.cards.execution import state_of, title_of
from bot.cards.facts import CardFacts
from bot.cards.forms import reason_form
from bot.cards.proposals import Choice, approval_form, looking_form, refused_form, retry_form
from bot.database import Database
from bot.domain import rules
from bot.domain.click import Way
from bot.domain.execution import Binding, Execution, Operation
from bot.domain.person import Person
from bot.errors import BindingImpossible, BotError, SlackError, Superseded, ValuesNeeded
from bot.services.finding.messages import Meant, Messages, Spot
from bot.services.following.facts import Facts
from bot.services.identity import Actor, Identities
from bot.services.operating.asking import Asking
from bot.slack.messenger import Messenger
from bot.slack.people import People
from bot.store import cards

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Proposing:
    """Opens the forms of shortcuts."""

    database: Database
    people: People
    identities: Identities
    messages: Messages
    facts: Facts
    asking: Asking
    messenger: Messenger
    command: str

    async def propose(
        self, person: Person, operation: Operation, spot: Spot, trigger_id: str
    ) -> None:
        """Open the form that asks whether what a message is about is to be approved and the like.

        Raises:
            BotError: the person may not, is not linked, or the form came too late.
        """
        await self.people.admit(person)
        actor = await self.identities.actor(person)
        view_id = await self.messenger.open_form(trigger_id, looking_form(operation))
        try:
            form = await self._form(actor, operation, spot)
        except BotError as refused:
            refused.command = self.command
            log.info("proposal.refused", code=refused.code)
            form = refused_form(operation, refused.explain())
        try:
            await self.messenger.update_form(view_id, form)
        except SlackError as error:
            # Most likely it was closed meanwhile: nobody waits for it any more.
            log.info("form.not_filled", code=error.code)

    async def _form(self, actor: Actor, operation: Operation, spot: Spot) -> Form:
        meant = await self.messages.execution(actor, spot)
        options = await self._options(operation, meant.execution)
        if all(one is Operation.PROVIDE for one, _ in options):
            return await self._values_form(actor, options, meant)
        # Gates that ask for variables have a form of their own, behind their own button.
        options = [option for option in options if option[0] is not Operation.PROVIDE]
        bound = options[0][1]
        if operation is Operation.CANCEL:
            asked = _asked(operation, bound, meant)
            return reason_form(asked, title_of(meant.execution))
        facts = await self._facts(actor, meant.execution)
        if operation is Operation.RETRY:
            return retry_form(_asked(operation, bound, meant), facts)
        if facts.superseded_by is not None:
            raise Superseded(meant.execution.ref.execution, facts.superseded_by)
        choices = [_choice(meant.execution, *option) for option in options]
        fitting = [one for one in choices if encode_choice(one.operation, one.binding)]
        if len(choices) > 1 and not fitting:
            raise BindingImpossible(meant.execution.url)
        first = fitting[0] if len(fitting) == 1 else choices[0]
        return approval_form(
            _asked(first.operation, first.binding, meant), facts, fitting or choices
        )

    async def _values_form(
        self, actor: Actor, options: list[tuple[Operation, Binding]], meant: Meant
    ) -> Form:
        """Ask for the variables of the only gate that waits; of several, each has its button."""
        if len(options) > 1:
            raise ValuesNeeded(meant.execution.url)
        asked = _asked(*options[0], meant)
        return await self.asking.form(actor.link.person, asked)

    async def _options(
        self, operation: Operation, execution: Execution
    ) -> list[tuple[Operation, Binding]]:
        """Bind what can be meant, as it stands now.

        Raises:
            OperationError: it is not possible in this state, or cannot be said exactly.
        """
        async with self.database.snapshot() as transaction:
            retries = await cards.retries_of(transaction, execution.ref)
        options = [
            (meant, replace(binding, installation=self.facts.installation))
            for meant, binding in rules.options(operation, execution, retries, state_of(execution))
        ]
        if any(encode(binding) is None for _, binding in options):
            raise BindingImpossible(execution.url)
        return options

    async def _facts(self, actor: Actor, execution: Execution) -> CardFacts:
        async with self.database.snapshot() as transaction:
            known = await cards.get_follow(transaction, execution.ref.identity)
        return await self.facts.gather(execution, actor.buddy, actor.link.person.team, known)


def _asked(operation: Operation, binding: Binding, meant: Meant) -> Asked:
    return Asked(operation, binding, meant.place, Way.SHORTCUT)


def _choice(execution: Execution, operation: Operation, binding: Binding) -> Choice:
    gate = execution.gate(binding.gate_id, binding.gate_started_at)
    assert gate is not None  # noqa: S101 - it was bound to this execution a moment ago
    return Choice(operation, binding, gate)
