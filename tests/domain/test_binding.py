"""A typed command means one thing exactly, or is refused: nobody approves what they did not see."""

import pytest

from bot.domain import rules
from bot.domain.execution import Execution, GateKind, Operation, Status
from bot.errors import (
    BindingImpossible,
    GateNotNamed,
    NoValuesWanted,
    OperationError,
    StateForbids,
)
from tests.domain.samples import RUNNING, action, approval, bound_to, waiting
from tests.domain.standings import (
    APPROVE,
    AT_BLURRED_GATE,
    AT_GATE,
    AT_TWO_GATES,
    AT_TWO_VARIABLES,
    AT_VARIABLES,
    AT_VISUAL_TESTS,
    BLURRED,
    CANCEL,
    DELAYED,
    FAILED,
    GATELESS,
    PROVIDE,
    REJECT,
    RETRY,
    START,
    VISUAL,
    at_first_gate,
)


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


def test_values_are_for_the_gate_that_asks_for_some() -> None:
    """With values typed only one of the two can be meant; a plain approve does not say which."""
    both = waiting(approval(3), action(4, Status.WAITING_FOR_VARIABLES))

    assert rules.bind(PROVIDE, both, 0, "") == bound_to(both, both.gates[1])
    with pytest.raises(GateNotNamed):
        rules.bind(APPROVE, both, 0, "")


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
        (PROVIDE, AT_GATE, NoValuesWanted),
        (PROVIDE, AT_TWO_VARIABLES, GateNotNamed),
        (APPROVE, AT_BLURRED_GATE, BindingImpossible),
        (REJECT, AT_BLURRED_GATE, BindingImpossible),
        (APPROVE, waiting(BLURRED, BLURRED), BindingImpossible),
        (APPROVE, waiting(BLURRED, approval(4)), GateNotNamed),
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
def test_each_kind_of_gate_has_an_answer_of_its_own(kind: GateKind) -> None:
    """Buddy takes another operation for each; a typed approve means whichever fits."""
    assert (kind.answered_by is VISUAL) == (kind is GateKind.VISUAL_TESTS)
    assert (kind.answered_by is PROVIDE) == kind.needs_values
