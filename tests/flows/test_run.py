"""Starting a run from Slack: once, as the person who asked, followed from its first second on."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox.buddy import Field, Pipeline
from sandbox.faults import Fault
from sandbox.slack import Person, Role
from tests.flows.acts import refused_as, story, types
from tests.world import World, both_databases, both_doors

MARKED = r"\[gl-[a-z0-9]{6}\]"


def orders(world: World) -> list[dict[str, Any]]:
    """List the bodies of the POSTs that reached Buddy, in order."""
    return [call.body for call in world.buddy.journal.select("POST")]


def notes(person: Person) -> str:
    """Read everything that only this person sees."""
    return "\n".join(note.reads for note in person.ephemerals)


def release(world: World, **options: Any) -> Pipeline:
    """Build a pipeline that wants to be told something."""
    return world.buddy.pipeline("acme", "shop", "Release", identifier="release", **options)


@both_doors
@both_databases
async def test_a_typed_run_starts_and_is_followed(world: World) -> None:
    """The command starts one execution as that person, and its live card follows it."""
    maya = await world.person("maya")

    told = await types(world, maya, "run shop/deploy")

    assert "Run shop/deploy: on it…" in told
    assert "Started shop / Deploy #1. Its card is in this channel." in told
    [run] = world.deploy.runs
    assert run.creator is world.colleagues["maya"]
    [card] = world.deploys.messages
    assert "shop / Deploy #1" in card.reads
    await world.passes(25)
    assert "Approve" in card.buttons
    await world.acts(maya.clicks(card, "Approve"))
    await world.passes(60)
    assert "Successful" in card.reads
    assert story(card)[0].startswith(":raised_hand: Approve production waits")
    assert all(reply.reads for reply in card.thread)
    assert "gl-" not in card.reads + told
    audited = await world.audited()
    assert audited[:2] == [("maya", "run", "sent"), ("maya", "run", "done")]


@both_doors
async def test_the_same_command_delivered_twice_is_one_run(world: World) -> None:
    """Slack delivers again what it is not sure of; the second one starts nothing."""
    maya = await world.person("maya")
    ack = await world.acts(maya.says("/buddy run shop/deploy", in_=world.deploys))

    again = await world.acts(maya.redelivers(ack))

    assert again.status == 200
    assert len(world.deploy.runs) == len(orders(world)) == 1
    assert len(world.deploys.messages) == 1
    assert world.deploys.messages[0].reads
    assert [note.reads for note in maya.ephemerals]


async def test_every_option_reaches_buddy(world: World) -> None:
    """Branch, comment, variables, flags and priority: what was typed is what is sent."""
    world.deploy.project.commit("New prices", by=None, branch="release/2")
    maya = await world.person("maya")

    await types(
        world,
        maya,
        'run shop/deploy @release/2 VERSION=2.1 NOTE="two words" comment:"as agreed" '
        "from-scratch clear-cache priority:high",
    )

    [order] = orders(world)
    mark = order["comment"].partition(" [")[2]
    assert order == {
        "branch": {"name": "release/2"},
        "comment": f"as agreed [{mark}",
        "variables": [{"key": "VERSION", "value": "2.1"}, {"key": "NOTE", "value": "two words"}],
        "refresh": True,
        "clear_cache": True,
        "priority": "HIGH",
    }
    [card] = world.deploys.messages
    assert "release/2" in card.reads
    assert "gl-" not in card.reads
    assert world.private(maya)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("", {"to_revision": {"revision": "HEAD"}}),
        ("tag:v1.2", {"tag": {"name": "v1.2"}}),
        ("pr:12", {"pull_request": {"name": "12"}}),
        ("@main", {"branch": {"name": "main"}}),
    ],
)
async def test_a_commit_is_named_unless_a_ref_says_which(
    world: World, typed: str, sent: dict[str, Any]
) -> None:
    """Older Buddys want a revision with every run."""
    maya = await world.person("maya")

    await types(world, maya, f"run shop/deploy {typed}")

    [order] = orders(world)
    assert {name: value for name, value in order.items() if name != "comment"} == sent
    assert world.deploys.messages[0].reads


async def test_a_revision_is_sent_as_it_was_typed(world: World) -> None:
    """One that Buddy does not know is refused, in Buddy's words."""
    commit = world.deploy.project.commit("Fix login", by=None)
    maya = await world.person("maya")

    await types(world, maya, f"run shop/deploy rev:{commit.sha}")
    told = await types(world, maya, "run shop/deploy rev:abcd1234")

    assert orders(world)[0]["to_revision"] == {"revision": commit.sha}
    assert "Buddy did not start it: “Revision not found”. Nothing was started." in told
    assert len(world.deploy.runs) == 1
    assert commit.sha[:7] in world.deploys.messages[0].reads


@pytest.mark.parametrize("name", ["sh/dep", '"web shop"/Deploy', "acme/shop/deploy"])
async def test_the_pipeline_is_named_as_in_other_commands(world: World, name: str) -> None:
    """Beginnings, quotes and workspaces."""
    maya = await world.person("maya")

    await types(world, maya, f"run {name}")

    assert len(world.deploy.runs) == 1
    assert world.deploys.messages[0].reads


@both_doors
async def test_an_ambiguous_name_is_chosen_and_the_values_wait(world: World) -> None:
    """What was typed besides is not lost, and stands in no button."""
    release(world)
    world.buddy.pipeline("acme", "shop", "Release notes", identifier="release-notes")
    maya = await world.person("maya")

    told = await types(world, maya, "run shop/rel SECRET=hunter2")
    question = maya.ephemerals[-1]
    assert "“shop/rel” can mean several. Which one do you run?" in told
    assert question.buttons == ["acme/shop/release", "acme/shop/release-notes"]
    assert "hunter2" not in str(question.layout)
    assert not orders(world)
    old = question.snapshot()

    await world.acts(maya.clicks(question, "acme/shop/release-notes"))

    [order] = orders(world)
    assert order["variables"] == [{"key": "SECRET", "value": "hunter2"}]
    assert "shop / Release notes #1" in world.deploys.messages[-1].reads
    assert "Run acme/shop/release-notes: on it…" in question.reads
    await world.acts(maya.clicks(old, "acme/shop/release"))
    assert len(orders(world)) == 1
    assert "This choice is made already" in notes(maya)


async def test_a_choice_is_for_its_person_and_for_ten_minutes(world: World) -> None:
    """Afterwards the values are gone, and nothing is sent."""
    release(world)
    world.buddy.pipeline("acme", "shop", "Release notes", identifier="release-notes")
    maya = await world.person("maya")
    await types(world, maya, "run shop/rel A=1")
    question = maya.ephemerals[-1]
    await world.passes(601)

    await world.acts(maya.clicks(question, 0))

    assert "too old to count. Nothing was sent." in world.private(maya)
    assert not orders(world)


async def test_a_time_is_meant_by_the_clock_of_its_person(world: World) -> None:
    """The simulated people live in Warsaw; what is over today is meant for tomorrow."""
    maya = await world.person("maya")
    now = world.stage.clock.now()
    over = (now + timedelta(hours=1)) - timedelta(minutes=30)

    told = await types(world, maya, f"run shop/deploy at:{over:%H:%M}")

    [order] = orders(world)
    expected = (over + timedelta(days=1)).replace(second=0, microsecond=0) - timedelta(hours=1)
    assert order["delay_until"] == f"{expected:%Y-%m-%dT%H:%M:%S}.000Z"
    assert "is scheduled for" in told
    [card] = world.deploys.messages
    assert "Scheduled for" in card.reads
    assert card.buttons == ["Start now", "Cancel"]


@both_doors
async def test_a_delayed_run_is_started_now(world: World) -> None:
    """Start now does what it says, on the card of the very run."""
    maya = await world.person("maya")
    soon = world.stage.clock.now() + timedelta(hours=3)
    await types(world, maya, f"run shop/deploy at:{soon:%H:%M}")
    [card] = world.deploys.messages

    await world.acts(maya.clicks(card, "Start now"))
    await world.passes(5)

    assert [effect.operation for effect in world.deploy.runs[0].history] == ["RUN_DELAYED"]
    assert "Running" in card.reads
    assert card.thread[0].reads


async def test_a_delayed_run_is_cancelled(world: World) -> None:
    """It never starts."""
    maya = await world.person("maya")
    soon = world.stage.clock.now() + timedelta(hours=3)
    await types(world, maya, f"run shop/deploy at:{soon:%H:%M}")
    [card] = world.deploys.messages

    await world.acts(maya.clicks(card, "Cancel"))
    await maya.submits({})
    await world.passes(10)

    assert world.deploy.runs[0].status == "TERMINATED"
    assert "Cancelled" in card.reads
    assert card.thread[0].reads


@pytest.mark.parametrize(
    ("options", "typed", "said"),
    [
        (
            {"refs": ["refs/heads/release/*", "refs/tags/*"]},
            "",
            ["*Branch, tag or pull request*", "release/*", "run shop/release @release/1.0"],
        ),
        (
            {"description_required": True},
            "",
            ["*Comment*", 'run shop/release comment:"why it runs"'],
        ),
        (
            {"inputs": [Field("VERSION", description="What to ship")]},
            "",
            ["*VERSION*: it needs a value. What to ship", "VERSION=…"],
        ),
        (
            {"inputs": [Field("STAGE", options=["test", "live"])]},
            "STAGE=moon",
            ["*STAGE*: its value is one of test, live.", "STAGE=test"],
        ),
        ({}, "A=1 A=2 ", ["This is said twice."]),
    ],
)
async def test_what_is_missing_is_said_with_an_example(
    world: World, options: dict[str, Any], typed: str, said: list[str]
) -> None:
    """Where the form comes too late; its button opens it. And nothing is sent."""
    release(world, **options)
    maya = await world.person("maya")
    late = refused_as("expired_trigger_id")
    world.slack.faults.order(Fault(path="views.open", status=200, body=late))
    world.expected_refusals.add("views.open: expired_trigger_id")

    told = await types(world, maya, f"run shop/release {typed}")

    for one in said:
        assert one.replace("*", "") in told.replace("*", "")
    assert not orders(world)
    world.slack.faults.clear()
    if said[0].startswith("*"):
        await world.acts(maya.clicks(maya.ephemerals[-1], "Fill in…"))
        assert maya.modal is not None
        assert "Web Shop / Release" in maya.modal.reads


async def test_what_is_encrypted_in_buddy_is_sent_so(world: World) -> None:
    """Whoever types it need not know; a value that Buddy holds need not be typed."""
    release(world, inputs=[Field("PASSWORD", "old", encrypted=True), Field("KEEP", "kept")])
    maya = await world.person("maya")

    await types(world, maya, "run shop/release PASSWORD=hunter2")
    await types(world, maya, "run shop/release")

    first, second = orders(world)
    assert first["variables"] == [{"key": "PASSWORD", "value": "********", "encrypted": True}]
    assert "variables" not in second
    assert [card.reads for card in world.deploys.messages]
    assert world.private(maya)
    assert "hunter2" not in str(world.log)


@pytest.mark.parametrize("paused", [False, True])
async def test_a_pipeline_that_is_off_is_not_run(world: World, paused: bool) -> None:  # noqa: FBT001
    """The refusal gives Buddy's reason."""
    options: dict[str, Any] = {"paused": True} if paused else {"disabled_reason": "Moving house"}
    release(world, **options)
    maya = await world.person("maya")

    told = await types(world, maya, "run shop/release")

    word = "paused" if paused else "switched off in Buddy: “Moving house”"
    assert f"Release is {word}" in told
    assert "Nothing was started." in told
    assert not orders(world)


async def test_who_may_not_is_told_so(world: World) -> None:
    """By Buddy's own rule, and nothing is repeated."""
    maya = await world.person("maya")
    world.deploy.grant(world.colleagues["maya"], "READ_ONLY")

    told = await types(world, maya, "run shop/deploy")

    assert "Buddy does not let you do this" in told
    assert len(orders(world)) == 1
    assert not world.deploy.runs
    assert await world.audited() == [("maya", "run", "sent"), ("maya", "run", "refused")]


async def test_an_unknown_branch_is_buddys_to_refuse(world: World) -> None:
    """Its words are passed on."""
    maya = await world.person("maya")

    told = await types(world, maya, "run shop/deploy @nowhere")

    assert "Buddy did not start it: “Branch nowhere not found”" in told
    assert not world.deploy.runs


async def test_strangers_and_unlinked_people_start_nothing(world: World) -> None:
    """Deny by default."""
    gia = await world.person("gia", Role.GUEST, connected=False)
    ben = await world.person("ben", connected=False)

    refused = await types(world, gia, "run shop/deploy")
    offered = await types(world, ben, "run shop/deploy")

    assert "Guests cannot do this" in refused
    assert "I do not know your Buddy account" in offered
    assert not orders(world)


async def test_a_token_that_sees_no_variables_runs_all_the_same(world: World) -> None:
    """What it may not see is not asked for."""
    release(world, inputs=[Field("VERSION")])
    maya = await world.person("maya")
    scopes = world.colleagues["maya"].scopes
    world.colleagues["maya"].scopes = [one for one in scopes if one != "VARIABLE_INFO"]

    await types(world, maya, "run shop/release")

    assert len(orders(world)) == 1
    assert world.deploys.messages[0].reads


async def test_where_the_bot_is_no_member_nothing_is_started(world: World) -> None:
    """A deployment that nobody here would see does not begin."""
    maya = await world.person("maya")
    elsewhere = world.slack.channel("elsewhere", [maya])
    elsewhere.bot_is_member = False

    await world.acts(maya.says("/buddy run shop/deploy", in_=elsewhere))

    told = "\n".join(note.reads for note in maya.ephemerals)
    assert "I am not a member of this channel" in told
    assert "Nothing was started. Invite me" in told
    assert not orders(world)

    elsewhere.bot_is_member = True
    await world.passes(6)
    await world.acts(maya.says("/buddy run shop/deploy", in_=elsewhere))
    assert "shop / Deploy #1" in elsewhere.messages[-1].reads
    assert notes(maya)


async def test_without_the_scope_to_look_the_card_goes_to_the_person(world: World) -> None:
    """Nobody could know before; what runs is shown in the direct messages."""
    world.slack.scopes.difference_update({"channels:read", "groups:read"})
    world.expected_refusals |= {
        "conversations.info: missing_scope",
        "chat.postMessage: not_in_channel",
    }
    maya = await world.person("maya")
    elsewhere = world.slack.channel("elsewhere", [maya])
    elsewhere.bot_is_member = False

    await world.acts(maya.says("/buddy run shop/deploy", in_=elsewhere))

    assert len(world.deploy.runs) == 1
    assert "shop / Deploy #1" in maya.dms[-1].reads
    assert "Its card is in our direct messages." in notes(maya)


async def test_a_run_of_a_renamed_pipeline(world: World) -> None:
    """A name of yesterday leads to the pipeline of today."""
    maya = await world.person("maya")
    await types(world, maya, "run shop/deploy")
    world.buddy.rename(world.deploy.project, "store")

    await types(world, maya, "run shop/deploy")

    assert len(world.deploy.runs) == 2
    assert "store / Deploy #2" in world.deploys.messages[-1].reads
    assert world.deploys.messages[0].reads
    assert world.private(maya)


async def test_a_hundred_variables_and_long_values(world: World) -> None:
    """They all arrive; one more, or one character more, is a clear answer and nothing sent."""
    maya = await world.person("maya")
    many = " ".join(f"V{number}={number}" for number in range(100))

    await types(world, maya, f"run shop/deploy {many}")
    await types(world, maya, f"run shop/deploy LONG={'x' * 3000}")
    await types(world, maya, f"run shop/deploy {many} V100=100")
    assert maya.modal is not None
    assert "101 variables are given, and 100 can be." in maya.modal.reads
    await types(world, maya, f"run shop/deploy LONG={'x' * 3001}")
    too_long = maya.modal.reads

    first, second = orders(world)
    assert [one["key"] for one in first["variables"]] == [f"V{number}" for number in range(100)]
    assert second["variables"] == [{"key": "LONG", "value": "x" * 3000}]
    assert "LONG is longer than 3,000 characters." in too_long
    assert "xxx" not in too_long
    assert [card.reads for card in world.deploys.messages]
