"""Two bots share a PostgreSQL: any may receive a click, any may carry it out, once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.app import Bot, running
from sandbox.buddy import Execution
from sandbox.slack import Message, Person
from tests.flows.acts import story
from tests.world import TOKEN_FIELD, USUAL, World, both_doors

pytestmark = both_doors


@pytest.fixture
def on_postgresql() -> bool:
    """Let them share what several processes can share."""
    return True


@asynccontextmanager
async def another(world: World) -> AsyncIterator[Bot]:
    """Start a second bot beside the world's own, set up in the same way."""
    async with running(world.stage.settings, world.stage.clock) as bot:
        yield bot


def doors(world: World, other: Bot) -> list[str]:
    """List where both bots listen."""
    return [f"{bot.url}/slack/events" for bot in (world.stage.bot, other)]


async def all_done(world: World, other: Bot) -> None:
    """Let time pass until neither bot has anything left to do."""
    for _ in range(4):
        world.stage.clock.advance(timedelta(seconds=1))
        await asyncio.gather(world.settled(), other.settled())


Shown = list[tuple[Execution, Message]]


async def waiting_runs(world: World, person: Person, number: int) -> Shown:
    """Let several pipelines come to their gates, each with its card."""
    runs = []
    for each in range(number):
        pipeline = world.buddy.pipeline(
            "acme", "shop", f"Ship {each}", identifier=f"ship{each}", actions=list(USUAL)
        )
        run = pipeline.push(by=world.colleagues[person.name], message="Fix login")
        runs.append(run)
    await world.passes(25)
    return [(run, await world.card(person, run)) for run in runs]


async def test_every_click_has_one_effect_whoever_receives_it(
    world: World, *, by_socket: bool
) -> None:
    """Both get clicks; both get the same click, when Slack or a finger repeats it."""
    maya = await world.person("maya")
    shown = await waiting_runs(world, maya, 8)
    async with another(world) as other:
        for number, (_, card) in enumerate(shown):
            if not by_socket:
                world.slack.deliver_to(doors(world, other)[number % 2])
            old = card.snapshot()
            await asyncio.gather(maya.clicks(old, "Approve"), maya.clicks(old, "Approve"))
            if number % 3 == 0:
                await all_done(world, other)
        await all_done(world, other)

        for run, card in shown:
            assert [effect.operation for effect in run.history] == ["APPLY"]
            assert len([one for one in card.thread if "approved" in one.reads]) == 1
            assert "Approved by @maya" in card.reads
        assert len(world.patches()) == len(shown)
        assert all("Already approved by you" in note.reads for note in maya.ephemerals)
    assert not [line for line in world.log if line["event"] == "socket.shared"]


async def test_one_goes_on_when_the_other_stops(world: World, *, by_socket: bool) -> None:
    """A replica is stopped and replaced in the middle: what it took is carried out."""
    maya = await world.person("maya")
    shown = await waiting_runs(world, maya, 6)
    for _ in range(2):
        async with another(world) as other:
            if not by_socket:
                world.slack.deliver_to(doors(world, other)[1])
            for _, card in [shown.pop() for _ in range(3)]:
                await maya.clicks(card, "Approve")
        if not by_socket:
            world.slack.deliver_to(f"{world.stage.bot.url}/slack/events")
        for _ in range(3):
            world.stage.clock.advance(timedelta(seconds=1))
            await world.settled()

    assert [call["operation"] for call in world.patches()] == ["APPLY"] * 6
    for card in world.deploys.messages:
        assert "Approved by @maya" in card.reads
        told = [reply.reads for reply in card.thread]
        assert len([text for text in told if "@maya approved" in text]) == 1
        assert len(told) == len(set(told))


async def test_two_of_them_tell_a_story_once(world: World) -> None:
    """Whoever reads it next: decided in Buddy, failed, run again; and each thing in its order."""
    maya = await world.person("maya")
    [(run, card)] = await waiting_runs(world, maya, 1)
    run.fails_at("Deploy")
    async with another(world) as other:
        run.approve(by=world.colleagues["maya"])
        for _ in range(10):
            await all_done(world, other)
        await maya.clicks(card, "Retry")
        for _ in range(8):
            await all_done(world, other)

    assert story(card) == [
        ":white_check_mark: @maya approved Approve production in Buddy",
        ":x: Deploy failed after 30 s",
        ":repeat: @maya retried this",
        ":raised_hand: Approve production waits for a decision",
    ]
    assert card.buttons == ["Approve", "Reject"]


async def test_what_one_learns_the_other_knows(world: World, *, by_socket: bool) -> None:
    """Somebody connects an account through one, and acts through the other."""
    maya, ben = await world.person("maya"), await world.person("ben", connected=False)
    [(run, card)] = await waiting_runs(world, maya, 1)
    async with another(world) as other:
        await ben.clicks(card, "Approve")
        await all_done(world, other)
        assert "I do not know your Buddy account yet" in world.private(ben)
        if not by_socket:
            world.slack.deliver_to(doors(world, other)[1])
        await ben.says("/buddy connect", in_=world.deploys)
        await all_done(world, other)
        await ben.submits({TOKEN_FIELD: world.colleagues["ben"].token})
        await all_done(world, other)
        assert ben.modal is not None
        assert "carried out now" in ben.modal.reads
        await ben.says("/buddy whoami", in_=world.deploys)
        await all_done(world, other)
        assert "you act as Ben" in world.private(ben)

    assert [effect.who for effect in run.history] == ["Ben"]
    assert card.thread[0].reads
    assert card.reads
    assert all(note.reads for note in ben.ephemerals)
