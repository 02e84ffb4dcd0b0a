"""Take a click, and carry it out: one effect, whatever happens in between.

    accept     stores the click before it is acknowledged, or says «not taken»
    carry_out  one step of a click's way; ``store/clicks.py`` draws the steps

A click is checked against the execution as it is now, its decision is claimed in the transaction
that records it as sent, and only then does the PATCH leave. A lost answer is settled by reading.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.cards.actions import Asked
from bot.cards.answers import (
    incident_card,
    patience_card,
    queued_card,
    waiting_for_link_card,
)
from bot.cards.forms import reason_form
from bot.cards.text import escape
from bot.clock import Clock
from bot.database import Database, Transaction
from bot.domain.click import Click
from bot.domain.execution import Binding, Operation
from bot.domain.person import Person
from bot.errors import BotError, GateNotNamed, LinkNotMade, NotLinked
from bot.jobs.queue import Held, Job, Jobs, Outcome, Snooze
from bot.services.operating.answers import Answers
from bot.services.operating.checking import Case, Checking
from bot.services.operating.outcomes import Outcomes, asker_of
from bot.services.operating.patience import soothing
from bot.services.operating.sending import Sending
from bot.services.operating.taking import Taking
from bot.services.operating.typed import Typed
from bot.services.operating.values import Provided, Values
from bot.slack.messenger import Messenger
from bot.store import cards, clicks, keys
from bot.store.clicks import OPEN_STEPS, Step, StoredClick
from bot.vault import Vault

log = structlog.get_logger()

KIND = "operation"
ATTEMPTS = 5
"""Tries until somebody who waits is told that it failed: about a minute at the most."""

LINK_WITHIN = timedelta(minutes=15)
"""How long a click waits for its person to connect their account."""

_TURN = timedelta(seconds=1)
"""How often it is looked whether what was sent before is settled."""

_LOOK_FOR_LINK = timedelta(seconds=30)
"""How often it looks by itself; connecting an account wakes it at once."""


@dataclass(slots=True)
class Operations:
    """Takes clicks and brings them to their end."""

    database: Database
    checking: Checking
    sending: Sending
    outcomes: Outcomes
    answers: Answers
    taking: Taking
    values: Values
    typed: Typed
    messenger: Messenger
    vault: Vault
    jobs: Jobs
    clock: Clock

    def register(self) -> None:
        """Name who carries operations out."""
        self.jobs.handle(KIND, self.carry_out, slots=32, attempts=ATTEMPTS, give_up=self.give_up)

    async def accept(self, asked: Click) -> None:
        """Store a click so that it cannot be lost; its job starts once it is stored.

        The same click delivered twice is one click.

        Raises:
            NotTaken: it could not be stored in time, and will not be carried out later either.
        """
        sealed = ""
        if asked.answer_url:
            sealed = self.vault.seal(asked.answer_url, keys.answer_owner(asked.key))

        async def store(transaction: Transaction) -> Held | None:
            now, values = self.clock.now(), self.values.seal(asked)
            click_id = await clicks.take(transaction, asked, sealed, now, values)
            if click_id is None:
                return None
            return await self.jobs.hold(transaction, _job(click_id, asked.binding))

        async def void(transaction: Transaction) -> None:
            click_id = await clicks.void(transaction, asked.key)
            if click_id is not None:
                await self.jobs.drop(transaction, KIND, _job(click_id, asked.binding).key)

        if held := await self.taking.take(store, void):
            held.start()

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

    async def carry_out(self, job: Job) -> Outcome:
        """Take a click as far as it goes without waiting."""
        while True:
            async with self.database.snapshot() as transaction:
                asked = await clicks.get(transaction, _click_id(job))
            if asked.binding is not None and not job.lane and asked.step in OPEN_STEPS:
                # It was bound after it was put: from here on it has its turn in its lane.
                async with self.database.transaction() as transaction:
                    await self.jobs.put(transaction, _job(asked.id, asked.binding))
                return None
            outcome = await self._step(asked)
            if outcome is None or outcome.duration > timedelta(0):
                return outcome

    async def _step(self, asked: StoredClick) -> Snooze | None:
        """Take a click one step further."""
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
        if asked.step in OPEN_STEPS:
            await self.outcomes.give_up(asked, incident_card(f"click-{asked.id}"))

    async def wake(self, transaction: Transaction, person: Person) -> list[StoredClick]:
        """Let what waits for a person's account have its turn; which clicks do."""
        await self.checking.tracker.look_again(transaction, person.team)
        waiting = await clicks.waiting_for(transaction, person, self.clock.now())
        for asked in waiting:
            await self.jobs.poke(transaction, KIND, _job(asked.id, asked.binding).key)
        return [asked for asked in waiting if asked.waits_until is not None]

    async def _begin(self, asked: StoredClick) -> Snooze | None:
        """Check and send; say privately if that takes longer than silence may last."""

        async def say() -> None:
            await self.answers.tell(asker_of(asked), patience_card())

        async with soothing(say):
            return await self._check_and_send(asked)

    async def _check_and_send(self, asked: StoredClick) -> Snooze | None:
        case = Case(asked)
        try:
            if asked.binding is None:
                await self._resolve(case)
                return None
            if await self._is_behind(asked, asked.binding):
                return Snooze(_TURN)
            binding = await self.checking.check(case, asked.binding)
            provided = await self._provided(case, binding)
            names = provided.names if provided else ()
            asked = await self.checking.claim(case, binding, names)
            if provided is not None:
                self.typed.asking.drafts.forget(asked.person, binding.ref)
        except NotLinked as unlinked:
            return await self._wait_for_link(case.asked, unlinked)
        except BotError as refusal:
            await self.outcomes.refuse(case.asked, refusal, case.execution)
            return None
        assert case.actor is not None  # noqa: S101 - checked a moment ago
        return await self.sending.send(asked, case.actor, provided)

    async def _provided(self, case: Case, binding: Binding) -> Provided | None:
        """Open what is given to the gate, for the one time that it is sent."""
        assert case.actor is not None  # noqa: S101 - checked a moment ago
        assert case.execution is not None  # noqa: S101 - checked a moment ago
        return await self.values.provided(case.asked, case.actor, case.execution, binding)

    async def _is_behind(self, asked: StoredClick, binding: Binding) -> bool:
        """Wait while nobody knows yet what came of an operation that was sent before."""
        async with self.database.snapshot() as transaction:
            before = await clicks.pending(transaction, binding.ref)
        if before is None or before.id == asked.id or before.step is not Step.SENT:
            return False
        if self.clock.now() - asked.taken_at < _TURN:
            card = queued_card(before.operation, before.person.mention)
            await self.answers.tell(asker_of(asked), card)
        return True

    async def _wait_for_link(self, asked: StoredClick, unlinked: NotLinked) -> Snooze | None:
        """Offer to connect an account, and wait for it; what was not bound cannot wait."""
        if asked.binding is None or asked.operation is Operation.PROVIDE:
            # What was not bound, or must not be kept, cannot wait.
            await self.outcomes.refuse(asked, unlinked)
            return None
        now = self.clock.now()
        if asked.waits_until is None:
            async with self.database.transaction() as transaction:
                until = now + LINK_WITHIN
                await clicks.change(transaction, asked.id, waits_until=until)
                card = waiting_for_link_card(asked.operation, LINK_WITHIN)
                await self.outcomes.answer(transaction, asked, card, "link")
            return Snooze(_LOOK_FOR_LINK)
        if now >= asked.waits_until:
            await self.outcomes.refuse(asked, LinkNotMade())
            return None
        return Snooze(min(_LOOK_FOR_LINK, asked.waits_until - now))

    async def _resolve(self, case: Case) -> None:
        """Bind a typed command to what the execution is now, then let it queue for its lane."""
        try:
            operation, binding = await self.checking.resolve(case)
        except GateNotNamed:
            await self.typed.ask_which(case)
            return
        values = None
        if operation is Operation.PROVIDE:
            values = await self.typed.complete(case, binding)
            if values is None:
                return
        async with self.database.transaction() as transaction:
            if values is not None:
                await self.typed.bind(transaction, case.asked, binding, values)
            told = {"binding": binding, "operation": operation.value}
            await clicks.change(transaction, case.asked.id, **told)
            await self.jobs.put(transaction, _job(case.asked.id, binding))


def _job(click_id: int, binding: Binding | None) -> Job:
    """Operations of one execution run one at a time; a command first finds out which it means."""
    if binding is None:
        return Job(KIND, f"{click_id}/unbound")
    host, pipeline, number = binding.ref.identity
    return Job(KIND, str(click_id), lane=f"operate/{host}/{pipeline}/{number}")


def _click_id(job: Job) -> int:
    return int(job.key.partition("/")[0])
