"""What a change of keys asks of jobs and processes: what is sealed, and who can open it."""

import json
from dataclasses import dataclass

from sqlalchemy import select

from bot.database import Transaction
from bot.database.sealed import SealedColumn
from bot.jobs.table import job, process


@dataclass(frozen=True, slots=True)
class Process:
    """A running bot."""

    id: str
    name: str
    keys: frozenset[str]
    sealing_key: str


def secret_owner(data: str) -> str:
    """Name what a sealed secret belongs to, from the job's data; empty if it names nothing."""
    try:
        told = json.loads(data)
    except ValueError:
        return ""
    return str(told.get("owner", "")) if isinstance(told, dict) else ""


COLUMN = SealedColumn("job", job, job.c.sealed.name, secret_owner, ("data",))


async def running(transaction: Transaction, since: float) -> tuple[Process, ...]:
    """List the processes that were heard of since a moment, the longest running first."""
    rows = await transaction.run(
        select(process)
        .where(process.c.beat_at >= since)
        .order_by(process.c.started_at, process.c.id)
    )
    return tuple(
        Process(
            row["id"],
            row["name"],
            frozenset(filter(None, row["keys"].split(","))),
            row["sealing_key"],
        )
        for row in rows.mappings()
    )
