"""Gates of every kind, and the other states: each has exactly the buttons that it allows."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.buddy import Field, Gate, GateKind, Parallel, Step
from sandbox.buddy.world import Generation
from sandbox.slack import Message, Person
from tests.flows.acts import story, types
from tests.world import World, world_of

LEGAL, SECURITY = Gate("Legal"), Gate("Security", question="Scanned?")
TWO: list[Step | Gate | Parallel] = [Parallel([LEGAL, SECURITY]), Step("Deploy", seconds=5)]


async def shown(world: World, person: Person, seconds: float = 25) -> Message:
    """Push a commit, let time pass, and show the card."""
    run = world.deploy.push(by=world.colleagues[person.name], message="Fix login")
    await world.passes(seconds)
    return await world.card(person, run)


async def test_two_gates_have_a_labelled_pair_each(tmp_path: Path) -> None:
    """Each button names its gate, and its dialog too."""
    async with world_of(tmp_path, TWO) as world:
        maya = await world.person("maya")
        card = await shown(world, maya)

        assert card.buttons == [
            "Approve: Legal",
            "Reject: Legal",
            "Approve: Security",
            "Reject: Security",
        ]
        assert "Legal in shop / Deploy #1" in (card.button("Approve: Legal").confirm or "")
        assert "Scanned?" in card.reads


async def test_each_approve_answers_exactly_its_gate(tmp_path: Path) -> None:
    """Two people answer two gates at the same moment: two requests, each for its own gate."""
    async with world_of(tmp_path, TWO) as world:
        maya, ben = await world.person("maya"), await world.person("ben")
        card = await shown(world, maya)
        run = world.deploy.runs[0]

        await asyncio.gather(
            maya.clicks(card, "Approve: Security"), ben.clicks(card, "Approve: Legal")
        )
        await world.settled()

        asked = {call.who: call.body for call in world.buddy.journal.select("PATCH")}
        assert asked == {
            "Maya": {"operation": "APPLY", "approve_action_id": run.action("Security").id},
            "Ben": {"operation": "APPLY", "approve_action_id": run.action("Legal").id},
        }
        assert {(done.who, done.gate) for done in run.history} == {
            ("Maya", "Security"),
            ("Ben", "Legal"),
        }
        assert run.is_running
        told = "\n".join(reply.reads for reply in card.thread)
        assert "@maya approved Security" in told
        assert "@ben approved Legal" in told
        assert len(card.thread) == 2
        assert card.buttons == ["Cancel"]


async def test_one_of_two_gates_answered_leaves_the_other(tmp_path: Path) -> None:
    """The answered gate's buttons vanish; the old ones do nothing to the gate that still waits."""
    async with world_of(tmp_path, TWO) as world:
        maya, ben = await world.person("maya"), await world.person("ben")
        card = await shown(world, maya)
        old = card.snapshot()
        run = world.deploy.runs[0]

        await world.acts(maya.clicks(card, "Approve: Legal"))
        assert card.buttons == ["Approve", "Reject"]
        assert "“Security” waits for a decision" in card.reads
        await world.acts(ben.clicks(old, "Approve: Legal"))
        assert "Already approved by @maya" in world.private(ben)
        assert run.waiting_gates == ["Security"]

        await world.acts(ben.clicks(old, "Approve: Security"))
        assert [done.gate for done in run.history] == ["Legal", "Security"]
        assert len(card.thread) == 2
        assert [reply.reads for reply in card.thread]
        assert card.reads


async def test_rejecting_one_of_two_gates_stops_everything(tmp_path: Path) -> None:
    """Reject is a cancel: the other gate's Approve comes too late, and says so."""
    async with world_of(tmp_path, TWO) as world:
        maya, ben = await world.person("maya"), await world.person("ben")
        card = await shown(world, maya)
        old = card.snapshot()

        await world.acts(maya.clicks(card, "Reject: Security"))
        await world.acts(maya.submits({"Reason": "CVE"}))
        await world.acts(ben.clicks(old, "Approve: Legal"))

        assert world.patches() == [{"operation": "CANCEL"}]
        assert "@maya rejected Security, so Buddy cancels the execution" in card.thread[0].reads
        assert "Nothing was sent" in world.private(ben)
        await world.passes(10)
        assert card.buttons == ["Retry"]
        assert "Rejected by @maya" in card.reads


async def test_visual_tests_have_their_own_operation(tmp_path: Path) -> None:
    """The button says what is approved, and Buddy is sent what that kind of gate takes."""
    gate = Gate("Screens", GateKind.VISUAL_TESTS)
    async with world_of(tmp_path, [gate, Step("Deploy", seconds=5)]) as world:
        maya = await world.person("maya")
        card = await shown(world, maya)
        assert card.buttons == ["Approve visual tests", "Reject"]
        assert "Waiting for approval of visual tests" in card.reads
        run = world.deploy.runs[0]

        await world.acts(maya.clicks(card, "Approve visual tests"))

        wanted = run.action("Screens").id
        assert world.patches() == [{"operation": "APPROVE_VT", "approve_action_id": wanted}]
        assert run.is_running
        assert "@maya approved Screens" in card.thread[0].reads
        assert card.buttons == ["Cancel"]


async def test_a_typed_approve_means_the_visual_tests_that_wait(tmp_path: Path) -> None:
    """Nobody has to know which operation a gate wants."""
    gate = Gate("Screens", GateKind.VISUAL_TESTS)
    async with world_of(tmp_path, [gate]) as world:
        maya = await world.person("maya")
        card = await shown(world, maya)

        await types(world, maya, "approve shop/deploy#1")

        assert [sent["operation"] for sent in world.patches()] == ["APPROVE_VT"]
        assert "@maya approved Screens" in card.thread[0].reads
        assert "Successful" in card.thread[1].reads
        assert card.reads


@pytest.mark.parametrize("kind", [GateKind.VARIABLES, GateKind.SETTABLE_VARIABLES])
async def test_a_gate_that_asks_for_variables_is_rejected(tmp_path: Path, kind: GateKind) -> None:
    """It cannot be answered with a yes, but with a no like any other."""
    gate = Gate("Version", kind, fields=[Field("version")])
    async with world_of(tmp_path, [gate]) as world:
        maya = await world.person("maya")
        card = await shown(world, maya)
        assert card.buttons == ["Provide variables…", "Reject"]
        assert "“Version” waits for variables" in card.reads

        await world.acts(maya.clicks(card, "Reject"))
        await world.acts(maya.submits({}))

        assert world.patches() == [{"operation": "CANCEL"}]
        assert "@maya rejected Version" in card.thread[0].reads
        assert card.reads


async def test_four_gates_at_once(tmp_path: Path) -> None:
    """Two approvals, variables and visual tests: each is answered by itself, with its own id."""
    version = Gate("Version", GateKind.VARIABLES, fields=[Field("VERSION", value="1.0")])
    screens = Gate("Screens", GateKind.VISUAL_TESTS)
    gates = Parallel([LEGAL, version, screens, SECURITY])
    async with world_of(tmp_path, [gates, Step("Deploy")]) as world:
        maya, ben = await world.person("maya"), await world.person("ben")
        card = await shown(world, maya)
        run = world.deploy.runs[0]
        assert card.buttons == [
            *("Approve: Legal", "Reject: Legal"),
            *("Provide variables: Version", "Reject: Version"),
            *("Approve visual tests: Screens", "Reject: Screens"),
            *("Approve: Security", "Reject: Security"),
        ]
        old = card.snapshot()
        told = await types(world, maya, "approve shop/deploy#1")
        assert "Which one do you answer?" in told
        choice = maya.ephemerals[-1]
        assert choice.buttons == [each for each in old.buttons if "Reject" not in each]
        assert not world.patches()

        await world.acts(maya.clicks(choice, "Provide variables: Version"))
        await asyncio.gather(
            maya.submits(), ben.clicks(old, "Approve: Legal"), ben.clicks(old, "Approve: Security")
        )
        await world.settled()
        await world.acts(maya.clicks(choice, "Approve visual tests: Screens"))

        sent = {body["approve_action_id"]: body["operation"] for body in world.patches()}
        assert sent == {
            run.action("Legal").id: "APPLY",
            run.action("Security").id: "APPLY",
            run.action("Version").id: "APPLY_VARIABLES",
            run.action("Screens").id: "APPROVE_VT",
        }
        assert len(world.patches()) == len(card.thread) == 4
        assert all(reply.reads for reply in card.thread)
        assert card.buttons == ["Cancel"]


async def test_gates_of_one_name_are_numbered(tmp_path: Path) -> None:
    """No label can be taken for another, however long the names are."""
    long = "Ready for the customers of " + "Europe and " * 5
    gates = [Gate("Legal"), Gate(f"{long}Asia"), Gate("Legal"), Gate(f"{long}Africa")]
    async with world_of(tmp_path, [Parallel(gates), Step("Deploy")]) as world:
        maya = await world.person("maya")
        card = await shown(world, maya)
        assert len(set(card.buttons)) == len(card.buttons) == 8
        assert card.buttons[0] == "Approve: Legal (1)"
        assert card.buttons[4] == "Approve: Legal (2)"
        assert card.buttons[2].endswith("(1)")
        assert card.buttons[6].endswith("(2)")
        assert "“Legal (2)” waits for a decision" in card.reads
        assert "Legal (2) in shop / Deploy #1" in (card.button("Approve: Legal (2)").confirm or "")

        await world.acts(maya.clicks(card, "Approve: Legal (2)"))

        [patch] = world.patches()
        second = [each for each in world.deploy.runs[0].attempt.actions if each.is_final]
        assert [each.id for each in second] == [patch["approve_action_id"]]
        assert card.thread[0].reads
        assert card.reads


async def test_a_gate_that_waits_while_another_action_runs(tmp_path: Path) -> None:
    """Buddy's top status may say that it runs: the gate counts."""
    async with world_of(tmp_path, [Parallel([LEGAL, Step("Slow", seconds=600)])]) as world:
        maya = await world.person("maya")
        card = await shown(world, maya)
        run = world.deploy.runs[0]
        assert run.status == "INPROGRESS"
        assert card.buttons == ["Approve", "Reject"]

        await world.acts(maya.clicks(card, "Approve"))

        assert [done.gate for done in run.history] == ["Legal"]
        assert card.buttons == ["Cancel"]
        assert card.thread[0].reads


async def test_a_delayed_run_is_started_now(world: World) -> None:
    """A scheduled run says for when, and starts at a click."""
    maya = await world.person("maya")
    at = world.stage.clock.now() + timedelta(hours=3)
    run = world.deploy.run(by=world.colleagues["maya"], delay_until=at)
    card = await world.card(maya, run)
    assert f"Scheduled for {at:%Y-%m-%d %H:%M} UTC" in card.reads
    assert card.buttons == ["Start now", "Cancel"]

    await world.acts(maya.clicks(card, "Start now"))

    assert world.patches() == [{"operation": "RUN_DELAYED"}]
    assert run.is_running
    assert "@maya started" in card.thread[0].reads
    assert card.buttons == ["Cancel"]
    await world.passes(30)
    assert card.buttons == ["Approve", "Reject"]
    assert "waits for a decision" in card.thread[1].reads


async def test_a_delayed_run_is_cancelled(world: World) -> None:
    """A scheduled run can be called off, with a reason."""
    maya = await world.person("maya")
    at = world.stage.clock.now() + timedelta(hours=3)
    run = world.deploy.run(by=world.colleagues["maya"], delay_until=at)
    card = await world.card(maya, run)

    await world.acts(maya.clicks(card, "Cancel"))
    assert maya.modal is not None
    assert "The execution is stopped where it is." in maya.modal.reads
    await world.acts(maya.submits({"Reason": "not on a Friday"}))
    await world.passes(10)

    assert run.status == "TERMINATED"
    assert card.thread[0].reads.startswith(":octagonal_sign: @maya cancelled this.")
    assert card.thread[0].reads.endswith(">not on a Friday")
    assert card.buttons == ["Retry"]


async def test_a_run_that_started_by_itself_is_not_started_again(world: World) -> None:
    """Its time came between the card and the click: nothing is sent."""
    maya = await world.person("maya")
    at = world.stage.clock.now() + timedelta(seconds=3)
    run = world.deploy.run(by=world.colleagues["maya"], delay_until=at)
    card = await world.card(maya, run)
    old = card.snapshot()
    await world.passes(5)

    await world.acts(maya.clicks(old, "Start now"))

    assert "Nothing was sent" in world.private(maya)
    assert not world.patches()
    assert card.buttons == ["Cancel"]
    assert [reply.reads for reply in card.thread] == [
        ":arrow_forward: This execution has started on main."
    ]


@pytest.mark.parametrize("status", ["WAITING_FOR_GODOT", "<!channel>", "Ünknown ✓"])
async def test_an_unknown_status_has_a_link_and_no_buttons(world: World, status: str) -> None:
    """What the bot does not know it does not touch; it says Buddy's own word, harmlessly."""
    maya = await world.person("maya")
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(5)
    run.force_status(status)

    card = await world.card(maya, run)

    assert card.buttons == ["Open in Buddy"]
    assert card.button("Open in Buddy").url == run.html_url
    assert status.lower().replace("_", " ") in card.reads.lower()
    assert {ping.target for ping in world.slack.pings} <= {"@maya"}
    told = await types(world, maya, "cancel shop/deploy#1")
    assert "so there is nothing to cancel. Nothing was sent." in told
    assert not world.patches()


@pytest.mark.parametrize("generation", ["v1.0", "v1.1"])
async def test_a_gate_that_an_old_buddy_does_not_name_has_a_link(
    world: World, generation: Generation
) -> None:
    """No button could say which gate it means; stopping the whole execution needs no gate."""
    world.buddy.generation = generation
    maya = await world.person("maya")
    card = await shown(world, maya)
    run = world.deploy.runs[0]

    assert "Waiting for approval" in card.reads
    assert "“Approve production” waits for a decision" in card.reads
    assert card.buttons == ["Cancel", "Open in Buddy"]
    assert card.button("Open in Buddy").url == run.html_url
    told = await types(world, maya, "approve shop/deploy#1")
    assert "Buddy does not tell me exactly which gate this is" in told
    assert "Open it in Buddy and decide there" in told
    assert not world.patches()


async def test_two_gates_that_an_old_buddy_does_not_name(tmp_path: Path) -> None:
    """Where no choice could be offered, nobody is asked to choose: the answer links to Buddy."""
    async with world_of(tmp_path, TWO) as world:
        world.buddy.generation = "v1.1"
        maya = await world.person("maya")
        card = await shown(world, maya)
        assert card.buttons == ["Cancel", "Open in Buddy"]

        told = await types(world, maya, "approve shop/deploy#1")

        assert "Which one" not in told
        assert "Open it in Buddy and decide there" in told
        assert not world.patches()


@pytest.mark.parametrize("generation", ["v1.0", "v1.1"])
async def test_an_old_buddy_can_still_be_told_to_cancel_and_retry(
    world: World, generation: Generation
) -> None:
    """What concerns the whole execution is bound by its start date, which every Buddy tells."""
    world.buddy.generation = generation
    maya = await world.person("maya")
    card = await shown(world, maya, seconds=5)
    assert card.buttons == ["Cancel"]

    await world.acts(maya.clicks(card, "Cancel"))
    await world.acts(maya.submits({}))
    await world.passes(10)
    assert card.buttons == ["Retry"]
    await world.acts(maya.clicks(card, "Retry"))

    assert world.patches() == [{"operation": "CANCEL"}, {"operation": "RETRY"}]
    assert "@maya cancelled" in card.thread[0].reads
    assert "@maya retried" in card.thread[1].reads
    assert card.buttons == ["Cancel"]


@pytest.mark.parametrize("generation", ["v1.0", "v1.1"])
async def test_an_old_buddy_is_followed_to_the_end(world: World, generation: Generation) -> None:
    """The card tells the truth about an execution that was decided in Buddy itself."""
    world.buddy.generation = generation
    maya = await world.person("maya")
    card = await shown(world, maya)
    run = world.deploy.runs[0]
    run.approve(by=world.colleagues["maya"])

    await world.passes(40)

    assert "Successful" in card.reads
    assert card.buttons == ["Run again…"]
    assert story(card) == [
        (
            ":white_check_mark: Approve production was approved in Buddy, whose record does not "
            "tell by whom"
        ),
        ":white_check_mark: Successful after 55 s, 5 s of it at gates",
    ]
