"""Append-only: who asked for what, when it was sent, and what came of it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert

from bot.database import Transaction
from bot.domain.execution import Binding
from bot.store.clicks import StoredClick
from bot.store.tables import audit
from bot.store.variables import write_names

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
