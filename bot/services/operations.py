"""Take a click, and carry it out: one effect, whatever happens in between.

    accept     stores the click before it is acknowledged, or says «not taken»
    carry_out  one step of a click's way; ``store/clicks.py`` draws the steps

A click is checked against the execution as it is now, its decision is claimed in the transaction
that records it as sent, and only then does the PATCH leave. A lost answer is settled by reading.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from bot.cards.actions import Asked
from bot.cards.answers import gate_choice_card, incident_card, patience_card
from bot.cards.forms import reason_form
from bot.cards.text import escape
from bot.clock import Clock
from bot.database import Database, StorageUnavailable
from bot.domain.click import Click
from bot.domain.execution import Attempt, Binding
from bot.domain.person import Person
from bot.errors import BotError, GateNotNamed, NotTaken
from bot.jobs.queue import Job, Jobs, Snooze
from bot.services.checking import Case, Checking
from bot.services.outcomes import Outcomes, answer_owner
from bot.services.patience import soothing
from bot.services.sending import Sending
from bot.slack.messenger import Messenger
from bot.store import cards, clicks
from bot.store.clicks import Step, StoredClick
from bot.vault import Vault

log = structlog.get_logger()

KIND = "operation"
PATIENCE = timedelta(seconds=1.5)
"""How long a click waits for the database's lock."""

ANSWER_WITHIN = timedelta(seconds=2)
"""When a person is told «not taken»; Slack waits three seconds for the acknowledgement."""


@dataclass(slots=True)
class Operations:
    """Takes clicks and brings them to their end."""

    database: Database
    checking: Checking
    sending: Sending
    outcomes: Outcomes
    messenger: Messenger
    vault: Vault
    jobs: Jobs
    clock: Clock
    _late: set[asyncio.Task[bool]] = field(default_factory=set)

    def register(self) -> None:
        """Name who carries operations out."""
        self.jobs.handle(KIND, self.carry_out, slots=32, give_up=self.give_up)

    async def accept(self, asked: Click) -> None:
        """Store a click so that it cannot be lost; its job starts once it is stored.

        The same click delivered twice is one click.

        Raises:
            NotTaken: it could not be stored in time, and will not be carried out later either.
        """
        taking = _Taking(self, asked)
        task = asyncio.get_running_loop().create_task(taking.run())
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        await asyncio.wait({task}, timeout=ANSWER_WITHIN.total_seconds())
        if not task.done():
            # A commit that is under way cannot be called back; what it stores is made void.
            taking.abandoned.set()
        if not task.done() or not task.result():
            log.warning("click.not_taken")
            raise NotTaken

    async def ask_reason(self, person: Person, asked: Asked, trigger_id: str) -> None:
        """Open the form that asks why an execution is to be stopped.

        Raises:
            BotError: the person may not, is not linked, or the form came too late.
        """
        self.checking.recognize(asked.binding)
        await self.checking.people.admit(person)
        await self.checking.identities.actor(person)
        async with self.database.snapshot() as transaction:
            known = await cards.get_follow(transaction, asked.binding.ref.identity)
        ref = known.ref if known else asked.binding.ref
        pipeline = known.pipeline_name if known else f"pipeline {ref.pipeline}"
        title = f"{escape(ref.project, 80)} / {escape(pipeline, 80)} #{ref.execution}"
        await self.messenger.open_form(trigger_id, reason_form(asked, title))

    async def resume(self) -> None:
        """Go on with what was acknowledged when the process ended."""
        async with self.database.transaction() as transaction:
            for click_id in await clicks.unfinished(transaction):
                asked = await clicks.get(transaction, click_id)
                self.jobs.put(transaction, _job(click_id, asked.binding))

    async def carry_out(self, job: Job) -> Snooze | None:
        """Take a click one step further."""
        async with self.database.snapshot() as transaction:
            asked = await clicks.get(transaction, _click_id(job))
        match asked.step:
            case Step.TAKEN:
                return await self._begin(asked)
            case Step.SENT:
                return await self.sending.settle(asked)
            case Step.PATCHED:
                return await self.sending.confirm(asked)
            case Step.TOLD | Step.REFUSED | Step.VOID:
                return None

    async def give_up(self, job: Job) -> None:
        """Tell the person that something unforeseen stopped their click."""
        async with self.database.snapshot() as transaction:
            asked = await clicks.get(transaction, _click_id(job))
        await self.outcomes.answer(asked, incident_card(f"click-{asked.id}"))

    async def drain(self) -> None:
        """Wait for clicks that are still being stored."""
        if self._late:
            await asyncio.wait(self._late)

    async def _begin(self, asked: StoredClick) -> Snooze | None:
        """Check and send; say privately if that takes longer than silence may last."""

        async def say() -> None:
            await self.outcomes.answer(asked, patience_card())

        async with soothing(say):
            return await self._check_and_send(asked)

    async def _check_and_send(self, asked: StoredClick) -> Snooze | None:
        case = Case(asked)
        try:
            if asked.binding is None:
                await self._resolve(case)
                return None
            binding = await self.checking.check(case, asked.binding)
            asked = await self.checking.claim(case, binding)
        except BotError as refusal:
            await self.outcomes.refuse(case.asked, refusal, case.execution)
            return None
        assert case.actor is not None  # noqa: S101 - checked a moment ago
        return await self.sending.send(asked, case.actor)

    async def _resolve(self, case: Case) -> None:
        """Bind a typed command to what the execution is now, then let it queue for its lane."""
        try:
            operation, binding = await self.checking.resolve(case)
        except GateNotNamed:
            await self._ask_which(case)
            return
        async with self.database.transaction() as transaction:
            told = {"binding": binding, "operation": operation.value}
            await clicks.change(transaction, case.asked.id, **told)
            self.jobs.put(transaction, _job(case.asked.id, binding))

    async def _ask_which(self, case: Case) -> None:
        """Offer a button for each waiting gate; the typed command itself ends here."""
        execution = case.execution
        assert execution is not None  # noqa: S101 - its gates were counted
        async with self.database.transaction() as transaction:
            retries = await cards.retries_of(transaction, execution.ref)
            told = {"step": Step.REFUSED, "outcome": GateNotNamed.code}
            await clicks.change(transaction, case.asked.id, **told)
        attempt = Attempt(execution.started_at, retries)
        ours = self.checking.tracker.installation
        choices = [
            (gate, Binding(execution.ref, attempt, gate.id, gate.started_at, ours))
            for gate in execution.gates
            if gate.is_bindable and not gate.kind.needs_values
        ]
        reason, user = case.asked.reason, case.asked.person.user
        await self.outcomes.answer(case.asked, gate_choice_card(execution, choices, reason, user))


@dataclass(slots=True)
class _Taking:
    """The storing of one click, which may turn out to be too late."""

    operations: Operations
    asked: Click
    abandoned: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> bool:
        """Store the click; False if the database did not take it."""
        operations = self.operations
        sealed = ""
        if self.asked.answer_url:
            owner = answer_owner(self.asked.key)
            sealed = operations.vault.seal(self.asked.answer_url, owner)
        try:
            async with operations.database.transaction(PATIENCE) as transaction:
                now = operations.clock.now()
                click_id = await clicks.take(transaction, self.asked, sealed, now)
                if self.abandoned.is_set():
                    # Nobody waits for it any more, and nothing is stored yet: leave it so.
                    await transaction.connection.rollback()
                    return False
                if click_id is not None:
                    job = _job(click_id, self.asked.binding)
                    transaction.after_commit(lambda: self._start(job))
            if self.abandoned.is_set() and click_id is not None:
                await self._void(click_id)
        except StorageUnavailable:
            return False
        return True

    def _start(self, job: Job) -> None:
        if not self.abandoned.is_set():
            self.operations.jobs.add(job)

    async def _void(self, click_id: int) -> None:
        """Keep a click that was stored too late from ever being carried out."""
        async with self.operations.database.transaction() as transaction:
            await clicks.change(transaction, click_id, step=Step.VOID)


def _job(click_id: int, binding: Binding | None) -> Job:
    """Operations of one execution run one at a time; a command first finds out which it means."""
    if binding is None:
        return Job(KIND, f"{click_id}/named")
    host, pipeline, number = binding.ref.identity
    return Job(KIND, str(click_id), lane=f"operate/{host}/{pipeline}/{number}")


def _click_id(job: Job) -> int:
    return int(job.key.partition("/")[0])
