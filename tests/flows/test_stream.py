"""Whatever tells of an execution, and however often: each channel gets one card, and it is true."""

from tests.flows.acts import story
from tests.flows.heard import cards, states, step, subscribe, webhook
from tests.world import World, both_doors

pytestmark = both_doors


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


async def test_without_an_address_the_list_tells(world: World) -> None:
    """Nothing calls the bot; it looks by itself."""
    maya = await world.person("maya")
    await subscribe(world, maya)
    await world.passes(30)
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")

    await world.passes(15)

    [card] = cards(world.deploys, run)
    assert "Fix login" in card.reads
