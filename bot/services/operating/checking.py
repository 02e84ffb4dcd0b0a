"""Before anything is sent: who asks, what they mean, whether it still holds, and who is first."""

from dataclasses import dataclass, replace
from typing import Any

from bot.cards.actions import encode
from bot.cards.answers import PAST
from bot.cards.execution import state_of
from bot.clock import Clock
from bot.database import Database, Transaction
from bot.domain import rules
from bot.domain.execution import Binding, Effect, Execution, Operation
from bot.domain.person import Person
from bot.domain.rules import Done, Past, PastRetry
from bot.errors import (
    AlreadyDecided,
    BindingImpossible,
    ForeignHost,
    ForeignInstallation,
    GateGone,
    LinkNotMade,
    Superseded,
)
from bot.services.finding.aliases import Aliases
from bot.services.finding.reading import Reading
from bot.services.following.story import as_shown
from bot.services.following.tracker import Tracker
from bot.services.identity import Actor, Identities
from bot.services.operating.attribution import name_of_doer, whose_deed
from bot.services.operating.outcomes import clicked_card
from bot.slack.people import People
from bot.store import cards, clicks
from bot.store.audit import Event, append
from bot.store.clicks import Decision, Step, StoredClick
from bot.store.variables import write_names

_SEEN = 20
"""Executions of the pipeline looked at for a newer run: one page."""


@dataclass(slots=True)
class Case:
    """A click while it is checked: what is known of it so far."""

    asked: StoredClick
    actor: Actor | None = None
    execution: Execution | None = None


@dataclass(frozen=True, slots=True)
class Checking:
    """Holds a click against the world as it is now."""

    database: Database
    people: People
    identities: Identities
    reading: Reading
    aliases: Aliases
    tracker: Tracker
    clock: Clock

    async def admit(self, case: Case) -> Actor:
        """Let a linked member of our team pass.

        Raises:
            PersonRefused, LinkError: the person may not, or is not linked.
        """
        case.actor = await self.enter(case.asked.person)
        return case.actor

    async def enter(self, person: Person) -> Actor:
        """Let a linked member of our team pass, who only looks.

        Raises:
            PersonRefused, LinkError: the person may not, or is not linked.
        """
        await self.people.admit(person)
        return await self.identities.actor(person)

    async def foresee(
        self, person: Person, operation: Operation, binding: Binding, execution: Execution
    ) -> None:
        """Refuse what would be refused if it was asked for now.

        Raises:
            OperationError: says why.
        """
        async with self.database.snapshot() as transaction:
            past = await self._past(transaction, operation, binding, _Asker(person))
        if refusal := rules.refuse(operation, binding, execution, past, state_of(execution)):
            raise refusal

    async def resolve(self, case: Case) -> tuple[Operation, Binding]:
        """Form what a typed command means from the execution as it is now.

        Raises:
            BotError: the execution is not found, or the command is not possible or not exact.
        """
        actor = await self.admit(case)
        name = case.asked.named
        assert name is not None  # noqa: S101 - a click without a binding has a name
        place = case.asked.place
        exact = await self.aliases.pipeline(case.asked.person, place.channel, name.pipeline)
        name = replace(name, pipeline=exact)
        execution = case.execution = await self.reading.find(actor, name)
        async with self.database.snapshot() as transaction:
            retries = await cards.retries_of(transaction, execution.ref)
        binding = rules.bind(case.asked.operation, execution, retries, state_of(execution))
        binding = replace(binding, installation=self.tracker.facts.installation)
        if encode(binding) is None:
            # Names too long to be kept exactly.
            raise BindingImpossible(execution.url)
        gate = execution.gate(binding.gate_id, binding.gate_started_at)
        if gate is not None and case.asked.operation.effect is Effect.ANSWER:
            return gate.kind.answered_by, binding
        return case.asked.operation, binding

    def recognize(self, binding: Binding) -> None:
        """Let only our own buttons pass.

        Raises:
            ForeignInstallation: another installation with the same Slack app made the button.
        """
        if binding.installation != self.tracker.facts.installation:
            raise ForeignInstallation

    async def check(self, case: Case, binding: Binding) -> Binding:
        """Look again, and refuse what no longer is as the button said.

        The binding comes back with the names of today: a project may have been renamed since.

        Raises:
            BotError: it must not be sent; says why.
        """
        self.recognize(binding)
        actor = await self.admit(case)
        if case.asked.waits_until and actor.link.linked_at >= case.asked.waits_until:
            raise LinkNotMade
        if binding.ref.host != self.identities.buddy.host:
            raise ForeignHost
        execution = case.execution = await self.reading.execution(actor, binding.ref)
        async with self.database.snapshot() as transaction:
            asker = _Asker(case.asked.person, case.asked.id)
            past = await self._past(transaction, case.asked.operation, binding, asker)
        operation = case.asked.operation
        if refusal := rules.refuse(operation, binding, execution, past, state_of(execution)):
            if isinstance(refusal, GateGone) and not refusal.by:
                refusal.by = await self._answered_by(actor, binding, execution)
            raise refusal
        if operation.effect is Effect.RETRY:
            now = self.clock.now()
            if unsettled := rules.unsettled_retry(past, execution, now):
                raise unsettled
        if operation.effect is Effect.ANSWER:
            await self._refuse_overtaken(actor, execution)
        return replace(binding, ref=execution.ref)

    async def claim(
        self, case: Case, binding: Binding, variables: tuple[str, ...] = ()
    ) -> StoredClick:
        """Claim the decision and record what is sent now, in one transaction.

        ``variables`` names what is given to a gate; the values themselves are wiped here.

        Raises:
            AlreadyDecided: somebody was first.
            LinkChanged: the person's account changed since the check.
        """
        asked, actor, execution = case.asked, case.actor, case.execution
        assert actor is not None  # noqa: S101 - checked before it is claimed
        assert execution is not None  # noqa: S101 - checked before it is claimed
        now = self.clock.now()
        async with self.database.transaction() as transaction:
            # Jobs before rows: a follow that is at work holds its own and writes what it follows.
            await self.tracker.begin_later(transaction, binding.ref)
            await self._quieten(transaction, asked, binding, execution)
            await self.identities.pin(transaction, actor)
            if not await clicks.claim(transaction, asked, binding, now):
                made = await clicks.decisions(transaction, binding)
                first = made.get(asked.operation.effect)
                raise _already(first, asked.operation, _Asker(asked.person, asked.id))
            card = as_shown(clicked_card(asked))
            await self.tracker.storyteller.begin(
                transaction, execution, asked.person, now, card, is_clicked=True
            )
            retries = 1 if asked.operation.effect is Effect.RETRY else 0
            await cards.sent(transaction, binding.ref, retries=retries)
            told: dict[str, Any] = {
                "step": Step.SENT,
                "binding": binding,
                "identity_id": actor.link.id,
                "identity_generation": actor.link.generation,
                "before": execution.fingerprint,
                "sent_at": now,
                "sent_count": asked.sent_count + 1,
            }
            row = {**told, "variables": write_names(variables)}
            await clicks.change(transaction, asked.id, **row)
            asked = replace(asked, **told, variables=variables, sealed_values="")
            await append(transaction, asked, binding, Event.SENT, now)
        return asked

    async def _quieten(
        self, transaction: Transaction, asked: StoredClick, binding: Binding, execution: Execution
    ) -> None:
        """Remind no more of what is decided with this."""
        alarms = self.tracker.storyteller.alarms
        if asked.operation.effect is Effect.STOP:
            await alarms.drop_all(transaction, execution.ref, execution.gates)
        elif asked.operation.effect is Effect.ANSWER:
            gate = binding.gate_id, binding.gate_started_at
            await alarms.drop(transaction, execution.ref, *gate)

    async def _answered_by(self, actor: Actor, binding: Binding, execution: Execution) -> str:
        """Name who answered a gate in Buddy's web app, where its record tells; safe mrkdwn."""
        deed = await whose_deed(Operation.APPROVE, binding, execution, actor)
        return await name_of_doer(deed, actor, self.identities, binding.ref.workspace)

    async def _refuse_overtaken(self, actor: Actor, execution: Execution) -> None:
        """Refuse to approve a run that a newer one of the same branch has overtaken."""
        ref = execution.ref
        page = await actor.buddy.executions(
            ref.workspace, ref.project, ref.pipeline, per_page=_SEEN
        )
        newer = rules.overtaken_by(execution, page.executions)
        if newer is None:
            return
        pipeline = await actor.buddy.pipeline(ref.workspace, ref.project, ref.pipeline)
        if not pipeline.runs_concurrently:
            raise Superseded(ref.execution, newer)

    async def _past(
        self, transaction: Transaction, operation: Operation, binding: Binding, asker: "_Asker"
    ) -> Past:
        effect = operation.effect
        retry = None
        if effect is Effect.RETRY:
            retry = await clicks.last_retry(transaction, binding.ref)
        made = await clicks.decisions(transaction, binding)
        return Past(
            retries=await cards.retries_of(transaction, binding.ref),
            same=_done(made.get(effect), asker),
            answered=_done(made.get(Effect.ANSWER), asker),
            stopped=_done(made.get(Effect.STOP), asker),
            last_retry=_past_retry(retry, asker),
        )


@dataclass(frozen=True, slots=True)
class _Asker:
    """Who asks, and with which click; none yet for somebody who only looks."""

    person: Person
    click_id: int | None = None


def _past_retry(retry: StoredClick | None, asker: _Asker) -> PastRetry | None:
    if retry is None or retry.sent_at is None:
        return None
    is_same = retry.person == asker.person
    done = Done(retry.person.mention, PAST[retry.operation], is_same)
    return PastRetry(done, retry.before, retry.sent_at)


def _done(decision: Decision | None, asker: _Asker) -> Done | None:
    # The click's own decision is no reason against it: it is found when it is sent again.
    if decision is None or decision.click_id == asker.click_id:
        return None
    is_same = decision.person == asker.person
    return Done(decision.person.mention, PAST[decision.operation], is_same)


def _already(first: Decision | None, operation: Operation, asker: _Asker) -> AlreadyDecided:
    done = _done(first, asker)
    if done is None:
        return AlreadyDecided("somebody", PAST[operation], is_same_person=False)
    return AlreadyDecided(done.by, done.did, done.is_same_person)
