"""What an operation brought about is read off the execution, and a retry is given time to show."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain import rules
from bot.domain.execution import Execution, Operation, Status
from bot.domain.rules import SETTLING, Done, Past, PastRetry
from bot.errors import (
    StillSettling,
)
from tests.domain.samples import NOON, RUNNING, approval, bound_to, execution, waiting
from tests.domain.standings import (
    APPROVE,
    AT_GATE,
    AT_TWO_GATES,
    AT_VISUAL_TESTS,
    CANCEL,
    DELAYED,
    FAILED,
    LATER,
    REJECT,
    RETRY,
    START,
    VISUAL,
    at_first_gate,
)

RETRIED = PastRetry(Done("<@TOM>", "retried", is_same_person=False), FAILED.fingerprint, NOON)


def test_a_second_retry_waits_until_the_first_one_shows() -> None:
    """Otherwise two people who see the same failure would start it twice."""
    refusal = rules.unsettled_retry(Past(last_retry=RETRIED), FAILED, NOON + SETTLING)

    assert isinstance(refusal, StillSettling)
    assert (refusal.by, refusal.did) == ("<@TOM>", "retried")


@pytest.mark.parametrize(
    ("past", "standing", "now"),
    [
        (Past(), FAILED, NOON),
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
