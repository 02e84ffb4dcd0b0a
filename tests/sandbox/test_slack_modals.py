"""Stories of modals and Home tabs in the simulated Slack."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.slack_bot import (
    World,
    button,
    modal,
    option,
    refusal_of,
    sample,
    section,
    shape,
    talking,
    text_input,
)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Open a world."""
    async with talking() as world:
        yield world


async def test_a_form_is_checked_by_the_client_then_sent(world: World) -> None:
    """Required and length are checked before anything is sent; the values carry block ids."""
    await world.opens(modal(text_input("Token", min_length=5), callback_id="connect"))
    await world.maya.submits({})
    missing = dict(world.maya.modal_errors)
    await world.maya.submits({"Token": "abc"})
    short = dict(world.maya.modal_errors)
    await world.maya.submits({"Token": "abcdef"})

    assert "required" in missing["Token"]
    assert "at least 5" in short["Token"]
    assert world.maya.modal is None
    values = world.bot.received[-1]["view"]["state"]["values"]
    assert values == {"token": {"value": {"type": "plain_text_input", "value": "abcdef"}}}


async def test_answers_to_a_form_steer_the_modal(world: World) -> None:
    """Errors stay at their label; update, push and clear change the stack; typing is kept."""
    await world.opens(modal(text_input("Token")))
    world.bot.answer = lambda _: {
        "response_action": "errors",
        "errors": {"token": "No such token."},
    }
    await world.maya.submits({"Token": "abc"})
    assert world.maya.modal_errors == {"Token": "No such token."}

    pushed = modal(section("second"), text_input("Name"))
    world.bot.answer = lambda _: {"response_action": "push", "view": pushed}
    await world.maya.submits()
    assert "second" in (world.maya.modal.reads if world.maya.modal else "")

    world.bot.answer = lambda _: {"response_action": "update", "view": modal(text_input("Name"))}
    await world.maya.submits({"Name": "x"})
    world.bot.answer = lambda _: {"response_action": "clear"}
    await world.maya.submits()
    assert world.maya.modal is None
    assert world.bot.received[-1]["view"]["state"]["values"]["name"]["value"]["value"] == "x"


async def test_an_answer_that_slack_cannot_use_leaves_the_modal_in_trouble(world: World) -> None:
    """Unknown block ids and refused views show trouble, and the reason stands in the ack."""
    await world.opens(modal(text_input("Token")))
    world.bot.answer = lambda _: {"response_action": "errors", "errors": {"nowhere": "?"}}
    ack = await world.maya.submits({"Token": "abc"})

    assert "trouble" in world.maya.modal_errors[""]
    assert "nowhere" in ack.problem
    assert world.maya.modal is not None


async def test_forms_arrive_like_slacks_samples(world: World) -> None:
    """Submission, closing and a click inside a modal have exactly the documented keys."""
    meant = sample("view_submission")
    view = {key: meant["view"][key] for key in ("type", "blocks", "title", "submit", "close")}
    view |= {"private_metadata": "{}", "callback_id": "run", "notify_on_close": True}
    pipeline = meant["view"]["state"]["values"]["pipeline"]["pipeline_search"]["selected_option"]
    world.bot.answer = lambda payload: (
        {"options": [pipeline]} if payload["type"] == "block_suggestion" else None
    )
    await world.maya.says("/buddy run", in_=world.deploys)
    world.bot.answer = lambda payload: (
        {"options": [pipeline]} if payload.get("type") == "block_suggestion" else None
    )
    trigger = world.bot.received[-1]["trigger_id"]
    await world.bot.client.views_open(trigger_id=trigger, view=view)
    shown = world.maya.modal
    assert shown is not None
    await world.maya.submits(
        {
            "Pipeline": pipeline["text"]["text"],
            "Branch, tag or commit": "main",
            "Post result to": world.deploys,
        }
    )
    suggestion, submission = world.bot.received[-2:]
    await world.opens(view)
    await world.maya.closes_modal()

    assert suggestion.keys() == sample("block_suggestion_view").keys()
    assert shape(submission) == shape(meant)
    assert (
        submission["view"]["state"]["values"]["run_at"]
        == meant["view"]["state"]["values"]["run_at"]
    )
    assert shape(world.bot.received[-1]) == shape(sample("view_closed"))


async def test_a_choice_in_a_modal_arrives_like_slacks_sample(world: World) -> None:
    """Choosing in a menu sends the option, the view and its state."""
    meant = sample("block_actions_view_input")
    option = meant["actions"][0]["selected_option"]
    menu = {
        "type": "input",
        "dispatch_action": True,
        "label": {"type": "plain_text", "text": "Pipeline"},
        "element": {"type": "static_select", "action_id": "pick", "options": [option]},
    }
    await world.opens(modal(menu))
    await world.maya.fills({"Pipeline": option["text"]["text"]})

    click = world.bot.received[-1]
    assert click.keys() == meant.keys()
    assert click["view"].keys() == meant["view"].keys()
    assert click["actions"][0].keys() == meant["actions"][0].keys()


async def test_every_input_is_filled_in_the_words_of_the_screen(world: World) -> None:
    """Options go by their texts, people and channels by themselves, moments as seconds."""

    def asks(label: str, kind: str, **element: object) -> dict[str, Any]:
        inside = {"type": kind, "action_id": "value", **element}
        return {**text_input(label), "optional": True, "element": inside}

    options = [option("a"), option("b")]
    await world.opens(
        modal(
            asks("Some", "checkboxes", options=options),
            asks("Who", "users_select"),
            asks("All", "multi_users_select"),
            asks("When", "datetimepicker"),
            asks("Day", "datepicker"),
            asks("Count", "number_input", is_decimal_allowed=False, max_value="9"),
            asks("None", "static_select", options=options, initial_option=options[0]),
        )
    )
    await world.maya.submits({"Count": "ten"})
    assert world.maya.modal_errors == {"Count": "Please enter a number."}
    await world.maya.submits({"Count": 10})
    assert world.maya.modal_errors == {"Count": "Please enter a number of at most 9."}
    moment = world.slack.clock.now()
    await world.maya.submits(
        {
            "Some": ["b"],
            "Who": world.ben,
            "All": [world.ben, world.maya],
            "When": moment,
            "Day": moment.date(),
            "Count": 3,
            "None": None,
        }
    )

    values = world.bot.received[-1]["view"]["state"]["values"]
    filled = {label: list(inside["value"].values())[1] for label, inside in values.items()}
    assert filled == {
        "some": [options[1]],
        "who": world.ben.id,
        "all": [world.ben.id, world.maya.id],
        "when": int(moment.timestamp()),
        "day": "2026-11-23",
        "count": "3",
        "none": None,
    }


async def test_closing_a_modal_may_clear_the_whole_stack(world: World) -> None:
    """Only a modal that asked for it tells the bot, and says whether all went."""
    await world.opens(modal(button("More"), notify_on_close=True, clear_on_close=True))
    shown = world.maya.modal
    assert shown is not None
    await world.maya.clicks(shown, "More")
    trigger = world.bot.received[-1]["trigger_id"]
    await world.bot.client.views_push(trigger_id=trigger, view=modal(section("second")))
    assert (await world.maya.closes_modal()).request is None
    below = world.maya.modal
    await world.maya.closes_modal()
    assert (below, world.maya.modal) == (shown, None)
    assert world.bot.received[-1]["is_cleared"] is True
    with pytest.raises(LookupError, match="no modal open"):
        await world.maya.submits({})


async def test_a_trigger_opens_one_modal_within_three_seconds(world: World) -> None:
    """A second use and a late one are refused, each with its own name."""
    client = world.bot.client
    await world.opens(modal(section("hi")))
    used = world.bot.received[-1]["trigger_id"]
    await world.maya.says("/buddy form", in_=world.deploys)
    late = world.bot.received[-1]["trigger_id"]
    world.slack.clock.advance(timedelta(seconds=4))

    view = modal(section("again"))
    refused = [
        await refusal_of(client.views_open(trigger_id=trigger, view=view))
        for trigger in (used, late, "1.2.3")
    ]

    assert refused == ["exchanged_trigger_id", "expired_trigger_id", "invalid_trigger_id"]


async def test_a_trigger_lives_three_real_seconds_however_fast_days_go_by(world: World) -> None:
    """While simulated time runs, a bot still answers in real time."""
    client = world.bot.client
    world.slack.clock.run(1000)
    await world.opens(modal(section("hi")))
    assert world.maya.modal is not None
    await world.maya.says("/buddy form", in_=world.deploys)
    world.slack.clock.advance(timedelta(seconds=3001))
    late = world.bot.received[-1]["trigger_id"]
    view = modal(section("again"))
    assert await refusal_of(client.views_open(trigger_id=late, view=view)) == "expired_trigger_id"


async def test_views_are_stacked_and_guarded(world: World) -> None:
    """Three views at most, updates only with the newest hash, titles of 24 characters."""
    client = world.bot.client
    await world.opens(modal(button("More")))
    shown = world.maya.modal
    assert shown is not None
    old = shown.hash
    await client.views_update(view_id=shown.id, hash=old, view=modal(button("More")))
    conflict = client.views_update(view_id=shown.id, hash=old, view=modal(button("More")))
    assert await refusal_of(conflict) == "hash_conflict"
    for _ in range(2):
        await world.maya.clicks(shown, "More")
        trigger = world.bot.received[-1]["trigger_id"]
        await client.views_push(trigger_id=trigger, view=modal(button("More")))
    await world.maya.clicks(shown, "More")
    trigger = world.bot.received[-1]["trigger_id"]
    fourth = client.views_push(trigger_id=trigger, view=modal(button("More")))
    assert await refusal_of(fourth) == "push_limit_reached"
    long = modal(section("x")) | {"title": {"type": "plain_text", "text": "x" * 25}}
    assert await refusal_of(client.views_update(view_id=shown.id, view=long)) == "invalid_arguments"


async def test_the_home_tab_is_published_and_opened(world: World) -> None:
    """Opening it sends the documented event, with the view once there is one."""
    await world.bot.client.views_publish(
        user_id=world.maya.id, view={"type": "home", "blocks": [section("your things")]}
    )
    await world.slack.opens_home(world.maya)

    assert world.maya.home is not None
    assert "your things" in world.maya.home.reads
    meant = sample("event_app_home_opened")
    assert world.bot.received[0].keys() == meant.keys()
    assert world.bot.received[0]["event"].keys() == meant["event"].keys()


async def test_an_app_names_its_views_once(world: World) -> None:
    """A view is found by its external id, which no second open view may have."""
    client = world.bot.client
    await world.opens(modal(section("one"), external_id="form"))
    await client.views_update(external_id="form", view=modal(section("two"), external_id="form"))
    assert world.maya.modal is not None
    assert "two" in world.maya.modal.reads
    await world.ben.says("/buddy form", in_=world.deploys)
    trigger = world.bot.received[-1]["trigger_id"]
    second = client.views_open(trigger_id=trigger, view=modal(section("x"), external_id="form"))
    assert await refusal_of(second) == "duplicate_external_id"
    await world.maya.closes_modal()
    gone = client.views_update(external_id="form", view=modal(section("x")))
    assert await refusal_of(gone) == "not_found"
