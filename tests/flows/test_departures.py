"""A subscribed channel that cannot be reached: its subscriber is told once, and it comes back."""

import pytest

from sandbox.slack import Person
from sandbox.slack.rooms import archives, invites_bot, removes_bot, unarchives
from tests.flows.acts import types
from tests.flows.heard import Told, busy, cards, states, subscribe, webhook
from tests.world import World, both_databases, both_doors

LEFT = {"chat.postMessage: not_in_channel"}
ARCHIVED = {"chat.postMessage: is_archived", "chat.update: is_inactive"}


def told(person: Person) -> list[str]:
    """Read what a person was told directly, each by its beginning."""
    return [message.reads.partition(":")[2][:40] for message in person.dms]


@both_doors
async def test_who_subscribed_is_told_when_i_am_removed(world: World) -> None:
    """Once, with what to do; when I am invited again it goes on by itself."""
    maya = await world.person("maya")
    await subscribe(world, maya)
    await webhook(world, maya)

    await removes_bot(world.slack, world.deploys)
    await world.settled()
    [letter] = maya.dms
    assert "I can no longer post in #deployments" in letter.reads
    assert "• Web Shop / Deploy" in letter.reads
    world.expected_refusals = LEFT
    world.deploy.push(by=world.colleagues["maya"], message="Unseen")
    await world.settled()
    assert len(maya.dms) == 1

    await invites_bot(world.slack, world.deploys)
    run = world.deploy.push(by=world.colleagues["maya"], message="Seen")
    await world.settled()
    [card] = cards(world.deploys, run)
    assert "Seen" in card.reads
    listed = await types(world, maya, "subscriptions")
    assert "cannot post" not in listed


@pytest.mark.parametrize("hears", [True, False])
async def test_an_archived_channel(world: World, *, hears: bool) -> None:
    """An event tells it; without the scope for it the first card that is refused does."""
    maya = await world.person("maya")
    await subscribe(world, maya)
    await webhook(world, maya)
    if not hears:
        world.slack.scopes.discard("channels:read")
    world.expected_refusals = {*ARCHIVED, "conversations.info: missing_scope"}

    await archives(world.slack, world.deploys)
    for message in ("One", "Two"):
        world.deploy.push(by=world.colleagues["maya"], message=message)
        await world.passes(5)
    assert len(told(maya)) == 1

    await unarchives(world.slack, world.deploys)
    run = world.deploy.push(by=world.colleagues["maya"], message="Three")
    await world.passes(5)
    [card] = cards(world.deploys, run)
    assert card.reads

    await archives(world.slack, world.deploys)
    world.deploy.push(by=world.colleagues["maya"], message="Four")
    await world.passes(5)
    assert len(told(maya)) == 2


async def test_a_channel_that_gets_another_id_goes_on(world: World) -> None:
    """Its subscriptions are the same under the new one."""
    maya = await world.person("maya")
    await subscribe(world, maya)
    await webhook(world, maya)
    old, new = world.slack.changes_id(world.deploys)
    await world.slack.event(
        {"type": "channel_id_changed", "old_channel_id": old, "new_channel_id": new}
    )

    run = world.deploy.push(by=world.colleagues["maya"], message="Moved")
    await world.settled()

    [card] = cards(world.deploys, run)
    assert card.reads
    assert not maya.dms


@both_databases
async def test_a_card_on_its_way_to_a_channel_goes_to_its_new_id(world: World) -> None:
    """Slack was busy when the channel was shared with another organisation: it has one card."""
    world.slack.scopes.add("channels:history")
    maya = await world.person("maya")
    await subscribe(world, maya)
    await webhook(world, maya)
    world.slack.faults.order(busy(15))
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.settled()
    old, new = world.slack.changes_id(world.deploys)
    await world.slack.event(
        {"type": "channel_id_changed", "old_channel_id": old, "new_channel_id": new}
    )
    await world.passes(40)

    [card] = cards(world.deploys, run)
    assert "Approve" in card.buttons
    assert [reply.reads for reply in card.thread]
    assert await states(world, run) == ["told"]


async def test_somebody_else_who_leaves_is_nobodys_business(world: World) -> None:
    """Of members only the bot counts."""
    maya, ben = await world.person("maya"), await world.person("ben")
    await subscribe(world, maya)
    event = {"type": "member_left_channel", "user": ben.id, "channel": world.deploys.id}
    await world.slack.event(event)
    await world.settled()
    assert not maya.dms


async def test_who_subscribed_to_a_project_is_told_when_it_is_lost(world: World) -> None:
    """It was renamed: Buddy has no number for it, so what it is called now nobody knows."""
    maya = await world.person("maya")
    await subscribe(world, maya, told=Told(whole_project=True))
    world.buddy.rename(world.deploy.project, "storefront")
    await world.passes(14 * 60)
    assert not maya.dms
    await world.passes(13 * 60)
    [told] = maya.dms
    assert told.reads.startswith(
        ":mag: I no longer find the project Web Shop (acme/shop), to which you subscribed "
        "#deployments: it was renamed or closed, or your Buddy account does not see it any more. "
        "If it has another name now, type /buddy subscribe with that name"
    )
