"""Gates that ask for variables: a form built of their own fields, sent once, kept nowhere."""

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from bot.database import metadata
from bot.store.tables import audit, click
from sandbox.buddy import Execution, Field, Gate, GateKind, Parallel, Step, Value
from sandbox.faults import Fault
from sandbox.slack import Ephemeral, Message, Person, Role
from tests.waiting import until
from tests.world import World, both_databases, both_doors, world_of

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


async def opens(
    world: World, person: Person, card: Message | Ephemeral, button: str = PROVIDE
) -> None:
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


async def test_what_takes_a_single_line_is_checked_in_the_form(tmp_path: Path) -> None:
    """The mistake stands at its field; what was filled in stays, and is taken once it is right."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)
        await opens(world, maya, card)

        await world.acts(maya.submits({**FILLED, "VERSION": "2.1\nrm -rf"}))
        assert maya.modal_errors == {
            "VERSION": "Only a single line, please: Buddy takes no line breaks."
        }
        assert not world.patches()
        assert not await kept(world)
        await world.acts(maya.submits({"VERSION": "2.1"}))

        assert values_of(run) == FILLED
        assert card.thread[0].reads
        assert card.reads


async def test_a_menu_too_long_for_slack_is_typed(tmp_path: Path) -> None:
    """Buddy's choices still count: the form says so, and looks whether it is one of them."""
    options = [f"server-{number}" for number in range(101)]
    gate = Gate("Where", GateKind.VARIABLES, fields=[Field("SERVER", options=options)])
    async with world_of(tmp_path, [gate]) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)
        await opens(world, maya, card)
        assert maya.modal is not None
        assert "Buddy offers 101 choices, too many for a menu" in maya.modal.reads

        await world.acts(maya.submits({"SERVER": "server-101"}))
        assert maya.modal_errors == {"SERVER": "Type one of Buddy's 101 choices, exactly."}
        await world.acts(maya.submits({"SERVER": "server-100"}))

        assert values_of(run, "Where") == {"SERVER": "server-100"}
        assert [reply.reads for reply in card.thread]
        assert card.reads


async def test_long_choices_are_sent_whole(tmp_path: Path) -> None:
    """Labels have 75 characters at the most and tell every choice; the value is the whole one."""
    options = [f"{'x' * 200}{end}" for end in ("alpha", "beta")]
    gate = Gate("Which", GateKind.VARIABLES, fields=[Field("NAME", options=options)])
    async with world_of(tmp_path, [gate]) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)
        await opens(world, maya, card)
        assert maya.modal is not None
        assert "what is sent is the whole one" in maya.modal.reads

        await world.acts(maya.submits({"NAME": f"{'x' * 70}… (2)"}))

        assert values_of(run, "Which") == {"NAME": options[1]}
        assert [reply.reads for reply in card.thread]
        assert card.reads


STRANGE = {
    "LONG": "v" * 3000,
    "EMOJI": "🚀👩\u200d💻" * 20,
    "RTL": "\u200fשלום\u202edlrow\u202c",  # noqa: RUF001 - letters of another script
    "PING": "<!channel> <@U123> & *bold*",
    "SPACES": "  as it is  ",
    "QUOTES": "\"'`\\ \t{}",
}


@both_doors
async def test_values_arrive_as_they_were_entered(tmp_path: Path, *, by_socket: bool) -> None:
    """Three thousand characters, emoji, right-to-left text, markup: nothing is changed or told."""
    fields = [Field(name) for name in STRANGE]
    gate = Gate("Strange", GateKind.VARIABLES, fields=fields)
    async with world_of(tmp_path, [gate], by_socket=by_socket) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)
        await opens(world, maya, card)

        await world.acts(maya.submits(STRANGE))

        assert values_of(run, "Strange") == STRANGE
        told = "".join(reply.reads for reply in card.thread) + card.reads
        assert not any(value in told for value in STRANGE.values())
        assert {ping.target for ping in world.slack.pings} == {"@maya"}


async def test_a_hundred_variables(tmp_path: Path) -> None:
    """They fit, without a heading; one more is answered in Buddy, and the form says so."""
    fields = [Field(f"KEY_{number}", value=f"value {number}") for number in range(100)]
    gate = Gate("Many", GateKind.VARIABLES, fields=fields)
    async with world_of(tmp_path, [gate, Step("Deploy", seconds=60)]) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)
        await opens(world, maya, card)
        assert maya.modal is not None
        assert len(maya.modal.labels) == 100

        await world.acts(maya.submits({"KEY_99": "x" * 3000}))
        assert len(values_of(run, "Many")) == 100
        assert "and 90 more" in card.thread[0].reads
        assert "and 90 more" in card.reads

        fields.append(Field("KEY_100"))
        again, _ = await asks(world, maya)
        other = world.deploys.messages[-1]
        await world.acts(maya.clicks(other, PROVIDE))
        assert maya.modal is not None
        assert "This gate asks for 101 variables: more than a form" in maya.modal.reads
        assert "Open it in Buddy" in maya.modal.reads
        assert again.is_waiting
        assert other.reads


async def test_a_gate_of_which_buddy_tells_no_field(tmp_path: Path) -> None:
    """Nothing can be asked for: the form says where it can be answered."""
    async with world_of(tmp_path, [Gate("Odd", GateKind.VARIABLES)]) as world:
        maya = await world.person("maya")
        _, card = await asks(world, maya)

        await world.acts(maya.clicks(card, PROVIDE))

        assert maya.modal is not None
        assert "Buddy does not tell me which variables" in maya.modal.reads
        assert card.reads


@both_doors
@both_databases
async def test_two_people_fill_in_the_same_gate(
    story_database: Path | str, *, by_socket: bool
) -> None:
    """One effect; the other one is told who was first, and their values are gone too."""
    async with world_of(story_database, PLAN, by_socket=by_socket) as world:
        maya, ben = await world.person("maya"), await world.person("ben")
        run, card = await asks(world, maya)
        await opens(world, maya, card)
        await opens(world, ben, card)

        await asyncio.gather(maya.submits(FILLED), ben.submits({**FILLED, "VERSION": "3.0"}))
        await world.settled()

        [done] = run.history
        loser = ben if done.who == "Maya" else maya
        winner = "@maya" if done.who == "Maya" else "@ben"
        assert f"Already answered by {winner}, so nothing more was sent" in world.private(loser)
        assert len(world.patches()) == len(card.thread) == 1
        assert f"{winner} answered Version" in card.thread[0].reads
        assert not await kept(world)
        assert card.reads


async def test_a_form_delivered_twice_counts_once(tmp_path: Path) -> None:
    """Slack delivers again what it thinks was lost."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)
        await opens(world, maya, card)

        ack = await world.acts(maya.submits(FILLED))
        await world.acts(maya.redelivers(ack))

        assert len(world.patches()) == len(run.history) == len(card.thread) == 1
        assert not maya.ephemerals
        assert card.thread[0].reads
        assert card.reads


async def test_a_form_left_open_until_the_gate_was_answered(tmp_path: Path) -> None:
    """Somebody answered in Buddy meanwhile: nothing is sent, and the person is told."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)
        await opens(world, maya, card)
        given = [Value(field.key, "x") for field in FIELDS]
        run.approve(by=world.colleagues["maya"], variables=given)

        await world.acts(maya.submits(FILLED))

        assert not world.patches()
        assert "“Version” no longer waits" in world.private(maya)
        assert "Nothing was sent" in world.private(maya)
        assert not await kept(world)
        assert [reply.reads for reply in card.thread]
        assert card.reads


async def test_a_form_left_open_until_the_run_was_retried(tmp_path: Path) -> None:
    """It was made for another attempt: nothing is sent, although the gate waits again."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)
        await opens(world, maya, card)
        run.cancel(by=world.colleagues["maya"])
        await world.passes(5)
        run.retry(by=world.colleagues["maya"])
        await world.passes(10)
        assert run.is_waiting

        await world.acts(maya.submits(FILLED))

        assert not world.patches()
        assert "was started or retried since" in world.private(maya)
        assert run.is_waiting
        assert [reply.reads for reply in card.thread]
        assert card.reads


async def test_an_old_button_opens_no_form(tmp_path: Path) -> None:
    """What it would be refused for is said at once, instead of a form to fill in in vain."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)
        old = card.snapshot()
        await opens(world, maya, card)
        await world.acts(maya.submits(FILLED))

        await world.acts(maya.clicks(old, PROVIDE))

        assert maya.modal is not None
        assert "Already answered by you" in maya.modal.reads
        assert "Send" not in maya.modal.reads
        assert len(run.history) == 1
        assert card.thread[0].reads
        assert card.reads


async def test_a_form_left_open_until_the_pipeline_was_edited(tmp_path: Path) -> None:
    """The gate asks for something else now: nothing is guessed, and the form can be had again."""
    fields = [Field("VERSION", value="1.0")]
    gate = Gate("Version", GateKind.VARIABLES, fields=fields)
    async with world_of(tmp_path, [gate]) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)
        await opens(world, maya, card)
        fields.append(Field("REGION", value="eu"))
        await world.passes(61)

        await world.acts(maya.submits())
        assert "The pipeline was edited meanwhile" in world.private(maya)
        assert not world.patches()
        await opens(world, maya, maya.ephemerals[-1])
        await world.acts(maya.submits())

        assert values_of(run, "Version") == {"VERSION": "1.0", "REGION": "eu"}
        assert [reply.reads for reply in card.thread]
        assert card.reads


async def test_a_form_left_open_until_a_menu_became_a_text(tmp_path: Path) -> None:
    """What was chosen of the menu is no text to be sent: the form can be had again."""
    fields = [Field("REGION", options=("eu-central", "us-east"))]
    gate = Gate("Version", GateKind.VARIABLES, fields=fields)
    async with world_of(tmp_path, [gate]) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)
        await opens(world, maya, card)
        fields[0] = Field("REGION")
        await world.passes(61)

        await world.acts(maya.submits({"REGION": "us-east"}))
        assert "The pipeline was edited meanwhile" in world.private(maya)
        assert not world.patches()
        await opens(world, maya, maya.ephemerals[-1])
        await world.acts(maya.submits({"REGION": "us-east"}))

        assert values_of(run, "Version") == {"REGION": "us-east"}
        assert [reply.reads for reply in card.thread]
        assert card.reads


async def test_a_guest_gets_no_form(tmp_path: Path) -> None:
    """Deny by default holds for forms, too: not even what is asked for is shown."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        gia = await world.person("gia", Role.GUEST, connected=False)
        _, card = await asks(world, maya)

        await world.acts(gia.clicks(card, PROVIDE))

        assert gia.modal is not None
        assert "VERSION" not in gia.modal.reads
        assert "Guests cannot do this" in gia.modal.reads
        assert card.reads


async def test_somebody_without_an_account_is_offered_to_connect(tmp_path: Path) -> None:
    """Values are not kept for later: first the account, then the form."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        ben = await world.person("ben", connected=False)
        _, card = await asks(world, maya)

        await world.acts(ben.clicks(card, PROVIDE))

        assert ben.modal is not None
        assert "/buddy connect" in ben.modal.reads
        assert not ben.modal.labels
        assert card.reads


async def test_the_form_is_open_before_buddy_answers(tmp_path: Path) -> None:
    """Slack gives three seconds for it: it says what it waits for, then asks."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        _, card = await asks(world, maya)
        slow = Fault("GET", "executions", delay=timedelta(seconds=1.5))
        world.buddy.faults.order(slow)

        ack = await maya.clicks(card, PROVIDE)
        assert ack.elapsed < 1.5
        await until(lambda: maya.modal)
        assert maya.modal is not None
        assert "Asking Buddy what this gate wants to know" in maya.modal.reads
        await world.settled()

        assert maya.modal.labels == ["VERSION", "REGION", "PASSWORD", "FLAVOUR"]
        assert card.reads


async def test_buddy_does_not_say_what_it_asks_for(tmp_path: Path) -> None:
    """The form that is open says why it stays empty."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        _, card = await asks(world, maya)
        world.buddy.faults.order(Fault("GET", "/actions/", status=403, body="{}", times=9))

        await world.acts(maya.clicks(card, PROVIDE))

        assert maya.modal is not None
        assert "Buddy" in maya.modal.reads
        assert not maya.modal.labels
        assert card.reads


async def test_who_closes_the_form_waits_for_nothing(tmp_path: Path) -> None:
    """What Buddy answers afterwards is of no use any more, and no trouble."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        _, card = await asks(world, maya)
        slow = Fault("GET", "executions", delay=timedelta(milliseconds=200))
        world.buddy.faults.order(slow)
        world.expected_refusals.add("views.update: not_found")

        await maya.clicks(card, PROVIDE)
        await until(lambda: maya.modal)
        assert maya.modal is not None
        assert maya.modal.reads
        await maya.closes_modal()
        await world.settled()

        assert not maya.ephemerals
        assert card.reads


async def test_what_buddy_refuses_can_be_filled_in_again(tmp_path: Path) -> None:
    """Its words are told, the values are gone, and the form is a click away."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)
        await opens(world, maya, card)
        refusal = '{"errors": [{"message": "No such version: 2.1 / hunter2-äöü"}]}'
        world.buddy.faults.order(Fault("PATCH", status=400, body=refusal))

        await world.acts(maya.submits(FILLED))
        told = world.private(maya)
        assert "Buddy refused: “No such version" in told
        assert SECRET not in told
        assert not await kept(world)
        assert SECRET not in await everything_stored(world)
        await opens(world, maya, maya.ephemerals[-1])
        await world.acts(maya.submits(FILLED))

        assert values_of(run) == FILLED
        assert card.thread[0].reads
        assert card.reads


async def test_not_taken_leaves_the_form_as_it_is(tmp_path: Path) -> None:
    """The database is locked: the form says so, and the next try counts."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)
        await opens(world, maya, card)
        other = sqlite3.connect(tmp_path / "greenlight.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await maya.submits(FILLED)
        other.execute("ROLLBACK")
        other.close()
        await world.settled()
        assert "Not taken" in maya.modal_errors["VERSION"]
        assert not world.patches()

        await world.acts(maya.submits())

        assert values_of(run) == FILLED
        assert len(world.patches()) == 1
        assert card.thread[0].reads
        assert card.reads


async def test_the_inbox_and_the_menu_of_a_message_lead_to_the_form(tmp_path: Path) -> None:
    """Whichever way somebody comes, the same form opens; nothing is sent before it is filled in."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)

        await world.acts(maya.says("/buddy inbox", in_=world.deploys))
        note = maya.ephemerals[-1]
        assert "Waiting for you: 1" in note.reads
        await opens(world, maya, note, "Answer #1")
        assert maya.modal is not None
        assert maya.modal.labels == [field.key for field in FIELDS]
        await maya.closes_modal()
        await world.acts(maya.uses_shortcut("greenlight.message.approve", card))
        assert maya.modal is not None
        assert maya.modal.labels == [field.key for field in FIELDS]
        assert not world.patches()
        await world.acts(maya.submits(FILLED))

        assert values_of(run) == FILLED
        assert "Answered: shop / Deploy #1" in world.private(maya)
        assert card.thread[0].reads
        assert card.reads


async def test_another_organisation_reads_no_names_of_variables(tmp_path: Path) -> None:
    """They tell how a deployment is made, which is nobody else's business."""
    async with world_of(tmp_path, PLAN) as world:
        world.deploys.shared = True
        maya = await world.person("maya")
        run, card = await asks(world, maya)
        await opens(world, maya, card)

        await world.acts(maya.submits(FILLED))

        assert values_of(run) == FILLED
        told = "".join(reply.reads for reply in card.thread) + card.reads
        assert "@maya answered Version" in told
        assert "PASSWORD" not in told
