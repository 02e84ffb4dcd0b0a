"""A button never does what it did not say: intent is held against the world as it is."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain import rules
from bot.domain.execution import (
    Binding,
    Execution,
    GateKind,
    Operation,
    PipelineAction,
    Status,
)
from bot.domain.rules import SETTLING, Done, Past, PastRetry
from bot.errors import (
    AlreadyDecided,
    AttemptChanged,
    BindingImpossible,
    GateGone,
    GateNotNamed,
    OperationError,
    StateForbids,
    StillSettling,
    ValuesNeeded,
)
from tests.domain.samples import NOON, RUNNING, action, approval, bound_to, execution, waiting

APPROVE, VISUAL = Operation.APPROVE, Operation.APPROVE_VISUAL_TESTS
REJECT, CANCEL = Operation.REJECT, Operation.CANCEL
RETRY, START = Operation.RETRY, Operation.START
LATER = NOON + timedelta(hours=1)
NOTHING = Past()
BY_TOM = Done("<@TOM>", "approved", is_same_person=False)
BY_MAYA = Done("<@MAYA>", "cancelled", is_same_person=True)

FAILED = replace(execution(status=Status.FAILED), finished_at=LATER)
DELAYED = replace(execution(status=Status.ENQUEUED), started_at=None, delay_until=LATER)
AT_GATE = waiting()
AT_VISUAL_TESTS = waiting(action(3, Status.WAITING_FOR_VT_SESSION, "Screens"))
AT_VARIABLES = waiting(action(3, Status.WAITING_FOR_VARIABLES, "Which size?"))
AT_TWO_GATES = waiting(approval(3, "First"), approval(4, "Second"))
AT_BLURRED_GATE = waiting(approval(3, id="", started_at=None))
GATELESS = execution(status=Status.WAITING_FOR_APPLY)


def at_first_gate(standing: Execution, *, retries: int = 0) -> Binding:
    """Bind a button to the execution's first gate."""
    return bound_to(standing, standing.gates[0], retries=retries)


def ask(
    operation: Operation, binding: Binding, standing: Execution, past: Past = NOTHING
) -> OperationError | None:
    """Ask whether it may be sent now."""
    return rules.refuse(operation, binding, standing, past, "in some state")


@pytest.mark.parametrize(
    ("operation", "standing"),
    [(CANCEL, RUNNING), (CANCEL, GATELESS), (CANCEL, AT_GATE), (RETRY, FAILED), (START, DELAYED)],
)
def test_a_command_for_an_execution_means_its_attempt(
    operation: Operation, standing: Execution
) -> None:
    """What needs no gate is bound to the attempt alone, with our own count of retries."""
    assert rules.bind(operation, standing, 2, "") == bound_to(standing, retries=2)


@pytest.mark.parametrize(
    ("operation", "standing"),
    [
        (APPROVE, AT_GATE),
        (APPROVE, AT_VISUAL_TESTS),
        (VISUAL, AT_VISUAL_TESTS),
        (REJECT, AT_GATE),
        (REJECT, AT_VARIABLES),
        (REJECT, AT_TWO_GATES),
    ],
)
def test_a_command_for_a_gate_means_the_gate_that_waits(
    operation: Operation, standing: Execution
) -> None:
    """An approval names the only gate; a rejection stops the execution whatever waits."""
    assert rules.bind(operation, standing, 0, "") == at_first_gate(standing)


def test_a_command_approves_the_gate_beside_one_that_asks_for_variables() -> None:
    """Only one of the two can be meant by a plain yes."""
    both = waiting(action(3, Status.WAITING_FOR_VARIABLES), approval(4))

    assert rules.bind(APPROVE, both, 0, "") == bound_to(both, both.gates[1])


@pytest.mark.parametrize(
    ("operation", "standing", "refusal"),
    [
        (APPROVE, RUNNING, StateForbids),
        (APPROVE, GATELESS, StateForbids),
        (REJECT, GATELESS, StateForbids),
        (CANCEL, FAILED, StateForbids),
        (RETRY, RUNNING, StateForbids),
        (START, RUNNING, StateForbids),
        (APPROVE, AT_TWO_GATES, GateNotNamed),
        (APPROVE, AT_VARIABLES, ValuesNeeded),
        (APPROVE, AT_BLURRED_GATE, BindingImpossible),
        (REJECT, AT_BLURRED_GATE, BindingImpossible),
    ],
)
def test_a_command_that_is_not_exact_is_refused(
    operation: Operation, standing: Execution, refusal: type[OperationError]
) -> None:
    """Nobody approves what they did not see."""
    with pytest.raises(refusal):
        rules.bind(operation, standing, 0, "in some state")


def test_a_refused_command_names_what_was_wanted_and_what_is() -> None:
    """The answer tells the number, the state, and the word that was typed."""
    with pytest.raises(StateForbids) as caught:
        rules.bind(Operation.RETRY, RUNNING, 0, "running")

    error = caught.value
    assert (error.wanted, error.execution, error.state) == ("retry", 12, "running")


def test_several_gates_are_listed_for_the_one_who_asked() -> None:
    """The answer names the gates to choose from."""
    with pytest.raises(GateNotNamed) as caught:
        rules.bind(APPROVE, AT_TWO_GATES, 0, "")

    assert caught.value.gates == ("First", "Second")


@pytest.mark.parametrize("kind", GateKind)
def test_visual_tests_have_an_approval_of_their_own(kind: GateKind) -> None:
    """Buddy takes another operation for them."""
    gate = replace(AT_GATE.gates[0], kind=kind)

    assert (rules.approval_for(gate) is VISUAL) == (kind is GateKind.VISUAL_TESTS)


@pytest.mark.parametrize(
    ("operation", "standing"),
    [
        (APPROVE, AT_GATE),
        (APPROVE, AT_TWO_GATES),
        (VISUAL, AT_VISUAL_TESTS),
        (REJECT, AT_GATE),
        (REJECT, AT_VARIABLES),
    ],
)
def test_a_button_of_a_waiting_gate_passes(operation: Operation, standing: Execution) -> None:
    """The gate that was meant still waits."""
    assert ask(operation, at_first_gate(standing), standing) is None


@pytest.mark.parametrize(
    ("operation", "standing"),
    [(CANCEL, RUNNING), (CANCEL, AT_GATE), (CANCEL, GATELESS), (RETRY, FAILED), (START, DELAYED)],
)
def test_a_button_of_the_attempt_passes(operation: Operation, standing: Execution) -> None:
    """The attempt that was meant still stands."""
    assert ask(operation, bound_to(standing), standing) is None


@pytest.mark.parametrize("operation", Operation)
def test_nothing_is_sent_to_another_attempt(operation: Operation) -> None:
    """A retry keeps the number; an old button knows the older start."""
    retried = replace(AT_GATE, started_at=LATER)

    assert isinstance(ask(operation, at_first_gate(AT_GATE), retried), AttemptChanged)


@pytest.mark.parametrize("operation", Operation)
def test_nothing_is_sent_after_a_retry_that_buddy_does_not_show_yet(operation: Operation) -> None:
    """Our own count of retries tells the attempts apart before the start does."""
    binding = at_first_gate(AT_GATE)

    assert isinstance(ask(operation, binding, AT_GATE, Past(retries=1)), AttemptChanged)
    assert (
        ask(
            APPROVE,
            replace(binding, attempt=replace(binding.attempt, retries=1)),
            AT_GATE,
            Past(retries=1),
        )
        is None
    )


@pytest.mark.parametrize("operation", [APPROVE, VISUAL, REJECT])
@pytest.mark.parametrize(
    "now",
    [
        RUNNING,
        waiting(approval(4, "Later gate")),
        waiting(approval(3, started_at=LATER)),
        execution(approval(3), status=Status.TERMINATING),
    ],
    ids=["answered", "later gate", "same gate again", "being stopped"],
)
def test_a_button_never_answers_another_gate(operation: Operation, now: Execution) -> None:
    """An old Approve never approves a later gate."""
    assert isinstance(ask(operation, at_first_gate(AT_GATE), now), GateGone)


def test_a_gate_that_is_gone_is_named_with_its_state_and_who_answered() -> None:
    """The person learns what happened instead, as far as it can be told."""
    answered = execution(action(3, Status.SUCCESSFUL, "Go live?"))

    known = ask(APPROVE, at_first_gate(AT_GATE), answered, Past(answered=BY_TOM))
    unknown = ask(APPROVE, at_first_gate(AT_GATE), RUNNING)

    assert isinstance(known, GateGone)
    assert (known.gate, known.state, known.by) == ("Go live?", "in some state", "<@TOM>")
    assert isinstance(unknown, GateGone)
    assert (unknown.gate, unknown.by) == ("", "")


def test_a_gate_that_was_answered_and_still_shows_is_not_rejected() -> None:
    """Approve and Reject pressed together: the later one decides anew."""
    refusal = ask(REJECT, at_first_gate(AT_GATE), AT_GATE, Past(answered=BY_TOM))

    assert isinstance(refusal, GateGone)
    assert refusal.by == "<@TOM>"


@pytest.mark.parametrize("operation", Operation)
def test_the_second_of_two_like_clicks_is_told_who_was_first(operation: Operation) -> None:
    """Two approvers at once, or one who clicks twice: one effect."""
    refusal = ask(operation, at_first_gate(AT_GATE), AT_GATE, Past(same=BY_MAYA))

    assert isinstance(refusal, AlreadyDecided)
    assert (refusal.by, refusal.did, refusal.is_same_person) == ("<@MAYA>", "cancelled", True)


@pytest.mark.parametrize(("operation", "standing"), [(APPROVE, AT_GATE), (VISUAL, AT_VISUAL_TESTS)])
def test_a_stopped_attempt_is_not_approved(operation: Operation, standing: Execution) -> None:
    """Buddy may show the gate for a while after the stop."""
    refusal = ask(operation, at_first_gate(standing), standing, Past(stopped=BY_MAYA))

    assert isinstance(refusal, AlreadyDecided)
    assert refusal.did == "cancelled"


@pytest.mark.parametrize(
    ("operation", "standing"),
    [
        (CANCEL, FAILED),
        (CANCEL, execution(status=Status.UNKNOWN)),
        (RETRY, RUNNING),
        (START, RUNNING),
    ],
)
def test_a_state_that_does_not_allow_it_refuses(operation: Operation, standing: Execution) -> None:
    """Buddy would refuse it too, with worse words."""
    assert isinstance(ask(operation, bound_to(standing), standing), StateForbids)


@pytest.mark.parametrize(
    ("gate", "refusal"),
    [
        (action(3, Status.WAITING_FOR_VARIABLES), ValuesNeeded),
        (action(3, Status.WAITING_FOR_SETTABLE_VARIABLES), ValuesNeeded),
        (approval(3, id="", started_at=None), BindingImpossible),
    ],
)
def test_a_gate_that_a_yes_does_not_answer_is_left_to_buddy(
    gate: PipelineAction, refusal: type[OperationError]
) -> None:
    """A forged or old value does not open what the card would not offer."""
    standing = waiting(gate)

    assert isinstance(ask(APPROVE, at_first_gate(standing), standing), refusal)


RETRIED = PastRetry(Done("<@TOM>", "retried", is_same_person=False), FAILED.fingerprint, NOON)


def test_a_second_retry_waits_until_the_first_one_shows() -> None:
    """Otherwise two people who see the same failure would start it twice."""
    refusal = rules.unsettled_retry(Past(last_retry=RETRIED), FAILED, NOON + SETTLING)

    assert isinstance(refusal, StillSettling)
    assert (refusal.by, refusal.did) == ("<@TOM>", "retried")


@pytest.mark.parametrize(
    ("past", "standing", "now"),
    [
        (NOTHING, FAILED, NOON),
        (Past(last_retry=RETRIED), FAILED, NOON + SETTLING + timedelta(seconds=1)),
        (Past(last_retry=RETRIED), replace(FAILED, finished_at=NOON), NOON),
    ],
    ids=["no retry", "long ago", "it shows"],
)
def test_a_retry_that_settled_lets_another_one_pass(
    past: Past, standing: Execution, now: datetime
) -> None:
    """A second failure may be retried again."""
    assert rules.unsettled_retry(past, standing, now) is None


@pytest.mark.parametrize(
    ("operation", "before", "after", "is_shown"),
    [
        (APPROVE, AT_GATE, AT_GATE, False),
        (APPROVE, AT_GATE, RUNNING, True),
        (APPROVE, AT_GATE, waiting(approval(4)), True),
        (APPROVE, AT_TWO_GATES, waiting(approval(4, "Second")), True),
        (VISUAL, AT_VISUAL_TESTS, AT_VISUAL_TESTS, False),
        (VISUAL, AT_VISUAL_TESTS, RUNNING, True),
        (REJECT, AT_GATE, AT_GATE, False),
        (REJECT, AT_GATE, execution(status=Status.TERMINATING), True),
        (CANCEL, AT_GATE, execution(status=Status.TERMINATED), True),
        (CANCEL, AT_GATE, RUNNING, False),
        (START, DELAYED, DELAYED, False),
        (START, DELAYED, replace(DELAYED, started_at=LATER), True),
    ],
)
def test_an_effect_is_seen_in_the_execution(
    operation: Operation, before: Execution, after: Execution, *, is_shown: bool
) -> None:
    """A lost answer is settled by reading, never by sending again."""
    binding = at_first_gate(before) if operation.needs_gate else bound_to(before)

    assert rules.shows(operation, binding, before.fingerprint, after) is is_shown


def test_a_retry_is_seen_by_any_change() -> None:
    """It may keep the number, the status and for a moment even the start."""
    binding, before = bound_to(FAILED), FAILED.fingerprint

    assert not rules.shows(RETRY, binding, before, FAILED)
    assert rules.shows(RETRY, binding, before, replace(FAILED, finished_at=None))
