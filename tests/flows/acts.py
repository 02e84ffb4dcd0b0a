"""Small acts that many stories share."""

from datetime import timedelta

from sandbox.faults import Fault, Faults
from sandbox.slack import Message, Person
from tests.waiting import until
from tests.world import World

A_MOMENT = timedelta(milliseconds=400)
"""Real time in which a call is held up, so that something else can happen meanwhile."""


async def types(world: World, person: Person, text: str) -> str:
    """Type a command; read everything private that comes of it."""
    seen = len(person.ephemerals)
    await world.acts(person.says(f"/buddy {text}", in_=world.deploys))
    return "\n".join(note.reads for note in person.ephemerals[seen:])


def story(card: Message) -> list[str]:
    """Read a card's thread: the first sentence of each reply."""
    return [reply.reads.partition("\n")[0].split(". ")[0].rstrip(".") for reply in card.thread]


async def struck(faults: Faults, fault: Fault) -> None:
    """Wait until an ordered fault has met its call."""
    await until(lambda: fault not in faults.pending)


def refused_as(error: str) -> str:
    """Write what Slack answers when it refuses a call."""
    return f'{{"ok": false, "error": "{error}"}}'
