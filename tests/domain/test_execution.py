"""What an execution's state means, and which operations it allows."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.execution import (
    Attempt,
    Binding,
    Effect,
    Execution,
    ExecutionRef,
    Gate,
    GateKind,
    Operation,
    PipelineAction,
    Revision,
    Status,
)
from tests.domain.samples import (
    MAYA,
    NOON,
    REF,
    RUNNING,
    action,
    approval,
    execution,
    only_gate,
    waiting,
)

LATER = NOON + timedelta(hours=1)


@pytest.mark.parametrize("status", Status)
def test_a_documented_status_is_read_as_itself(status: Status) -> None:
    """Buddy's words and ours are the same."""
    assert Status.parse(status.value) is status


@pytest.mark.parametrize("raw", [None, "", "inprogress", "PAUSED", "name"])
def test_a_status_that_is_new_to_us_is_unknown(raw: str | None) -> None:
    """Buddy may add a status any day, and no follower dies of it."""
    assert Status.parse(raw) is Status.UNKNOWN


def test_every_status_is_of_one_sort() -> None:
    """A status is final, on its way or waiting, never two of them; the unknown one is none."""
    sorts = {status: [status.is_final, status.is_running, status.waits] for status in Status}

    assert {status for status, sort in sorts.items() if sum(sort) != 1} == {Status.UNKNOWN}


@pytest.mark.parametrize(
    ("status", "kind", "needs_values"),
    [
        (Status.WAITING_FOR_APPLY, GateKind.APPROVAL, False),
        (Status.WAITING_FOR_VARIABLES, GateKind.VARIABLES, True),
        (Status.WAITING_FOR_SETTABLE_VARIABLES, GateKind.SETTABLE_VARIABLES, True),
        (Status.WAITING_FOR_VT_SESSION, GateKind.VISUAL_TESTS, False),
    ],
)
def test_a_waiting_action_is_a_gate(status: Status, kind: GateKind, *, needs_values: bool) -> None:
    """Each way of waiting asks for something else."""
    gate = only_gate(execution(action(1, Status.SUCCESSFUL), action(2, status, "Go?")))

    assert gate == Gate(f"{2:024x}", kind, "Go?", 102, NOON + timedelta(minutes=2))
    assert gate.kind.needs_values is needs_values


def test_a_gate_counts_while_the_execution_says_it_runs() -> None:
    """Parallel actions may keep the execution running while one of them waits."""
    assert execution(approval(), status=Status.INPROGRESS).waits


@pytest.mark.parametrize(
    "status", [status for status in Status if status.is_final] + [Status.TERMINATING]
)
def test_an_execution_that_ends_has_no_gates(status: Status) -> None:
    """An action may still say that it waits when its execution was stopped."""
    ended = execution(approval(), status=status)

    assert ended.gates == ()
    assert not ended.waits


def test_an_execution_waits_even_if_no_action_says_so() -> None:
    """Short forms of an execution come without actions."""
    assert execution(status=Status.WAITING_FOR_APPLY).waits
    assert not RUNNING.waits


@pytest.mark.parametrize(
    ("waits", "gate_id", "wire_id", "is_bindable"),
    [
        (approval(3), f"{3:024x}", f"{3:024x}", True),
        (approval(3, started_at=None), f"{3:024x}", f"{3:024x}", True),
        (approval(3, id=""), "action:103", "103", True),
        (approval(3, id="", started_at=None), "action:103", "103", False),
        (approval(3, id="", action_id=None), "", "", False),
    ],
    ids=["exact", "without start", "old Buddy", "old Buddy without start", "nameless"],
)
def test_a_button_is_bound_only_to_a_gate_that_can_be_told_apart(
    waits: PipelineAction, gate_id: str, wire_id: str, *, is_bindable: bool
) -> None:
    """An action's own number comes back with each attempt, so it needs the moment it began."""
    gate = only_gate(waiting(waits))

    assert (gate.id, gate.wire_id, gate.is_bindable) == (gate_id, wire_id, is_bindable)
    assert waiting(waits).action(gate_id) is waits


def test_a_gate_is_found_only_by_its_id_and_its_start() -> None:
    """A later gate of the same action is another gate."""
    waits = waiting(approval(3), approval(4, "Go on?"))
    first = waits.gates[0]

    assert waits.gate(first.id, first.started_at) == first
    assert waits.gate(first.id, LATER) is None
    assert waits.gate("action:103", first.started_at) is None
    assert waits.action("nobody") is None


DELAYED = replace(
    RUNNING, status=Status.ENQUEUED, status_text="ENQUEUED", started_at=None, delay_until=LATER
)


@pytest.mark.parametrize(
    ("scheduled", "is_delayed"),
    [
        (DELAYED, True),
        (replace(DELAYED, status=Status.INITIAL), True),
        (replace(DELAYED, status=Status.UNKNOWN), True),
        (replace(DELAYED, delay_until=None), False),
        (replace(DELAYED, started_at=NOON), False),
        (replace(DELAYED, status=Status.TERMINATED), False),
        (replace(DELAYED, status=Status.INPROGRESS), False),
    ],
)
def test_an_execution_is_delayed_until_it_started(
    scheduled: Execution, *, is_delayed: bool
) -> None:
    """Buddy has no status for it, so it is told by the moment that is set and not come."""
    assert scheduled.is_delayed is is_delayed
    assert scheduled.allows(Operation.START) is is_delayed


CANCEL, RETRY, REJECT = Operation.CANCEL, Operation.RETRY, Operation.REJECT
APPROVE, VISUAL = Operation.APPROVE, Operation.APPROVE_VISUAL_TESTS
PROVIDE = Operation.PROVIDE
ALLOWED = {
    Status.INITIAL: {CANCEL},
    Status.ENQUEUED: {CANCEL},
    Status.INPROGRESS: {CANCEL},
    Status.TERMINATING: set(),
    Status.SUCCESSFUL: set(),
    Status.FAILED: {RETRY},
    Status.TERMINATED: {RETRY},
    Status.SKIPPED: set(),
    Status.NOT_EXECUTED: set(),
    Status.WAITING_FOR_APPLY: {APPROVE, REJECT, CANCEL},
    Status.WAITING_FOR_VARIABLES: {PROVIDE, REJECT, CANCEL},
    Status.WAITING_FOR_SETTABLE_VARIABLES: {PROVIDE, REJECT, CANCEL},
    Status.WAITING_FOR_VT_SESSION: {VISUAL, REJECT, CANCEL},
    Status.UNKNOWN: set(),
}


@pytest.mark.parametrize("status", Status)
def test_each_state_allows_exactly_its_operations(status: Status) -> None:
    """A card offers what Buddy does in this state, and nothing that it would refuse."""
    gates = (action(3, status),) if status.waits else ()
    standing = execution(*gates, status=status)

    assert {operation for operation in Operation if standing.allows(operation)} == ALLOWED[status]


def test_a_gate_that_buddy_does_not_list_can_only_be_cancelled() -> None:
    """Without the gate nobody knows what would be approved."""
    standing = execution(status=Status.WAITING_FOR_APPLY)

    assert {operation for operation in Operation if standing.allows(operation)} == {CANCEL}


def test_two_gates_of_different_kinds_allow_both_approvals() -> None:
    """Actions may wait side by side."""
    both = waiting(approval(3), action(4, Status.WAITING_FOR_VT_SESSION))

    assert all(both.allows(operation) for operation in (APPROVE, VISUAL, REJECT, CANCEL))


@pytest.mark.parametrize(
    ("operation", "effect", "needs_gate"),
    [
        (APPROVE, Effect.ANSWER, True),
        (VISUAL, Effect.ANSWER, True),
        (PROVIDE, Effect.ANSWER, True),
        (REJECT, Effect.STOP, True),
        (CANCEL, Effect.STOP, False),
        (RETRY, Effect.RETRY, False),
        (Operation.START, Effect.START, False),
    ],
)
def test_an_operation_has_an_effect(
    operation: Operation, effect: Effect, *, needs_gate: bool
) -> None:
    """Reject and Cancel are one effect, so only one of them is sent."""
    assert (operation.effect, operation.needs_gate) == (effect, needs_gate)


BEFORE = waiting(action(1, Status.SUCCESSFUL), approval(3))


@pytest.mark.parametrize(
    "after",
    [
        replace(BEFORE, status_text="INPROGRESS"),
        replace(BEFORE, started_at=LATER),
        replace(BEFORE, finished_at=LATER),
        replace(BEFORE, actions=(*BEFORE.actions, action(4, Status.INITIAL))),
        replace(BEFORE, actions=(BEFORE.actions[0], approval(3, status_text="SUCCESSFUL"))),
        replace(BEFORE, actions=(BEFORE.actions[0], approval(3, started_at=LATER))),
        replace(BEFORE, actions=(BEFORE.actions[0], approval(3, id="f" * 24))),
    ],
)
def test_the_fingerprint_shows_what_an_operation_could_change(after: Execution) -> None:
    """A retry that kept the number and the status is still seen."""
    assert after.fingerprint != BEFORE.fingerprint


@pytest.mark.parametrize(
    "same",
    [
        replace(BEFORE, pipeline_name="renamed", url=""),
        replace(BEFORE, ref=replace(REF, project="renamed"), comment="typed later"),
        replace(BEFORE, actions=(BEFORE.actions[0], approval(3, name="Renamed"))),
    ],
)
def test_the_fingerprint_ignores_what_no_operation_changes(same: Execution) -> None:
    """A renamed pipeline is no effect of a retry."""
    assert same.fingerprint == BEFORE.fingerprint


def test_a_renamed_project_is_the_same_execution() -> None:
    """Names find things; what is compared is host, pipeline and execution."""
    renamed = ExecutionRef(REF.host, "acme2", "store", REF.pipeline, REF.execution)

    assert renamed.identity == REF.identity
    assert Binding(REF, Attempt(NOON, 0)) != Binding(REF, Attempt(NOON, 1))


@pytest.mark.parametrize(
    ("message", "subject"),
    [("", ""), ("\n\n  Fix it  \n\nlong", "Fix it"), ("Fix\r\nmore", "Fix"), ("one", "one")],
)
def test_a_commit_is_named_by_its_subject(message: str, subject: str) -> None:
    """The rest of a commit message is no news in a channel."""
    commit = Revision("a1b2c3d4e5", message, MAYA)

    assert (commit.short_sha, commit.first_line) == ("a1b2c3d", subject)
