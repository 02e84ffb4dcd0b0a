"""The form that starts a run: opened from anywhere, changed while it is open, and sent."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncAck

from bot.cards import actions, run_form
from bot.cards.run_memo import Memo
from bot.domain.click import Place
from bot.services import Services
from bot.services.running.forms import RunDraft
from bot.services.running.submitting import Refused, Submission
from bot.slack.messenger import OpenForm
from handlers.payloads import Body, ButtonClick, FormAct, FormSubmission, GlobalShortcut
from handlers.routes import Routes


@dataclass(frozen=True, slots=True)
class RunFormActs:
    """Answers whatever is done with the form."""

    services: Services

    def register(self, routes: Routes) -> None:
        """Name each method."""
        routes.shortcuts[run_form.RUN_SHORTCUT] = self.begin
        routes.actions[actions.RUN_AGAIN] = self.again
        routes.actions[run_form.PIPELINE_MENU] = self.choose
        routes.actions[run_form.SAME_AGAIN] = self.repeat
        routes.forms[run_form.RUN_FORM] = self.submit

    async def begin(self, ack: AsyncAck, body: Body) -> None:
        """Open the empty form, from wherever the person is."""
        await ack()
        used = GlobalShortcut.parse(body)
        await self.services.run_sheets.open(used.person, used.trigger_id, Place(""), RunDraft())

    async def again(self, ack: AsyncAck, body: Body) -> None:
        """Open the form as an execution was run; nothing is started yet."""
        await ack()
        pressed = ButtonClick.parse(body)
        binding = actions.decode(pressed.value)
        self.services.operations.checking.recognize(binding)
        await self.services.run_sheets.again(
            pressed.person, pressed.trigger_id, pressed.place, binding.ref
        )

    async def choose(self, ack: AsyncAck, body: Body) -> None:
        """Show what the chosen pipeline wants."""
        await ack()
        act = FormAct.parse(body)
        await self.services.run_sheets.choose(
            act.person, _shown(act), Memo.decode(act.private_metadata), act.values
        )

    async def repeat(self, ack: AsyncAck, body: Body) -> None:
        """Fill the form in as the last time."""
        await ack()
        act = FormAct.parse(body)
        await self.services.run_sheets.repeat(
            act.person, _shown(act), Memo.decode(act.private_metadata), act.values
        )

    async def submit(self, ack: AsyncAck, body: Body) -> None:
        """Take the wish for a run, or say at the fields what is wrong."""
        sent = FormSubmission.parse(body)
        memo = Memo.decode(sent.private_metadata)
        reply = await self.services.run_submitting.submit(
            Submission(sent.key_of_turn(memo.turn), sent.person, sent.view_id, memo, sent.values)
        )
        if isinstance(reply, Refused):
            await ack(response_action="errors", errors=reply.errors)
            return
        await ack(response_action="update", view=reply.form.view)
        if reply.then is not None:
            await reply.then()


def _shown(act: FormAct) -> OpenForm:
    return OpenForm(act.view_id, act.view_hash)
