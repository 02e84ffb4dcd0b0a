"""What can be done to an execution, and when it is refused.

Texts and codes of these refusals are unknown, chosen: nobody may match on them.
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sandbox.buddy import clockwork
from sandbox.buddy.actions import Gate
from sandbox.buddy.attempts import ActionRun, Attempt, Status
from sandbox.buddy.errors import bad
from sandbox.buddy.people import Person


class Operation(StrEnum):
    """The operations of PATCH (S2, S4)."""

    APPLY = "APPLY"
    APPLY_VARIABLES = "APPLY_VARIABLES"
    SET_VARIABLES = "SET_VARIABLES"
    APPROVE_VT = "APPROVE_VT"
    CANCEL = "CANCEL"
    RETRY = "RETRY"
    RUN_DELAYED = "RUN_DELAYED"


class Effect(NamedTuple):
    """An operation that took effect: the person's name, and the gate's name if it has one."""

    who: str
    operation: str
    gate: str | None


def cancel(attempt: Attempt, by: Person, now: datetime) -> None:
    """Stop it. S36 for running and enqueued ones, S18 for waiting ones, inferred for delayed."""
    if attempt.is_final or attempt.status == Status.TERMINATING:
        raise bad("Execution is not running")
    clockwork.terminate(attempt, by, now)


def check_retry(attempt: Attempt) -> None:
    """Refuse to retry what neither failed nor was terminated (S36)."""
    if attempt.status not in {Status.FAILED, Status.TERMINATED}:
        raise bad("Only failed or terminated executions can be retried")


def run_delayed(attempt: Attempt, now: datetime) -> None:
    """Start a delayed one now (S4, S41)."""
    if attempt.status != Status.INITIAL or attempt.is_forced:
        raise bad("Execution is not delayed")
    attempt.begins = now
    clockwork.settle(attempt, now)


def find_gate(attempt: Attempt, operation: Operation, target: str | None) -> tuple[ActionRun, Gate]:
    """Find the gate that an operation means.

    ``target`` is an action execution's id or an action's (S4). Without one, two gates that wait
    make it refuse: what Buddy does then is unknown, the strictest is chosen.
    """
    waiting = attempt.waiting
    if target is not None:
        waiting = [run for run in waiting if target in {run.id, str(run.action.id)}]
    if not waiting:
        raise bad("Execution is not waiting for approval")
    if len(waiting) > 1:
        raise bad("Field approve_action_id is required: several actions are waiting")
    gate = waiting[0].action.gate
    if gate is None or gate.kind.operation != operation:
        raise bad("The waiting action needs another operation")
    return waiting[0], gate
