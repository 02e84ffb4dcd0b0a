"""What a channel is told: asked for by a command or a form, changed, listed and ended."""

import pytest

from sandbox.slack import Message, Person, Role
from tests.flows.acts import types
from tests.world import World, both_doors


async def latest(world: World) -> Message:
    """Look at what was said in the channel last."""
    return world.deploys.messages[-1]


async def subscribed(world: World, person: Person, text: str) -> str:
    """Subscribe the channel; what it is told about that."""
    before = len(world.deploys.messages)
    await types(world, person, f"subscribe {text}")
    [said] = world.deploys.messages[before:]
    return said.reads.partition("\n")[0]


@both_doors
async def test_a_channel_is_subscribed_by_a_command(world: World) -> None:
    """The channel is told who wanted what; the person, how I hear of it."""
    maya = await world.person("maya")

    told = await types(world, maya, "subscribe shop/deploy on:waiting,failed branch:main by:me")

    said = await latest(world)
    assert said.reads.startswith(
        ":bell: @maya subscribed this channel to Web Shop / Deploy: gates that wait and failures, "
        "on main, started by @maya."
    )
    assert said.buttons == ["Edit…", "Unsubscribe"]
    assert "I look at the pipelines by myself" in told


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("shop", "Web Shop / all pipelines: everything."),
        ("acme/shop/*", "Web Shop / all pipelines: everything."),
        ('"Web Shop"/Deploy on:fixed', "Web Shop / Deploy: the first success after failures."),
        ("shop/dep branch:main,release/*", "Web Shop / Deploy: everything, on main, release/*."),
    ],
)
async def test_what_can_be_subscribed(world: World, typed: str, title: str) -> None:
    """A project or a pipeline, by any of its names."""
    maya = await world.person("maya")
    assert (
        await subscribed(world, maya, typed) == f":bell: @maya subscribed this channel to {title}"
    )


async def test_subscribing_again_changes_it(world: World) -> None:
    """A channel has one wish for each topic."""
    maya = await world.person("maya")
    await subscribed(world, maya, "shop/deploy")

    said = await subscribed(world, maya, "shop/deploy on:failed")

    assert said == (
        ":bell: @maya changed what this channel is told of Web Shop / Deploy: failures."
    )
    assert "(1)" in await types(world, maya, "subscriptions")


@both_doors
async def test_the_form_asks_what_was_not_typed(world: World) -> None:
    """Alone, or with dots, the command opens a form; its menu offers projects and pipelines."""
    maya = await world.person("maya")
    await world.acts(maya.says("/buddy subscribe …", in_=world.deploys))
    form = maya.modal
    assert form is not None
    assert form.title == "Subscribe"
    offered = await maya.searches(form, "Project or pipeline", "shop")
    assert offered == ["Web Shop", "Web Shop / Deploy"]

    await world.acts(
        maya.submits(
            {
                "Project or pipeline": "Web Shop / Deploy",
                "Tell this channel": "Only failures, and when they are fixed",
                "Only these branches": "main  release/*",
                "Besides": ["Show failures to the whole channel, not to the thread alone"],
                "Call when somebody must act": [maya],
            }
        )
    )

    assert maya.modal is None
    assert (await latest(world)).reads.startswith(
        ":bell: @maya subscribed this channel to Web Shop / Deploy: failures and the first success "
        "after failures, on main, release/*; failures are shown to the whole channel; @maya is "
        "called when somebody must act."
    )
    assert "by myself" in world.private(maya)


async def test_the_form_says_what_is_missing(world: World) -> None:
    """At the field, before anything is stored."""
    maya = await world.person("maya")
    await world.acts(maya.says("/buddy subscribe", in_=world.deploys))
    form = maya.modal
    assert form is not None
    assert form.title == "Subscribe"
    chosen = {"Tell this channel": "What is ticked below", "…of these": []}

    await world.acts(maya.submits({"Project or pipeline": "Web Shop", **chosen}))

    assert maya.modal_errors == {"…of these": "Tick at least one of these."}
    await maya.closes_modal()
    assert not world.deploys.messages


async def test_a_subscription_is_edited(world: World) -> None:
    """The form shows what is wished; the channel is told what changed."""
    maya, ben = await world.person("maya"), await world.person("ben")
    await subscribed(world, maya, "shop/deploy on:failed branch:main")
    said = await latest(world)

    await world.acts(ben.clicks(said, "Edit…"))
    form = ben.modal
    assert form is not None
    assert form.title == "Edit subscription"
    assert "Web Shop / Deploy" in form.reads
    await world.acts(ben.submits({"Tell this channel": "Only gates that wait for somebody"}))

    assert (await latest(world)).reads.startswith(
        ":bell: @ben changed what this channel is told of Web Shop / Deploy: gates that wait, "
        "on main."
    )
    assert "is told of Web Shop / Deploy" in world.private(ben)


async def test_who_edits_does_not_take_over_whose_runs_are_told(world: World) -> None:
    """Only what Maya starts stays that, until somebody takes it back and asks for their own."""
    maya, ben = await world.person("maya"), await world.person("ben")
    await subscribed(world, maya, "shop/deploy on:failed by:me")
    mine, theirs = "Only what I start", "Only what one person starts, as it is now"
    acts: list[tuple[str, dict[str, str | list[str]], str]] = [
        (theirs, {"Only these branches": "main"}, "on main, started by @maya."),
        (theirs, {"Besides": []}, "on main."),
        (mine, {"Besides": [mine]}, "on main, started by @ben."),
    ]
    for offered, chosen, told in acts:
        await world.acts(ben.clicks(await latest(world), "Edit…"))
        form = ben.modal
        assert form is not None
        assert offered in form.reads
        await world.acts(ben.submits(chosen))
        assert told in (await latest(world)).reads
        assert world.private(ben)


async def test_the_only_subscription_is_ended(world: World) -> None:
    """Without a name it is the only one that is meant."""
    maya = await world.person("maya")
    await subscribed(world, maya, "shop/deploy")

    told = await types(world, maya, "unsubscribe")

    assert told.endswith(":no_bell: This channel is told no more of Web Shop / Deploy.")
    assert (await latest(world)).reads == (
        ":no_bell: @maya ended this channel's word of Web Shop / Deploy."
    )
    assert "told nothing yet" in await types(world, maya, "subscriptions")


async def test_of_several_it_is_asked_which(world: World) -> None:
    """And the choice stands in the question's place."""
    maya = await world.person("maya")
    await subscribed(world, maya, "shop/deploy")
    await subscribed(world, maya, "shop")

    await types(world, maya, "unsubscribe")
    asked = maya.ephemerals[-1]
    assert asked.buttons == ["Web Shop / all pipelines", "Web Shop / Deploy"]
    await world.acts(maya.clicks(asked, "Web Shop / all pipelines"))

    assert "is told no more of Web Shop / all pipelines" in world.private(maya)
    assert (await latest(world)).reads.endswith("word of Web Shop / all pipelines.")
    assert "(1)" in await types(world, maya, "subscriptions")


@pytest.mark.parametrize("name", ["shop/deploy", "acme/shop/Deploy", "shop/dep"])
async def test_a_subscription_is_ended_by_name(world: World, name: str) -> None:
    """By the names that are shown, or by those that Buddy knows."""
    maya = await world.person("maya")
    await subscribed(world, maya, "shop/deploy")
    await types(world, maya, f"unsubscribe {name}")
    assert (await latest(world)).reads.startswith(":no_bell:")


async def test_what_is_not_subscribed_is_not_ended(world: World) -> None:
    """It says so, and what to do."""
    maya = await world.person("maya")
    assert "This channel is not told of anything" in await types(world, maya, "unsubscribe")
    told = await types(world, maya, "unsubscribe shop/deploy")
    assert "is not told of shop/deploy, so nothing was changed" in told


async def test_the_list_has_pages(world: World) -> None:
    """Ten to a page; each with its buttons."""
    maya = await world.person("maya")
    for number in range(12):
        world.buddy.pipeline("acme", "shop", f"Job {number:02}", identifier=f"job{number:02}")
    for number in range(12):
        await subscribed(world, maya, f"shop/job{number:02}")
        await world.passes(2)

    await types(world, maya, "subscriptions")
    first = maya.ephemerals[-1]
    assert first.buttons == [*["Edit…", "Unsubscribe"] * 10, "Next"]
    await world.acts(maya.clicks(first, "Next"))

    shown = maya.ephemerals[-1]
    assert "Job 11" in shown.reads
    assert "Page 2 of 2" in shown.reads
    assert shown.buttons == [*["Edit…", "Unsubscribe"] * 2, "Previous"]


async def test_a_button_of_what_is_over(world: World) -> None:
    """A message of long ago ends nothing else."""
    maya = await world.person("maya")
    await subscribed(world, maya, "shop/deploy")
    said = await latest(world)
    await world.acts(maya.clicks(said, "Unsubscribe"))
    assert (await latest(world)).reads.startswith(":no_bell:")
    assert world.private(maya)

    await world.acts(maya.clicks(said, "Unsubscribe"))
    assert "This subscription is over" in world.private(maya)
    await world.acts(maya.clicks(said, "Edit…"))
    assert "This subscription is over" in world.private(maya)


async def test_a_double_click_ends_once(world: World) -> None:
    """Slack delivers a click twice: one effect, one word."""
    maya = await world.person("maya")
    await subscribed(world, maya, "shop/deploy")
    ack = await maya.clicks(await latest(world), "Unsubscribe")
    await maya.redelivers(ack)
    await world.settled()
    assert [m.reads for m in world.deploys.messages if m.reads.startswith(":no_bell:")] == [
        ":no_bell: @maya ended this channel's word of Web Shop / Deploy."
    ]
    assert world.private(maya)


async def test_a_channel_without_me_is_not_subscribed(world: World) -> None:
    """It says how to invite me; afterwards it works."""
    maya = await world.person("maya")
    room = world.slack.channel("quiet", [maya], bot_is_member=False)

    await world.acts(maya.says("/buddy subscribe shop/deploy", in_=room))
    assert "Invite me with /invite" in world.private(maya)
    assert not room.messages

    room.bot_is_member = True
    await world.acts(maya.says("/buddy subscribe shop/deploy", in_=room))
    assert room.messages[-1].reads.startswith(":bell: @maya subscribed this channel")
    assert [note.reads for note in maya.ephemerals]


async def test_a_private_channel_without_me(world: World) -> None:
    """Slack does not even tell that it is there."""
    maya = await world.person("maya")
    room = world.slack.channel("secret", [maya], bot_is_member=False, private=True)
    world.expected_refusals = {
        "conversations.info: channel_not_found",
        "chat.postMessage: channel_not_found",
        "chat.postEphemeral: channel_not_found",
    }
    await world.acts(maya.says("/buddy subscribe shop/deploy", in_=room))
    assert "Invite me with /invite" in world.private(maya)
    assert [note.reads for note in maya.ephemerals]


async def test_a_conversation_with_me_can_be_subscribed(world: World) -> None:
    """Then the notifications are for one person."""
    maya = await world.person("maya")
    ours = world.slack.space.direct(maya.id)
    await world.acts(maya.says("/buddy subscribe shop/deploy on:failed", in_=ours))
    assert ours.messages[-1].reads.startswith(":bell: @maya subscribed this channel to Web Shop")
    assert [note.reads for note in maya.ephemerals]


async def test_who_may_not_subscribe(world: World) -> None:
    """A guest is refused, and somebody without an account is told to connect one."""
    gia = await world.person("gia", Role.GUEST, connected=False)
    ben = await world.person("ben", connected=False)
    assert "Guests cannot do this" in await types(world, gia, "subscribe shop/deploy")
    await types(world, ben, "subscribe shop/deploy")
    assert ben.ephemerals[-1].buttons == ["Connect Buddy"]
    assert not world.deploys.messages


async def test_a_name_that_means_several(world: World) -> None:
    """The choices carry on with the rest of what was typed."""
    maya = await world.person("maya")
    world.buddy.pipeline("acme", "shop", "Release docs", identifier="docs")
    world.buddy.pipeline("acme", "shop", "Release mail", identifier="mail")

    await types(world, maya, "subscribe shop/rel on:failed")
    asked = maya.ephemerals[-1]
    assert asked.buttons == ["acme/shop/docs", "acme/shop/mail"]
    await world.acts(maya.clicks(asked, "acme/shop/mail"))

    assert (await latest(world)).reads.startswith(
        ":bell: @maya subscribed this channel to Web Shop / Release mail: failures."
    )
    assert world.private(maya)


async def test_settings_show_and_change(world: World) -> None:
    """What the channel is told, when it is quiet, and what is for the person alone."""
    maya = await world.person("maya")
    await subscribed(world, maya, "shop/deploy")
    told = await types(world, maya, "settings")
    assert "shop / Deploy" in told.partition("Default pipeline")[2].splitlines()[1]
    assert "Quiet hours\nnone" in told
    assert "after 15m, 1h, 4h" in told
    assert "I look at the pipelines by myself" in told

    await world.acts(maya.clicks(maya.ephemerals[-1], "Change…"))
    await maya.submits({"Quiet from": "22:00"})
    assert maya.modal_errors == {
        "Quiet until": "Quiet hours need both ends; leave both empty for none."
    }
    await maya.submits({"Quiet until": "07:00", "Remind of a gate that waits after": "soon"})
    assert list(maya.modal_errors) == ["Remind of a gate that waits after"]
    await world.acts(
        maya.submits(
            {
                "Remind of a gate that waits after": "30m 2h",
                "For you alone, in every channel": [],
            }
        )
    )

    told = await types(world, maya, "settings")
    assert "22:00-07:00 Europe/Warsaw" in told
    assert "after 30m, 2h" in told
    assert "I do not tell you directly" in told
