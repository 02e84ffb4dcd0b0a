"""Values typed behind «approve»: sent if they are all there, else asked for in the form."""

from datetime import timedelta
from pathlib import Path

from sandbox.buddy import Field, Gate, GateKind, Parallel, Step
from sandbox.faults import Fault
from tests.flows.acts import A_MOMENT, types
from tests.flows.test_values import (
    FILLED,
    PLAN,
    PROVIDE,
    SECRET,
    VERSION,
    asks,
    everything_stored,
    kept,
    values_of,
)
from tests.world import both_doors, world_of

ALL = " ".join(f'{key}="{value}"' for key, value in FILLED.items())
LEGAL = Gate("Legal")


@both_doors
async def test_all_values_are_typed(tmp_path: Path, *, by_socket: bool) -> None:
    """They go to the gate at once; who typed one that Buddy masks is reminded of the form."""
    async with world_of(tmp_path, PLAN, by_socket=by_socket) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)

        told = await types(world, maya, f"approve shop/deploy#1 {ALL} reason:tested")

        assert [patch["operation"] for patch in world.patches()] == ["APPLY_VARIABLES"]
        assert values_of(run) == FILLED
        assert maya.modal is None
        assert "You typed PASSWORD, which Buddy masks" in told
        assert "Answered: shop / Deploy #1" in told
        assert "@maya answered Version" in card.thread[0].reads
        assert "Given: VERSION, REGION, PASSWORD and FLAVOUR" in card.thread[0].reads
        assert "tested" in card.thread[0].reads
        assert SECRET not in told + card.thread[0].reads + card.reads + str(world.log)
        assert not await kept(world)
        assert SECRET not in await everything_stored(world)


@both_doors
async def test_what_is_missing_is_asked_in_the_form(tmp_path: Path, *, by_socket: bool) -> None:
    """It begins with what was typed, and with Buddy's defaults for the rest."""
    async with world_of(tmp_path, PLAN, by_socket=by_socket) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)

        await types(world, maya, f'approve shop/deploy#1 REGION=us-east PASSWORD="{SECRET}"')
        form = maya.modal
        assert form is not None
        assert form.labels == ["VERSION", "REGION", "PASSWORD", "FLAVOUR"]
        assert not world.patches()
        assert not await kept(world)
        await world.acts(maya.submits({"FLAVOUR": "vanilla"}))

        assert values_of(run) == {**FILLED, "VERSION": "1.0"}
        assert card.thread[0].reads
        assert card.reads


async def test_what_was_sent_begins_no_later_form(tmp_path: Path) -> None:
    """Neither that of the next gate of the same run, nor the same one's again."""
    second = Gate("Again", GateKind.VARIABLES, fields=[Field("VERSION", value="1.0")])
    async with world_of(tmp_path, [VERSION, second]) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)
        await types(world, maya, "approve shop/deploy#1 VERSION=2.1")
        await world.acts(maya.submits({"PASSWORD": SECRET, "FLAVOUR": "x", "REGION": "us-east"}))
        assert world.stage.bot.services.asking.drafts.count == 0
        await world.passes(10)

        await types(world, maya, "approve shop/deploy#1")
        await world.acts(maya.submits())

        assert values_of(run, "Again") == {"VERSION": "1.0"}
        assert [reply.reads for reply in card.thread]
        assert card.reads


async def test_a_plain_approve_opens_the_form(tmp_path: Path) -> None:
    """Nobody has to know what kind of gate waits."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)

        await types(world, maya, "approve shop/deploy#1")
        assert maya.modal is not None
        assert maya.modal.reads
        await world.acts(maya.submits(FILLED))

        assert values_of(run) == FILLED
        assert card.thread[0].reads
        assert card.reads


async def test_an_unknown_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    """Nothing is sent, not even what was right."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)

        told = await types(world, maya, f"approve shop/deploy#1 {ALL} VERSIONS=2.2")

        assert "This gate does not ask for VERSIONS. Did you mean VERSION?" in told
        assert "Nothing was sent" in told
        assert run.is_waiting
        assert not world.patches()
        assert SECRET not in told
        assert card.reads


async def test_a_value_that_is_not_offered(tmp_path: Path) -> None:
    """A menu's choices count for what is typed, too."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)

        typed = ALL.replace("us-east", "mars")
        told = await types(world, maya, f"approve shop/deploy#1 {typed}")

        assert "REGION takes only one of: eu-central, us-east, ap-south" in told
        assert "mars" not in told
        assert run.is_waiting
        assert card.reads


async def test_values_for_a_gate_that_takes_a_yes(tmp_path: Path) -> None:
    """They fit nowhere, so nothing is approved by accident."""
    async with world_of(tmp_path, [LEGAL]) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)

        told = await types(world, maya, "approve shop/deploy#1 VERSION=2.1")

        assert "takes a plain yes and no variables" in told
        assert run.is_waiting
        assert not world.patches()
        assert card.reads


async def test_values_beside_an_approval(tmp_path: Path) -> None:
    """Values say which gate is meant: the one that asks for them."""
    async with world_of(tmp_path, [Parallel([LEGAL, VERSION]), Step("Deploy")]) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)

        told = await types(world, maya, f"approve shop/deploy#1 {ALL}")

        assert "Answered" in told
        assert [done.gate for done in run.history] == ["Version"]
        assert run.waiting_gates == ["Legal"]
        assert card.thread[0].reads
        assert card.reads


async def test_values_for_one_of_two_gates_that_ask_for_some(tmp_path: Path) -> None:
    """Which one is asked; its form begins with what was typed."""
    other = Gate("Settings", GateKind.SETTABLE_VARIABLES, fields=[Field("MODE")])
    async with world_of(tmp_path, [Parallel([VERSION, other]), Step("Deploy")]) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)

        told = await types(world, maya, "approve shop/deploy#1 MODE=fast")
        assert "Which one do you answer?" in told
        choice = maya.ephemerals[-1]
        assert choice.buttons == ["Provide variables: Version", "Provide variables: Settings"]
        assert "fast" not in str(choice.layout)
        await world.acts(maya.clicks(choice, "Provide variables: Settings"))
        await world.acts(maya.submits())

        assert values_of(run, "Settings") == {"MODE": "fast"}
        assert card.thread[0].reads
        assert card.reads


async def test_values_for_the_latest_execution(tmp_path: Path) -> None:
    """Nobody answers what they did not see: the card first, then the form with what was typed."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)

        told = await types(world, maya, f"approve shop/deploy {ALL}")
        assert "You did not say which execution" in told
        assert "Nothing was sent yet" in told
        assert SECRET not in str(maya.ephemerals[-1].layout)
        await world.acts(maya.clicks(maya.ephemerals[-1], "Answer #1: Version"))
        assert not world.patches()
        await world.acts(maya.submits())

        assert values_of(run) == FILLED
        assert card.thread[0].reads
        assert card.reads


async def test_an_empty_value_that_was_typed_stays_empty(tmp_path: Path) -> None:
    """The form asks for every value, unless somebody said that there is none."""
    fields = [Field("NOTE", value="default"), Field("VERSION")]
    gate = Gate("Version", GateKind.VARIABLES, fields=fields)
    async with world_of(tmp_path, [gate]) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)

        await types(world, maya, "approve shop/deploy#1 NOTE=")
        await maya.submits()
        assert set(maya.modal_errors) == {"VERSION"}
        await world.acts(maya.submits({"VERSION": "2.1"}))

        assert values_of(run) == {"NOTE": "", "VERSION": "2.1"}
        assert [reply.reads for reply in card.thread]
        assert card.reads


async def test_too_late_for_a_form(tmp_path: Path) -> None:
    """Buddy took its time, and Slack's three seconds are over: a button opens the same form."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)
        world.buddy.faults.order(Fault("GET", "executions", delay=A_MOMENT))

        typed = "/buddy approve shop/deploy#1 REGION=us-east"
        await maya.says(typed, in_=world.deploys)
        world.stage.clock.advance(timedelta(seconds=4))
        await world.settled()
        told = "\n".join(note.reads for note in maya.ephemerals)
        assert "“Version” of shop / Deploy #1 asks for variables" in told
        assert "You did not type VERSION, PASSWORD and FLAVOUR" in told
        assert maya.modal is None
        await world.acts(maya.clicks(maya.ephemerals[-1], PROVIDE))
        await world.acts(maya.submits({key: FILLED[key] for key in ("PASSWORD", "FLAVOUR")}))

        assert values_of(run) == {**FILLED, "VERSION": "1.0"}
        assert card.thread[0].reads
        assert card.reads


async def test_a_name_that_fits_two_pipelines(tmp_path: Path) -> None:
    """The choice carries no value: buttons may be read by whoever looks over a shoulder."""
    async with world_of(tmp_path, PLAN) as world:
        world.buddy.pipeline("acme", "shop", "Deplore", identifier="deplore")
        maya = await world.person("maya")
        _, card = await asks(world, maya)

        told = await types(world, maya, f"approve shop/depl#1 {ALL}")

        assert "acme/shop/deplore" in told
        assert SECRET not in str([note.layout for note in maya.ephemerals])
        assert not await kept(world)
        assert not world.patches()
        assert card.reads
