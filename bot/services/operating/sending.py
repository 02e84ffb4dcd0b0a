"""Send an operation once, and find out what became of it.

send      the PATCH leaves; its answer shows the effect, says taken or refused, or is lost
settle    the answer was lost: reading tells, or nobody knows
confirm   Buddy took it: read until its effect shows, if the answer did not show it already
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.buddy.wire import BuddyOperation
from bot.cards.answers import (
    done_elsewhere_card,
    fill_in_again_card,
    outcome_card,
    slow_effect_card,
    unclear_card,
)
from bot.cards.execution import state_of
from bot.clock import Clock
from bot.database import Database
from bot.domain import rules
from bot.domain.execution import Binding, Effect, Execution, Operation, Status
from bot.errors import (
    AnswerLost,
    BotError,
    BuddyError,
    BuddyRateLimited,
    BuddyUnavailable,
    GateGone,
    PersonRefused,
)
from bot.jobs.queue import Snooze
from bot.services.finding.reading import Reading
from bot.services.identity import Actor, Identities
from bot.services.operating.attribution import Doer, name_of_doer, whose_deed
from bot.services.operating.outcomes import Ending, Outcomes
from bot.services.operating.values import Provided
from bot.slack.people import People
from bot.store import clicks
from bot.store.audit import Event
from bot.store.clicks import Step, StoredClick

log = structlog.get_logger()

WIRE = {
    Operation.APPROVE: BuddyOperation.APPLY,
    Operation.APPROVE_VISUAL_TESTS: BuddyOperation.APPROVE_VT,
    Operation.REJECT: BuddyOperation.CANCEL,
    Operation.CANCEL: BuddyOperation.CANCEL,
    Operation.RETRY: BuddyOperation.RETRY,
    Operation.START: BuddyOperation.RUN_DELAYED,
}
"""Buddy has no reject: a rejected execution is cancelled. What gates ask for: ``values.py``."""

MAX_SENT = 2
"""How often an answer or a stop may be sent: the far side must refuse the second one."""

AFTER_DEADLINE = timedelta(seconds=2)
"""How long after the PATCH's own deadline a state that did not change counts as unchanged."""

SHOW_WITHIN = timedelta(seconds=30)
"""How long to read until an effect shows; afterwards the card tells it when it comes."""

_AGAIN = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Sending:
    """Sends operations and settles what became of them."""

    database: Database
    identities: Identities
    people: People
    reading: Reading
    outcomes: Outcomes
    clock: Clock
    deadline: timedelta
    """How long a PATCH may take at the most, its waiting for rate limits included."""

    async def send(
        self, asked: StoredClick, actor: Actor, provided: Provided | None = None
    ) -> Snooze | None:
        """Send what was claimed and recorded just now; ``provided`` is stored nowhere any more."""
        binding = _bound(asked)
        wire_id = binding.gate_id.removeprefix("action:") if _answers(asked) else ""
        operation = provided.operation if provided else WIRE[asked.operation]
        variables = provided.variables if provided else ()
        try:
            answer = await actor.buddy.operate(
                binding.ref, operation, gate_wire_id=wire_id, variables=variables
            )
        except AnswerLost:
            log.warning("operation.answer_lost", operation=asked.operation.value)
            return Snooze(timedelta(0))
        except BuddyError as error:
            await self._not_done(asked, binding, actor, error)
            return None
        async with self.database.transaction() as transaction:
            await clicks.change(transaction, asked.id, step=Step.PATCHED)
        if answer is None or not _is_answered(asked, binding, answer):
            return Snooze(timedelta(0))
        patched = replace(asked, step=Step.PATCHED)
        await self._done(patched, binding, answer, actor, is_sure=True)
        return None

    async def settle(self, asked: StoredClick) -> Snooze | None:
        """Find out by reading whether it was done, when its answer was lost."""
        binding = _bound(asked)
        try:
            actor = await self._pinned(asked)
            execution = await self.reading.execution(actor, binding.ref)
            moved = _is_another_attempt(asked, binding, execution)
            if not moved and rules.shows(asked.operation, binding, asked.before, execution):
                await self._done(asked, binding, execution, actor, is_sure=False)
                return None
        except (BuddyUnavailable, BuddyRateLimited):
            return Snooze(_AGAIN)
        except BotError as error:
            return await self._out_of_sight(asked, error)
        if self.clock.now() < _sent_at(asked) + self.deadline + AFTER_DEADLINE:
            return Snooze(_AGAIN)
        if await self._may_be_sent_again(asked, binding, execution):
            return await self._send_again(asked, actor)
        await self._unclear(asked, binding, execution, actor)
        return None

    async def confirm(self, asked: StoredClick) -> Snooze | None:
        """Read until the effect shows, then tell what became of it."""
        binding = _bound(asked)
        waited = self.clock.now() - _sent_at(asked)
        try:
            actor = await self._pinned(asked)
            execution = await self.reading.execution(actor, binding.ref)
            if rules.shows(asked.operation, binding, asked.before, execution):
                await self._done(asked, binding, execution, actor, is_sure=True)
                return None
        except (BuddyUnavailable, BuddyRateLimited):
            return Snooze(_AGAIN)
        except BotError as error:
            return await self._out_of_sight(asked, error)
        if waited < SHOW_WITHIN:
            return Snooze(max(_AGAIN, waited / 2))
        content = slow_effect_card(asked.operation, asked.person.mention)
        await self.outcomes.tell(asked, binding, execution, Ending(content, Event.DONE), actor)
        return None

    async def _done(
        self,
        asked: StoredClick,
        binding: Binding,
        execution: Execution,
        actor: Actor,
        *,
        is_sure: bool,
    ) -> None:
        """Tell what was done, by whose hand as Buddy's own record has it."""
        deed = await whose_deed(asked.operation, binding, execution, actor)
        gate = _gate_name(binding, execution)
        if not is_sure and deed.doer is Doer.UNKNOWN and _answers(asked) and _is_stopped(execution):
            # The gate is gone because the execution was stopped, not because it was answered.
            await self._unclear(asked, binding, execution, actor)
            return
        if deed.doer is Doer.OURS or (deed.doer is Doer.UNKNOWN and is_sure):
            content = outcome_card(
                asked.operation,
                execution,
                gate,
                asked.person.mention,
                asked.reason,
                asked.variables,
            )
            await self.outcomes.tell(asked, binding, execution, Ending(content, Event.DONE), actor)
            return
        by = await name_of_doer(deed, actor, self.identities, binding.ref.workspace)
        content = done_elsewhere_card(asked.operation, execution, gate, by)
        event = Event.OTHER if deed.doer is Doer.SOMEBODY_ELSE else Event.UNCLEAR
        await self.outcomes.tell(asked, binding, execution, Ending(content, event), actor)

    async def _not_done(
        self, asked: StoredClick, binding: Binding, actor: Actor, error: BuddyError
    ) -> None:
        """End a click that Buddy refused; somebody may have been first in Buddy's web app."""
        execution = None
        told: BotError = error
        try:
            execution = await self.reading.execution(actor, binding.ref)
            gone = rules.shows(asked.operation, binding, asked.before, execution)
            if gone and asked.operation.needs_gate:
                deed = await whose_deed(asked.operation, binding, execution, actor)
                by = await name_of_doer(deed, actor, self.identities, binding.ref.workspace)
                told = GateGone(_gate_name(binding, execution), state_of(execution), by)
        except BuddyError:
            log.info("operation.not_read_back")
        await self.outcomes.refuse(asked, told, execution)

    async def _may_be_sent_again(
        self, asked: StoredClick, binding: Binding, execution: Execution
    ) -> bool:
        """Tell whether it still means what its button said, and is wished by somebody who may."""
        if not _must_be_refused_twice(asked) or asked.sent_count >= MAX_SENT:
            return False
        if asked.operation is Operation.PROVIDE:
            # What was given is kept nowhere any more.
            return False
        if _is_another_attempt(asked, binding, execution):
            return False
        gate = execution.gate(binding.gate_id, binding.gate_started_at)
        if asked.operation.needs_gate and gate is None:
            return False
        try:
            await self.people.admit(asked.person)
        except PersonRefused as refused:
            log.warning("operation.no_longer_admitted", code=refused.code)
            return False
        return True

    async def _send_again(self, asked: StoredClick, actor: Actor) -> Snooze | None:
        """Ask the same gate once more: had the first one arrived, Buddy must refuse this one."""
        log.warning("operation.sent_again", operation=asked.operation.value)
        now = self.clock.now()
        async with self.database.transaction() as transaction:
            await clicks.change(transaction, asked.id, sent_at=now, sent_count=asked.sent_count + 1)
            asked = await clicks.get(transaction, asked.id)
        return await self.send(asked, actor)

    async def _unclear(
        self, asked: StoredClick, binding: Binding, execution: Execution, actor: Actor
    ) -> None:
        """Say that nobody knows; what was not done by now may be asked for again."""
        if _must_be_refused_twice(asked):
            async with self.database.transaction() as transaction:
                await clicks.release(transaction, asked.id)
                if asked.operation is Operation.PROVIDE:
                    card = fill_in_again_card(execution, binding)
                    await self.outcomes.answer(transaction, asked, card, "again")
        content = unclear_card(asked.operation, execution, asked.person.mention)
        ending = Ending(content, Event.UNCLEAR, is_done=False)
        await self.outcomes.tell(asked, binding, execution, ending, actor)

    async def _out_of_sight(self, asked: StoredClick, error: BotError) -> Snooze | None:
        """End a click whose execution can no longer be read by the one who clicked."""
        if self.clock.now() < _sent_at(asked) + self.deadline + AFTER_DEADLINE:
            return Snooze(_AGAIN)
        log.warning("operation.out_of_sight", code=error.code)
        await self.outcomes.lose_sight(asked, error.code)
        return None

    async def _pinned(self, asked: StoredClick) -> Actor:
        """Act as the very account that the click was sent with."""
        number, generation = asked.identity_id, asked.identity_generation
        return await self.identities.pinned(asked.person, number, generation)


def _bound(asked: StoredClick) -> Binding:
    assert asked.binding is not None  # noqa: S101 - what was sent was bound
    return asked.binding


def _answers(asked: StoredClick) -> bool:
    return asked.operation.effect is Effect.ANSWER


def _is_another_attempt(asked: StoredClick, binding: Binding, execution: Execution) -> bool:
    """Tell whether it was retried since: what becomes of it now says nothing of what was sent."""
    bound_to_attempt = asked.operation.effect in {Effect.ANSWER, Effect.STOP}
    return bound_to_attempt and execution.started_at != binding.attempt.started_at


def _must_be_refused_twice(asked: StoredClick) -> bool:
    return asked.operation.effect in {Effect.ANSWER, Effect.STOP}


def _sent_at(asked: StoredClick) -> datetime:
    assert asked.sent_at is not None  # noqa: S101 - recorded with the step
    return asked.sent_at


def _is_stopped(execution: Execution) -> bool:
    return execution.status in {Status.TERMINATED, Status.TERMINATING}


def _is_answered(asked: StoredClick, binding: Binding, answer: Execution) -> bool:
    """Tell whether the PATCH's own answer has the gate, and has it as no longer waiting.

    An answer without the gate, or from before the effect, says nothing: then it is read.
    """
    has_gate = _answers(asked) and answer.action(binding.gate_id) is not None
    return has_gate and rules.shows(asked.operation, binding, asked.before, answer)


def _gate_name(binding: Binding, execution: Execution) -> str:
    action = execution.action(binding.gate_id)
    return action.name if action else ""
