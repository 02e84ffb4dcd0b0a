"""How long a pipeline usually takes, and how much of that is left.

Time in which a gate waited for a person is no work, and says nothing about the next time: it is
left out wherever an execution is known with its actions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from bot.domain.execution import Execution, GitRef, Status

ENOUGH = 3
"""Past successes that make something usual."""

MOST = 10
"""Past successes that are looked at, the latest ones."""

_MINUTE = timedelta(minutes=1)
_STEPS = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240)
"""Minutes that may be said to be left: coarse, so that a card does not change all the time."""

_OVERDUE = 1.25
"""How many times the usual an execution may take until it is said to take longer."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One past success."""

    number: int
    git_ref: GitRef | None
    took: timedelta


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """About how much time is left: a few minutes, 0 for less than one, None for overdue."""

    minutes: int | None


def sample(execution: Execution) -> Sample | None:
    """Take what a success teaches; None if it is none, or does not tell its times."""
    if execution.status is not Status.SUCCESSFUL or execution.finished_at is None:
        return None
    took = work_time(execution, execution.finished_at)
    if took is None or took <= timedelta(0):
        return None
    return Sample(execution.ref.execution, execution.git_ref, took)


def has_gates(execution: Execution) -> bool:
    """Tell whether a person is asked for anything on its way."""
    return any(action.gate_kind is not None for action in execution.actions)


def work_time(execution: Execution, until: datetime) -> timedelta | None:
    """Tell how long an execution has worked; what a gate waited for a person does not count."""
    if execution.started_at is None:
        return None
    return max(timedelta(0), until - execution.started_at - waited(execution, until))


def waited(execution: Execution, until: datetime) -> timedelta:
    """Tell how long at least one gate waited for a person."""
    waits = sorted(
        (action.started_at, action.finished_at or action.approved_at or until)
        for action in execution.actions
        if action.gate_kind is not None and action.started_at is not None
    )
    total, covered = timedelta(0), datetime.min.replace(tzinfo=until.tzinfo)
    for begin, end in waits:
        total += max(timedelta(0), end - max(begin, covered))
        covered = max(covered, end)
    return total


def usual(samples: Iterable[Sample], execution: Execution) -> timedelta | None:
    """Tell what others took, those of the same branch first; None before there are three."""
    others = [each for each in samples if each.number != execution.ref.execution]
    others.sort(key=lambda each: each.number, reverse=True)
    for told in ([each for each in others if each.git_ref == execution.git_ref], others):
        if len(told) >= ENOUGH:
            return timedelta(seconds=median(each.took.total_seconds() for each in told[:MOST]))
    return None


def time_left(execution: Execution, usually: timedelta | None, now: datetime) -> TimeLeft | None:
    """Tell about how much is left; None where nobody can: a person comes first, or no history."""
    asks = any(
        action.gate_kind is not None and not action.status.is_final for action in execution.actions
    )
    if usually is None or asks or execution.status is not Status.INPROGRESS:
        return None
    worked = work_time(execution, now)
    if worked is None:
        return None
    left = usually - worked
    if left < -_MINUTE / 2 and worked > usually * _OVERDUE:
        return TimeLeft(None)
    if left < _MINUTE * 0.75:
        return TimeLeft(0)
    if left > timedelta(minutes=_STEPS[-1]) * _OVERDUE:
        return None
    return TimeLeft(_nearest(left))


def _nearest(left: timedelta) -> int:
    """Round to a step; in the middle between two, to the longer one."""
    for step, longer in pairwise(_STEPS):
        if left < timedelta(minutes=(step + longer) / 2):
            return step
    return _STEPS[-1]
