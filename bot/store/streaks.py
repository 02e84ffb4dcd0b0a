"""What fails again and again: in each channel one card stands for all of a branch's failures."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, bindparam, delete, select, update

from bot.database import Transaction
from bot.domain.execution import Execution
from bot.store import moving
from bot.store.tables import card, streak

MAX_BRANCH = 255

_OF_BRANCH = (
    streak.c.host == bindparam("host_"),
    streak.c.pipeline == bindparam("pipeline_"),
    streak.c.branch == bindparam("branch_"),
)
_IN_CHANNEL = (
    *_OF_BRANCH,
    streak.c.team == bindparam("team_"),
    streak.c.channel == bindparam("channel_"),
)
_GET = select(streak).where(*_IN_CHANNEL)
_ALL = select(streak).where(*_OF_BRANCH).order_by(streak.c.id)
_CHANGE = update(streak).where(streak.c.id == bindparam("id_"))
_DROP = delete(streak).where(streak.c.id == bindparam("id_"))
_FORGET = delete(streak).where(streak.c.since < bindparam("before"))
_CARD = select(card.c.id).where(card.c.id == bindparam("id_"))


@dataclass(frozen=True, slots=True)
class Streak:
    """Failures of one branch of a pipeline, told under one card of a channel."""

    id: int
    team: str
    channel: str
    card_id: int
    first: int
    last: int
    told: tuple[int, ...]
    """Numbers of the executions that count."""

    since: datetime


def branch_of(execution: Execution) -> str:
    """Name what an execution ran for, so that failures of one branch belong together."""
    ref = execution.git_ref
    return "" if ref is None else f"{ref.kind.value}/{ref.name}"[:MAX_BRANCH]


async def get(
    transaction: Transaction, team: str, channel: str, execution: Execution
) -> Streak | None:
    """Find the streak that an execution belongs to in a channel, if its card is still there."""
    told = {"team_": team, "channel_": channel, **_branch(execution)}
    row = (await transaction.run(_GET, told)).mappings().one_or_none()
    if row is None:
        return None
    if (await transaction.run(_CARD, {"id_": row["card_id"]})).first() is None:
        await transaction.run(_DROP, {"id_": row["id"]})
        return None
    return _read(row)


async def begin(
    transaction: Transaction,
    team: str,
    channel: str,
    execution: Execution,
    card_id: int,
    now: datetime,
) -> None:
    """Let a card stand for the failures of a branch from now on."""
    host, pipeline, number = execution.ref.identity
    values = {
        "team": team,
        "channel": channel,
        "host": host,
        "pipeline": pipeline,
        "branch": branch_of(execution),
        "card_id": card_id,
        "first": number,
        "last": number,
        "count": 1,
        "told": str(number),
        "since": now,
    }
    await transaction.insert_once(streak, values)


async def grow(transaction: Transaction, known: Streak, number: int) -> None:
    """Count one more failure."""
    told = (*known.told, number)
    values = {
        "last": max(known.last, number),
        "count": len(told),
        "told": ",".join(map(str, told)),
    }
    await transaction.run(_CHANGE, {"id_": known.id, **values})


async def of_branch(transaction: Transaction, execution: Execution) -> list[Streak]:
    """List the streaks of an execution's branch, in every channel."""
    rows = (await transaction.run(_ALL, _branch(execution))).mappings().all()
    return [_read(row) for row in rows]


async def end(transaction: Transaction, known: Streak) -> bool:
    """Forget a streak; False if somebody else did."""
    return (await transaction.run(_DROP, {"id_": known.id})).rowcount > 0


async def move_channel(transaction: Transaction, old: str, new: str) -> None:
    """Follow a channel to its new id."""
    same = ("team", "host", "pipeline", "branch")
    await moving.move_channel(transaction, streak, old, new, *same, new_stays=False)


async def forget(transaction: Transaction, before: datetime) -> None:
    """Forget what began to fail long ago: its card is far up by now."""
    await transaction.run(_FORGET, {"before": before})


def _branch(execution: Execution) -> dict[str, object]:
    host, pipeline, _ = execution.ref.identity
    return {"host_": host, "pipeline_": pipeline, "branch_": branch_of(execution)}


def _read(row: RowMapping) -> Streak:
    return Streak(
        id=row["id"],
        team=row["team"],
        channel=row["channel"],
        card_id=row["card_id"],
        first=row["first"],
        last=row["last"],
        told=tuple(map(int, row["told"].split(","))),
        since=row["since"],
    )
