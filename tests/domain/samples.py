"""Executions as tests need them: one that runs, and small changes to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.execution import (
    Attempt,
    Binding,
    Execution,
    ExecutionRef,
    Gate,
    GitRef,
    GitRefKind,
    Member,
    PipelineAction,
    Revision,
    Status,
)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
REF = ExecutionRef("api.buddy.works", "acme", "shop", 7, 12)
MAYA = Member(11, "Maya Vogt")
RUNNING = Execution(
    ref=REF,
    url="https://app.buddy.works/acme/shop/pipelines/pipeline/7/execution/6526b6ab",
    pipeline_name="deploy",
    status=Status.INPROGRESS,
    status_text="INPROGRESS",
    started_at=NOON,
    finished_at=None,
    delay_until=None,
    trigger="CLICK",
    comment="",
    git_ref=GitRef(GitRefKind.BRANCH, "main"),
    revision=Revision("a1b2c3d4e5f60718293a", "Sell gift cards\n\nWith a picture.", MAYA),
    creator=MAYA,
)


def action(number: int, status: Status, name: str = "", **changes: Any) -> PipelineAction:
    """Make an action that began ``number`` minutes after noon."""
    is_final = status.is_final and status not in {Status.SKIPPED, Status.NOT_EXECUTED}
    began = status is not Status.INITIAL and status not in {Status.SKIPPED, Status.NOT_EXECUTED}
    began_at = NOON + timedelta(minutes=number)
    made = PipelineAction(
        id=f"{number:024x}",
        action_id=100 + number,
        name=name or f"Step {number}",
        type="BUILD",
        status=status,
        status_text=status.value,
        progress=40 if status is Status.INPROGRESS else 0,
        started_at=began_at if began else None,
        finished_at=began_at + timedelta(seconds=42) if is_final else None,
    )
    return replace(made, **changes)


def approval(number: int = 3, name: str = "Go live?", **changes: Any) -> PipelineAction:
    """Make an action that waits for approval."""
    return action(number, Status.WAITING_FOR_APPLY, name, **changes)


def execution(*actions: PipelineAction, status: Status = Status.INPROGRESS) -> Execution:
    """Make an execution in this state with these actions."""
    return replace(RUNNING, status=status, status_text=status.value, actions=actions)


def waiting(*actions: PipelineAction) -> Execution:
    """Make an execution that waits at these gates; at one for approval unless told otherwise."""
    return execution(*(actions or (approval(),)), status=Status.WAITING_FOR_APPLY)


def only_gate(waits: Execution) -> Gate:
    """Take the one gate that waits."""
    (gate,) = waits.gates
    return gate


def bound_to(target: Execution, gate: Gate | None = None, *, retries: int = 0) -> Binding:
    """Bind a button as the card does."""
    attempt = Attempt(target.started_at, retries)
    if gate is None:
        return Binding(target.ref, attempt)
    return Binding(target.ref, attempt, gate.id, gate.started_at)


AT_GATE_BINDING = bound_to(waiting(), only_gate(waiting()))
