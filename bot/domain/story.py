"""What is worth telling of an execution: a function of how it stands, not of what changed.

Each tale has a key that is the same for every reader at any time. So it is told once however often
an execution is read, by whichever process, and whatever crashes in between; and what was done
through the bot, which is told by the operation itself under the same key, is not told again.

    again/2                    it runs once more: the end of its attempt 1 was seen
    started                    it left the queue, or its schedule
    answered/<gate>            somebody answered the gate
    reached/<gate>@<start>     the gate waits
    overtaken/2                a newer run took its place while a gate waits
    stopped/2  failed/2  skipped/2  succeeded/2        how the attempt ended

RETRY keeps an execution's number, and its start date may be missing or the old one for a while. So
attempts are counted by their ends, which are final and have a moment each: what goes on after an
end that was seen is the next attempt.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from bot.domain.execution import (
    Binding,
    Effect,
    Execution,
    Operation,
    PipelineAction,
    Status,
)

MAX_ABOUT = 64
"""Characters of a tale's key; a longer one is told by its hash."""

_NO_MOMENT = "-"


class Kind(StrEnum):
    """What happened."""

    AGAIN = "again"
    STARTED = "started"
    ANSWERED = "answered"
    REACHED = "reached"
    OVERTAKEN = "overtaken"
    STOPPED = "stopped"
    FAILED = "failed"
    SKIPPED = "skipped"
    SUCCEEDED = "succeeded"


_ENDS = {
    Status.SUCCESSFUL: Kind.SUCCEEDED,
    Status.FAILED: Kind.FAILED,
    Status.TERMINATED: Kind.STOPPED,
    Status.SKIPPED: Kind.SKIPPED,
    Status.NOT_EXECUTED: Kind.SKIPPED,
}


@dataclass(frozen=True, slots=True)
class Tale:
    """One thing worth telling."""

    kind: Kind
    about: str
    """Its key; at most ``MAX_ABOUT`` characters."""

    action: PipelineAction | None = None
    """The gate, or the action that failed, or the one that says who stopped it."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """How far the story of an execution was told."""

    attempt: int = 0
    """Number of the latest attempt that was seen, from 0."""

    is_over: bool = False
    """Whether that attempt's end was seen."""

    end: str = ""
    """The moment of the latest end that was seen."""

    page: str = ""
    """Tells the tales that held when it was told last; empty before."""

    def after(self, execution: Execution) -> "Bookmark":
        """Count the attempt that a read shows; an old picture of an earlier end changes nothing."""
        if not execution.status.is_final:
            goes_on = execution.status.is_running or execution.waits
            if self.is_over and goes_on:
                return replace(self, attempt=self.attempt + 1, is_over=False)
            return self
        end = _written(execution.finished_at)
        if not self.is_over:
            return self if self.is_past(execution) else replace(self, is_over=True, end=end)
        if end in (self.end, _NO_MOMENT):
            return self
        if self.end == _NO_MOMENT:
            # Buddy told the moment of this end later than the end itself.
            return replace(self, end=end)
        return replace(self, attempt=self.attempt + 1, end=end)

    def is_past(self, execution: Execution) -> bool:
        """Whether a read shows an end although its execution is known to run again since."""
        end = _written(execution.finished_at)
        return execution.status.is_final and not self.is_over and self.end == end != _NO_MOMENT

    def at(self, tales: Iterable[Tale]) -> "Bookmark":
        """Put it where these tales are told."""
        told = "\n".join(tale.about for tale in tales)
        return replace(self, page=hashlib.sha256(told.encode()).hexdigest()[:16])

    def write(self) -> str:
        """Write it as one short text."""
        return f"{self.attempt}|{int(self.is_over)}|{self.end}|{self.page}"

    @classmethod
    def read(cls, text: str) -> "Bookmark":
        """Read what was written; nothing is the beginning."""
        if not text:
            return cls()
        attempt, is_over, end, page = text.split("|")
        return cls(int(attempt), is_over == "1", end, page)


def tales(
    execution: Execution, mark: Bookmark, superseded_by: int | None = None
) -> tuple[Tale, ...]:
    """List what is worth telling of an execution as it stands, in the order it happened.

    ``mark`` has counted the attempt that this read shows (``Bookmark.after``).
    """
    if mark.is_past(execution):
        return ()
    number = mark.attempt
    told = [*_beginning(execution, number), *_gates(execution, number)]
    if superseded_by is not None and execution.gates:
        told.append(Tale(Kind.OVERTAKEN, f"overtaken/{number}"))
    end = _ENDS.get(execution.status)
    stopper = execution.terminator
    if execution.status is Status.TERMINATING and stopper is not None:
        end = Kind.STOPPED
    if end is not None:
        action = execution.failure if end is Kind.FAILED else stopper
        told.append(Tale(end, f"{end.value}/{number}", action))
    return tuple(told)


def about_operation(
    operation: Operation, binding: Binding, before: str, execution: Execution, mark: Bookmark
) -> str:
    """Name the tale that an operation makes true; ``before`` is the fingerprint it was sent at."""
    now = mark.after(execution)
    match operation.effect:
        case Effect.ANSWER:
            gate = _gate(binding.gate_id, binding.gate_started_at, now.attempt)
            return _about("answered", gate)
        case Effect.STOP:
            return f"stopped/{now.attempt}"
        case Effect.RETRY:
            is_old = now.is_over and execution.fingerprint == before
            return f"again/{now.attempt + 1 if is_old else now.attempt}"
        case Effect.START:
            return "started"


def _beginning(execution: Execution, number: int) -> Sequence[Tale]:
    if number:
        return [Tale(Kind.AGAIN, f"again/{number}")]
    lines_up = execution.status in {Status.INITIAL, Status.ENQUEUED}
    if execution.started_at is None or lines_up or execution.status.is_final:
        return []
    return [Tale(Kind.STARTED, "started")]


def _gates(execution: Execution, number: int) -> Iterable[Tale]:
    answered = [action for action in execution.actions if action.is_answered]
    for action in sorted(answered, key=_answered_at):
        gate = _gate(action.gate_id, action.started_at, number)
        yield Tale(Kind.ANSWERED, _about("answered", gate), action)
    waiting = {gate.id for gate in execution.gates}
    for action in execution.actions:
        if action.gate is not None and action.gate_id in waiting:
            gate = _gate(action.gate_id, action.started_at, number)
            start = _written(action.started_at)
            yield Tale(Kind.REACHED, _about("reached", f"{gate}@{start}"), action)


def _answered_at(action: PipelineAction) -> datetime:
    return action.approved_at or action.finished_at or datetime.max.replace(tzinfo=UTC)


def _gate(gate_id: str, started_at: datetime | None, number: int) -> str:
    """Name a gate for good; without an id of its own it is told by its moment and its attempt."""
    if gate_id and not gate_id.startswith("action:"):
        return gate_id
    return f"{gate_id}@{_written(started_at)}#{number}"


def _about(kind: str, what: str) -> str:
    about = f"{kind}/{what}"
    if len(about) <= MAX_ABOUT:
        return about
    return f"{kind}/{hashlib.sha256(about.encode()).hexdigest()[:40]}"


def _written(at: datetime | None) -> str:
    return _NO_MOMENT if at is None else str(round(at.timestamp() * 1000))
