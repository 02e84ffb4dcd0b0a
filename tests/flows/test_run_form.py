"""The form that starts a run: opened from anywhere, filled in, sent once."""

from datetime import timedelta

from sandbox.buddy import Field
from sandbox.clock import hold_up
from sandbox.faults import Fault
from sandbox.slack import Role
from tests.flows.acts import A_MOMENT, refused_as, types
from tests.flows.run_forms import BRANCH, PIPELINE, SHOP, choose, closes, field, form, opened, sends
from tests.waiting import seconds_of
from tests.world import World, both_doors

pytestmark = both_doors

SLOW = "This takes longer than a menu waits. Type on, and I look again."
MORE = "There may be more. Type a project and a pipeline, like shop/deploy."
"""Seconds that a busy machine may take besides."""


async def test_a_run_from_nothing(world: World) -> None:
    """``run`` alone opens the form; a pipeline is searched, a branch chosen, and it runs."""
    world.deploy.project.commit("Fix", by=None, branch="hotfix")
    maya = await world.person("maya")
    view = await opened(world, maya)
    assert await maya.searches(view, PIPELINE, "dep") == [SHOP]

    view = await choose(world, maya)
    assert "acme / shop · runs for main" in view.reads
    assert "appears in #deployments" in view.reads
    await maya.fills({BRANCH: "hotfix"})
    view = await sends(world, maya, Comment="as agreed", Priority="High")

    assert "Web Shop / Deploy is asked for. Its card appears in #deployments" in view.reads
    [run] = world.deploy.runs
    assert (run.order.branch, run.order.priority) == ("hotfix", "HIGH")
    assert run.order.comment.startswith("as agreed [gl-")
    assert run.creator is world.colleagues["maya"]
    assert "shop / Deploy #1" in world.deploys.messages[-1].reads
    assert "Started shop / Deploy #1" in world.private(maya)


async def test_what_was_typed_stands_in_the_form(world: World) -> None:
    """A command that lacks something opens the form with everything that was said."""
    world.deploy.description_required = True
    maya = await world.person("maya")

    view = await opened(
        world,
        maya,
        "run shop/deploy rev:8c1f0f6f VERSION=2.1 from-scratch priority:low at:18:30",
    )

    assert field(view, PIPELINE) == SHOP
    assert field(view, "Commit") == "8c1f0f6f"
    assert field(view, "Variables") == "VERSION=2.1"
    assert field(view, "Priority") == "Low"
    assert isinstance(field(view, "Start at"), int)
    assert "This pipeline wants to know why it runs." in view.reads
    await maya.submits({"Commit": None})
    assert maya.modal_errors == {"Comment": "Please complete this required field."}
    view = await sends(world, maya, Comment="tested", **{"Start at": None})
    assert "is asked for" in view.reads
    [run] = world.deploy.runs
    assert (run.order.refresh, run.order.priority) == (True, "LOW")
    assert [(one.key, one.value) for one in run.order.variables] == [("VERSION", "2.1")]
    assert "on it" in maya.ephemerals[0].reads
    assert world.private(maya)
    assert world.deploys.messages[-1].reads


async def test_what_was_typed_without_a_pipeline_waits_for_one(world: World) -> None:
    """Nothing gets lost while another pipeline is chosen."""
    world.buddy.pipeline("acme", "shop", "Docs", identifier="docs")
    maya = await world.person("maya")
    view = await opened(world, maya, 'run @release VERSION=3 comment:"for Tom"')
    assert field(view, BRANCH) == "release"

    await choose(world, maya, "Web Shop / Docs")
    await maya.fills({"Comment": "for Tom and Ina"})
    view = await choose(world, maya)

    assert field(view, PIPELINE) == SHOP
    assert field(view, BRANCH) == "release"
    assert field(view, "Comment") == "for Tom and Ina"
    assert field(view, "Variables") == "VERSION=3"
    await closes(maya)


async def test_the_shortcut_asks_for_a_channel(world: World) -> None:
    """It works from anywhere; where the bot is no member it says so before anything runs."""
    elsewhere = world.slack.channel("elsewhere", bot_is_member=False)
    maya = await world.person("maya")
    maya.joins(elsewhere)
    await world.acts(maya.uses_shortcut("greenlight.run_shortcut"))
    view = await choose(world, maya)
    assert "appears in" not in view.reads

    await maya.submits()
    assert maya.modal_errors == {"Channel": "Please complete this required field."}
    await maya.submits({"Channel": elsewhere})
    assert maya.modal_errors == {
        "Channel": "I am not in this channel. Invite me there with /invite, or choose another one."
    }
    await sends(world, maya, Channel=world.deploys)

    assert len(world.deploy.runs) == 1
    assert "shop / Deploy #1" in world.deploys.messages[-1].reads
    assert world.private(maya)
    assert form(maya).reads


async def test_run_again_begins_like_the_execution(world: World) -> None:
    """A successful card has the button; branch, commit and comment are those of the execution."""
    world.deploy.plan([])
    maya = await world.person("maya")
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix", branch="hotfix")
    await world.passes(10)
    card = await world.card(maya, run)
    assert card.buttons == ["Run again…"]

    await world.acts(maya.clicks(card, "Run again…"))

    view = form(maya)
    assert field(view, PIPELINE) == SHOP
    assert field(view, BRANCH) == "hotfix"
    assert field(view, "Commit") == run.commit.sha
    await sends(world, maya, Comment="once more")
    again = world.deploy.runs[-1]
    assert again.commit is run.commit
    assert world.deploys.messages[-1].reads
    assert world.private(maya)
    assert form(maya).reads


async def test_what_is_wrong_is_said_at_its_field(world: World) -> None:
    """The form stays open; nothing is sent before everything fits."""
    maya = await world.person("maya")
    await opened(world, maya)
    await choose(world, maya)
    yesterday = world.stage.clock.now() - timedelta(days=1)
    await maya.submits(
        {
            "Commit": "no hash",
            "Variables": "VERSION=1\nnonsense",
            "Start at": yesterday,
        }
    )
    assert maya.modal_errors == {
        "Commit": "A commit is 4 to 64 hexadecimal digits.",
        "Variables": "Line 2 is no KEY=VALUE.",
        "Start at": "This moment is over. Choose a later one, or leave it empty to start now.",
    }
    await maya.submits({"Commit": None, "Start at": None, "Variables": "A=1\nA=2"})
    assert maya.modal_errors == {"Variables": "A has two values. Leave one of them out."}
    await maya.fills({BRANCH: "Tag v1"})
    await maya.submits({"Variables": None, "Commit": "8c1f0f6f"})
    assert maya.modal_errors == {
        "Commit": "A tag says already which commit it is. Leave one of them empty."
    }
    assert not world.deploy.runs
    await closes(maya)


async def test_a_form_sent_twice_is_one_run(world: World) -> None:
    """Slack may deliver a submission again."""
    maya = await world.person("maya")
    await opened(world, maya)
    await choose(world, maya)
    ack = await maya.submits()
    await maya.redelivers(ack)
    await world.settled()

    assert len(world.deploy.runs) == 1
    assert world.private(maya)
    assert world.deploys.messages[-1].reads
    assert form(maya).reads


async def test_a_form_left_open_while_the_pipeline_changed(world: World) -> None:
    """Renamed, it runs all the same; switched off or gone, the person is told why not."""
    maya, state = await world.person("maya"), world.buddy.state
    for change in ("renamed", "off", "gone"):
        await opened(world, maya)
        await choose(world, maya)
        if change == "renamed":
            world.deploy.project.name = "store"
            state.projects["acme", "store"] = state.projects.pop(("acme", "shop"))
        elif change == "off":
            world.deploy.disabled_reason = "Frozen for the holidays"
        else:
            world.deploy.disabled_reason = None
            del world.buddy.state.pipelines[world.deploy.id]
        await sends(world, maya)
        assert form(maya).reads
        told = world.private(maya)
        if change == "renamed":
            assert len(world.deploy.runs) == 1, told
            assert world.deploys.messages[-1].reads
            world.deploy.project.name = "shop"
            state.projects["acme", "shop"] = state.projects.pop(("acme", "store"))
            await world.passes(120)
            assert [reply.reads for reply in world.deploys.messages[-1].thread]
        elif change == "off":
            assert "is switched off in Buddy: “Frozen for the holidays”" in told
        else:
            assert "Buddy" in told
        await closes(maya)
    assert len(world.deploy.runs) == 1


async def test_who_may_not_is_told_in_the_menu(world: World) -> None:
    """Somebody who disconnected while the form was open reads what to do, and chooses nothing."""
    maya = await world.person("maya")
    view = await opened(world, maya)
    await types(world, maya, "disconnect")
    note = "Connect your Buddy account first: /buddy connect"
    assert await maya.searches(view, PIPELINE, "dep") == [note]
    assert await maya.searches(view, BRANCH, "ma") == ["Choose the pipeline first."]
    await closes(maya)


async def test_a_menu_answers_in_time_whatever_buddy_does(world: World) -> None:
    """Known things at once; with a slow Buddy what is known by then, and what to do."""
    for number in range(30):
        world.buddy.project("acme", f"service-{number:02}", display_name=f"Service {number:02}")
        world.buddy.pipeline("acme", f"service-{number:02}", "Deploy", identifier="deploy")
    maya = await world.person("maya")
    await types(world, maya, "status shop/deploy")
    view = await opened(world, maya)
    await world.passes(700)

    world.buddy.faults.order(Fault(method="GET", times=999, delay=timedelta(seconds=2)))
    cold = await maya.searches(view, PIPELINE, "service-07/dep")
    assert world.slack.deliveries[-1].elapsed < 3
    assert cold[-1] in {SLOW, MORE}
    world.buddy.faults.clear()
    await world.settled()
    warm = await maya.searches(view, PIPELINE, "deploy")
    assert SHOP in warm
    assert warm[-1] == MORE
    found = await maya.searches(view, PIPELINE, "service-07/dep")
    assert found == ["Service 07 / Deploy"]
    assert await seconds_of(lambda: maya.searches(view, PIPELINE, "service-07/dep")) < 0.3
    assert await maya.searches(view, PIPELINE, "service-07/dep") == found
    await closes(maya)


async def test_a_late_answer_changes_nothing(world: World) -> None:
    """Who chooses again while Buddy thinks sees what the second one wants."""
    docs = world.buddy.pipeline("acme", "shop", "Docs", identifier="docs")
    maya = await world.person("maya")
    view = await opened(world, maya)
    await maya.searches(view, PIPELINE, "d")
    slow = f"/pipelines/{docs.id}"
    world.buddy.faults.order(Fault("GET", slow, times=9, delay=timedelta(seconds=1.5)))

    await maya.fills({PIPELINE: "Web Shop / Docs", "Comment": "careful"})
    await maya.fills({PIPELINE: SHOP})
    await world.settled()

    view = form(maya)
    assert field(view, PIPELINE) == SHOP
    assert field(view, "Comment") == "careful"
    assert "runs for main" in view.reads
    world.expected_refusals.add("views.update: hash_conflict")
    await sends(world, maya)
    assert (len(world.deploy.runs), len(docs.runs)) == (1, 0)
    assert form(maya).reads
    assert world.private(maya)
    assert world.deploys.messages[-1].reads


async def test_who_sends_before_the_choice_is_known_is_asked_once_more(world: World) -> None:
    """Nothing is sent that nobody saw: first the form shows what the pipeline wants."""
    maya = await world.person("maya")
    view = await opened(world, maya)
    await maya.searches(view, PIPELINE, "d")
    slow = f"/pipelines/{world.deploy.id}"
    world.buddy.faults.order(Fault("GET", slow, times=9, delay=timedelta(seconds=1)))
    world.expected_refusals.add("views.update: hash_conflict")

    await maya.fills({PIPELINE: SHOP})
    view = await sends(world, maya, Comment="in a hurry")

    assert "Look at what this pipeline asks for" in view.reads
    assert field(view, "Comment") == "in a hurry"
    assert not world.deploy.runs
    world.buddy.faults.clear()
    await sends(world, maya)
    assert len(world.deploy.runs) == 1
    assert form(maya).reads
    assert world.private(maya)
    assert world.deploys.messages[-1].reads


async def test_who_sends_early_and_chooses_again_keeps_the_choice(world: World) -> None:
    """What comes late for the pipeline that was sent changes nothing of the one chosen since."""
    docs = world.buddy.pipeline("acme", "shop", "Docs", identifier="docs")
    maya = await world.person("maya")
    view = await opened(world, maya)
    await maya.searches(view, PIPELINE, "d")
    slow = f"/pipelines/{docs.id}"
    world.buddy.faults.order(Fault("GET", slow, times=9, delay=timedelta(seconds=1.5)))
    world.expected_refusals.add("views.update: hash_conflict")

    await maya.fills({PIPELINE: "Web Shop / Docs"})
    await maya.submits({})
    await hold_up(A_MOMENT)
    assert "Look at what this pipeline asks for" in form(maya).reads
    await maya.fills({PIPELINE: SHOP})
    await world.settled()

    assert field(form(maya), PIPELINE) == SHOP
    assert "Asking Buddy" not in form(maya).reads
    await closes(maya)


async def test_a_form_that_slack_does_not_take_says_so(world: World) -> None:
    """Without the pipeline's fields first; where that is refused too, in private."""
    maya = await world.person("maya")
    world.expected_refusals.add("views.update: invalid_arguments")
    refused = refused_as("invalid_arguments")
    await opened(world, maya)

    world.slack.faults.order(Fault(path="views.update", status=200, body=refused))
    view = await choose(world, maya)
    assert "Slack did not take the form with the fields of this pipeline" in view.reads
    assert "Asking Buddy" not in view.reads
    await sends(world, maya, Variables="VERSION=1")
    [run] = world.deploy.runs
    assert [one.key for one in run.order.variables] == ["VERSION"]
    assert form(maya).reads
    assert world.private(maya)
    assert world.deploys.messages[-1].reads
    await maya.closes_modal()

    await opened(world, maya)
    world.slack.faults.order(Fault(path="views.update", times=9, status=200, body=refused))
    await choose(world, maya)
    world.slack.faults.clear()
    assert "Slack did not let me fill in your run form" in world.private(maya)
    await closes(maya)


async def test_a_form_that_comes_too_late_says_so(world: World) -> None:
    """From a shortcut there is no channel: the answer comes as a direct message."""
    maya = await world.person("maya")
    gia = await world.person("gia", Role.GUEST, connected=False)
    for person in (maya, gia):
        person.leaves(world.deploys)
    late = refused_as("expired_trigger_id")
    world.slack.faults.order(Fault(path="views.open", status=200, body=late))
    world.expected_refusals.add("views.open: expired_trigger_id")

    await world.acts(maya.uses_shortcut("greenlight.run_shortcut"))
    await world.acts(gia.uses_shortcut("greenlight.run_shortcut"))

    assert "three seconds were over before the form was open. Try again." in maya.dms[-1].reads
    assert "Guests cannot do this." in gia.dms[-1].reads
    assert maya.modal is None


async def test_buddy_is_down_while_a_pipeline_is_chosen(world: World) -> None:
    """The form says so and can be sent all the same; what Buddy says then counts."""
    maya = await world.person("maya")
    view = await opened(world, maya)
    await maya.searches(view, PIPELINE, "d")
    world.buddy.faults.order(Fault("GET", "/pipelines/", times=99, status=503))
    view = await choose(world, maya)
    assert "Buddy" in view.reads
    assert "Asking Buddy" not in view.reads
    world.buddy.faults.clear()
    await sends(world, maya, Variables="A=1")
    assert [one.key for one in world.deploy.runs[0].order.variables] == ["A"]
    assert form(maya).reads
    assert world.private(maya)
    assert world.deploys.messages[-1].reads


async def test_a_short_name_finds_its_pipeline_in_the_form(world: World) -> None:
    """Also later, from the button of an answer whose form came too late."""
    world.deploy.description_required = True
    maya = await world.person("maya")
    await types(world, maya, "alias prod = shop/deploy")
    assert [message.reads for message in world.deploys.messages]
    world.expected_refusals.add("views.open: expired_trigger_id")
    late = refused_as("expired_trigger_id")
    world.slack.faults.order(Fault(path="views.open", status=200, body=late))
    told = await types(world, maya, "run prod @hotfix")
    assert "Comment" in told

    await world.acts(maya.clicks(maya.ephemerals[-1], "Fill in…"))

    view = form(maya)
    assert (field(view, PIPELINE), field(view, BRANCH)) == (SHOP, "hotfix")
    await closes(maya)


async def test_values_that_are_not_kept_must_be_filled_in_again(world: World) -> None:
    """A variable whose value is gone is never sent as an empty one."""
    asked = (Field("REGION", "eu"),)
    release = world.buddy.pipeline("acme", "shop", "Release", identifier="release", inputs=asked)
    release.description_required = True
    maya = await world.person("maya")
    world.expected_refusals.add("views.open: expired_trigger_id")
    late = refused_as("expired_trigger_id")
    world.slack.faults.order(Fault(path="views.open", status=200, body=late))
    await types(world, maya, "run shop/release VERSION=2.1 REGION=us")

    await world.acts(maya.clicks(maya.ephemerals[-1], "Fill in…"))

    view = form(maya)
    assert field(view, "More variables") == "VERSION"
    assert "No value is kept of VERSION, REGION." in view.reads
    await maya.submits({"Comment": "tested"})
    assert maya.modal_errors == {"More variables": "Line 1 is no KEY=VALUE."}
    await sends(world, maya, **{"More variables": "VERSION=2.1", "REGION": "us"})
    [run] = release.runs
    assert [(one.key, one.value) for one in run.order.variables] == [
        ("REGION", "us"),
        ("VERSION", "2.1"),
    ]
    assert form(maya).reads
    assert world.private(maya)
    assert world.deploys.messages[-1].reads


async def test_what_stops_a_form_is_said_in_it(world: World) -> None:
    """Nothing that was typed gets lost: the form stays open."""
    maya = await world.person("maya")
    await opened(world, maya)
    await choose(world, maya)
    await types(world, maya, "disconnect")
    await maya.submits({"Comment": "as agreed"})
    assert "I do not know your Buddy account yet" in maya.modal_errors["Pipeline"]
    assert not world.deploy.runs
    await closes(maya)


async def test_a_form_of_another_buddy_is_refused(world: World) -> None:
    """Numbers count in each Buddy for itself."""
    maya = await world.person("maya")
    await opened(world, maya)
    view = await choose(world, maya)
    block = next(one for one in view.layout if one["block_id"].startswith("pipeline."))
    option = dict(block["element"]["initial_option"], value='["elsewhere.example",1,"w","p"]')
    view.typed.setdefault(block["block_id"], {})["greenlight.run_pipeline"] = {
        "type": "external_select",
        "selected_option": option,
    }
    await maya.submits()
    assert "another Buddy" in maya.modal_errors["Pipeline"]
    assert not world.deploy.runs
    await closes(maya)
