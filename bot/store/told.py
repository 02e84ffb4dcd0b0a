"""What the threads of cards know already: they were told, or their card itself said it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import String, bindparam, delete, func, select

from bot.database import Transaction
from bot.domain.execution import ExecutionRef
from bot.domain.person import Person
from bot.store.tables import card, reply

_EVERYWHERE = (
    select(reply.c.about)
    .join(card, card.c.id == reply.c.card_id)
    .where(
        card.c.host == bindparam("host"),
        card.c.pipeline == bindparam("pipeline"),
        card.c.execution == bindparam("execution"),
    )
    .group_by(reply.c.about)
    .having(func.count() >= bindparam("cards"))
)
_KNOWS = select(reply.c.id).where(
    reply.c.card_id == bindparam("card_id"), reply.c.about == bindparam("about")
)
_WAITING = (
    select(reply.c.id, reply.c.card_id)
    .join(card, card.c.id == reply.c.card_id)
    .where(
        card.c.host == bindparam("host"),
        card.c.pipeline == bindparam("pipeline"),
        card.c.execution == bindparam("execution"),
        reply.c.is_posted.is_(False),
        reply.c.about.startswith(bindparam("begins", type_=String), autoescape=False),
    )
    .order_by(reply.c.id)
)
_UNSAY = delete(reply).where(
    reply.c.id.in_(bindparam("ids", expanding=True)), reply.c.is_posted.is_(False)
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that a card's thread is about to be told."""

    id: int
    card_id: int


async def waiting(transaction: Transaction, ref: ExecutionRef, begins: str) -> list[Waiting]:
    """List what the threads of an execution are about to be told, by how its name begins."""
    host, pipeline, number = ref.identity
    values = {"host": host, "pipeline": pipeline, "execution": number, "begins": begins}
    rows = await transaction.run(_WAITING, values)
    return [Waiting(row.id, row.card_id) for row in rows]


async def unsay(transaction: Transaction, numbers: Collection[int]) -> None:
    """Forget what is not told any more; what was posted meanwhile stays."""
    if numbers:
        await transaction.run(_UNSAY, {"ids": sorted(numbers)})


async def knows(transaction: Transaction, card_id: int, about: str) -> bool:
    """Tell whether a card's thread was told something, or is about to be."""
    found = await transaction.run(_KNOWS, {"card_id": card_id, "about": about})
    return found.first() is not None


async def know(
    transaction: Transaction, card_id: int, abouts: Iterable[str], person: Person
) -> None:
    """Note what a card's thread need not be told any more."""
    for about in abouts:
        values = {
            "card_id": card_id,
            "about": about,
            "team": person.team,
            "user": person.user,
            "text": "",
            "blocks": [],
            "is_posted": True,
            "discreet": None,
        }
        await transaction.insert_once(reply, values)


async def everywhere(transaction: Transaction, ref: ExecutionRef, cards: int) -> set[str]:
    """List what the threads of all ``cards`` cards of an execution know."""
    host, pipeline, number = ref.identity
    told = {"host": host, "pipeline": pipeline, "execution": number, "cards": cards}
    return set((await transaction.run(_EVERYWHERE, told)).scalars())
