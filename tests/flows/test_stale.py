"""A button never does what it did not say: stale cards, later gates, newer runs, second retries."""

from pathlib import Path

from sandbox.buddy import Gate, Step
from sandbox.slack import Message, Person
from tests.flows.acts import story
from tests.world import World, both_doors, world_of

pytestmark = both_doors


async def nothing_is_sent(world: World, person: Person, old: Message, button: str) -> str:
    """Press a button of a screen that was not refreshed; read what the person is told."""
    before = len(world.patches())
    await world.acts(person.clicks(old, button))
    assert len(world.patches()) == before
    return world.private(person)


async def test_an_approval_of_an_earlier_attempt_is_not_sent(world: World) -> None:
    """RETRY keeps the execution's number; an Approve of the attempt before answers nothing."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    old = card.snapshot()
    run.cancel(by=world.colleagues["maya"])
    await world.passes(10)
    run.retry(by=world.colleagues["maya"])
    await world.passes(30)
    assert run.is_waiting

    told = await nothing_is_sent(world, maya, old, "Approve")

    assert "earlier moment" in told
    assert run.is_waiting
    assert card.buttons == ["Approve", "Reject"]
    assert story(card) == [
        ":octagonal_sign: @maya cancelled this in Buddy",
        ":repeat: This execution was run again in Buddy",
        ":raised_hand: Approve production waits for a decision",
    ]


async def test_an_earlier_attempt_is_told_apart_without_a_new_start_date(world: World) -> None:
    """Even if Buddy keeps the start date, our own retry makes the old buttons stale."""
    world.buddy.retry_keeps_start_date = True
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    old = card.snapshot()
    run.cancel(by=world.colleagues["maya"])
    await world.passes(10)
    await world.acts(maya.clicks(card, "Retry"))
    await world.passes(30)
    assert run.is_waiting

    told = await nothing_is_sent(world, maya, old, "Approve")

    assert "Nothing was sent" in told
    assert run.is_waiting
    assert story(card) == [
        ":octagonal_sign: @maya cancelled this in Buddy",
        ":repeat: @maya retried this",
        ":raised_hand: Approve production waits for a decision",
    ]
    assert card.reads


async def test_an_approval_of_an_earlier_gate_does_not_answer_a_later_one(
    tmp_path: Path, *, by_socket: bool
) -> None:
    """The first gate was answered; its button does not answer the second one."""
    actions: list[Step | Gate] = [
        Gate("Approve staging"),
        Step("Stage", seconds=5),
        Gate("Approve production"),
    ]
    async with world_of(tmp_path, actions, by_socket=by_socket) as world:
        maya = await world.person("maya")
        run, card = await world.waiting(maya)
        old = card.snapshot()
        run.approve(by=world.colleagues["maya"])
        await world.passes(10)
        assert run.waiting_gates == ["Approve production"]

        told = await nothing_is_sent(world, maya, old, "Approve")

        assert "“Approve staging” no longer waits" in told
        assert story(card) == [
            ":white_check_mark: @maya approved Approve staging in Buddy",
            ":raised_hand: Approve production waits for a decision",
        ]
        assert run.waiting_gates == ["Approve production"]
        assert card.reads


async def test_an_overtaken_run_is_not_approved(world: World) -> None:
    """A newer run of the same branch exists: the older one cannot be approved any more."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    newer = world.deploy.push(by=world.colleagues["maya"], message="Even newer")

    told = await nothing_is_sent(world, maya, card.snapshot(), "Approve")

    assert f"overtaken by the newer run #{newer.id}" in told
    assert "Approve" not in card.buttons
    assert "go on there" in card.reads
    assert "newer run #2 has overtaken" in card.thread[0].reads
    assert run.is_waiting


async def test_an_overtaken_card_brings_the_newest_one(world: World) -> None:
    """Once; whoever presses it after that is led to the card that is there."""
    maya, ben = await world.person("maya"), await world.person("ben")
    _, card = await world.waiting(maya)
    world.deploy.push(by=world.colleagues["maya"], message="Newer")
    await world.passes(25)
    assert "overtaken" in await nothing_is_sent(world, maya, card.snapshot(), "Approve")
    assert card.buttons == ["Show #2", "Cancel", "Open in Buddy"]

    await world.acts(maya.clicks(card, "Show #2"))
    newest = world.deploys.messages[-1]
    assert "shop / Deploy #2" in newest.reads
    assert "Approve" in newest.buttons
    await world.acts(ben.clicks(card, "Show #2"))

    assert world.deploys.messages[-1] is newest
    assert "The card of #2 is in this channel already" in world.private(ben)
    assert [reply.reads for reply in card.thread]


async def test_who_was_first_in_buddy_is_named(world: World) -> None:
    """Also somebody whom the execution itself does not name, and who is not linked here."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    old = card.snapshot()
    boss = world.buddy.person("Olga Boss", workspaces=["acme"])
    run.approve(by=boss)

    told = await nothing_is_sent(world, maya, old, "Approve")

    assert "no longer waits" in told
    assert "It was answered by Olga Boss" in told
    assert card.reads
    assert [reply.reads for reply in card.thread]


async def test_a_run_of_another_branch_does_not_overtake(world: World) -> None:
    """Two branches wait side by side, and each can be approved."""
    world.deploy.concurrent = True
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    world.deploy.push(by=world.colleagues["maya"], message="Feature", branch="feature")

    await world.acts(maya.clicks(card, "Approve"))

    assert [effect.operation for effect in run.history] == ["APPLY"]
    assert card.thread[0].reads
    assert card.reads


async def test_a_second_retry_while_buddy_still_reads_failed(world: World) -> None:
    """Buddy shows the retry late; neither the old nor the repainted card sends a second one."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    run.fails_at("Deploy")
    run.approve(by=world.colleagues["maya"])
    await world.passes(40)
    assert card.buttons == ["Retry"]
    old = card.snapshot()
    world.buddy.lags(20)

    await world.acts(maya.clicks(card, "Retry"))
    await world.passes(3)
    assert card.buttons == []
    assert "@maya asked to retry this; Buddy does not show it yet" in card.reads
    await world.acts(maya.clicks(old, "Retry"))
    assert "Already retried by you" in world.private(maya)
    await world.passes(60)

    assert world.patches() == [{"operation": "RETRY"}]
    assert story(card) == [
        ":white_check_mark: @maya approved Approve production in Buddy",
        ":x: Deploy failed after 30 s",
        ":repeat: @maya retried this",
        ":raised_hand: Approve production waits for a decision",
    ]
    assert run.is_waiting
    assert card.buttons == ["Approve", "Reject"]
