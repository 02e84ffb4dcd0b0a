"""Gates that ask for variables: a form built of their own fields, sent once, kept nowhere."""

from pathlib import Path

from sqlalchemy import select

from bot.database import metadata
from bot.store.tables import audit, click
from sandbox.buddy import Execution, Field, Gate, GateKind, Parallel, Step
from sandbox.slack import Message, Person
from tests.world import World, both_doors, world_of

SECRET = "hunter2-äöü"
FIELDS = (
    Field("VERSION", value="1.0", description="Like X.Y.Z"),
    Field("REGION", options=("eu-central", "us-east", "ap-south")),
    Field("PASSWORD", value="default-secret", encrypted=True),
    Field("FLAVOUR", init_path="/flavours.txt"),
)
VERSION = Gate("Version", GateKind.VARIABLES, question="Which one goes out?", fields=FIELDS)
PLAN: list[Step | Gate | Parallel] = [VERSION, Step("Deploy", seconds=5)]
FILLED = {
    "VERSION": "2.1",
    "REGION": "us-east",
    "PASSWORD": SECRET,
    "FLAVOUR": "vanilla",
}
SENT = [
    {"key": "VERSION", "value": "2.1"},
    {"key": "REGION", "value": "us-east"},
    {"key": "PASSWORD", "value": "********", "encrypted": True},
    {"key": "FLAVOUR", "value": "vanilla"},
]
PROVIDE = "Provide variables…"


async def asks(world: World, person: Person, seconds: float = 25) -> tuple[Execution, Message]:
    """Push a commit, let it come to its gate, and show its card."""
    run = world.deploy.push(by=world.colleagues[person.name], message="Fix login")
    await world.passes(seconds)
    return run, await world.card(person, run)


async def opens(world: World, person: Person, card: Message, button: str = PROVIDE) -> None:
    """Press the button, and look at the form."""
    await world.acts(person.clicks(card, button))
    assert person.modal is not None
    assert person.modal.reads


async def kept(world: World) -> list[str]:
    """List what the database holds sealed for gates."""
    async with world.stage.bot.database.snapshot() as transaction:
        rows = await transaction.run(select(click.c.sealed_values))
        return [value for value in rows.scalars() if value]


async def everything_stored(world: World) -> str:
    """Read the whole database as text."""
    async with world.stage.bot.database.snapshot() as transaction:
        rows: list[str] = []
        for table in metadata.sorted_tables:
            rows += map(str, await transaction.run(select(table)))
        return "\n".join(rows)


def values_of(run: Execution, gate: str = "Version") -> dict[str, str]:
    """Tell what the gate was given."""
    return {value.key: value.value for value in run.action(gate).passed}


@both_doors
async def test_variables_are_provided(tmp_path: Path, *, by_socket: bool) -> None:
    """The form is built of the gate's fields; what is sent is what was filled in."""
    async with world_of(tmp_path, PLAN, by_socket=by_socket) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)
        assert card.buttons == [PROVIDE, "Reject"]
        assert "“Version” waits for variables" in card.reads

        await opens(world, maya, card)
        form = maya.modal
        assert form is not None
        assert form.labels == ["VERSION", "REGION", "PASSWORD", "FLAVOUR"]
        assert "“Version” of shop / Deploy #1 asks for variables" in form.reads
        assert "Which one goes out?" in form.reads
        assert "Like X.Y.Z" in form.reads
        assert "Slack cannot mask this field" in form.reads
        assert "from a file that I cannot read" in form.reads
        assert "default-secret" not in str(form.layout)
        assert not world.patches()
        ack = await world.acts(maya.submits(FILLED))

        assert ack.is_ok
        assert maya.modal is None
        [patch] = world.patches()
        assert patch == {
            "operation": "APPLY_VARIABLES",
            "approve_action_id": run.action("Version").id,
            "variables": SENT,
        }
        assert values_of(run) == FILLED
        [told] = [reply.reads for reply in card.thread]
        assert "@maya answered Version." in told
        assert "Given: VERSION, REGION, PASSWORD and FLAVOUR" in told
        assert "Answered by @maya" in card.reads
        assert "with VERSION, REGION, PASSWORD and FLAVOUR" in card.reads
        assert not await kept(world)
        assert SECRET not in await everything_stored(world)
        assert SECRET not in str(world.log)
        assert await world.audited() == [("maya", "provide", "sent"), ("maya", "provide", "done")]
        async with world.stage.bot.database.snapshot() as transaction:
            names = (await transaction.run(select(audit.c.variables))).scalars().all()
        assert names == ['["VERSION", "REGION", "PASSWORD", "FLAVOUR"]'] * 2


async def test_settable_variables_have_their_own_operation(tmp_path: Path) -> None:
    """Each kind of gate is answered with what Buddy takes for it."""
    gate = Gate("Settings", GateKind.SETTABLE_VARIABLES, fields=[Field("MODE", value="slow")])
    async with world_of(tmp_path, [gate]) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)

        await opens(world, maya, card)
        await world.acts(maya.submits())

        [patch] = world.patches()
        assert patch["operation"] == "SET_VARIABLES"
        assert values_of(run, "Settings") == {"MODE": "slow"}
        assert card.thread[0].reads
        assert card.thread[1].reads
        assert "Successful" in card.reads
