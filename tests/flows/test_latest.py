"""An operation without a number: nobody operates on what they did not see."""

import pytest

from sandbox.buddy import Execution, Gate, GateKind, Parallel, Step
from sandbox.slack import Person
from tests.flows.acts import types
from tests.world import World

PARALLEL: list[Step | Gate | Parallel] = [
    Parallel([Gate("Legal"), Gate("Security")]),
    Step("Deploy", seconds=5),
]
QUESTION = "You did not say which execution, so here is the latest. Nothing was sent yet"


async def pushed(world: World, person: Person, seconds: float = 25) -> Execution:
    """Push a commit and let time pass, without any card."""
    run = world.deploy.push(by=world.colleagues[person.name], message="Fix login")
    await world.passes(seconds)
    return run


async def test_approving_the_latest_is_confirmed_on_a_private_card(world: World) -> None:
    """The card names pipeline, number, branch, revision, state and gate; then one click does it."""
    maya = await world.person("maya")
    await pushed(world, maya)
    run = await pushed(world, maya)

    told = await types(world, maya, 'approve shop/deploy reason:"tested"')

    question = maya.ephemerals[-1]
    for named in (QUESTION, "shop / Deploy #2", "Waiting for approval", "main", "Fix login"):
        assert named in told
    assert run.commit.sha[:7] in told
    assert "“Approve production” waits" in told
    assert "Reason: “tested”" in told
    assert question.buttons == ["Approve #2: Approve production"]
    assert not world.patches()
    assert not world.deploys.messages

    await world.acts(maya.clicks(question, 0))

    assert [effect.operation for effect in run.history] == ["APPLY"]
    [card] = world.deploys.messages
    assert card.thread[0].reads.endswith(">tested")
    assert "Approved by @maya" in card.reads
    assert "Approve #2: on it…" in question.reads
    assert "Its card in this channel shows it." in world.private(maya)
    assert await world.audited() == [("maya", "approve", "sent"), ("maya", "approve", "done")]


@pytest.mark.parametrize(
    ("command", "sent", "seconds", "button"),
    [
        ("reject", "CANCEL", 25, "Reject #1"),
        ("cancel", "CANCEL", 5, "Cancel #1"),
        ("retry", "RETRY", 0, "Retry #1"),
        ("start", "RUN_DELAYED", 0, "Start #1"),
    ],
)
async def test_every_operation_asks_first(
    world: World, command: str, sent: str, seconds: float, button: str
) -> None:
    """Whatever changes the latest execution is shown before it is done."""
    maya = await world.person("maya")
    if command == "start":
        later = world.stage.clock.now().replace(hour=18)
        run = world.deploy.run(by=world.colleagues["maya"], delay_until=later)
    else:
        run = await pushed(world, maya, seconds)
    if command == "retry":
        run.cancel(by=world.colleagues["maya"])
        await world.passes(5)
    before = len(run.history)

    assert QUESTION in await types(world, maya, f"{command} shop/deploy")
    assert len(run.history) == before
    question = maya.ephemerals[-1]
    assert question.buttons == [button]
    await world.acts(maya.clicks(question, button))

    assert [effect.operation for effect in run.history][before:] == [sent]
    [card] = world.deploys.messages
    assert "@maya" in card.thread[0].reads
    assert card.reads
    assert question.reads
    assert world.private(maya)


async def test_several_gates_have_a_button_each(world: World) -> None:
    """Which gate is answered stands on the button."""
    world.deploy.plan(PARALLEL)
    maya = await world.person("maya")
    run = await pushed(world, maya)

    await types(world, maya, "approve shop/deploy")
    question = maya.ephemerals[-1]
    assert question.buttons == ["Approve #1: Legal", "Approve #1: Security"]
    await world.acts(maya.clicks(question, "Approve #1: Security"))

    wanted = run.action("Security").id
    assert world.patches() == [{"operation": "APPLY", "approve_action_id": wanted}]
    assert world.deploys.messages[-1].thread[0].reads
    assert world.deploys.messages[-1].reads
    assert all(note.reads for note in maya.ephemerals)


async def test_a_reason_survives_the_choice_of_a_gate(world: World) -> None:
    """What was typed once need not be typed again, because several gates wait."""
    world.deploy.plan(PARALLEL)
    maya = await world.person("maya")
    run = await pushed(world, maya)

    await types(world, maya, "approve shop/deploy#1 reason:tested")
    await world.acts(maya.clicks(maya.ephemerals[-1], "Approve: Legal"))

    assert run.waiting_gates == ["Security"]
    [card] = world.deploys.messages
    assert card.thread[0].reads.endswith(">tested")
    assert card.reads
    assert all(note.reads for note in maya.ephemerals)


async def test_visual_tests_are_approved_as_what_they_are(world: World) -> None:
    """The operation follows the kind of gate."""
    world.deploy.plan([Gate("Look at it", GateKind.VISUAL_TESTS), Step("Deploy")])
    maya = await world.person("maya")
    run = await pushed(world, maya)

    await types(world, maya, "approve shop/deploy")
    await world.acts(maya.clicks(maya.ephemerals[-1], 0))

    assert [effect.operation for effect in run.history] == ["APPROVE_VT"]
    assert world.deploys.messages[-1].thread[0].reads
    assert world.deploys.messages[-1].reads
    assert all(note.reads for note in maya.ephemerals)


async def test_the_button_never_approves_a_later_gate(world: World) -> None:
    """Between the question and the click the gate was answered, and another one waits."""
    world.deploy.plan([Gate("Staging"), Gate("Production"), Step("Deploy")])
    maya = await world.person("maya")
    run = await pushed(world, maya)
    await types(world, maya, "approve shop/deploy")
    question = maya.ephemerals[-1].snapshot()

    run.approve(by=world.colleagues["maya"])
    await world.acts(maya.clicks(question, 0))

    assert run.waiting_gates == ["Production"]
    assert not world.patches()
    assert "no longer waits" in world.private(maya)
    assert all(note.reads for note in maya.ephemerals)


async def test_the_button_never_means_a_newer_execution(world: World) -> None:
    """A push in between makes a newer latest; the button still means what it showed."""
    maya = await world.person("maya")
    await pushed(world, maya)
    await types(world, maya, "approve shop/deploy")
    question = maya.ephemerals[-1].snapshot()

    newer = await pushed(world, maya)
    await world.acts(maya.clicks(question, 0))

    assert not world.patches()
    assert newer.is_waiting
    assert "#1 was overtaken by the newer run #2" in world.private(maya)
    assert all(note.reads for note in maya.ephemerals)


async def test_pressed_twice_approved_once(world: World) -> None:
    """A nervous double click on the private card has one effect."""
    maya = await world.person("maya")
    run = await pushed(world, maya)
    await types(world, maya, "approve shop/deploy")

    await maya.double_clicks(maya.ephemerals[-1], 0)
    await world.settled()

    assert len(world.patches()) == 1
    assert [effect.operation for effect in run.history] == ["APPLY"]
    [card] = world.deploys.messages
    assert len(card.thread) == 1
    assert card.thread[0].reads
    assert card.reads
    assert "Already approved by you" in "\n".join(note.reads for note in maya.ephemerals)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("approve", "#1 is running, so there is nothing to approve. Nothing was sent."),
        ("retry", "#1 is running, so there is nothing to retry."),
    ],
)
async def test_a_state_that_does_not_allow_it_is_named(
    world: World, command: str, told: str
) -> None:
    """No button is offered for what Buddy would refuse."""
    maya = await world.person("maya")
    await pushed(world, maya, seconds=5)

    assert told in await types(world, maya, f"{command} shop/deploy")

    assert maya.ephemerals[-1].buttons == []


async def test_a_pipeline_that_never_ran(world: World) -> None:
    """There is nothing to operate on, and the answer says so."""
    maya = await world.person("maya")

    told = await types(world, maya, "cancel shop/deploy")

    assert f"acme/shop/{world.deploy.id} has no execution yet" in told


async def test_showing_the_latest_needs_no_question(world: World) -> None:
    """A card changes nothing, so it is posted at once."""
    maya = await world.person("maya")
    await pushed(world, maya)
    await pushed(world, maya)

    assert await types(world, maya, "show shop/deploy") == ""

    assert "shop / Deploy #2" in world.deploys.messages[-1].reads
