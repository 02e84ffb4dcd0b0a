"""What is worth telling: a function of how an execution stands, with a key for each thing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.execution import Execution, Operation, Status
from bot.domain.story import MAX_ABOUT, Bookmark, about_operation, tales
from tests.domain.samples import (
    NOON,
    RUNNING,
    action,
    approval,
    bound_to,
    execution,
    only_gate,
    waiting,
)

ID = f"{3:024x}"
START = str(int((NOON + timedelta(minutes=3)).timestamp() * 1000))
GATE = approval()
ANSWERED = replace(GATE, status=Status.SUCCESSFUL, type="WAIT_FOR_APPLY", finished_at=NOON)


def ended(status: Status, minutes: float = 5) -> Execution:
    """Make an execution that ended so many minutes after noon."""
    return replace(execution(status=status), finished_at=NOON + timedelta(minutes=minutes))


def holds(shown: Execution, mark: Bookmark = Bookmark(), newer: int | None = None) -> list[str]:  # noqa: B008 - frozen
    """List the keys of what is worth telling."""
    return [tale.about for tale in tales(shown, mark.after(shown), newer)]


def seen(*reads: Execution) -> Bookmark:
    """Count attempts over several reads."""
    mark = Bookmark()
    for each in reads:
        mark = mark.after(each)
    return mark


FAILED, AGAIN = ended(Status.FAILED), replace(RUNNING, started_at=NOON + timedelta(minutes=6))
QUEUED = replace(execution(status=Status.ENQUEUED), started_at=None)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (QUEUED, []),
        (RUNNING, ["started"]),
        (waiting(), ["started", f"reached/{ID}@{START}"]),
        (execution(ANSWERED), ["started", f"answered/{ID}"]),
        (execution(replace(GATE, status=Status.SKIPPED, type="WAIT_FOR_APPLY")), ["started"]),
        (ended(Status.SUCCESSFUL), ["succeeded/0"]),
        (FAILED, ["failed/0"]),
        (ended(Status.TERMINATED), ["stopped/0"]),
        (ended(Status.SKIPPED), ["skipped/0"]),
        (execution(status=Status.TERMINATING), ["started"]),
        (
            execution(action(1, Status.TERMINATING, terminator_id=7), status=Status.TERMINATING),
            ["started", "stopped/0"],
        ),
        (replace(RUNNING, status=Status.UNKNOWN, started_at=None), []),
    ],
)
def test_what_is_worth_telling_follows_from_how_it_stands(
    shown: Execution, expected: list[str]
) -> None:
    """The same for every reader at any time."""
    assert holds(shown) == expected


def test_things_are_told_in_the_order_they_happened() -> None:
    """Answers by their moment, then what waits, then the end."""
    early = replace(approval(5), status=Status.SUCCESSFUL, approver_id=1, approved_at=NOON)
    late = replace(early, id="f" * 24, approved_at=NOON + timedelta(minutes=1))
    stands = waiting(late, approval(3), early)

    told = holds(stands, newer=14)

    assert told[1:3] == [f"answered/{5:024x}", f"answered/{'f' * 24}"]
    assert told[3:] == [f"reached/{ID}@{START}", "overtaken/0"]
    assert "overtaken/0" not in holds(RUNNING, newer=14)


@pytest.mark.parametrize(
    "next_read",
    [
        AGAIN,
        QUEUED,
        waiting(),
        replace(RUNNING, started_at=FAILED.started_at),
    ],
)
def test_what_goes_on_after_its_end_is_the_next_attempt(next_read: Execution) -> None:
    """Whether its start date is new, missing, or still the old one."""
    mark = seen(FAILED, FAILED, next_read, next_read)

    assert (mark.attempt, mark.is_over) == (1, False)
    assert holds(next_read, mark)[0] == "again/1"
    assert holds(ended(Status.FAILED, 9), mark) == ["again/1", "failed/1"]


def test_an_attempt_between_two_reads_is_counted() -> None:
    """It failed, ran again and failed again, and nobody looked."""
    assert holds(ended(Status.FAILED, 9), seen(FAILED)) == ["again/1", "failed/1"]


def test_an_old_picture_is_not_an_end_of_the_new_attempt() -> None:
    """Reads may lag: Buddy shows the failure once more after it showed the retry."""
    mark = seen(FAILED, AGAIN)

    assert holds(FAILED, mark) == []
    assert mark.after(FAILED) == mark
    assert holds(AGAIN, mark.after(FAILED)) == ["again/1"]


def test_a_moment_that_is_told_late_makes_no_second_end() -> None:
    """Buddy says that it failed, and only then when."""
    early = replace(FAILED, finished_at=None)

    assert seen(early, FAILED, FAILED, early).attempt == 0
    assert holds(FAILED, seen(early)) == ["failed/0"]


def test_a_state_that_nobody_knows_is_no_new_attempt() -> None:
    """Buddy may call a failed one otherwise some day."""
    assert seen(FAILED, replace(FAILED, status=Status.UNKNOWN)).attempt == 0


@pytest.mark.parametrize(
    ("operation", "shown", "expected"),
    [
        (Operation.APPROVE, execution(ANSWERED), f"answered/{ID}"),
        (Operation.REJECT, execution(status=Status.TERMINATING), "stopped/0"),
        (Operation.CANCEL, ended(Status.TERMINATED), "stopped/0"),
        (Operation.START, RUNNING, "started"),
    ],
)
def test_an_operation_is_told_by_the_key_of_its_tale(
    operation: Operation, shown: Execution, expected: str
) -> None:
    """So that whoever tells it first tells it alone."""
    binding = bound_to(waiting(), only_gate(waiting()))

    assert about_operation(operation, binding, "", shown, Bookmark()) == expected
    assert expected in [*holds(shown), "stopped/0"]


@pytest.mark.parametrize("shown", [AGAIN, QUEUED, ended(Status.FAILED, 9), FAILED])
def test_a_retry_is_told_by_the_attempt_that_it_begins(shown: Execution) -> None:
    """Also while Buddy still shows the end before it, or already the next one."""
    mark, binding = seen(FAILED), bound_to(FAILED)

    about = about_operation(Operation.RETRY, binding, FAILED.fingerprint, shown, mark)

    assert about == "again/1"


def test_a_gate_without_an_id_of_its_own_is_told_by_moment_and_attempt() -> None:
    """An old Buddy tells only which action waits; the next attempt's gate is another one."""
    gate = approval(3, id="")
    [_, first] = holds(waiting(gate))
    [_, second] = holds(waiting(gate), seen(FAILED))
    bound = bound_to(waiting(gate), only_gate(waiting(gate)))
    answered = execution(replace(gate, status=Status.SUCCESSFUL, approver_id=5))

    assert first != second
    about = about_operation(Operation.APPROVE, bound, "", answered, Bookmark())
    assert about == holds(answered)[1]


def test_a_key_is_never_too_long() -> None:
    """Whatever Buddy calls a gate."""
    long = waiting(approval(3, id="x" * 300), approval(4, id="x" * 301))

    abouts = holds(long)[1:]

    assert len(set(abouts)) == 2
    assert all(len(about) <= MAX_ABOUT for about in abouts)


def test_a_bookmark_is_read_as_it_was_written() -> None:
    """It is one short text in the execution's row."""
    mark = seen(FAILED, AGAIN).at(tales(AGAIN, seen(FAILED, AGAIN)))

    assert Bookmark.read(mark.write()) == mark
    assert Bookmark.read("") == Bookmark()
    assert len(replace(mark, attempt=10**9, is_over=True).write()) <= 96
    assert mark.page != seen(FAILED, AGAIN).at(()).page
