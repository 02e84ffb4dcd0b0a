"""Who started what failed is left alone in quiet hours; what is mended by their end is not told."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.domain.quiet import QuietHours
from bot.store import habits
from bot.store.habits import ChannelHabits
from sandbox.buddy import Execution
from sandbox.faults import Fault
from sandbox.slack import Channel, Message, Person
from tests.world import World

MINUTE = 60


@dataclass(frozen=True, slots=True)
class Scene:
    """A run of somebody's that fails under a card."""

    ben: Person
    run: Execution
    cards: list[Message]

    @property
    def told(self) -> list[str]:
        """Read what the starter was told directly."""
        return [message.reads.partition("\n")[0] for message in self.ben.dms]


async def quiet(world: World, channel: Channel, *, minutes: int, team: str = "") -> None:
    """Let it be quiet in a channel from an hour ago until some minutes from now."""
    now = world.stage.clock.now()
    since, until = (now + timedelta(minutes=away) for away in (-60, minutes))
    told = ChannelHabits(QuietHours(since.time(), until.time(), "UTC"))
    async with world.stage.bot.database.transaction() as transaction:
        await habits.set_channel(transaction, team or world.slack.team, channel.id, told)


async def fails(world: World, *also: Channel) -> Scene:
    """Let a run of Ben's fail, which Maya shows in the channel, and in others."""
    maya, ben = await world.person("maya"), await world.person("ben")
    run = world.deploy.push(by=world.colleagues["ben"], message="Fix login")
    run.fails_at("Build")
    shown = [await world.card(maya, run)]
    for channel in also:
        maya.joins(channel)
        await world.acts(maya.says("/buddy show shop/deploy#1", in_=channel))
        shown.append(channel.messages[-1])
    await world.passes(30)
    for each in shown:
        assert "Failed" in each.reads
        assert len(each.thread) == 1
        assert each.thread[0].reads
    return Scene(ben, run, shown)


async def test_a_failure_waits_for_the_end_of_quiet_hours(world: World) -> None:
    """Of the channel that shows it; the thread says it at once, whoever is awake reads it there."""
    await quiet(world, world.deploys, minutes=20)
    scene = await fails(world)
    await world.passes(15 * MINUTE)
    assert scene.told == []
    await world.passes(6 * MINUTE)
    [told] = scene.told
    assert told.startswith(":x: shop / Deploy #1 on main, which you started, failed at Build")


@pytest.mark.parametrize("minutes", [30, 10])
async def test_ones_own_quiet_hours_count_first(world: World, minutes: int) -> None:
    """Chosen in the conversation with the bot; longer or shorter than those of the channel."""
    ben = world.slack.person("ben")
    await quiet(world, world.deploys, minutes=20)
    await quiet(world, world.slack.space.direct(ben.id), minutes=minutes)
    scene = await fails(world)
    await world.passes((minutes - 3) * MINUTE)
    assert scene.told == []
    await world.passes(3 * MINUTE)
    assert len(scene.told) == 1


async def test_where_one_channel_is_awake_the_starter_is_too(world: World) -> None:
    """Everybody there reads that it failed."""
    await quiet(world, world.deploys, minutes=20)
    scene = await fails(world, world.slack.channel("night-shift"))
    assert len(scene.told) == 1


async def test_quiet_hours_of_another_team_are_none_of_its_channel(world: World) -> None:
    """A channel that several teams share has habits for each."""
    await quiet(world, world.deploys, minutes=20, team="TELSEWHERE")
    assert len((await fails(world)).told) == 1


async def test_what_is_mended_by_then_is_not_told(world: World) -> None:
    """Nobody is called in the morning for what was retried in the night."""
    await quiet(world, world.deploys, minutes=20)
    scene = await fails(world)
    scene.run.retry(by=world.colleagues["maya"])
    await world.passes(60)
    scene.run.approve(by=world.colleagues["maya"])
    await world.passes(22 * MINUTE)
    assert scene.run.status == "SUCCESSFUL"
    assert scene.told == []
    assert [reply.reads for reply in scene.cards[0].thread]
    assert scene.cards[0].reads


@pytest.mark.parametrize("fails_again", [True, False])
async def test_what_runs_again_then_is_told_by_its_end(world: World, *, fails_again: bool) -> None:
    """Once it is known whether it was mended."""
    await quiet(world, world.deploys, minutes=20)
    scene = await fails(world)
    await world.passes(15 * MINUTE)
    scene.run.retry(by=world.colleagues["maya"])
    await world.passes(7 * MINUTE)
    assert scene.told == []
    if fails_again:
        scene.run.fails_at("Deploy")
    scene.run.approve(by=world.colleagues["maya"])
    await world.passes(12 * MINUTE)
    assert bool(scene.told) is fails_again
    assert [reply.reads for reply in scene.cards[0].thread]
    assert scene.cards[0].reads


async def test_what_cannot_be_looked_at_again_is_told(world: World) -> None:
    """Better once too often than not at all."""
    await quiet(world, world.deploys, minutes=20)
    scene = await fails(world)
    world.buddy.faults.order(Fault(method="GET", path="/executions/1", status=403, times=1_000))
    await world.passes(22 * MINUTE)
    assert len(scene.told) == 1
