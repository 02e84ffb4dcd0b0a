"""A channel chooses who is called where somebody must act, and whether all of it reads failures."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.command import Moment
from sandbox.buddy import Execution, Gate, Step
from sandbox.slack import Message, Person
from tests.flows.heard import Told, cards, subscribe, webhook
from tests.world import World, both_databases

LONG = (Step("Build", seconds=90), Gate("Go live?"), Step("Deploy", seconds=90))
"""So long that a card has moved out of sight by the time that something fails."""

BROADCAST = ["Show failures to the whole channel, not to the thread alone"]


async def subscribes(world: World, person: Person, **chosen: Any) -> None:
    """Subscribe the channel to the usual pipeline through the form."""
    await world.acts(person.says("/buddy subscribe", in_=world.deploys))
    form = person.modal
    assert form is not None
    assert form.title == "Subscribe"
    asked = {"Project or pipeline": "Web Shop / Deploy"}
    await world.acts(person.submits({**asked, **chosen}))
    assert world.deploys.messages[-1].reads.startswith(":bell: @maya subscribed this channel")
    assert world.private(person)
    await webhook(world, person)


async def failed(world: World, *, seconds: float = 90) -> Execution:
    """Let a run fail at its first action, which takes so long."""
    world.deploy.plan([Step("Build", seconds=seconds)])
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    run.fails_at("Build", logs=["No space left on device"])
    await world.passes(seconds + 10)
    return run


def card_of(world: World, run: Execution) -> Message:
    """Find the only card of a run."""
    [card] = cards(world.deploys, run)
    assert card.reads
    return card


def called(world: World, reply: Message) -> set[str]:
    """Name whom a reply notified."""
    return {ping.target for ping in world.slack.pings if ping.ts == reply.ts}


@both_databases
async def test_a_failure_is_shown_to_the_whole_channel(world: World) -> None:
    """It alone, of all that the thread is told; with the end of its log."""
    maya = await world.person("maya")
    world.deploy.plan(LONG)
    await subscribes(world, maya, Besides=BROADCAST)
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    run.fails_at("Deploy", logs=["No space left on device"])
    await world.passes(100)
    run.approve(by=world.colleagues["maya"])
    await world.passes(110)

    replies = card_of(world, run).thread
    assert [(":x: Deploy failed" in one.reads, one.is_broadcast) for one in replies] == [
        (False, False),
        (False, False),
        (True, True),
    ]
    assert "No space left on device" in replies[-1].reads
    posted = [call.body for call in world.slack.journal.select(path="chat.postMessage")]
    assert sum(bool(body.get("reply_broadcast")) for body in posted) == 1


async def test_whoever_did_not_ask_reads_failures_in_the_thread(world: World) -> None:
    """As everything else."""
    maya = await world.person("maya")
    await subscribes(world, maya)
    [reply] = card_of(world, await failed(world)).thread
    assert "Build failed" in reply.reads
    assert not reply.is_broadcast


async def test_a_card_that_has_just_come_is_not_repeated_below_itself(world: World) -> None:
    """Everybody sees it already."""
    maya = await world.person("maya")
    await subscribes(world, maya, Besides=BROADCAST)
    [reply] = card_of(world, await failed(world, seconds=20)).thread
    assert "Build failed" in reply.reads
    assert not reply.is_broadcast


async def test_what_fails_again_is_shown_to_the_whole_channel(world: World) -> None:
    """Its only word stands under a card that nobody looks at any more."""
    maya = await world.person("maya")
    await subscribe(world, maya, told=Told((Moment.FAILED,), broadcasts=True))
    await webhook(world, maya)
    card = card_of(world, await failed(world))
    assert cards(world.deploys, await failed(world)) == []

    first, again = card.thread
    assert first.reads
    assert "failed again" in again.reads
    assert (first.is_broadcast, again.is_broadcast) == (False, True)


async def test_one_who_is_named_is_called_where_somebody_must_act(world: World) -> None:
    """At a gate, when it is reminded of, and when something fails; not when all goes well."""
    maya, ben = await world.person("maya"), await world.person("ben")
    world.deploy.plan(LONG)
    await subscribes(world, maya, **{"Call when somebody must act": [ben]})
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    run.fails_at("Deploy")
    await world.passes(100)
    world.stage.clock.advance(timedelta(minutes=15))
    await world.passes(5)
    run.approve(by=world.colleagues["maya"])
    await world.passes(100)

    replies = card_of(world, run).thread
    marks = [":raised_hand:", ":alarm_clock:", ":white_check_mark:", ":x:"]
    assert [one.reads.partition(" ")[0] for one in replies] == marks
    assert ["@ben" in called(world, one) for one in replies] == [True, True, False, True]
    assert replies[0].reads.endswith("cc @ben")


async def test_who_may_answer_anyway_is_called_once(world: World) -> None:
    """Buddy's list and the channel's wish name the same person."""
    maya, ben = await world.person("maya"), await world.person("ben")
    gate = Gate("Go live?", approvers=[world.colleagues["ben"]])
    world.deploy.plan([Step("Build", seconds=5), gate])
    await subscribes(world, maya, **{"Call when somebody must act": [ben]})
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(30)

    [reply] = card_of(world, run).thread
    assert reply.reads.count("@ben") == 1
    assert called(world, reply) == {"@ben"}


@pytest.mark.parametrize("fails", [True, False])
async def test_where_nobody_is_named_nobody_is_called(world: World, *, fails: bool) -> None:
    """A gate that everybody may answer notifies nobody, and a failure only who started it."""
    maya = await world.person("maya")
    world.deploy.plan([Step("Build", seconds=5), Gate("Go live?")])
    await subscribes(world, maya)
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    if fails:
        run.fails_at("Build")
    await world.passes(30)

    [reply] = card_of(world, run).thread
    assert reply.reads
    assert called(world, reply) == ({"@maya"} if fails else set())
