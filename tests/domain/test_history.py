"""How long is usual, and how much is left: never absurd, and in steps that rarely change."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.execution import Execution, GitRef, GitRefKind, Status
from bot.domain.history import Sample, TimeLeft, sample, time_left, usual, waited, work_time
from tests.domain.samples import NOON, RUNNING, action, approval, execution

MAIN, OTHER = RUNNING.git_ref, GitRef(GitRefKind.BRANCH, "other")


def minutes(number: float) -> timedelta:
    """Say a duration."""
    return timedelta(minutes=number)


def past(*took: float, ref: GitRef | None = MAIN, since: int = 1) -> list[Sample]:
    """Make past successes that took so many minutes."""
    return [Sample(number, ref, minutes(each)) for number, each in enumerate(took, since)]


def test_three_make_something_usual() -> None:
    """Two may be chance; the same branch goes before the others."""
    assert usual(past(2, 4), RUNNING) is None
    assert usual(past(2, 4, 9), RUNNING) == minutes(4)
    others = past(20, 20, 20, ref=OTHER, since=4)
    assert usual([*past(2, 4, 9), *others], RUNNING) == minutes(4)
    assert usual([*past(2, 4), *others], RUNNING) == minutes(20)


def test_it_is_not_measured_by_itself_nor_by_long_ago() -> None:
    """The latest ten count."""
    itself = Sample(RUNNING.ref.execution, MAIN, minutes(99))
    assert usual([*past(2, 4), itself], RUNNING) is None
    assert usual([*past(*[50] * 10), *past(*[3] * 10, since=20)], RUNNING) == minutes(3)


@pytest.mark.parametrize(
    ("worked", "left"),
    [
        (0, TimeLeft(10)),
        (1, TimeLeft(10)),
        (4, TimeLeft(5)),
        (8, TimeLeft(2)),
        (9, TimeLeft(1)),
        (9.5, TimeLeft(0)),
        (10, TimeLeft(0)),
        (12, TimeLeft(0)),
        (13, TimeLeft(None)),
        (900, TimeLeft(None)),
    ],
)
def test_what_is_left_is_told_in_steps(worked: float, left: TimeLeft) -> None:
    """Of ten minutes that are usual."""
    assert time_left(RUNNING, minutes(10), NOON + minutes(worked)) == left


@given(st.timedeltas(timedelta(seconds=1), timedelta(days=9)), st.timedeltas())
def test_what_is_left_is_never_absurd(usually: timedelta, passed: timedelta) -> None:
    """Whatever the clocks say."""
    now = NOON + max(timedelta(days=-30), min(passed, timedelta(days=30)))
    left = time_left(RUNNING, usually, now)

    assert left is None or left.minutes is None or 0 <= left.minutes <= 240


@pytest.mark.parametrize(
    "waits",
    [
        execution(approval(2)),
        execution(action(1, Status.INPROGRESS), action(2, Status.INITIAL, type="WAIT_FOR_APPLY")),
        execution(status=Status.SUCCESSFUL),
        replace(RUNNING, started_at=None),
    ],
)
def test_nobody_can_tell_while_a_person_comes_first(waits: Execution) -> None:
    """Nor when it is over, or has not begun."""
    assert time_left(waits, minutes(10), NOON + minutes(1)) is None


def test_without_history_nothing_is_said() -> None:
    """And a day is not counted in minutes."""
    assert time_left(RUNNING, None, NOON) is None
    assert time_left(RUNNING, timedelta(days=2), NOON) is None


def test_gates_that_waited_at_once_count_once() -> None:
    """Work is what remains without them."""

    def gate(begin: float, end: float | None) -> object:
        finished = None if end is None else NOON + minutes(end)
        return approval(1, started_at=NOON + minutes(begin), finished_at=finished)

    stood = execution(gate(1, 3), gate(2, 4), gate(6, None))  # type: ignore[arg-type]

    assert waited(stood, NOON + minutes(10)) == minutes(7)
    assert work_time(stood, NOON + minutes(10)) == minutes(3)


def test_only_a_success_with_its_times_teaches() -> None:
    """Failures end early, and no time is no lesson."""
    done = replace(execution(status=Status.SUCCESSFUL), finished_at=NOON + minutes(3))

    assert sample(done) == Sample(12, MAIN, minutes(3))
    assert sample(replace(done, finished_at=None)) is None
    assert sample(replace(done, finished_at=NOON)) is None
    assert sample(replace(done, started_at=None)) is None
    assert sample(replace(done, status=Status.FAILED)) is None
