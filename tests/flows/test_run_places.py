"""Where a run may be asked for, and what becomes of values that wait."""

import pytest
from sqlalchemy import select, update

from bot.store.tables import run
from sandbox.slack import Person
from tests.flows.acts import types
from tests.world import World, both_databases


def orders(world: World) -> int:
    """Count the POSTs that reached Buddy."""
    return len(world.buddy.journal.select("POST"))


def notes(person: Person) -> str:
    """Read everything that only this person sees."""
    return "\n".join(note.reads for note in person.ephemerals)


def two_releases(world: World) -> None:
    """Build pipelines whose names begin alike."""
    for name in ("Release", "Release notes"):
        world.buddy.pipeline("acme", "shop", name)


async def test_our_direct_messages_are_a_place_like_any_other(world: World) -> None:
    """Nobody else reads along, and the card is there."""
    maya = await world.person("maya")
    ours = world.slack.space.direct(maya.id)

    await world.acts(maya.says("/buddy run shop/deploy", in_=ours))

    assert "shop / Deploy #1" in ours.messages[-1].reads
    assert notes(maya)


async def test_a_conversation_between_people_is_no_place(world: World) -> None:
    """The bot is no part of it, so nothing is started."""
    maya, ben = await world.person("maya"), await world.person("ben")
    assert not world.slack.space.direct(maya.id).messages
    theirs = world.slack.space.direct(ben.id)
    maya.joins(theirs)

    await world.acts(maya.says("/buddy run shop/deploy", in_=theirs))

    assert "I am no part of this conversation" in notes(maya)
    assert not orders(world)


@both_databases
async def test_values_stand_sealed_and_only_until_they_are_sent(world: World) -> None:
    """While a choice is waited for; afterwards nothing sealed is left in the row."""
    two_releases(world)
    maya = await world.person("maya")
    await types(world, maya, "run shop/rel SECRET=hunter2")

    [waiting] = await rows(world)
    await world.acts(maya.clicks(maya.ephemerals[-1], "acme/shop/release"))
    [told] = await rows(world)

    assert waiting["sealed_values"]
    assert "hunter2" not in str(waiting)
    assert (told["step"], told["sealed_values"], told["sealed_answer_url"]) == ("told", "", "")
    assert world.deploys.messages[-1].reads
    assert notes(maya)


async def test_upkeep_forgets_what_nobody_chose(world: World) -> None:
    """Ten minutes, whoever is away from their desk."""
    two_releases(world)
    maya = await world.person("maya")
    await types(world, maya, "run shop/rel SECRET=hunter2")

    await world.passes(700)

    assert [one["sealed_values"] for one in await rows(world)] == [""]
    assert notes(maya)


async def test_without_its_values_a_run_is_not_sent(world: World) -> None:
    """They may be gone before it has its turn: the form opens again, with the keys only."""
    two_releases(world)
    maya = await world.person("maya")
    await types(world, maya, "run shop/rel SECRET=hunter2")
    async with world.stage.bot.database.transaction() as transaction:
        await transaction.run(update(run).values(sealed_values=""))

    await world.acts(maya.clicks(maya.ephemerals[-1], "acme/shop/release"))

    assert "Nothing was sent. Please fill them in again." in notes(maya)
    assert not orders(world)
    await world.acts(maya.clicks(maya.ephemerals[-1], "Fill in again…"))
    assert maya.modal is not None
    assert "hunter2" not in maya.modal.reads


@pytest.mark.parametrize("value", ["a b", '"', "<!channel>", "🎉", "\u202eabc", "x" * 3_000])
async def test_a_value_arrives_as_it_was_typed(world: World, value: str) -> None:
    """Whatever it holds; and no answer repeats it."""
    maya = await world.person("maya")
    doubled = value.replace('"', '""')

    told = await types(world, maya, f'run shop/deploy A="{doubled}"')

    [call] = world.buddy.journal.select("POST")
    assert call.body["variables"] == [{"key": "A", "value": value}]
    assert value not in told or len(value) == 1
    assert world.deploys.messages[-1].reads


async def rows(world: World) -> list[dict[str, object]]:
    """Read the runs as they are stored."""
    async with world.stage.bot.database.snapshot() as transaction:
        found = await transaction.run(select(run).order_by(run.c.id))
        return [dict(row) for row in found.mappings()]
