"""Keys are changed while people work: nobody notices, and nobody has to connect again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from bot.app import running
from bot.database import Database
from bot.entry import StartFailed
from bot.services.keyring import Keyring
from bot.store.tables import click, identity
from bot.vault import Vault, key_name, key_of
from sandbox.buddy import Execution, Gate
from sandbox.clock import SandboxClock
from sandbox.slack import Message, Person
from sandbox.stage import settings_for, simulators
from tests.world import World, both_databases, world_of

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
DEAD_AFTER = timedelta(minutes=5)
OPERATIONS = 200
CHANNELS = 40
"""A channel takes about one message a second, and each thread is told something."""

AT_ONCE = 10


@asynccontextmanager
async def beside(world: World) -> AsyncIterator[Keyring]:
    """Be the operator's command, which opens the same database beside the bot."""
    url = world.stage.settings.database_url.get_secret_value()
    database = Database.open(url, alone=False)
    try:
        yield Keyring(database, Vault([OLD, NEW]), world.stage.clock)
    finally:
        await database.close()


async def heart_beats(world: World) -> None:
    """Let the bot's heart beat, so that it learns of a promotion."""
    world.stage.clock.advance(timedelta(minutes=1))
    await world.settled()


async def sealed_with(world: World) -> set[str]:
    """Name the keys that something stored is sealed with."""
    async with world.stage.bot.database.snapshot() as transaction:
        tokens = await transaction.run(select(identity.c.sealed_token))
        urls = await transaction.run(select(click.c.sealed_answer_url))
        values = [*tokens.scalars(), *urls.scalars()]
    return {key_of(value) for value in values if value}


async def waiting_gates(world: World, people: Sequence[Person]) -> list[tuple[Execution, Message]]:
    """Let many pipelines wait at their gates, each with its card; a few cards to a channel."""
    world.slack.rate_limits, world.buddy.rate_limit = False, 1_000_000
    channels = [world.slack.channel(f"go-{number}", people) for number in range(CHANNELS)]
    pipelines = [
        world.buddy.pipeline(
            "acme", "shop", f"Go {number}", identifier=f"go{number}", actions=[Gate("Ship it")]
        )
        for number in range(OPERATIONS)
    ]
    runs = [each.push(by=world.colleagues["maya"], message="Fix") for each in pipelines]
    shown = []
    for number, run in enumerate(runs):
        channel = channels[number % CHANNELS]
        await world.acts(people[0].says(f"/buddy show shop/go{number}#{run.id}", in_=channel))
        shown.append((run, channel.messages[-1]))
    return shown


async def change_keys(world: World, ring: Keyring, begun: int) -> None:
    """Take one more step of the change, when so many operations were begun."""
    if begun == 40:
        assert await ring.promote(key_name(NEW))
    if begun == 80:
        await heart_beats(world)
    if begun == 120:
        assert not (await ring.rotate(batch=10)).unreadable
    if begun == 160:
        await world.settled()
        await ring.rotate()
        await ring.retire(key_name(OLD))


@both_databases
@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_keys_are_changed_while_200_operations_run(story_database: Path | str) -> None:
    """Each has its one effect, sealed and opened with whichever key is due."""
    told = {"token_keys": [OLD, NEW], "dead_after": DEAD_AFTER, "slack_edits_per_minute": 0}
    async with world_of(story_database, [], **told) as world, beside(world) as ring:
        people = [await world.person(name) for name in ("maya", "ben", "tom")]
        shown = await waiting_gates(world, people)
        assert await sealed_with(world) == {key_name(OLD)}

        for begun in range(0, OPERATIONS, AT_ONCE):
            async with asyncio.TaskGroup() as tasks:
                for place, (_, card) in enumerate(shown[begun : begun + AT_ONCE]):
                    tasks.create_task(people[place % 3].clicks(card, "Approve"))
                await change_keys(world, ring, begun)
        await world.passes(15)

        assert await sealed_with(world) == {key_name(NEW)}
        for run, card in shown:
            assert [effect.operation for effect in run.history] == ["APPLY"]
            assert [reply.reads for reply in card.thread]
            assert card.reads
        # A busy machine may make somebody wait for longer than silence may last.
        assert all("Still on it" in note.reads for each in people for note in each.ephemerals)


async def test_a_bot_without_a_needed_key_does_not_start(tmp_path: Path) -> None:
    """It names the key that is missing and where it belongs, and opens no door."""
    clock = SandboxClock()
    database = tmp_path / "greenlight.sqlite3"
    async with simulators(clock) as (slack, buddy):
        async with running(settings_for(slack, buddy, database, token_keys=[OLD]), clock):
            pass
        with pytest.raises(StartFailed) as refused:
            async with running(settings_for(slack, buddy, database, token_keys=[NEW]), clock):
                pass
        async with running(settings_for(slack, buddy, database, token_keys=[NEW, OLD]), clock):
            pass

    assert f"GREENLIGHT_TOKEN_KEYS lacks key {key_name(OLD)}" in str(refused.value)
    assert OLD not in str(refused.value)


async def test_keys_are_changed_while_the_values_of_a_run_wait(tmp_path: Path) -> None:
    """They are sealed anew like everything else, and arrive as they were typed."""
    opened = world_of(tmp_path, token_keys=[OLD, NEW], dead_after=DEAD_AFTER)
    async with opened as world, beside(world) as ring:
        for name in ("Release", "Release notes"):
            world.buddy.pipeline("acme", "shop", name)
        maya = await world.person("maya")
        await world.acts(maya.says("/buddy run shop/rel SECRET=hunter2", in_=world.deploys))
        question = maya.ephemerals[-1]

        assert await ring.promote(key_name(NEW))
        await heart_beats(world)
        assert not (await ring.rotate()).unreadable
        await ring.retire(key_name(OLD))
        await world.acts(maya.clicks(question, "acme/shop/release"))

        [call] = world.buddy.journal.select("POST")
        assert call.body["variables"] == [{"key": "SECRET", "value": "hunter2"}]
        assert world.deploys.messages[-1].reads
        assert [note.reads for note in maya.ephemerals]
