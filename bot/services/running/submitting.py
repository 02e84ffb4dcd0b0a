"""Take the form that starts a run: say at its fields what is wrong, or store the wish for it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.cards.card import Form
from bot.cards.run_fields import CHANNEL, PIPELINE, START
from bot.cards.run_filled import Filled, say
from bot.cards.run_form import Sheet, requested_form, run_form
from bot.cards.run_memo import Memo
from bot.clock import Clock
from bot.domain.click import Place, Way
from bot.domain.person import Person
from bot.domain.run import MomentPassed, RunClick, lacks
from bot.errors import BotError, NotTaken
from bot.services.identity import Actor, Identities
from bot.services.running.runs import Runs
from bot.services.running.sheets import RunSheets
from bot.slack.channels import Channels
from bot.slack.messenger import OpenForm

TELL_WITHIN = timedelta(seconds=1)
"""How long Slack is asked about a channel while it waits for our answer itself."""

_ABSENT = "I am not in this channel. Invite me there with /invite, or choose another one."


@dataclass(frozen=True, slots=True)
class Submission:
    """The form as it was sent."""

    key: str
    """Unique for this turn of the form: sent twice it has the same key."""

    person: Person
    view_id: str
    memo: Memo
    values: Mapping[str, str] = field(repr=False)
    """What stands in the fields, by block id."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Something is wrong in the form; it stays open."""

    errors: dict[str, str]
    """By block id."""


@dataclass(frozen=True, slots=True)
class Shows:
    """The form shows something else."""

    form: Form
    then: Callable[[], Awaitable[None]] | None = None
    """What is to be done once it does."""


Reply = Refused | Shows


@dataclass(frozen=True, slots=True)
class Submitting:
    """Takes the form."""

    identities: Identities
    channels: Channels
    runs: Runs
    sheets: RunSheets
    clock: Clock

    async def submit(self, sent: Submission) -> Reply:
        """Check what can be checked at once, and store the wish before it is acknowledged.

        Who may run it is checked when it is carried out: Slack waits three seconds, and the form
        was opened for somebody who may.
        """
        filled = Filled.read(sent.values, sent.memo)
        at = filled.at
        try:
            actor = await self.identities.actor(sent.person)
            if at is not None:
                self.sheets.check_host(at)
        except BotError as refused:
            refused.command = self.sheets.command
            return Refused(filled.blocks_of({PIPELINE: refused.explain()}))
        if at is not None and (sent.memo.at is None or at.pipeline != sent.memo.at.pipeline):
            return self._turn(sent, actor, filled)
        if errors := await self._wrong(actor, filled):
            return Refused(errors)
        assert sent.memo.at is not None  # noqa: S101 - it is the one that was chosen
        request = filled.entries.request(sent.memo.at)
        channel = filled.entries.channel
        place = Place(channel) if sent.memo.asks_channel else sent.memo.place
        try:
            await self.runs.accept(RunClick(sent.key, sent.person, Way.FORM, place, request))
        except NotTaken as not_taken:
            return self._anew(sent, actor, filled, not_taken)
        return Shows(requested_form(sent.memo.name, channel, request.delay_until))

    def _anew(self, sent: Submission, actor: Actor, filled: Filled, not_taken: NotTaken) -> Reply:
        """Show the form as it was sent, in its next turn: what was not taken is over for good."""
        looked = self.sheets.looking.known(actor, filled.at)
        sheet = Sheet(
            replace(filled.memo, turn=filled.memo.turn + 1),
            filled.entries,
            looked.pipeline if looked else None,
            looked.inputs if looked else (),
            notes=(f":warning: {not_taken.explain()}",),
            is_reading=looked is None,
        )

        async def fill() -> None:
            await self.sheets.fill(sent.person, OpenForm(sent.view_id), sheet)

        return Shows(run_form(sheet), None if looked else fill)

    def _turn(self, sent: Submission, actor: Actor, filled: Filled) -> Reply:
        """Show first what the pipeline wants: it was sent before the form knew the choice."""
        sheet = self.sheets.turned(actor, filled)
        note = ":point_down: Look at what this pipeline asks for, then press Run."
        sheet = replace(sheet, notes=(note,))

        async def fill() -> None:
            await self.sheets.fill(sent.person, OpenForm(sent.view_id), sheet)

        return Shows(run_form(sheet), fill)

    async def _wrong(self, actor: Actor, filled: Filled) -> dict[str, str]:
        """Say what is wrong, by block id, as far as it is known without asking Buddy."""
        errors = dict(filled.errors)
        starts_at, now = filled.entries.starts_at, self.clock.now()
        if starts_at is not None and starts_at <= now:
            errors.setdefault(START, say(MomentPassed(starts_at)))
        asks = filled.memo.asks_channel and CHANNEL not in errors
        if asks and await self._is_closed(filled.entries.channel):
            errors[CHANNEL] = _ABSENT
        if errors:
            return filled.blocks_of(errors)
        looked = self.sheets.looking.known(actor, filled.at)
        if looked is None:
            return {}
        request = filled.entries.request(looked.at)
        return filled.refused(lacks(request, looked.pipeline, looked.inputs, now))

    async def _is_closed(self, channel: str) -> bool:
        """Whether Slack says in time that no card of ours can appear there."""
        try:
            async with asyncio.timeout(TELL_WITHIN.total_seconds()):
                return await self.channels.is_closed(channel)
        except TimeoutError:
            return False
