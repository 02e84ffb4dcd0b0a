"""Append-only: who asked for what, when it was sent, and what came of it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import bindparam, insert, select

from bot.database import Transaction
from bot.domain.execution import Binding, ExecutionRef, Operation
from bot.domain.person import Person
from bot.store.clicks import StoredClick
from bot.store.runs import StoredRun
from bot.store.tables import audit
from bot.store.variables import write_names

RUN = "run"
"""What the start of a run is called, beside the operations."""

_APPEND = insert(audit)
_LAST = (
    select(audit.c.operation, audit.c.event, audit.c.detail, audit.c.at)
    .where(
        audit.c.host == bindparam("host"),
        audit.c.pipeline == bindparam("pipeline"),
        audit.c.execution == bindparam("execution"),
        audit.c.team == bindparam("team"),
        audit.c.user == bindparam("user"),
    )
    .order_by(audit.c.id.desc())
    .limit(1)
)


class Event(StrEnum):
    """What is recorded of an operation."""

    SENT = "sent"
    DONE = "done"
    OTHER = "other"
    """It was done, but by somebody else."""

    REFUSED = "refused"
    UNCLEAR = "unclear"


async def append(
    transaction: Transaction,
    asked: StoredClick,
    binding: Binding,
    event: Event,
    now: datetime,
    detail: str = "",
) -> None:
    """Record one event of an operation; ``detail`` is an error's code, never foreign text."""
    host, pipeline, number = binding.ref.identity
    row = {
        "at": now,
        "team": asked.person.team,
        "user": asked.person.user,
        "way": asked.way.value,
        "operation": asked.operation.value,
        "host": host,
        "pipeline": pipeline,
        "execution": number,
        "gate": binding.gate_id,
        "event": event.value,
        "detail": detail,
        "variables": write_names(asked.variables),
    }
    await transaction.run(_APPEND, row)


async def append_run(
    transaction: Transaction, asked: StoredRun, event: Event, now: datetime, detail: str = ""
) -> None:
    """Record one event of a run; its execution is zero while that is not known.

    What names no pipeline yet is not recorded: nothing was done to anything.
    """
    if not asked.pipeline.host:
        return
    row = {
        "at": now,
        "team": asked.person.team,
        "user": asked.person.user,
        "way": asked.way.value,
        "operation": RUN,
        "host": asked.pipeline.host,
        "pipeline": asked.pipeline.pipeline,
        "execution": asked.execution,
        "gate": "",
        "event": event.value,
        "detail": detail,
    }
    await transaction.run(_APPEND, row)


async def last_refusal(
    transaction: Transaction, person: Person, ref: ExecutionRef
) -> tuple[Operation, str, datetime] | None:
    """Tell how the last thing that somebody asked of an execution was refused: what, why, when.

    None if it was not refused, or if they never asked for anything.
    """
    host, pipeline, number = ref.identity
    told = {"host": host, "pipeline": pipeline, "execution": number}
    rows = await transaction.run(_LAST, {**told, "team": person.team, "user": person.user})
    row = rows.one_or_none()
    if row is None or row.event != Event.REFUSED.value:
        return None
    return Operation(row.operation), row.detail, row.at
