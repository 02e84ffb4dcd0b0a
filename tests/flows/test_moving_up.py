"""An installation moves to PostgreSQL in the middle of its work, and goes on there."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from cryptography.fernet import Fernet
from structlog.testing import capture_logs

from bot.admin.moving import move
from bot.app import running
from bot.entry import own_id
from sandbox.buddy import Execution, SimulatedBuddy
from sandbox.clock import SandboxClock, hold_up
from sandbox.faults import Fault
from sandbox.slack import Message, Person, SimulatedSlack
from sandbox.stage import Stage, settings_for, simulators
from tests.postgres import PostgresDatabase
from tests.world import TOKEN_FIELD, USUAL, World

KEY = Fernet.generate_key().decode()
PATIENT = timedelta(minutes=5)
"""Time stands still and then jumps: no heart can keep pace with that."""

Place = tuple[SandboxClock, SimulatedSlack, SimulatedBuddy]


@asynccontextmanager
async def bot_on(database: Path | str, place: Place) -> AsyncIterator[Stage]:
    """Run a bot between a Slack and a Buddy that outlive it."""
    clock, slack, buddy = place
    settings = settings_for(slack, buddy, database, token_keys=[KEY], dead_after=PATIENT)
    async with running(settings, clock) as bot:
        slack.deliver_to(f"{bot.url}/slack/events")
        yield Stage(clock, slack, buddy, bot, settings)


async def waiting_card(world: World, person: Person, name: str) -> tuple[Execution, Message]:
    """Let a pipeline come to its gate, and show its card."""
    pipeline = world.buddy.pipeline("acme", "shop", name, identifier=name, actions=list(USUAL))
    run = pipeline.push(by=world.colleagues[person.name], message="Fix login")
    await world.passes(25)
    return run, await world.card(person, run)


async def until(world: World, look: Callable[[], object]) -> None:
    """Let time pass until there is something to see: what others put is looked for in turns."""
    async with asyncio.timeout(60):
        while not look():
            await hold_up(timedelta(milliseconds=5))
            await world.passes(1)


async def test_a_bot_goes_on_where_it_was(
    tmp_path: Path, postgres_database: PostgresDatabase
) -> None:
    """One approval was lost on its way, one waits for an account, one was not clicked yet."""
    clock, file = SandboxClock(), tmp_path / "greenlight.sqlite3"
    with capture_logs() as log:
        async with simulators(clock) as (slack, buddy):
            place = (clock, slack, buddy)
            buddy.workspace("acme")
            buddy.project("acme", "shop")
            usual = buddy.pipeline("acme", "shop", "Deploy", identifier="deploy", actions=USUAL)
            async with bot_on(file, place) as stage:
                world = World(stage, log, usual, slack.channel("deployments"))
                maya = await world.person("maya")
                ben = await world.person("ben", connected=False)
                lost, waits, later = [
                    await waiting_card(world, maya, name) for name in ("lost", "waits", "later")
                ]
                await world.acts(ben.clicks(waits[1], "Approve"))
                assert "15 minutes" in world.private(ben)
                buddy.faults.order(Fault("PATCH", drop=True))
                await world.acts(maya.clicks(lost[1], "Approve"))
                assert not lost[0].history
                ours = await own_id(stage.bot.database)

            said = await move(f"sqlite:///{file}", postgres_database.url())
            assert re.search(r"^installation +1 ", said, re.MULTILINE)

            async with bot_on(postgres_database.url(), place) as stage:
                world.stage = stage
                assert await own_id(stage.bot.database) == ours
                await until(world, lambda: lost[1].thread)
                assert [effect.who for effect in lost[0].history] == ["Maya"]
                await ben.says("/buddy connect", in_=world.deploys)
                await world.settled()
                await ben.submits({TOKEN_FIELD: world.colleagues["ben"].token})
                await world.settled()
                assert [effect.who for effect in waits[0].history] == ["Ben"]
                await world.acts(maya.clicks(later[1], "Approve"))
                assert [effect.who for effect in later[0].history] == ["Maya"]
                await world.passes(5)
            assert len(world.patches()) == 4
            for (_, card), who in ((lost, "maya"), (waits, "ben"), (later, "maya")):
                assert f"Approved by @{who}" in card.reads
                assert [f"@{who} approved" in reply.reads for reply in card.thread] == [True]
            assert ben.modal is not None
            assert "carried out now" in ben.modal.reads
            assert all(note.reads for note in ben.ephemerals)
            world.held_to_account()
