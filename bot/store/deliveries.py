"""The inbox of what Buddy told us: each thing once, stored before Buddy gets its answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, and_, bindparam, delete, or_, select, update

from bot.database import Transaction
from bot.domain.event import MAX_HINT, Event, Source
from bot.store.tables import delivery

NEW, SEEN = "new", "seen"

_OF_EXECUTION = (
    delivery.c.host == bindparam("host_"),
    delivery.c.pipeline == bindparam("pipeline_"),
    delivery.c.execution == bindparam("execution_"),
)
_KNOWN = select(delivery.c.id).where(*_OF_EXECUTION, delivery.c.hint == bindparam("hint_"))
_WAITING = select(delivery).where(*_OF_EXECUTION, delivery.c.state == NEW).order_by(delivery.c.id)
_SEEN = (
    update(delivery).where(delivery.c.id.in_(bindparam("ids", expanding=True))).values(state=SEEN)
)
_FORGET = delete(delivery).where(
    or_(
        and_(delivery.c.received_at < bindparam("seen_before"), delivery.c.state == SEEN),
        delivery.c.received_at < bindparam("any_before"),
    )
)
_LATEST = select(delivery).order_by(delivery.c.id.desc()).limit(bindparam("most"))


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing that we were told."""

    id: int
    team: str
    """Whose address was called."""

    host: str
    event: Event
    received_at: datetime
    is_new: bool


async def is_known(transaction: Transaction, host: str, event: Event) -> bool:
    """Tell whether the very same was told before."""
    told = {
        "host_": host,
        "pipeline_": event.pipeline,
        "execution_": event.named,
        "hint_": event.hint[:MAX_HINT],
    }
    return (await transaction.run(_KNOWN, told)).first() is not None


async def take(transaction: Transaction, team: str, host: str, event: Event, now: datetime) -> bool:
    """Store what was told; False if the very same is stored."""
    values = {
        "team": team,
        "host": host,
        "pipeline": event.pipeline,
        "execution": event.named,
        "hint": event.hint[:MAX_HINT],
        "source": event.source.value,
        "workspace": event.workspace,
        "project": event.project,
        "received_at": now,
        "state": NEW,
    }
    return await transaction.insert_once(delivery, values)


async def waiting(
    transaction: Transaction, host: str, pipeline: int, execution: str
) -> list[Delivery]:
    """List what was told of an execution and not looked at yet, the oldest first."""
    told = {"host_": host, "pipeline_": pipeline, "execution_": execution}
    return [_read(row) for row in (await transaction.run(_WAITING, told)).mappings()]


async def seen(transaction: Transaction, told: Sequence[Delivery]) -> None:
    """Note that what was told was looked at."""
    if told:
        await transaction.run(_SEEN, {"ids": sorted(each.id for each in told)})


async def forget(transaction: Transaction, *, seen_before: datetime, any_before: datetime) -> None:
    """Forget what was looked at and is older than that; told again, it would be news.

    What nobody looked at, since its job was given up, is forgotten when that is: ``any_before``.
    """
    await transaction.run(_FORGET, {"seen_before": seen_before, "any_before": any_before})


async def latest(transaction: Transaction, most: int) -> list[Delivery]:
    """List what was told last, the latest first."""
    return [_read(row) for row in (await transaction.run(_LATEST, {"most": most})).mappings()]


def _read(row: RowMapping) -> Delivery:
    event = Event(
        Source(row["source"]),
        row["workspace"],
        row["project"],
        row["pipeline"],
        *Event.unnamed(row["execution"]),
        hint=row["hint"],
    )
    return Delivery(
        row["id"], row["team"], row["host"], event, row["received_at"], row["state"] == NEW
    )
