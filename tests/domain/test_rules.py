"""A button never does what it did not say: intent is held against the world as it is."""

from dataclasses import replace

import pytest

from bot.domain import rules
from bot.domain.execution import Binding, Execution, Operation, PipelineAction, Status
from bot.domain.rules import Done, Past
from bot.errors import (
    AlreadyDecided,
    AttemptChanged,
    BindingImpossible,
    GateGone,
    OperationError,
    StateForbids,
    ValuesNeeded,
)
from tests.domain.samples import RUNNING, action, approval, bound_to, execution, waiting
from tests.domain.standings import (
    APPROVE,
    AT_GATE,
    AT_TWO_GATES,
    AT_VARIABLES,
    AT_VISUAL_TESTS,
    CANCEL,
    DELAYED,
    FAILED,
    GATELESS,
    LATER,
    REJECT,
    RETRY,
    START,
    VISUAL,
    at_first_gate,
)

NOTHING = Past()
BY_TOM = Done("<@TOM>", "approved", is_same_person=False)
BY_MAYA = Done("<@MAYA>", "cancelled", is_same_person=True)


def ask(
    operation: Operation, binding: Binding, standing: Execution, past: Past = NOTHING
) -> OperationError | None:
    """Ask whether it may be sent now."""
    return rules.refuse(operation, binding, standing, past, "in some state")


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
