"""May this be done now? What a button or a command meant, held against the execution as it is.

bind     forms what a command means from the execution as it is read
refuse   says why something must not be sent, or None
shows    tells whether an execution shows the effect of what was sent
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from bot.domain.execution import (
    Attempt,
    Binding,
    Effect,
    Execution,
    Gate,
    Operation,
    Status,
)
from bot.errors import (
    AlreadyDecided,
    AttemptChanged,
    BindingImpossible,
    GateGone,
    GateNotNamed,
    NoValuesWanted,
    OperationError,
    StateForbids,
    StillSettling,
    ValuesNeeded,
)

SETTLING = timedelta(seconds=60)
"""How long Buddy may take to show a retry before another one may be asked for."""


VERBS = {
    Operation.APPROVE: "approve",
    Operation.APPROVE_VISUAL_TESTS: "approve",
    Operation.PROVIDE: "answer",
    Operation.REJECT: "reject",
    Operation.CANCEL: "cancel",
    Operation.RETRY: "retry",
    Operation.START: "start",
}
"""What is asked for, as people say it."""


@dataclass(frozen=True, slots=True)
class Done:
    """Something that was asked for earlier, as people are told about it."""

    by: str
    """A mention."""

    did: str
    """A past participle."""

    is_same_person: bool


@dataclass(frozen=True, slots=True)
class PastRetry:
    """The last retry that was sent for an execution."""

    done: Done
    before: str
    """The execution's fingerprint when it was sent."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """What was decided about an execution before."""

    retries: int = 0
    same: Done | None = None
    """Who asked for this very effect on this very attempt and gate."""

    answered: Done | None = None
    """Who answered the gate that is meant."""

    stopped: Done | None = None
    """Who stopped the attempt that is meant."""

    last_retry: PastRetry | None = None


def bind(operation: Operation, execution: Execution, retries: int, state: str) -> Binding:
    """Form what a command means from the execution as it stands.

    Raises:
        OperationError: it is not possible in this state, or not exact enough.
    """
    if not execution.allows(_broad(operation)):
        raise StateForbids(VERBS[operation], execution.ref.execution, state)
    attempt = Attempt(execution.started_at, retries)
    if not operation.needs_gate:
        return Binding(execution.ref, attempt)
    gate = _meant(operation, execution)
    return Binding(execution.ref, attempt, gate.id, gate.started_at)


def answerable(operation: Operation, execution: Execution) -> tuple[Gate, ...]:
    """List the waiting gates that a typed «approve» can mean: values fit only who asks for them."""
    if operation is not Operation.PROVIDE:
        return execution.gates
    return tuple(gate for gate in execution.gates if gate.kind.needs_values)


def options(
    operation: Operation, execution: Execution, retries: int, state: str
) -> list[tuple[Operation, Binding]]:
    """List what a command can mean: one thing, or one for each of several waiting gates.

    Raises:
        OperationError: it is not possible in this state, or not exact enough.
    """
    try:
        bound = [bind(operation, execution, retries, state)]
    except GateNotNamed:
        attempt = Attempt(execution.started_at, retries)
        bound = [
            Binding(execution.ref, attempt, gate.id, gate.started_at)
            for gate in answerable(operation, execution)
            if gate.is_bindable
        ]
    meant = []
    for binding in bound:
        gate = execution.gate(binding.gate_id, binding.gate_started_at)
        answers = gate is not None and operation.effect is Effect.ANSWER
        meant.append((gate.kind.answered_by if gate and answers else operation, binding))
    return meant


def refuse(
    operation: Operation, binding: Binding, execution: Execution, past: Past, state: str
) -> OperationError | None:
    """Say why this must not be sent now; None lets it pass."""
    number = execution.ref.execution
    if past.same:
        return AlreadyDecided(past.same.by, past.same.did, past.same.is_same_person)
    if binding.attempt != Attempt(execution.started_at, past.retries):
        return AttemptChanged(number, state)
    if operation.needs_gate and (gone := _gate_gone(binding, execution, past, state)):
        return gone
    if operation.effect is Effect.ANSWER and past.stopped:
        return AlreadyDecided(past.stopped.by, past.stopped.did, past.stopped.is_same_person)
    if not execution.allows(_broad(operation)):
        return StateForbids(VERBS[operation], number, state)
    return _wrong_kind(operation, binding, execution)


def overtaken_by(execution: Execution, others: Iterable[Execution]) -> int | None:
    """Name the newest run of the same branch that has overtaken this one, if there is any.

    Where a pipeline's runs may go on side by side, none overtakes another.
    """
    newer = [
        other.ref.execution
        for other in others
        if other.ref.execution > execution.ref.execution and other.git_ref == execution.git_ref
    ]
    return max(newer, default=None)


def unsettled_retry(past: Past, execution: Execution, now: datetime) -> OperationError | None:
    """Refuse while the last retry was sent and Buddy still shows the attempt before it."""
    last = past.last_retry
    if last is None or now - last.at > SETTLING or last.before != execution.fingerprint:
        return None
    return StillSettling(last.done.by, last.done.did)


def shows(operation: Operation, binding: Binding, before: str, execution: Execution) -> bool:
    """Tell whether the execution shows what the operation was to bring about."""
    match operation.effect:
        case Effect.ANSWER:
            return execution.gate(binding.gate_id, binding.gate_started_at) is None
        case Effect.STOP:
            return execution.status.is_final or execution.status is Status.TERMINATING
        case Effect.RETRY:
            return execution.fingerprint != before
        case Effect.START:
            return not execution.is_delayed
    assert_never(operation.effect)


def _meant(operation: Operation, execution: Execution) -> Gate:
    gates = execution.gates
    if operation is Operation.REJECT:
        # It stops the whole execution, so any waiting gate says what was seen.
        chosen = gates[0]
    else:
        gates = answerable(operation, execution)
        if not gates:
            raise NoValuesWanted
        if len(gates) > 1 and any(gate.is_bindable for gate in gates):
            raise GateNotNamed(tuple(gate.name for gate in gates))
        chosen = gates[0]
    if not chosen.is_bindable:
        raise BindingImpossible(execution.url)
    return chosen


def _gate_gone(
    binding: Binding, execution: Execution, past: Past, state: str
) -> OperationError | None:
    waiting = execution.gate(binding.gate_id, binding.gate_started_at)
    if waiting is not None and past.answered is None:
        return None
    action = execution.action(binding.gate_id)
    by = past.answered.by if past.answered else ""
    return GateGone(action.name if action else "", state, by)


def _wrong_kind(
    operation: Operation, binding: Binding, execution: Execution
) -> OperationError | None:
    gate = execution.gate(binding.gate_id, binding.gate_started_at)
    if operation.effect is not Effect.ANSWER or gate is None:
        return None
    if gate.kind.needs_values and operation is not Operation.PROVIDE:
        return ValuesNeeded(execution.url)
    if operation is Operation.PROVIDE and not gate.kind.needs_values:
        return NoValuesWanted()
    if not gate.is_bindable:
        return BindingImpossible(execution.url)
    return None


def _broad(operation: Operation) -> Operation:
    """Let a typed «approve» mean whichever approval the waiting gate wants."""
    return Operation.REJECT if operation.effect is Effect.ANSWER else operation
