"""The form that starts a run, from its opening to the moment before its submission.

    open      with what was said so far; Buddy is asked once the form stands there
    again     from an execution
    choose    another pipeline: what was typed stays, what it wants comes
    repeat    as the last time

The form belongs to its person alone. Whoever changes it says what they saw, so that what comes late
for an earlier choice changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from bot.cards.answers import note_card
from bot.cards.run_filled import Filled, say
from bot.cards.run_form import Sheet, looking_form, run_form
from bot.cards.run_memo import Memo
from bot.cards.text import code, escape
from bot.clock import Clock
from bot.domain.catalog import PipelineRef
from bot.domain.click import Place
from bot.domain.command import Run
from bot.domain.execution import ExecutionRef
from bot.domain.person import Person
from bot.domain.run import CommentLacks, RefLacks, RunRequest, ValueLacks, Wanted, lacks, next_time
from bot.domain.run_entries import Entries
from bot.errors import BotError, ForeignHost, SlackError
from bot.services.finding.background import Background
from bot.services.finding.reading import Reading
from bot.services.identity import Actor, Identities
from bot.services.running.forms import RunDraft
from bot.services.running.looking import Looked, Looking
from bot.services.running.memory import RunMemory
from bot.slack.messenger import Messenger, OpenForm
from bot.slack.people import People

log = structlog.get_logger()

AT_ONCE = timedelta(milliseconds=600)
"""How long Buddy may take until the form says that it is asked."""

READ_WITHIN = timedelta(seconds=20)
"""How long Buddy is asked for one form."""

FILL_WITHIN = timedelta(seconds=30)
"""How long it may take until a form is filled in."""

_SEEN_ANYWAY = (RefLacks, CommentLacks, ValueLacks)
"""What a form says by itself: the field stands there, empty and required."""

_MAX_NAMED = 20

_FORGOTTEN = ":shrug: I no longer know how you ran this the last time. Fill it in once more."

_UNPAINTED = (
    ":warning: Slack did not take the form with the fields of this pipeline. Write the variables "
    "you need below; if one is missing, I tell you once you press Run."
)

_STAYS = (
    ":warning: Slack did not let me fill in your run form. Close it and open it again; sent as it "
    "is, I tell you what is missing."
)

_HIDDEN = (
    ":lock: Your Buddy token may not read which variables this pipeline asks for (scope "
    "`VARIABLE_INFO`). Write those you need below."
)


@dataclass(frozen=True, slots=True)
class RunSheets:
    """Opens the run form and fills it in."""

    people: People
    identities: Identities
    reading: Reading
    looking: Looking
    memory: RunMemory
    messenger: Messenger
    background: Background
    clock: Clock
    command: str

    async def open(self, person: Person, trigger_id: str, place: Place, draft: RunDraft) -> None:
        """Open the form prefilled, and fill in what Buddy knows.

        Raises:
            BotError: the person may not, is not linked, or the form came too late.
        """
        actor = await self._actor(person)
        wanted = draft.wanted
        at = wanted.pipeline if isinstance(wanted, RunRequest) else None
        is_reading = wanted.pipeline is not None
        sheet = Sheet(
            Memo(at, place=place),
            self._said(person, wanted),
            notes=_valueless(wanted),
            is_reading=is_reading,
        )
        shown = await self.messenger.show_form(trigger_id, run_form(sheet))
        if is_reading:
            # Whoever asked for the form need not wait: it is open.
            _ = self.background.start(
                lambda: self._fill(actor, shown, sheet, lambda: self._named(actor, wanted)),
                FILL_WITHIN,
            )

    async def again(self, person: Person, trigger_id: str, place: Place, ref: ExecutionRef) -> None:
        """Open the form as an execution was run.

        Raises:
            BotError: the person may not, is not linked, or the form came too late.
        """
        actor = await self._actor(person)
        form = looking_form(f"{ref.project} #{ref.execution}")
        shown = await self.messenger.show_form(trigger_id, form)
        at = PipelineRef.of(ref)
        looking = self._begin(lambda: self.looking.look(actor, at))
        sheet = Sheet(Memo(at, place=place))
        try:
            execution = await self.reading.execution(actor, ref)
        except BotError as error:
            sheet = self._noted(sheet, error)
        else:
            last = await self.memory.find(person, at)
            is_last = last is not None and last.execution == ref.execution
            ran = last.entries if last and is_last else Entries.of_execution(execution)
            sheet = replace(sheet, entries=Entries.of_execution(execution).like(ran))
        await self._finish(actor, shown, sheet, looking)

    async def choose(
        self, person: Person, shown: OpenForm, memo: Memo, values: Mapping[str, str]
    ) -> None:
        """Show what another pipeline wants; what was typed so far stays.

        Raises:
            BotError: the person may not, or is not linked.
        """
        actor = await self._actor(person)
        filled = Filled.read(values, memo)
        if filled.at is None:
            await self._put_back(actor, shown, filled)
            return
        self.check_host(filled.at)
        at, sheet = filled.at, self.turned(actor, filled)
        looking = self._begin(lambda: self.looking.look(actor, at))
        await asyncio.wait({looking}, timeout=AT_ONCE.total_seconds())
        if not looking.done():
            now = await self._paint(actor, shown, sheet)
            if now is None:
                return
            shown = now
        await self._finish(actor, shown, sheet, looking)

    async def repeat(
        self, person: Person, shown: OpenForm, memo: Memo, values: Mapping[str, str]
    ) -> None:
        """Fill the form in as the last time; where the card appears stays.

        Raises:
            BotError: the person may not, or is not linked.
        """
        actor = await self._actor(person)
        last = await self.memory.find(person, memo.at) if memo.at else None
        filled = Filled.read(values, memo)
        if memo.at is None or last is None:
            await self._put_back(actor, shown, filled, _FORGOTTEN)
            return
        at, entries = memo.at, replace(last.entries, channel=filled.entries.channel)
        sheet = Sheet(replace(memo, turn=memo.turn + 1), entries)
        looked = self.looking.known(actor, at)
        if looked is not None:
            await self._paint(actor, shown, await self._with(actor, sheet, looked))
            return
        await self._finish(actor, shown, sheet, self._begin(lambda: self.looking.look(actor, at)))

    async def fill(self, person: Person, shown: OpenForm, sheet: Sheet) -> None:
        """Fill in what Buddy knows of the pipeline of a form that is open.

        It is painted at once, to know how it stands there: what changes it later wins.
        """
        actor, at = await self._actor(person), sheet.memo.at
        assert at is not None  # noqa: S101 - somebody chose it
        looking = self._begin(lambda: self.looking.look(actor, at))
        now = await self._paint(actor, shown, sheet)
        if now is not None:
            await self._finish(actor, now, sheet, looking)

    def turned(self, actor: Actor, filled: Filled) -> Sheet:
        """Turn to the pipeline that was chosen, with what was typed for the one before."""
        before = self.looking.known(actor, filled.memo.at)
        shown = {one.key: one.default for one in before.inputs} if before else {}
        memo = replace(filled.memo, at=filled.at, name="", turn=filled.memo.turn + 1)
        return Sheet(memo, filled.entries.without_defaults(shown), is_reading=True)

    def _said(self, person: Person, wanted: Wanted) -> Entries:
        entries = Entries.of(wanted)
        if not isinstance(wanted, Run) or wanted.at is None:
            return entries
        zone = self.people.zone_of(person)
        return replace(entries, starts_at=next_time(wanted.at, self.clock.now(), zone))

    def check_host(self, at: PipelineRef) -> None:
        """Refuse a pipeline of another Buddy, which a form may be left open for.

        Raises:
            ForeignHost: it is one.
        """
        if at.host != self.identities.buddy.host:
            raise ForeignHost

    async def _actor(self, person: Person) -> Actor:
        await self.people.admit(person)
        return await self.identities.actor(person)

    async def _put_back(self, actor: Actor, shown: OpenForm, filled: Filled, *notes: str) -> None:
        """Show the pipeline again that was chosen before; what only says something is none."""
        memo = replace(filled.memo, menu=filled.memo.menu + 1)
        sheet = Sheet(memo, filled.entries, notes=notes)
        looked = self.looking.known(actor, memo.at)
        await self._paint(actor, shown, await self._with(actor, sheet, looked) if looked else sheet)

    async def _named(self, actor: Actor, wanted: Wanted) -> PipelineRef:
        if isinstance(wanted, RunRequest):
            return wanted.pipeline
        assert wanted.pipeline is not None  # noqa: S101 - there is something to read
        return await self.reading.catalog.pipeline(actor, wanted.pipeline)

    async def _fill(
        self,
        actor: Actor,
        shown: OpenForm,
        sheet: Sheet,
        find: Callable[[], Awaitable[PipelineRef]],
    ) -> None:
        async def look() -> Looked:
            return await self.looking.look(actor, await find())

        await self._finish(actor, shown, sheet, self._begin(look))

    def _begin(self, look: Callable[[], Awaitable[Looked]]) -> "asyncio.Task[Looked]":
        return self.background.start(look, READ_WITHIN)

    async def _finish(
        self, actor: Actor, shown: OpenForm, sheet: Sheet, looking: "asyncio.Task[Looked]"
    ) -> None:
        """Show what a pipeline wants, or why nobody knows: it can be sent all the same."""
        try:
            looked = await asyncio.shield(looking)
        except BotError as error:
            sheet = self._noted(replace(sheet, is_reading=False), error)
        else:
            sheet = await self._with(actor, sheet, looked)
        await self._paint(actor, shown, sheet)

    async def _with(self, actor: Actor, sheet: Sheet, looked: Looked) -> Sheet:
        memo = sheet.memo
        is_new = memo.at != looked.at or memo.name != looked.name
        memo = replace(
            memo, at=looked.at, name=looked.name, menu=memo.menu + 1 if is_new else memo.menu
        )
        entries = sheet.entries.without_secrets(looked.inputs)
        told = lacks(entries.request(looked.at), looked.pipeline, looked.inputs, self.clock.now())
        notes = [f":warning: {escape(say(one), 500)}" for one in told if not _is_seen(one)]
        if looked.hides_inputs:
            notes.append(_HIDDEN)
        last = await self.memory.find(actor.link.person, looked.at)
        return replace(
            sheet,
            memo=memo,
            pipeline=looked.pipeline,
            inputs=looked.inputs,
            notes=(*sheet.notes, *notes),
            is_reading=False,
            last_at=last.at if last else None,
        )

    def _noted(self, sheet: Sheet, error: BotError) -> Sheet:
        error.command = self.command
        return replace(sheet, notes=(*sheet.notes, f":warning: {error.explain()}"))

    async def _paint(self, actor: Actor, shown: OpenForm, sheet: Sheet) -> OpenForm | None:
        """Change the form; None if it is closed, shows something else by now, or Slack refuses.

        Refused, it is shown without the pipeline's own fields, which says so; else the person is
        told privately.
        """
        try:
            return await self.messenger.repaint_form(shown, run_form(sheet))
        except SlackError as error:
            log.warning("run.form_not_painted", code=error.code)
        bare = replace(sheet, inputs=(), notes=(_UNPAINTED,), is_reading=False)
        try:
            return await self.messenger.repaint_form(shown, run_form(bare))
        except SlackError as error:
            # It stays as it is, and can be sent like this: what it lacks is said then.
            log.warning("run.form_not_painted", code=error.code)
        place = sheet.memo.place
        await self.messenger.tell(actor.link.person, place, note_card(_STAYS))
        return None


def _valueless(wanted: Wanted) -> tuple[str, ...]:
    """Name the variables that have no value: their fields may show one of Buddy's."""
    keys = [code(one.key, 60) for one in wanted.variables if not one.value]
    named = ", ".join(keys[:_MAX_NAMED])
    return (f":point_down: No value is kept of {named}. Fill it in once more.",) if keys else ()


def _is_seen(lack: object) -> bool:
    return isinstance(lack, _SEEN_ANYWAY)
