"""What the rows say of many followed executions, read together for a round of following."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Select, and_, bindparam, func, or_, select

from bot.database import Transaction, filled
from bot.domain.execution import ExecutionRef
from bot.domain.person import Person
from bot.store import cards, clicks, identities
from bot.store.cards import Follow, StoredCard
from bot.store.clicks import StoredClick
from bot.store.identities import Link
from bot.store.tables import card, decision, follow, identity

Identity = tuple[str, int, int]
"""Host, pipeline and execution: ``ExecutionRef.identity``."""

T = TypeVar("T")

_PART = 64
"""Keys that are looked for at once: planning for many takes longer than to find them one by one."""


def _are(
    columns: Sequence[Column[Any]], count: int, *always: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Compare with so many keys, each with parameters of its own: ``_named`` names them.

    SQLAlchemy's own lists are written into the statement anew at each use, which takes longer than
    to find the rows. And SQLite does not find what is in a list of tuples by an index, nor by one
    that needs what is asked ``always`` unless that stands beside each key: it reads the table.
    """
    keys = (
        and_(
            *always,
            *(each == bindparam(f"key_{row}_{each.name}", type_=each.type) for each in columns),
        )
        for row in range(count)
    )
    return or_(*keys)


def _named(columns: Sequence[Column[Any]], keys: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    return {
        f"key_{row}_{each.name}": value
        for row, key in enumerate(keys)
        for each, value in zip(columns, key, strict=True)
    }


_EXECUTION = (follow.c.host, follow.c.pipeline, follow.c.execution)
_PERSON = (identity.c.team, identity.c.user)


@cache
def _follows(count: int) -> Select[Any]:
    return select(follow).where(_are(_EXECUTION, count))


@cache
def _cards(count: int) -> Select[Any]:
    columns = (card.c.host, card.c.pipeline, card.c.execution)
    return select(card).where(_are(columns, count)).order_by(card.c.id)


@cache
def _links(count: int) -> Select[Any]:
    return select(identity).where(_are(_PERSON, count, identity.c.host == bindparam("host")))


_ACTED = (
    select(decision.c.team, decision.c.user)
    .where(
        decision.c.host == bindparam("host"),
        decision.c.pipeline == bindparam("pipeline"),
        decision.c.execution == bindparam("execution"),
    )
    .order_by(decision.c.at.desc())
)
_OUT_OF_SIGHT = (
    select(follow.c.host, follow.c.pipeline, follow.c.execution)
    .where(follow.c.team == bindparam("team"), follow.c.is_open, ~follow.c.is_in_sight)
    .order_by(follow.c.since.desc())
    .limit(bindparam("most"))
)


_OPEN = select(follow.c.pipeline).where(follow.c.team == bindparam("team"), follow.c.is_open)
_OPEN_OF = (
    select(follow)
    .where(follow.c.team == bindparam("team"), follow.c.host == bindparam("host"), follow.c.is_open)
    .order_by(follow.c.since.desc())
    .limit(bindparam("most"))
)
_COUNT_OPEN = select(func.count()).select_from(_OPEN.limit(bindparam("most")).subquery())


@dataclass(frozen=True, slots=True)
class Known:
    """What the rows say of one followed execution."""

    follow: Follow
    cards: tuple[StoredCard, ...]
    pending: StoredClick | None
    link: Link | None
    """The account of whoever asked for the card."""


async def known(
    transaction: Transaction, wanted: Sequence[Identity], host: str
) -> Mapping[Identity, Known]:
    """Read what the rows say of executions; what is not followed is left out.

    ``host`` is the Buddy whose accounts may read.
    """
    if not wanted:
        return {}
    rows = await _found(transaction, _follows, _EXECUTION, wanted)
    follows = [cards.read_follow(row) for row in rows]
    shown: defaultdict[Identity, list[StoredCard]] = defaultdict(list)
    for row in await _found(transaction, _cards, _EXECUTION, wanted):
        shown[row["host"], row["pipeline"], row["execution"]].append(cards.read_card(row))
    pending = await clicks.all_pending(transaction)
    links = await links_of(transaction, {one.asker for one in follows}, host)
    return {
        one.ref.identity: Known(
            one,
            tuple(shown[one.ref.identity]),
            pending.get(one.ref.identity),
            links.get(one.asker),
        )
        for one in follows
    }


async def links_of(
    transaction: Transaction, people: Iterable[Person], host: str
) -> dict[Person, Link]:
    """Read the accounts of several people; who has none is left out."""
    wanted = sorted({(person.team, person.user) for person in people})
    if not wanted:
        return {}
    rows = await _found(transaction, _links, _PERSON, wanted, host=host)
    links = (identities.read_link(row) for row in rows)
    return {link.person: link for link in links}


async def acted(transaction: Transaction, identity: Identity) -> list[Person]:
    """List who decided something about an execution through the bot, the latest first."""
    host, pipeline, execution = identity
    told = {"host": host, "pipeline": pipeline, "execution": execution}
    rows = await _rows(transaction, _ACTED, told)
    return list(dict.fromkeys(Person(row["team"], row["user"]) for row in rows))


async def out_of_sight(transaction: Transaction, team: str, most: int) -> list[Identity]:
    """List open executions of a team that nobody's account could read, the newest first."""
    rows = await _rows(transaction, _OUT_OF_SIGHT, {"team": team, "most": most})
    return [(row["host"], row["pipeline"], row["execution"]) for row in rows]


async def open_of(transaction: Transaction, team: str, host: str, most: int) -> list[ExecutionRef]:
    """List a team's executions that are not over, those first that were shown last."""
    rows = await transaction.run(_OPEN_OF, {"team": team, "host": host, "most": most})
    return [
        ExecutionRef(row.host, row.workspace, row.project, row.pipeline, row.execution)
        for row in rows
    ]


async def count_open(transaction: Transaction, team: str, most: int) -> int:
    """Count a team's open executions, up to ``most``."""
    found = await transaction.run(_COUNT_OPEN, {"team": team, "most": most})
    count: int = found.scalar_one()
    return count


async def _found(
    transaction: Transaction,
    statement: Callable[[int], Select[Any]],
    columns: Sequence[Column[Any]],
    wanted: Sequence[tuple[Any, ...]],
    **told: object,
) -> list[Any]:
    """Read the rows that belong to keys."""
    rows: list[Any] = []
    for first in range(0, len(wanted), _PART):
        keys = filled(wanted[first : first + _PART])
        named = {**told, **_named(columns, keys)}
        rows += await _rows(transaction, statement(len(keys)), named)
    return rows


async def _rows(transaction: Transaction, statement: Any, told: Mapping[str, Any]) -> Any:  # noqa: ANN401
    return (await transaction.run(statement, told)).mappings().all()
