"""What is nobody else's business stays out of channels that other organisations share."""

from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.buddy import Execution
from sandbox.faults import Fault
from sandbox.slack import Channel, Message, Person
from tests.flows.acts import refused_as
from tests.world import World, both_databases, both_doors, world_of

LEFT_OUT = "Another organisation may share this channel"
PRIVATE = ("Fix the login", "tested on staging", "No space left", "Is support informed?")


async def card_in(world: World, channel: Channel, person: Person, run: Execution) -> Message:
    """Show an execution in a channel."""
    await world.acts(person.says(f"/buddy show shop/deploy#{run.id}", in_=channel))
    return channel.messages[-1]


async def everything_happens(world: World) -> tuple[Message, Message]:
    """Show a run in a channel of our own and in a shared one; approve it, and let it fail."""
    maya = await world.person("maya")
    partners = world.slack.channel("partners", [maya], shared=True)
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix the login")
    run.fails_at("Deploy", logs=["No space left on device"])
    await world.passes(25)
    ours = await card_in(world, world.deploys, maya, run)
    theirs = await card_in(world, partners, maya, run)
    await world.acts(
        maya.says('/buddy approve shop/deploy#1 reason:"tested on staging"', in_=partners)
    )
    assert all(note.reads for note in maya.ephemerals)
    await world.passes(60)
    return ours, theirs


async def waits(world: World, minutes: float) -> None:
    """Let time pass at once: nothing happens but that a verdict gets too old."""
    world.stage.clock.advance(timedelta(minutes=minutes))
    await world.settled()


def whole(card: Message) -> str:
    """Read a card and its thread."""
    return "\n".join([card.reads, *(reply.reads for reply in card.thread)])


async def test_a_shared_channel_sees_states_and_no_texts(world: World) -> None:
    """The same run, the same moment: our own channel reads everything, the shared one does not."""
    ours, theirs = await everything_happens(world)

    assert "Fix the login" in ours.reads
    assert "by @maya" in ours.reads
    assert "“tested on staging”" in ours.reads
    assert "No space left on device" in whole(ours)
    assert not [text for text in PRIVATE if text in whole(theirs)]
    assert LEFT_OUT in theirs.reads
    assert "Failed" in theirs.reads
    assert theirs.buttons == ours.buttons == ["Retry"]
    assert [line.reads.split(".")[0] for line in theirs.thread] == [
        ":white_check_mark: @maya approved Approve production",
        ":x: Deploy failed after 30 s",
    ]


async def test_without_the_scopes_every_channel_counts_as_shared(world: World) -> None:
    """Once they are granted, the card shows more within ten minutes."""
    world.slack.scopes.discard("channels:read")
    world.expected_refusals = {"conversations.info: missing_scope"}
    maya = await world.person("maya")
    _, card = await world.waiting(maya)
    assert LEFT_OUT in card.reads
    world.slack.scopes.add("channels:read")

    await waits(world, 1)
    assert LEFT_OUT in card.reads
    await waits(world, 10)

    assert LEFT_OUT not in card.reads
    assert "Fix login" in card.reads
    assert card.buttons == ["Approve", "Reject"]


async def test_while_slack_does_not_tell_a_channel_counts_as_shared(world: World) -> None:
    """A minute later it is asked again, when a card is looked over next."""
    down = Fault(path="conversations.info", status=200, body=refused_as("internal_error"))
    world.slack.faults.order(down)
    maya = await world.person("maya")
    _, card = await world.waiting(maya)
    assert LEFT_OUT in card.reads

    await waits(world, 6)

    assert LEFT_OUT not in card.reads


async def test_a_channel_that_is_shared_later_is_asked_about_again(world: World) -> None:
    """Its card changes with the next look, and nothing private is added any more."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya, message="Fix the login")
    asked = len(world.slack.journal.select(path="conversations.info"))
    await world.passes(60)
    assert len(world.slack.journal.select(path="conversations.info")) == asked

    world.deploys.shared = True
    await waits(world, 11)

    assert "Fix the login" not in card.reads
    assert LEFT_OUT in card.reads
    run.cancel(by=world.colleagues["maya"])
    await world.passes(40)
    assert "cancelled this in Buddy" in card.thread[0].reads


async def test_the_operator_may_allow_it(tmp_path: Path) -> None:
    """Where partners work on the same thing, they may read the same."""
    async with world_of(tmp_path, show_in_shared_channels=True) as world:
        ours, theirs = await everything_happens(world)

        assert whole(ours).splitlines()[1:] == whole(theirs).splitlines()[1:]
        assert "No space left on device" in whole(theirs)
        assert not world.slack.journal.select(path="conversations.info")


@both_doors
@both_databases
async def test_a_channel_with_a_new_id_keeps_its_cards(world: World) -> None:
    """Slack changes a private channel's id once it is shared; told twice, it is the same."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)

    old, new = world.slack.changes_id(world.deploys)
    event = {"type": "channel_id_changed", "old_channel_id": old, "new_channel_id": new}
    for _ in range(2):
        assert (await world.slack.event(event)).is_ok
    run.approve(by=world.colleagues["maya"])
    await world.passes(10)

    assert card.buttons == ["Cancel"]
    assert "@maya approved Approve production in Buddy" in card.thread[0].reads


@pytest.mark.parametrize("lacks", ["old_channel_id", "new_channel_id"])
async def test_an_event_that_lacks_something_is_refused(world: World, lacks: str) -> None:
    """Slack is told so, and nothing else happens."""
    event = {
        "type": "channel_id_changed",
        "old_channel_id": "G1",
        "new_channel_id": "C1",
        "event_ts": "1.1",
    }
    del event[lacks]

    ack = await world.slack.event(event)

    assert ack.status == 400
