"""How much work there is, and what is dead: for whoever watches a bot, and for its operator."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select, text, update
from typing_extensions import override

from bot.database import Transaction
from bot.jobs import statements
from bot.jobs.table import job

_BY_KIND = select(
    job.c.kind, job.c.state, func.count().label("jobs"), func.min(job.c.due).label("due")
).group_by(job.c.kind, job.c.state)

_LISTED = (
    select(
        *(job.c.id, job.c.kind, job.c.key, job.c.state, job.c.attempt, job.c.error),
        *(job.c.put_at, job.c.due, job.c.owner),
    )
    .order_by(job.c.id)
    .limit(bindparam("most"))
)

_same = job.alias("same")
_newest = (
    select(func.max(job.c.id))
    .where(job.c.id.in_(bindparam("ids", expanding=True)), job.c.state == statements.DEAD)
    .group_by(job.c.kind, job.c.key)
)
_REVIVE = (
    update(job)
    .where(job.c.id.in_(_newest))
    .where(
        ~select(_same.c.id)
        .where(_same.c.kind == job.c.kind, _same.c.key == job.c.key)
        .where(text("same.state <> 'dead'"))
        .exists()
    )
    .values(state=statements.WAITING, owner="", attempt=0, error="", due=bindparam("now"))
    .returning(job.c.id)
)


@dataclass(frozen=True, slots=True)
class Depth:
    """How much work of one kind there is."""

    kind: str
    waiting: int
    running: int
    dead: int
    lag_seconds: float
    """How long the oldest job that is due has been due."""

    @override
    def __str__(self) -> str:
        return (
            f"jobs.{self.kind} waiting={self.waiting} running={self.running} dead={self.dead} "
            f"lag_s={self.lag_seconds:.1f}"
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """One job as an operator sees it; what it works on stays in its rows."""

    id: int
    kind: str
    key: str
    state: str
    attempt: int
    error: str
    put_at: float
    due: float
    owner: str


async def depths(transaction: Transaction, now: float) -> list[Depth]:
    """Count the jobs of each kind; ``now`` in seconds since 1970."""
    found: dict[str, dict[str, Any]] = {}
    for row in (await transaction.run(_BY_KIND)).mappings():
        found.setdefault(row["kind"], {})[row["state"]] = row
    return [_depth(kind, states, now) for kind, states in sorted(found.items())]


async def listed(transaction: Transaction, *, only_dead: bool, most: int) -> list[Listed]:
    """List jobs, oldest first."""
    statement = _LISTED.where(job.c.state == statements.DEAD) if only_dead else _LISTED
    rows = await transaction.run(statement, {"most": most})
    return [Listed(**row) for row in rows.mappings()]


async def revive(transaction: Transaction, ids: Iterable[int], now: float) -> list[int]:
    """Let dead jobs be tried again; which of them are: the newest of each key that none follows."""
    rows = await transaction.run(_REVIVE, {"ids": list(ids), "now": now})
    return sorted(rows.scalars())


async def rescue(transaction: Transaction) -> int:
    """Free the jobs of processes that are gone, as after a crash; how many."""
    return len((await transaction.run(statements.rescue)).all())


def _depth(kind: str, states: dict[str, Any], now: float) -> Depth:
    def count(*names: str) -> int:
        return sum(states[name]["jobs"] for name in names if name in states)

    waiting = states.get(statements.WAITING)
    lag = max(0.0, now - waiting["due"]) if waiting else 0.0
    return Depth(
        kind,
        count(statements.WAITING),
        count(statements.RUNNING, statements.HELD),
        count(statements.DEAD),
        lag,
    )
