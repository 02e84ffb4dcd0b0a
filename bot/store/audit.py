"""Append-only: who asked for what, when it was sent, and what came of it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert

from bot.database import Transaction
from bot.domain.execution import Binding
from bot.store.clicks import StoredClick
from bot.store.runs import StoredRun
from bot.store.tables import audit
from bot.store.variables import write_names

RUN = "run"
"""What the start of a run is called, beside the operations."""

_APPEND = insert(audit)


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
