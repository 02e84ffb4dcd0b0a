"""A channel is told of what it wants to be told of, by whoever may see it, and of nothing else."""

from dataclasses import replace

import pytest

from bot.domain.command import Moment
from bot.domain.subscription import ONLY_FAILURES, ONLY_GATES, USUAL
from bot.store import subscriptions
from sandbox.buddy import Gate, Step
from sandbox.faults import Fault
from sandbox.faults import Moment as When
from tests.flows.acts import story, types
from tests.flows.heard import Told, busy, cards, states, step, subscribe, webhook
from tests.world import World, both_databases


async def test_only_failures(world: World) -> None:
    """Nothing is said while it runs; a failure is told, and that it is mended."""
    maya = await world.person("maya")
    ben = world.colleagues["maya"]
    tests = world.buddy.pipeline("acme", "shop", "Tests", actions=[Step("Test", seconds=30)])
    await subscribe(world, maya, told=Told(ONLY_FAILURES), pipeline=tests)
    await webhook(world, maya)

    good = tests.push(by=ben, message="Fine")
    await world.passes(40)
    bad = tests.push(by=ben, message="Broken")
    bad.fails_at("Test")
    await world.passes(20)
    assert cards(world.deploys, bad) == []
    await world.passes(20)
    mended = tests.push(by=ben, message="Mended")
    await world.passes(40)
    more = tests.push(by=ben, message="Fine again")
    await world.passes(40)

    assert cards(world.deploys, good) == cards(world.deploys, more) == []
    [card] = cards(world.deploys, bad)
    assert "Failed" in card.reads
    assert ["Back to green" in reply.reads for reply in card.thread] == [False, True]
    [card] = cards(world.deploys, mended)
    assert "Successful" in card.reads
    assert "failed at Test" in maya.dms[-1].reads


async def test_only_gates_without_a_step(world: World) -> None:
    """No webhook tells of a gate, so the run is looked at until it reaches one."""
    maya = await world.person("maya")
    await subscribe(world, maya, told=Told(ONLY_GATES))
    await webhook(world, maya)
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(15)
    assert cards(world.deploys, run) == []

    await world.passes(15)

    [card] = cards(world.deploys, run)
    assert "Approve" in card.buttons
    assert story(card) == [":raised_hand: Approve production waits for a decision"]


async def test_a_step_tells_of_each_gate_at_once(world: World) -> None:
    """As a form or as JSON, by its new names or the old ones."""
    maya = await world.person("maya")
    world.deploy.plan([Step("Build", seconds=5), Gate("One"), Gate("Two")])
    await subscribe(world, maya, told=Told(ONLY_GATES))
    for as_form in (True, False):
        await step(world, maya, as_form=as_form, old_names=as_form)
        run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
        await world.passes(5)
        [card] = cards(world.deploys, run)
        assert "Approve" in card.buttons
        run.approve(by=world.colleagues["maya"])
        await world.passes(5)
        assert len(cards(world.deploys, run)) == 1
        assert story(card)


async def test_branches_by_pattern(world: World) -> None:
    """Any of several patterns may fit; a tag has no branch."""
    maya = await world.person("maya")
    ben = world.colleagues["maya"]
    world.deploy.concurrent = True
    await subscribe(world, maya, told=Told(branch="main release/*"))
    await webhook(world, maya)
    told = [world.deploy.push(by=ben, message=each, branch=each) for each in ("main", "release/4")]
    other = world.deploy.push(by=ben, message="x", branch="feature/release/4")
    tag = world.deploy.run(by=ben, tag="v1")
    await world.passes(10)

    assert [len(cards(world.deploys, run)) for run in (*told, other, tag)] == [1, 1, 0, 0]


async def test_only_what_one_person_started(world: World) -> None:
    """Whoever's Buddy account is linked to the person of Slack who is named."""
    maya, tom = await world.person("maya"), await world.person("tom")
    world.deploy.concurrent = True
    await subscribe(world, maya, told=Told(by=tom))
    await webhook(world, maya)
    hers = world.deploy.push(by=world.colleagues["maya"], message="Hers", branch="hers")
    his = world.deploy.push(by=world.colleagues["tom"], message="His", branch="his")
    await world.passes(10)

    assert [len(cards(world.deploys, run)) for run in (hers, his)] == [0, 1]


async def test_each_channel_is_told_for_itself(world: World) -> None:
    """Two wishes of one channel make one card; another channel gets its own, and a project's."""
    maya = await world.person("maya")
    other, third = world.slack.channel("shop", [maya]), world.slack.channel("all", [maya])
    await subscribe(world, maya)
    await subscribe(world, maya, told=Told(whole_project=True))
    await subscribe(world, maya, third, Told(whole_project=True))
    await subscribe(world, maya, other, Told((Moment.SUCCEEDED,)))
    await webhook(world, maya)
    world.deploy.plan([Step("Build", seconds=20)])
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(10)
    assert [len(cards(place, run)) for place in (world.deploys, third, other)] == [1, 1, 0]

    await world.passes(20)

    assert [len(cards(place, run)) for place in (world.deploys, third, other)] == [1, 1, 1]
    for place in (world.deploys, third, other):
        [card] = cards(place, run)
        assert "Successful" in card.reads
        assert len(story(card)) <= 1


async def test_nobody_is_told_by_somebody_elses_rights(world: World) -> None:
    """Tom may not see the pipeline any more: his channel stays silent, Maya's does not."""
    maya, tom = await world.person("maya"), await world.person("tom")
    his = world.slack.channel("toms", [tom])
    await subscribe(world, maya)
    await subscribe(world, tom, his)
    await webhook(world, maya)
    world.deploy.grant(world.colleagues["tom"], "DENIED")

    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(10)

    assert len(cards(world.deploys, run)) == 1
    assert cards(his, run) == []


@both_databases
@pytest.mark.parametrize(
    ("also", "is_told", "is_told_of_failure"),
    [
        (Told(branch="main"), True, True),
        (Told(branch="release/*"), False, False),
        (Told(moments=ONLY_FAILURES, branch="main"), False, True),
    ],
    ids=["fits", "another-branch", "later"],
)
async def test_whoever_else_wanted_it_is_told_when_a_subscription_ends(
    world: World, also: Told, *, is_told: bool, is_told_of_failure: bool
) -> None:
    """Its card was on the way: another of the channel's wishes takes it over if it fits."""
    maya = await world.person("maya")
    first = await subscribe(world, maya)
    await subscribe(world, maya, told=replace(also, whole_project=True))
    await webhook(world, maya)
    world.slack.faults.order(busy(15))
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.settled()
    async with world.stage.bot.database.transaction() as transaction:
        await subscriptions.remove(transaction, first)
    await world.passes(17)
    assert len(cards(world.deploys, run)) == is_told

    run.fails_at("Build")
    await world.passes(30)

    assert len(cards(world.deploys, run)) == is_told_of_failure
    for card in cards(world.deploys, run):
        assert "Failed" in card.reads
        assert story(card)


@both_databases
@pytest.mark.parametrize("moments", [USUAL, ONLY_FAILURES], ids=["now", "later"])
async def test_a_card_that_may_stand_there_is_looked_for_by_whoever_else_wanted_it(
    world: World, moments: tuple[Moment, ...]
) -> None:
    """Slack's answer got lost, and then the subscription ended: the channel has one card."""
    world.slack.scopes.add("channels:history")
    maya = await world.person("maya")
    first = await subscribe(world, maya)
    await subscribe(world, maya, told=Told(moments=moments, whole_project=True))
    await webhook(world, maya)
    world.slack.faults.order(Fault(path="chat.postMessage", drop=True, moment=When.AFTER, times=9))
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.settled()
    world.slack.faults.clear()
    assert len(cards(world.deploys, run)) == 1
    async with world.stage.bot.database.transaction() as transaction:
        await subscriptions.remove(transaction, first)
    await world.passes(10)
    run.fails_at("Build")
    await world.passes(30)

    [card] = cards(world.deploys, run)
    assert "Failed" in card.reads
    assert story(card)
    assert await states(world, run) == ["told"]


async def test_a_card_that_is_there_is_the_card(world: World) -> None:
    """Somebody showed the run before Buddy's word arrived: it gets no second card."""
    maya = await world.person("maya")
    await subscribe(world, maya)
    world.buddy.deliveries.mishaps.is_cut = True
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    card = await world.card(maya, run)
    world.buddy.deliveries.mishaps.is_cut = False
    await webhook(world, maya)
    await world.passes(30)

    assert cards(world.deploys, run) == [card]
    assert await states(world, run) == ["told"]
    assert story(card)


async def test_a_project_that_was_renamed_is_told_of_all_the_same(world: World) -> None:
    """Its pipelines keep their numbers; the subscription learns the new name."""
    maya = await world.person("maya")
    await subscribe(world, maya)
    await webhook(world, maya)
    world.buddy.rename(world.deploy.project, "storefront")

    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(10)

    assert len(cards(world.deploys, run)) == 1


async def test_without_anybody_who_reads_nothing_is_told(world: World) -> None:
    """Maya disconnects; once she is back, what happened since is told by the list."""
    maya = await world.person("maya")
    await subscribe(world, maya)
    await world.passes(20)
    await types(world, maya, "disconnect")
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(60)
    assert cards(world.deploys, run) == []

    await world.connect(maya)
    await world.passes(700)

    [card] = cards(world.deploys, run)
    assert "Approve" in card.buttons
    assert story(card)


async def test_projects_that_nobody_wants_to_hear_of_are_forgotten(world: World) -> None:
    """Which pipelines a project has is kept while a channel is told of it, and no longer."""
    maya = await world.person("maya")
    polling = world.stage.bot.services.polling
    several = []
    for name in ("one", "two"):
        world.buddy.project("acme", name)
        other = world.buddy.pipeline("acme", name, "Tests", identifier="tests")
        several.append(await subscribe(world, maya, told=Told(whole_project=True), pipeline=other))
    for number in several:
        await world.passes(61)
        kept = {scope.project for scope in polling._projects}  # noqa: SLF001 - shown nowhere
        assert kept == {"one", "two"} - ({"one"} if number == several[1] else set())
        async with world.stage.bot.database.transaction() as transaction:
            await subscriptions.remove(transaction, number)
    await world.passes(61)
    assert not polling._projects  # noqa: SLF001 - shown nowhere
