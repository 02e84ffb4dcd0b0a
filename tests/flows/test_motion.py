"""The card in motion: how far, how long still, and only edited when there is something to see."""

from datetime import timedelta

from sandbox.buddy import Execution, Gate, Step
from sandbox.slack import Message, Person
from tests.flows.acts import story
from tests.world import World


def lists(world: World) -> int:
    """Count how often Buddy was asked for a list of executions."""
    return sum(call.path.endswith("/executions") for call in world.buddy.journal.select("GET"))


async def ran(world: World, person: Person, *seconds: float) -> None:
    """Let executions succeed that take so many seconds each."""
    for each in seconds:
        world.deploy.plan([Step("Build", seconds=each / 2), Step("Deploy", seconds=each / 2)])
        world.deploy.push(by=world.colleagues[person.name], message="Before")
        world.stage.clock.advance(timedelta(seconds=each))


async def started(world: World, person: Person) -> tuple[Execution, Message]:
    """Push a commit and show its card at once."""
    run = world.deploy.push(by=world.colleagues[person.name], message="Fix login")
    return run, await world.card(person, run)


async def test_the_time_that_is_left_comes_from_the_pipelines_own_history(world: World) -> None:
    """Once there are three successes; for one list, however many cards and reads there are."""
    maya = await world.person("maya")
    await ran(world, maya, 100, 140)
    _, early = await started(world, maya)
    assert "0 of 2 actions done\n" in early.reads
    await world.passes(140)
    assert "Successful after 2 min 20 s." in early.thread[0].reads
    world.stage.clock.advance(timedelta(minutes=15))
    before = lists(world)

    world.deploy.plan([Step("Build", seconds=70), Step("Deploy", seconds=170)])
    _, card = await started(world, maya)
    assert "0 of 2 actions done, about 2 min left" in card.reads
    await world.passes(80)
    assert "1 of 2 actions done, about 1 min left" in card.reads
    assert "Deploy (in progress): since 09:" in card.reads
    await world.passes(40)
    assert "1 of 2 actions done, less than a minute left" in card.reads
    await world.passes(80)
    assert "1 of 2 actions done, takes longer than usual" in card.reads
    await world.passes(60)

    assert lists(world) == before + 1
    assert story(card) == [
        ":white_check_mark: Successful after 4 min: 1 min 40 s longer than usual"
    ]


async def test_where_gates_ask_people_only_what_was_followed_tells(world: World) -> None:
    """A list does not tell how long people took; nothing is said before the gate."""
    maya = await world.person("maya")
    for waits in (10, 300, 20):
        run, card = await world.waiting(maya)
        world.stage.clock.advance(timedelta(seconds=waits))
        run.approve(by=world.colleagues["maya"])
        await world.passes(60)
        assert len(card.thread) == 2
        assert all(reply.reads for reply in card.thread)
        assert "Successful" in card.reads

    run, card = await started(world, maya)
    assert "0 of 3 actions done\n" in card.reads
    await world.passes(25)
    run.approve(by=world.colleagues["maya"])
    await world.passes(6)

    assert "2 of 3 actions done, less than a minute left" in card.reads
    await world.passes(60)
    assert story(card)[-1].endswith("at gates, about as usual")
    assert card.reads


async def test_a_card_is_edited_only_when_there_is_something_to_see(world: World) -> None:
    """Progress shows in steps of ten percent, a moment instead of seconds that tick."""
    world.deploy.plan([Step("Build", seconds=600), Gate("Approve production")])
    maya = await world.person("maya")
    _, card = await started(world, maya)
    before = len(world.slack.journal.select(path="chat.update"))

    await world.passes(290)

    assert "Build (in progress): since 09:00 UTC · 40 %" in card.reads
    assert len(world.slack.journal.select(path="chat.update")) - before <= 5
    assert not card.thread
