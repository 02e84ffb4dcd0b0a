"""What somebody ran a pipeline with the last time; the values of its variables are sealed."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select

from bot.database import Transaction
from bot.domain.catalog import PipelineRef
from bot.domain.person import Person
from bot.store import runs
from bot.store.runs import StoredRun
from bot.store.tables import run_memory

_IS_THIS = (
    run_memory.c.team == bindparam("team"),
    run_memory.c.user == bindparam("user"),
    run_memory.c.host == bindparam("host"),
    run_memory.c.pipeline == bindparam("pipeline"),
)
_FIND = select(run_memory.c.run_id, run_memory.c.sealed_values).where(*_IS_THIS)
_DROP = delete(run_memory).where(*_IS_THIS)


async def keep(transaction: Transaction, sent: StoredRun, sealed_values: str) -> None:
    """Remember a run that is about to be sent, instead of the one before."""
    told = _told(sent.person, sent.pipeline)
    await transaction.run(_DROP, told)
    row = {**told, "run_id": sent.id, "sealed_values": sealed_values, "kept_at": sent.taken_at}
    await transaction.insert_once(run_memory, row)


async def find(
    transaction: Transaction, person: Person, at: PipelineRef
) -> tuple[StoredRun, str] | None:
    """Find the run that is remembered, and its sealed values; None if it was never started."""
    rows = await transaction.run(_FIND, _told(person, at))
    kept = rows.mappings().first()
    if kept is None:
        return None
    found = await runs.get(transaction, kept["run_id"])
    return (found, kept["sealed_values"]) if found and found.execution else None


async def forget(transaction: Transaction, person: Person, host: str) -> None:
    """Forget everything of somebody."""
    ours = (run_memory.c.team == person.team, run_memory.c.user == person.user)
    await transaction.run(delete(run_memory).where(*ours, run_memory.c.host == host))


async def forget_old(transaction: Transaction, before: datetime) -> None:
    """Forget what nobody ran for a long time."""
    await transaction.run(delete(run_memory).where(run_memory.c.kept_at < before))


def _told(person: Person, at: PipelineRef) -> dict[str, object]:
    return {"team": person.team, "user": person.user, "host": at.host, "pipeline": at.pipeline}
