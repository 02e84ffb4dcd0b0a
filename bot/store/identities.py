"""Linked accounts; holds sealed tokens only."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import RowMapping, bindparam, delete, insert, select, update

from bot.database import Transaction
from bot.domain.account import BuddyUser
from bot.domain.person import Person
from bot.store.tables import identity

# Prebuilt, as everything on a click's way: building a statement costs more than running it.
_FIND = select(identity).where(
    identity.c.team == bindparam("team"),
    identity.c.user == bindparam("user"),
    identity.c.host == bindparam("host"),
)
_NAMED = select(identity.c.buddy_id, identity.c.user).where(
    identity.c.team == bindparam("team"),
    identity.c.host == bindparam("host"),
    identity.c.buddy_id.in_(bindparam("buddy_ids", expanding=True)),
)


@dataclass(frozen=True, slots=True)
class Link:
    """Which Buddy account a person acts as. ``id`` and ``generation`` pin an operation to it."""

    id: int
    generation: int
    person: Person
    buddy: BuddyUser
    sealed_token: str = field(repr=False)
    linked_at: datetime


async def find(transaction: Transaction, person: Person, host: str) -> Link | None:
    """Find a person's link to a Buddy host."""
    told = {"team": person.team, "user": person.user, "host": host}
    rows = await transaction.run(_FIND, told)
    row = rows.mappings().one_or_none()
    return None if row is None else read_link(row)


def read_link(row: RowMapping) -> Link:
    """Read a row of the table."""
    person = Person(row["team"], row["user"])
    buddy = BuddyUser(row["buddy_id"], row["buddy_name"])
    return Link(row["id"], row["generation"], person, buddy, row["sealed_token"], row["linked_at"])


async def save(
    transaction: Transaction,
    person: Person,
    host: str,
    buddy: BuddyUser,
    sealed_token: str,
    now: datetime,
) -> None:
    """Link an account, or replace the link there is."""
    told = {
        "buddy_id": buddy.id,
        "buddy_name": buddy.name,
        "sealed_token": sealed_token,
        "linked_at": now,
    }
    existing = await find(transaction, person, host)
    if existing is None:
        key = {"team": person.team, "user": person.user, "host": host, "generation": 1}
        await transaction.run(insert(identity).values(**key, **told))
        return
    await transaction.run(
        update(identity)
        .where(identity.c.id == existing.id)
        .values(generation=existing.generation + 1, **told)
    )


async def remove(transaction: Transaction, person: Person, host: str) -> bool:
    """Forget a link; tell whether there was one."""
    result = await transaction.run(
        delete(identity).where(
            identity.c.team == person.team,
            identity.c.user == person.user,
            identity.c.host == host,
        )
    )
    return result.rowcount > 0


async def mentions(
    transaction: Transaction, team: str, host: str, buddy_ids: Iterable[int]
) -> dict[int, str]:
    """Name linked people of a team by their Buddy user numbers."""
    rows = await transaction.run(_NAMED, {"team": team, "host": host, "buddy_ids": list(buddy_ids)})
    return {row.buddy_id: Person(team, row.user).mention for row in rows}
