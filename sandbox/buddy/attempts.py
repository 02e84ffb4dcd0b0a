"""One attempt of an execution: its actions, and how far each of them got.

A retry begins a new attempt of the same execution.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from sandbox.buddy.actions import Action, Step, Value
from sandbox.buddy.people import Person


class Status(StrEnum):
    """Statuses with a meaning here (S7, S11); a story may force any other text."""

    INITIAL = "INITIAL"
    ENQUEUED = "ENQUEUED"
    INPROGRESS = "INPROGRESS"
    TERMINATING = "TERMINATING"
    SUCCESSFUL = "SUCCESSFUL"
    FAILED = "FAILED"
    TERMINATED = "TERMINATED"
    SKIPPED = "SKIPPED"
    NOT_EXECUTED = "NOT_EXECUTED"


FINAL = {
    Status.SUCCESSFUL,
    Status.FAILED,
    Status.TERMINATED,
    Status.SKIPPED,
    Status.NOT_EXECUTED,
}
RUNNING = {Status.INITIAL, Status.ENQUEUED, Status.INPROGRESS, Status.TERMINATING}


@dataclass(eq=False, slots=True)
class ActionRun:
    """One action of one attempt."""

    action: Action
    id: str
    """24 hex digits, new for each attempt: inferred."""

    status: str = Status.INITIAL
    progress: int = 0
    started: datetime | None = None
    finished: datetime | None = None
    fails: bool = False
    failure: tuple[str, ...] = ()
    """What it will write if it fails."""

    approver: Person | None = None
    approved_at: datetime | None = None
    terminator: Person | None = None
    terminated_at: datetime | None = None
    passed: tuple[Value, ...] = ()
    last_words: tuple[str, ...] = ()
    """Log lines beside the step's own: why it failed, or who answered the gate (S18)."""

    @classmethod
    def of(cls, action: Action, key: str, chosen: Sequence[int]) -> Self:
        """Begin with an action; if only some were chosen, the others are skipped (inferred)."""
        status = Status.SKIPPED if chosen and action.id not in chosen else Status.INITIAL
        fails = isinstance(action.what, Step) and action.what.fails
        return cls(action, key, status, fails=fails)

    @property
    def is_waiting(self) -> bool:
        """Whether it is a gate that waits for somebody."""
        gate = self.action.gate
        return gate is not None and self.status == gate.kind.status

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens to it."""
        return self.status in FINAL

    @property
    def due(self) -> datetime | None:
        """When a step that runs will be done."""
        what = self.action.what
        if self.status != Status.INPROGRESS or self.started is None or not isinstance(what, Step):
            return None
        return self.started + timedelta(seconds=what.seconds)

    @property
    def logs(self) -> tuple[str, ...]:
        """The lines written so far; a step writes them evenly."""
        what = self.action.what
        if not isinstance(what, Step) or self.started is None:
            return self.last_words
        lines = tuple(what.logs) or (f"Running {self.action.name}",)
        return lines[: -(-len(lines) * self.progress // 100)] + self.last_words


@dataclass(eq=False, slots=True)
class Attempt:
    """What an execution is between its start, or a retry, and its end."""

    actions: tuple[ActionRun, ...]
    begins: datetime
    """When it leaves the queue, or its delay."""

    status: str = Status.ENQUEUED
    started: datetime | None = None
    finished: datetime | None = None
    ends: datetime | None = None
    """When a termination under way will be done."""

    is_forced: bool = False
    """A story said what the status is: time changes nothing any more."""

    groups: Sequence[Sequence[ActionRun]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Put together what runs at once."""
        groups: dict[int, list[ActionRun]] = {}
        for run in self.actions:
            groups.setdefault(run.action.group, []).append(run)
        self.groups = list(groups.values())

    @property
    def is_final(self) -> bool:
        """Whether it has ended."""
        return self.status in FINAL

    @property
    def waiting(self) -> list[ActionRun]:
        """The gates that wait."""
        return [run for run in self.actions if run.is_waiting]

    def copy(self) -> Self:
        """Take a picture that keeps living by the clock, but knows nothing of later operations."""
        return replace(self, actions=tuple(replace(run) for run in self.actions))
