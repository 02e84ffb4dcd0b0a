"""The inbox of what Buddy told us: each thing once, stored before Buddy gets its answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, case, delete, literal_column, select, update
from sqlalchemy.dialects import postgresql

from bot.database import Transaction
from bot.domain.event import MAX_HINT, Event, Source
from bot.store.tables import delivery

NEW, SEEN = "new", "seen"

_KEY = [delivery.c[name] for name in ("team", "host", "pipeline", "execution", "hint")]
_insert = postgresql.insert(delivery)
_TAKE = _insert.on_conflict_do_update(
    index_elements=_KEY,
    set_={"times": case((delivery.c.times < 2**30, delivery.c.times + 1), else_=2**30)},
).returning(delivery.c.state)
_OF_EXECUTION = (
    delivery.c.team == bindparam("team_"),
    delivery.c.host == bindparam("host_"),
    delivery.c.pipeline == bindparam("pipeline_"),
    delivery.c.execution == bindparam("execution_"),
)
_WAITING = (
    select(delivery)
    .where(*_OF_EXECUTION, delivery.c.state == literal_column("'new'"))
    .order_by(delivery.c.id)
)
_SEEN = (
    update(delivery).where(delivery.c.id.in_(bindparam("ids", expanding=True))).values(state=SEEN)
)
_FORGET = delete(delivery).where(
    delivery.c.received_at < bindparam("before"), delivery.c.state == SEEN
)
_LATEST = (
    select(delivery)
    .where(delivery.c.team == bindparam("team"))
    .order_by(delivery.c.id.desc())
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing that we were told."""

    id: int
    team: str
    host: str
    event: Event
    received_at: datetime
    times: int
    is_new: bool


async def take(transaction: Transaction, team: str, host: str, event: Event, now: datetime) -> bool:
    """Store what was told; whether it is news, or was not looked at yet."""
    values = {
        "team": team,
        "host": host,
        "pipeline": event.pipeline,
        "execution": named(event),
        "hint": event.hint[:MAX_HINT],
        "source": event.source.value,
        "workspace": event.workspace,
        "project": event.project,
        "received_at": now,
        "times": 1,
        "state": NEW,
    }
    state: str = (await transaction.run(_TAKE, values)).scalar_one()
    return state == NEW


async def waiting(
    transaction: Transaction, team: str, host: str, pipeline: int, execution: str
) -> list[Delivery]:
    """List what was told of an execution and not looked at yet, the oldest first."""
    told = {"team_": team, "host_": host, "pipeline_": pipeline, "execution_": execution}
    return [_read(row) for row in (await transaction.run(_WAITING, told)).mappings()]


async def seen(transaction: Transaction, told: Sequence[Delivery]) -> None:
    """Note that what was told was looked at."""
    if told:
        await transaction.run(_SEEN, {"ids": [each.id for each in told]})


async def forget(transaction: Transaction, before: datetime) -> None:
    """Forget what was looked at and is older than that; told again, it would be news."""
    await transaction.run(_FORGET, {"before": before})


async def latest(transaction: Transaction, team: str, most: int) -> list[Delivery]:
    """List what was told last, the latest first."""
    rows: Any = await transaction.run(_LATEST, {"team": team, "most": most})
    return [_read(row) for row in rows.mappings()]


def named(event: Event) -> str:
    """Name the execution of an event within its pipeline: by number, else by hash."""
    return f"hash/{event.hash}" if event.execution is None else str(event.execution)


def _read(row: RowMapping) -> Delivery:
    execution = str(row["execution"])
    is_number = execution.isdigit()
    event = Event(
        Source(row["source"]),
        row["workspace"],
        row["project"],
        row["pipeline"],
        int(execution) if is_number else None,
        "" if is_number else execution.removeprefix("hash/"),
        row["hint"],
    )
    return Delivery(
        row["id"],
        row["team"],
        row["host"],
        event,
        row["received_at"],
        row["times"],
        row["state"] == NEW,
    )
