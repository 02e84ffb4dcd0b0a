"""The answer to a PATCH gets lost: settled by reading, never by blind repetition."""

from datetime import timedelta

import pytest

from sandbox.buddy import Execution
from sandbox.faults import Fault, Moment
from sandbox.slack import Message, Person, Role
from tests.world import World, both_databases

pytestmark = both_databases

LOST = [
    pytest.param(Fault("PATCH", moment=Moment.AFTER, drop=True), id="connection lost"),
    pytest.param(Fault("PATCH", moment=Moment.AFTER, status=502, body="<html>"), id="bad gateway"),
    pytest.param(Fault("PATCH", moment=Moment.AFTER, status=200, body="<html>"), id="no JSON"),
]


def copy_of(fault: Fault) -> Fault:
    """A fault counts itself down, so every test orders its own."""
    return Fault(
        fault.method,
        moment=fault.moment,
        status=fault.status,
        body=fault.body,
        drop=fault.drop,
    )


async def failed(world: World, person: Person) -> tuple[Execution, Message]:
    """Let an execution fail after its gate."""
    run, card = await world.waiting(person)
    run.fails_at("Deploy")
    run.approve(by=world.colleagues[person.name])
    await world.passes(40)
    assert card.buttons == ["Retry"]
    assert "@maya approved Approve production in Buddy" in card.thread[0].reads
    assert "Deploy failed" in card.thread[1].reads
    return run, card


@pytest.mark.parametrize("fault", LOST)
async def test_done_but_the_answer_lost(world: World, fault: Fault) -> None:
    """Buddy did it and nobody heard: one PATCH, and the truth is told."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    world.buddy.faults.order(copy_of(fault))

    await world.acts(maya.clicks(card, "Approve"))

    assert len(world.patches()) == len(run.history) == 1
    assert [reply.reads for reply in card.thread] == [
        ":white_check_mark: @maya approved Approve production. The execution is running."
    ]
    assert "Approved by @maya" in card.reads
    assert await world.audited() == [("maya", "approve", "sent"), ("maya", "approve", "done")]


async def test_lost_before_it_was_done(world: World) -> None:
    """The request got lost: after its deadline the same gate is asked once more."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    world.buddy.faults.order(Fault("PATCH", drop=True))

    await world.acts(maya.clicks(card, "Approve"))
    assert not run.history
    await world.passes(20)

    assert len(run.history) == 1
    assert len(card.thread) == 1
    assert "@maya approved" in card.thread[0].reads
    assert card.reads


async def test_whoever_comes_after_waits_until_it_is_settled(world: World) -> None:
    """Nobody knows yet what came of the first operation: the second is checked against that."""
    maya, ben = await world.person("maya"), await world.person("ben")
    run, card = await world.waiting(maya)
    world.buddy.faults.order(Fault("PATCH", drop=True))
    await world.acts(maya.clicks(card, "Approve"))
    assert not run.history

    await world.acts(ben.says("/buddy cancel shop/deploy#1", in_=world.deploys))
    await world.passes(1)
    assert "Yours has its turn as soon as that is settled" in world.private(ben)
    assert not run.history
    await world.passes(30)

    assert [(effect.who, effect.operation) for effect in run.history] == [
        ("Maya", "APPLY"),
        ("Ben", "CANCEL"),
    ]
    assert [reply.reads.split(".")[0] for reply in card.thread] == [
        ":white_check_mark: @maya approved Approve production",
        ":octagonal_sign: @ben cancelled this",
    ]
    assert all(note.reads for note in ben.ephemerals)
    assert card.reads


async def test_a_gate_that_is_gone_because_it_was_stopped_was_not_approved(world: World) -> None:
    """The approval got lost, and somebody stopped the run in Buddy's web app: nobody approved."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    world.buddy.faults.order(Fault("PATCH", drop=True))
    await world.acts(maya.clicks(card, "Approve"))
    run.cancel(by=world.colleagues["maya"])

    await world.passes(30)

    assert [effect.operation for effect in run.history] == ["CANCEL"]
    unclear, stopped = card.thread
    assert "Buddy shows no effect" in unclear.reads
    assert "@maya cancelled this in Buddy" in stopped.reads
    assert card.reads


async def test_the_card_says_who_is_on_the_way(world: World) -> None:
    """While nobody knows, the card offers no button and names whose click it waits for."""
    maya = await world.person("maya")
    _, card = await world.waiting(maya)
    world.buddy.faults.order(Fault("PATCH", drop=True))

    await world.acts(maya.clicks(card, "Approve"))
    await world.passes(3)

    assert card.buttons == []
    assert "@maya asked to approve this; Buddy does not show it yet" in card.reads
    await world.passes(20)
    assert card.thread[0].reads
    assert card.reads


async def test_lost_twice_is_said_to_be_unclear(world: World) -> None:
    """After the second lost request nobody pretends to know, and the gate can be asked again."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    world.buddy.faults.order(Fault("PATCH", times=2, drop=True))

    await world.acts(maya.clicks(card, "Approve"))
    await world.passes(40)

    assert not run.history
    assert "Please look at it in Buddy before you decide" in card.thread[0].reads
    assert card.buttons == ["Approve", "Reject"]
    await world.acts(maya.clicks(card, "Approve"))
    assert len(run.history) == 1
    assert "@maya approved" in card.thread[1].reads
    assert card.reads


async def test_a_lost_retry_is_never_sent_again(world: World) -> None:
    """A second RETRY could run twice, so a person is asked instead."""
    maya = await world.person("maya")
    run, card = await failed(world, maya)
    before = len(run.history)
    world.buddy.faults.order(Fault("PATCH", drop=True))

    await world.acts(maya.clicks(card, "Retry"))
    await world.passes(60)

    assert world.patches() == [{"operation": "RETRY"}]
    assert len(run.history) == before
    assert "It was sent, no answer came back" in card.thread[-1].reads
    assert card.buttons == ["Retry"]


async def test_a_retry_whose_answer_got_lost_is_told(world: World) -> None:
    """Buddy retried and nobody heard: it is told, with what Buddy's record does not say."""
    maya = await world.person("maya")
    run, card = await failed(world, maya)
    world.buddy.faults.order(Fault("PATCH", moment=Moment.AFTER, drop=True))

    await world.acts(maya.clicks(card, "Retry"))

    assert world.patches() == [{"operation": "RETRY"}]
    assert run.is_running
    assert "Buddy's record does not tell by whom" in card.thread[-1].reads
    assert card.reads


async def test_somebody_else_was_faster_in_buddy(world: World) -> None:
    """The lost request never arrived, and somebody approved in Buddy's web app meanwhile."""
    maya, ben = await world.person("maya"), await world.person("ben")
    run, card = await world.waiting(maya)
    world.buddy.faults.order(Fault("PATCH", drop=True))
    await world.acts(maya.clicks(card, "Approve"))
    run.approve(by=world.colleagues["ben"])

    await world.passes(5)

    assert [effect.who for effect in run.history] == ["Ben"]
    assert "approved by @ben" in card.thread[0].reads
    assert await world.audited() == [("maya", "approve", "sent"), ("maya", "approve", "other")]
    assert ben.name in card.reads or "Running" in card.reads


async def test_a_refusal_names_who_was_faster(world: World) -> None:
    """Buddy refuses what somebody answered in its web app a moment before; the person is named."""
    maya, ben = await world.person("maya"), await world.person("ben")
    run, card = await world.waiting(maya)
    # The reads lag behind, so the check before the PATCH still sees the gate wait.
    world.buddy.lags(2)
    run.approve(by=world.colleagues["ben"])

    await world.acts(maya.clicks(card, "Approve"))

    assert [effect.who for effect in run.history] == ["Ben"]
    assert "Buddy refused" in world.private(maya)
    await world.passes(10)
    assert card.buttons == ["Cancel"]
    assert "@ben approved Approve production in Buddy" in card.thread[0].reads
    assert not ben.ephemerals


async def test_buddy_down_before_the_click(world: World) -> None:
    """Nothing can be read, so nothing is sent, and the person is told when to try again."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    world.buddy.faults.order(Fault("GET", times=20, status=503))

    await world.acts(maya.clicks(card, "Approve"))

    assert world.patches() == []
    assert "Buddy does not answer. Nothing was changed." in world.private(maya)
    world.buddy.faults.clear()
    await world.acts(maya.clicks(card, "Approve"))
    assert len(run.history) == 1
    assert card.thread[0].reads
    assert card.reads


async def test_a_slow_buddy_is_waited_for(world: World) -> None:
    """An answer that takes longer than the deadline is a lost one, and is settled by reading."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    slow = Fault("PATCH", moment=Moment.AFTER, status=200, delay=timedelta(seconds=1.5))
    world.buddy.faults.order(slow)

    await world.acts(maya.clicks(card, "Approve"))

    assert len(world.patches()) == len(run.history) == 1
    assert "@maya approved" in card.thread[0].reads
    assert card.reads


async def test_buddys_rate_limit_is_told(world: World) -> None:
    """Over the limit nothing is sent, and the person learns when to try again."""
    maya = await world.person("maya")
    _, card = await world.waiting(maya)
    limited = Fault("PATCH", status=429, headers={"Retry-After": "600"})
    world.buddy.faults.order(limited)

    await world.acts(maya.clicks(card, "Approve"))

    assert "limit of calls for your token is used up" in world.private(maya)
    assert card.buttons == ["Approve", "Reject"]
    await world.acts(maya.clicks(card, "Approve"))
    assert card.thread[0].reads
    assert card.reads


async def test_a_reject_is_not_sent_again_once_its_gate_was_answered(world: World) -> None:
    """The Reject got lost and somebody approved: nobody stops what is running now."""
    maya = await world.person("maya")
    await world.person("ben")
    run, card = await world.waiting(maya)
    world.buddy.faults.order(Fault("PATCH", drop=True))
    await world.acts(maya.clicks(card, "Reject"))
    await world.acts(maya.submits({}))
    run.approve(by=world.colleagues["ben"])

    await world.passes(20)

    assert [effect.operation for effect in run.history] == ["APPLY"]
    assert len(world.patches()) == 1
    assert "Buddy shows no effect" in card.thread[0].reads
    assert "@ben approved Approve production in Buddy" in card.thread[1].reads
    assert card.buttons == ["Cancel"]


async def test_a_cancel_is_not_sent_again_to_another_attempt(world: World) -> None:
    """The Cancel got lost, the run failed and was retried: the new attempt goes on."""
    maya = await world.person("maya")
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix")
    run.fails_at("Build")
    card = await world.card(maya, run)
    await world.acts(maya.clicks(card, "Cancel"))
    world.buddy.faults.order(Fault("PATCH", drop=True))
    world.buddy.faults.order(Fault("GET", path=f"/executions/{run.id}", times=30, status=503))
    await world.acts(maya.submits({}))
    world.buddy.faults.clear()
    world.buddy.faults.order(Fault("PATCH", drop=True))
    await world.passes(25)
    run.retry(by=world.colleagues["maya"])

    await world.passes(40)

    assert "CANCEL" not in [effect.operation for effect in run.history]
    for reply in card.thread:
        assert reply.reads
    for note in maya.ephemerals:
        assert note.reads
    assert card.reads


async def test_nothing_is_sent_again_for_somebody_who_may_not_any_more(world: World) -> None:
    """The approval got lost and its sender became a guest: it is not sent a second time."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    world.buddy.faults.order(Fault("PATCH", drop=True))
    await world.acts(maya.clicks(card, "Approve"))
    maya.role = Role.GUEST
    # Slack is asked again once the last verdict is too old.
    world.buddy.faults.order(Fault("GET", path=f"/executions/{run.id}", times=200, status=503))
    await world.passes(200)
    world.buddy.faults.clear()

    await world.passes(30)

    assert not run.history
    assert len(world.patches()) == 1
    assert "Buddy shows no effect" in card.thread[0].reads
    assert card.reads


async def test_who_reconnects_while_an_answer_is_lost_blocks_nobody(world: World) -> None:
    """The account changed, so the click cannot be settled: the gate stays open for everybody."""
    maya, ben = await world.person("maya"), await world.person("ben")
    run, card = await world.waiting(maya)
    world.buddy.faults.order(Fault("PATCH", drop=True))
    await world.acts(maya.clicks(card, "Approve"))
    await world.connect(maya)
    await world.passes(30)
    assert "cannot tell what came of it" in world.private(maya)

    await world.acts(ben.clicks(card, "Approve"))

    assert [effect.who for effect in run.history] == ["Ben"]
    assert "@ben approved" in card.thread[-1].reads
    assert card.reads
