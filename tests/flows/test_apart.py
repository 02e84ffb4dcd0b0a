"""Channels of one pipeline do not depend on each other."""

from bot.store import subscriptions
from tests.flows.acts import story, types
from tests.flows.heard import Told, busy, cards, states, subscribe, webhook
from tests.world import World


async def test_an_account_without_calls_delays_its_own_channel_alone(world: World) -> None:
    """The others are told at once; that one when its owner's account may ask again."""
    maya, ben = await world.person("maya"), await world.person("ben")
    room = world.slack.channel("room", [ben, maya])
    await subscribe(world, maya)
    await subscribe(world, ben, room)
    await webhook(world, maya)
    first = world.deploy.push(by=world.colleagues["maya"], message="First")
    await world.passes(60)
    seen = [*cards(world.deploys, first), *cards(room, first)]
    assert len([story(card) for card in seen]) == 2
    first.approve(by=world.colleagues["maya"])
    await world.passes(1_900)

    world.colleagues["ben"].budget.leave(150, world.stage.clock.now(), 1_000)
    await types(world, ben, "pipelines shop")
    run = world.deploy.push(by=world.colleagues["maya"], message="Second")
    await world.passes(30)
    [card] = cards(world.deploys, run)
    assert not cards(room, run)
    await world.passes(3_700)

    [late] = cards(room, run)
    assert all(story(one) for one in (*seen, late))
    assert story(card)


async def test_a_card_under_way_outlives_one_of_two_subscriptions(world: World) -> None:
    """The channel still wants to know, by the other."""
    maya = await world.person("maya")
    one = await subscribe(world, maya)
    await subscribe(world, maya, told=Told(whole_project=True))
    await webhook(world, maya)
    world.slack.faults.order(busy(20))
    run = world.deploy.push(by=world.colleagues["maya"], message="Real")
    await world.passes(5)
    async with world.stage.bot.database.transaction() as transaction:
        await subscriptions.remove(transaction, one)
    await world.passes(40)

    [card] = cards(world.deploys, run)
    assert story(card)
    assert await states(world, run) == ["told"]
