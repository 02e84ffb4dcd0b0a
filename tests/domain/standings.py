"""Executions as the rules meet them: at a gate, failed, scheduled."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.execution import Binding, Execution, Operation, Status
from tests.domain.samples import NOON, action, approval, bound_to, execution, waiting

APPROVE, VISUAL = Operation.APPROVE, Operation.APPROVE_VISUAL_TESTS
PROVIDE = Operation.PROVIDE
REJECT, CANCEL = Operation.REJECT, Operation.CANCEL
RETRY, START = Operation.RETRY, Operation.START
LATER = NOON + timedelta(hours=1)

FAILED = replace(execution(status=Status.FAILED), finished_at=LATER)
DELAYED = replace(execution(status=Status.ENQUEUED), started_at=None, delay_until=LATER)
AT_GATE = waiting()
AT_VISUAL_TESTS = waiting(action(3, Status.WAITING_FOR_VT_SESSION, "Screens"))
AT_VARIABLES = waiting(action(3, Status.WAITING_FOR_VARIABLES, "Which size?"))
AT_TWO_VARIABLES = waiting(
    action(3, Status.WAITING_FOR_VARIABLES, "Which size?"),
    action(4, Status.WAITING_FOR_SETTABLE_VARIABLES, "Which color?"),
)
AT_TWO_GATES = waiting(approval(3, "First"), approval(4, "Second"))
BLURRED = approval(3, "Blurred", id="", started_at=None)
AT_BLURRED_GATE = waiting(BLURRED)
GATELESS = execution(status=Status.WAITING_FOR_APPLY)


def at_first_gate(standing: Execution, *, retries: int = 0) -> Binding:
    """Bind a button to the execution's first gate."""
    return bound_to(standing, standing.gates[0], retries=retries)
