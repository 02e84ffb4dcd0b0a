"""Modals: check what can be checked at once, acknowledge, then do it."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncAck

from bot.cards import actions
from bot.cards.forms import checking_form
from bot.domain.click import Click
from bot.domain.execution import Operation
from bot.domain.values import Entries
from bot.errors import NotTaken, TokenMalformed
from bot.services import Services
from handlers.payloads import Body, FormSubmission
from handlers.routes import Routes


@dataclass(frozen=True, slots=True)
class Forms:
    """Answers the submissions of modals."""

    services: Services

    def register(self, routes: Routes) -> None:
        """Name each form's method."""
        routes.forms[actions.CONNECT_FORM] = self.connect
        routes.forms[actions.REASON_FORM] = self.stop
        routes.forms[actions.PROPOSAL_FORM] = self.agree
        routes.forms[actions.VALUES_FORM] = self.provide

    async def connect(self, ack: AsyncAck, body: Body) -> None:
        """Take a pasted token; a job asks Buddy after the form says so."""
        sent = FormSubmission.parse(body)
        try:
            token = self.services.accounts.read_token(sent.values.get(actions.TOKEN_BLOCK, ""))
        except TokenMalformed as malformed:
            errors = {actions.TOKEN_BLOCK: malformed.explain()}
            await ack(response_action="errors", errors=errors)
            return
        try:
            taken = await self.services.accounts.take(sent.person, token, sent.view_id)
        except NotTaken as not_taken:
            await ack(response_action="errors", errors={actions.TOKEN_BLOCK: not_taken.explain()})
            return
        try:
            await ack(response_action="update", view=checking_form().view)
        finally:
            # Only now, so that what comes of it is not overtaken by «checking».
            taken.start()

    async def provide(self, ack: AsyncAck, body: Body) -> None:
        """Take what a gate asked for; a job sends it, once, and tells what came of it."""
        sent = FormSubmission.parse(body)
        asked = actions.Asked.decode(sent.private_metadata)
        errors = self.services.asking.problems(sent.person, asked.binding, sent.values)
        if errors:
            await ack(response_action="errors", errors=errors)
            return
        click = Click(
            key=sent.key_of_try,
            person=sent.person,
            way=asked.way,
            place=asked.place,
            operation=Operation.PROVIDE,
            binding=asked.binding,
            entries=Entries(sent.values),
        )
        try:
            await self.services.operations.accept(click)
        except NotTaken as not_taken:
            # What was filled in stays where it is.
            errors = {place: not_taken.explain() for place in list(sent.values)[:1]}
            await ack(response_action="errors", errors=errors)
            return
        await ack()

    async def stop(self, ack: AsyncAck, body: Body) -> None:
        """Take a Reject or Cancel with its reason; a job carries it out."""
        sent = FormSubmission.parse(body)
        asked = actions.Asked.decode(sent.private_metadata)
        click = Click(
            key=sent.key,
            person=sent.person,
            way=asked.way,
            place=asked.place,
            operation=asked.operation,
            binding=asked.binding,
            reason=" ".join(sent.values.get(actions.REASON_BLOCK, "").split()),
        )
        await self.services.operations.accept(click)
        await ack()

    async def agree(self, ack: AsyncAck, body: Body) -> None:
        """Take what a form asked once more; a job carries it out."""
        sent = FormSubmission.parse(body)
        asked = actions.Asked.decode(sent.private_metadata)
        operation, binding = asked.operation, asked.binding
        if chosen := sent.values.get(actions.GATE_BLOCK):
            operation, binding = actions.decode_choice(chosen, binding)
        click = Click(
            key=sent.key,
            person=sent.person,
            way=asked.way,
            place=asked.place,
            operation=operation,
            binding=binding,
        )
        await self.services.operations.accept(click)
        await ack()
