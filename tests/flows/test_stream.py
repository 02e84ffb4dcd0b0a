"""Whatever tells of an execution, and however often: each channel gets one card, and it is true."""

from datetime import timedelta

from tests.flows.acts import story
from tests.flows.heard import busy, cards, states, step, subscribe, webhook
from tests.prometheus import scraped
from tests.world import World, both_doors

pytestmark = both_doors

LIST = "/executions"
"""How the path of a pipeline's list ends; its executions' own paths go on."""


async def test_a_push_becomes_one_card(world: World) -> None:
    """Buddy tells of the start and of the end; the card shows each, and there is one."""
    maya = await world.person("maya")
    await subscribe(world, maya)
    await webhook(world, maya)

    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.settled()

    [card] = cards(world.deploys, run)
    assert "Fix login" in card.reads
    assert "Cancel" in card.buttons
    await world.passes(25)
    assert "Approve" in card.buttons
    run.approve(by=world.colleagues["maya"])
    await world.passes(60)
    assert "Successful" in card.reads
    assert len(cards(world.deploys, run)) == 1
    assert [line.split(" ")[0] for line in story(card)] == [
        ":raised_hand:",
        ":white_check_mark:",
        ":white_check_mark:",
    ]


async def test_all_three_sources_give_one_card(world: World) -> None:
    """A webhook, the step of the gate, and the list of the pipeline."""
    maya = await world.person("maya")
    await webhook(world, maya)
    await step(world, maya)
    await subscribe(world, maya)

    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(700)

    [card] = cards(world.deploys, run)
    assert "Approve" in card.buttons
    assert await states(world, run) == ["told"]
    assert story(card) == [":raised_hand: Approve production waits for a decision"]


async def test_all_three_sources_at_the_same_moment_give_one_card(world: World) -> None:
    """The start, the gate and the list are told together, and none of them before."""
    maya = await world.person("maya")
    await webhook(world, maya)
    await step(world, maya)
    await subscribe(world, maya)
    await world.passes(5)
    lists = _lists(world)

    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    world.stage.clock.advance(timedelta(seconds=30))
    await world.settled()

    [card] = cards(world.deploys, run)
    assert "Approve" in card.buttons
    assert await states(world, run) == ["told"]
    assert _lists(world) > lists
    sample = await scraped(world.stage.bot)
    for source in ("webhook", "step"):
        assert sample[f"greenlight_deliveries_total new {source}"] == 1
    assert sample["greenlight_notified_seconds_count"] == 1
    await world.passes(60)
    assert cards(world.deploys, run) == [card]
    assert story(card) == [":raised_hand: Approve production waits for a decision"]


async def test_the_time_from_the_first_word_to_the_card_is_measured(world: World) -> None:
    """By the simulated clock, in which Slack takes nothing for twenty seconds."""
    maya = await world.person("maya")
    await subscribe(world, maya)
    await webhook(world, maya)
    world.slack.faults.order(busy(20))

    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(25)

    [card] = cards(world.deploys, run)
    assert "Approve" in card.buttons
    assert story(card)
    sample = await scraped(world.stage.bot)
    assert sample["greenlight_notified_seconds_count"] == 1
    assert 20 <= sample["greenlight_notified_seconds_sum"] <= 25
    assert sample["greenlight_notified_seconds_bucket 10.0"] == 0
    assert sample["greenlight_notified_seconds_bucket 30.0"] == 1


async def test_without_an_address_the_list_tells(world: World) -> None:
    """Nothing calls the bot; it looks by itself."""
    maya = await world.person("maya")
    await subscribe(world, maya)
    await world.passes(30)
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")

    await world.passes(15)

    [card] = cards(world.deploys, run)
    assert "Fix login" in card.reads


def _lists(world: World) -> int:
    return sum(call.path.endswith(LIST) for call in world.buddy.journal.select("GET"))
