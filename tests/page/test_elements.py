"""What is pressed, chosen and filled in reaches the bot in Slack's own words."""

from typing import Any

import pytest
from playwright.async_api import Locator, Route, expect

from tests.page.browser import Window, in_chromium
from tests.page.desk import Desk
from tests.page.tiny import Json, answered, opens, tiny_bot
from tests.sandbox.slack_bot import modal, option, sample, shape, text_input

pytestmark = in_chromium

LONG = [option(f"branch {number}") for number in range(40)]


def plain(text: str) -> Json:
    """Write a text object."""
    return {"type": "plain_text", "text": text, "emoji": True}


def field(label: str, element: Json, **more: object) -> Json:
    """Write an optional input."""
    element = {"action_id": "value", **element}
    named = {"block_id": label, "label": plain(label), "optional": True}
    return {"type": "input", **named, "element": element, **more}


async def test_a_button_is_pressed_as_in_slacks_sample(desk: Desk) -> None:
    """The same message gives the same action, after its question was answered with yes."""
    wanted = sample("block_actions_message_button")
    async with tiny_bot(desk) as bot:
        maya = await desk.window("maya")
        await desk.posts(blocks=wanted["message"]["blocks"])
        await desk.settled()
        await maya.button("Approve", maya.card).click()
        await maya.confirms("Back")
        await maya.button("Approve", maya.card).click()
        async with answered(maya, "press"):
            await maya.confirms("Approve")
    assert len(bot.received) == 1
    sent, said = bot.received[0], wanted["actions"][0]
    assert {**sent["actions"][0], "action_ts": said["action_ts"]} == said
    assert shape(sent["state"]) == shape(wanted["state"])


async def test_a_form_is_filled_in_as_in_slacks_sample(desk: Desk) -> None:
    """The sample's form: a searched menu, a text, a conversation, a moment left open."""
    wanted, asked = sample("view_submission"), sample("block_suggestion_view")
    view = wanted["view"]
    kept = ("type", "title", "submit", "close", "blocks", "callback_id", "private_metadata")
    values = view["state"]["values"]
    chosen = values["pipeline"]["pipeline_search"]["selected_option"]
    async with tiny_bot(desk) as bot:
        maya = await desk.window("maya")
        await opens(desk, bot, {key: view[key] for key in kept})
        bot.answer = lambda payload: (
            {"options": [chosen]} if payload["type"] == asked["type"] else None
        )
        await maya.modal.get_by_role("combobox", name="Pipeline").click()
        await maya.page.get_by_role("option", name=chosen["text"]["text"]).click()
        await maya.modal.get_by_role("textbox", name="Branch, tag or commit").fill("main")
        await maya.modal.get_by_role("combobox", name="Post result to").fill("deploy")
        await maya.page.get_by_role("option", name="#deployments").click()
        async with answered(maya, "submit"):
            await maya.button("Run", maya.modal).click()
        await expect(maya.modal).to_have_count(0)
    question, sent = bot.received[0], bot.received[-1]
    assert (question["action_id"], question["block_id"]) == ("pipeline_search", "pipeline")
    values["post_to"]["post_to_select"]["selected_conversation"] = desk.shop.channel.id
    assert sent["view"]["state"]["values"] == values


async def pick(window: Window, menu: Locator, *names: str) -> None:
    """Choose in a menu, with the mouse."""
    for name in names:
        await menu.click()
        await window.page.get_by_role("option", name=name, exact=True).click()


async def test_every_input_says_what_slack_says(desk: Desk) -> None:
    """One of each, in one form."""
    options = [option("main"), option("develop"), {**option("next"), "description": plain("soon")}]
    groups = [{"label": plain("Usual"), "options": options[:2]}]
    many = {"option_groups": groups, "max_selected_items": 2}
    fields = [
        field("Text", {"type": "plain_text_input", "initial_value": "as it was"}),
        field("More", {"type": "plain_text_input", "multiline": True}),
        field("Number", {"type": "number_input", "is_decimal_allowed": True}),
        field("Email", {"type": "email_text_input"}),
        field("Address", {"type": "url_text_input"}),
        field("One", {"type": "static_select", "option_groups": groups}),
        field("Some", {"type": "multi_static_select", **many}),
        field("Person", {"type": "users_select"}),
        field("People", {"type": "multi_users_select"}),
        field("Channel", {"type": "channels_select"}),
        field("Boxes", {"type": "checkboxes", "options": options}),
        field("Radio", {"type": "radio_buttons", "options": options}),
        field("Day", {"type": "datepicker"}),
        field("Hour", {"type": "timepicker"}),
        field("Moment", {"type": "datetimepicker"}),
    ]
    people = desk.shop.players
    ben, gia = people["ben"].person.id, people["gia"].person.id
    async with tiny_bot(desk) as bot:
        maya = await desk.window("maya")
        await opens(desk, bot, modal(*fields))
        form = maya.modal
        for label, typed in (("Number", "2.5"), ("Email", "a@b.c"), ("Address", "https://x.y")):
            role: Any = "spinbutton" if label == "Number" else "textbox"
            await form.get_by_role(role, name=label).fill(typed)
        await form.get_by_role("textbox", name="More").fill("two\nlines")
        await pick(maya, form.get_by_role("combobox", name="One"), "develop")
        await pick(maya, form.get_by_role("combobox", name="Some"), "main", "develop")
        await maya.button("Remove main", form).click()
        await pick(maya, form.get_by_role("combobox", name="Person"), "@ben")
        await pick(maya, form.get_by_role("combobox", name="People"), "@ben", "@gia")
        await pick(maya, form.get_by_role("combobox", name="Channel"), "#shop")
        await form.get_by_role("checkbox", name="develop").check()
        await form.get_by_role("checkbox", name="next").check()
        await form.get_by_role("radio", name="next").check()
        await form.get_by_label("Day").fill("2026-11-24")
        await form.get_by_label("Hour").fill("09:30")
        await form.get_by_label("Moment").fill("2026-11-24T09:30")
        async with answered(maya, "submit"):
            await maya.button("Send", form).click()
    stated = {key: one["value"] for key, one in bot.received[-1]["view"]["state"]["values"].items()}
    kinds = {one["block_id"]: one["element"]["type"] for one in fields}
    assert {key: state.pop("type") for key, state in stated.items()} == kinds
    shop = next(one for one in desk.stage.slack.channels if one.name == "shop")
    assert stated == {
        "Text": {"value": "as it was"},
        "More": {"value": "two\nlines"},
        "Number": {"value": "2.5"},
        "Email": {"value": "a@b.c"},
        "Address": {"value": "https://x.y"},
        "One": {"selected_option": option("develop")},
        "Some": {"selected_options": [option("develop")]},
        "Person": {"selected_user": ben},
        "People": {"selected_users": [ben, gia]},
        "Channel": {"selected_channel": shop.id},
        "Boxes": {"selected_options": options[1:]},
        "Radio": {"selected_option": options[2]},
        "Day": {"selected_date": "2026-11-24"},
        "Hour": {"selected_time": "09:30"},
        "Moment": {"selected_date_time": 1795512600},
    }


async def test_menus_in_a_message_tell_at_once(desk: Desk) -> None:
    """An overflow menu with the keyboard; a menu whose question is answered with no, then yes."""
    sure = {"title": plain("Sure?"), "text": plain("It is."), "confirm": plain("Yes")}
    sure["deny"] = plain("No")
    menu = {
        "type": "static_select",
        "action_id": "pick",
        "placeholder": plain("Pick"),
        "confirm": sure,
    }
    more = {"type": "overflow", "action_id": "more", "options": [option("Edit"), option("Remove")]}
    row = {"type": "actions", "block_id": "row", "elements": [{**menu, "options": LONG}, more]}
    async with tiny_bot(desk) as bot:
        maya = await desk.window("maya")
        await desk.posts(blocks=[row])
        await desk.settled()
        await maya.button("More options", maya.card).focus()
        keys = maya.page.keyboard
        for key in ("Enter", "ArrowDown"):
            await keys.press(key)
        async with answered(maya, "press"):
            await keys.press("Enter")
        choice = maya.card.get_by_role("combobox", name="Pick")
        for answer, count in (("No", 1), ("Yes", 2)):
            await choice.fill("branch 39")
            await choice.press("Enter")
            await maya.confirms(answer)
            if answer == "No":
                await expect(choice).to_have_value("")
            else:
                await expect(choice).to_have_value("branch 39")
                await desk.settled()
            await expect(maya.card.get_by_role("alert")).to_have_count(0)
            assert count >= len(bot.received)
    kept = ("type", "block_id", "action_id", "selected_option")
    edited, picked = [{key: payload["actions"][0][key] for key in kept} for payload in bot.received]
    of_row = {"block_id": "row"}
    assert edited == {
        **of_row,
        "type": "overflow",
        "action_id": "more",
        "selected_option": option("Remove"),
    }
    assert picked == {
        **of_row,
        "type": "static_select",
        "action_id": "pick",
        "selected_option": LONG[39],
    }


async def test_a_searched_menu_waits_asks_and_is_not_overtaken(desk: Desk) -> None:
    """Too little typed asks nothing; the answer to the last question counts; trouble is said."""
    element = {"type": "external_select", "min_query_length": 2, "action_id": "find"}
    async with tiny_bot(desk) as bot:
        maya = await desk.window("maya")
        await opens(desk, bot, modal(field("Pipeline", element)))
        box, page = maya.modal.get_by_role("combobox", name="Pipeline"), maya.page
        offered = maya.modal.get_by_role
        await box.press_sequentially("d")
        await expect(offered("option")).to_have_text("Type at least 2 characters")
        assert not bot.received
        bot.answer = lambda payload: {"options": [option(f"found {payload['value']}")]}
        await box.fill("de")
        await expect(offered("option", name="found de")).to_be_visible()
        # An answer that is still on its way when more is typed.
        held: list[Route] = []

        async def hold(route: Route) -> None:
            if not held:
                held.append(route)
                return
            await route.continue_()

        await page.route("**/api/options?*", hold)
        await box.fill("dep")
        await expect(offered("option")).to_have_text("Loading…")
        while not held:
            await page.evaluate("() => new Promise(requestAnimationFrame)")
        await box.fill("depl")
        await expect(offered("option", name="found depl")).to_be_visible()
        await held[0].continue_()
        await page.unroute("**/api/options?*")
        await expect(offered("option")).to_have_text("found depl")
        bot.answer = lambda _: {"options": []}
        await box.fill("nothing")
        await expect(offered("option")).to_have_text("No results")
        bot.status = 500
        await box.fill("broken")
        await expect(offered("option")).to_have_text("The options could not be loaded")
        await box.press("Escape")
        await expect(offered("option")).to_have_count(0)
        await expect(maya.modal).to_be_visible()


async def test_a_menu_is_not_cut_off_by_its_form(desk: Desk) -> None:
    """The list of the last field of a long form can be seen, and reached with the keyboard."""
    fields = [text_input(f"Field {number}") for number in range(12)]
    menu = field("Branch", {"type": "static_select", "options": LONG})
    async with tiny_bot(desk) as bot:
        maya = await desk.window("maya", phone=True)
        await opens(desk, bot, modal(*fields, menu))
        box = maya.modal.get_by_role("combobox", name="Branch")
        await box.click()
        await expect(
            maya.page.get_by_role("option", name="branch 0", exact=True)
        ).to_be_in_viewport()
        for key in ("ArrowUp", "Enter"):
            await box.press(key)
        await expect(box).to_have_value("branch 39")


async def test_views_are_pushed_updated_and_closed(desk: Desk) -> None:
    """What was typed outlives an update; a pushed view goes back; Escape is told."""
    first = modal(text_input("Name"), text_input("Why", multiline=True), notify_on_close=True)
    async with tiny_bot(desk) as bot:
        maya = await desk.window("maya")
        view = await opens(desk, bot, first)
        name = maya.modal.get_by_role("textbox", name="Name")
        await name.fill("half a na")
        more = {"type": "section", "text": plain("A line that came later")}
        await bot.client.views_update(
            view_id=view["id"], view={**first, "blocks": [more, *first["blocks"]]}
        )
        await desk.settled()
        await expect(maya.modal).to_contain_text("A line that came later")
        await expect(name).to_have_value("half a na")
        await expect(name).to_be_focused()
        await name.press("End")
        await name.press_sequentially("me")
        await maya.modal.get_by_role("textbox", name="Why").fill("because")
        second = {**modal(text_input("Sure?")), "title": plain("The second")}
        bot.answer = lambda _: {"response_action": "push", "view": second}
        await maya.button("Send", maya.modal).click()
        await expect(maya.modal).to_have_accessible_name("The second")
        bot.answer = lambda _: {"response_action": "errors", "errors": {"sure?": "Not really."}}
        await maya.modal.get_by_role("textbox", name="Sure?").fill("yes")
        await maya.button("Send", maya.modal).click()
        wrong = maya.modal.get_by_role("textbox", name="Sure?")
        await expect(wrong).to_have_accessible_description("Not really.")
        await maya.button("Back", maya.modal).click()
        await expect(maya.modal).to_have_accessible_name("A form")
        await expect(name).to_have_value("half a name")
        bot.answer = lambda _: None
        async with answered(maya, "close"):
            await name.press("Escape")
        await expect(maya.modal).to_have_count(0)
        assert bot.received[-1]["type"] == "view_closed"


@pytest.mark.parametrize("kind", ["text", "menu"])
async def test_an_input_that_dispatches_tells_at_once(desk: Desk, kind: str) -> None:
    """``dispatch_action``: on Enter for a text, on the choice for a menu."""
    elements: dict[str, Json] = {
        "text": {"type": "plain_text_input"},
        "menu": {"type": "static_select", "options": [option("main")]},
    }
    async with tiny_bot(desk) as bot:
        maya = await desk.window("maya")
        await opens(desk, bot, modal(field("What", elements[kind], dispatch_action=True)))
        async with answered(maya, "press"):
            if kind == "text":
                await maya.modal.get_by_role("textbox", name="What").fill("now")
                await maya.page.keyboard.press("Enter")
            else:
                await pick(maya, maya.modal.get_by_role("combobox", name="What"), "main")
        action = bot.received[-1]["actions"][0]
        assert action.get("value") == "now" or action["selected_option"] == option("main")
        assert bot.received[-1]["view"]["state"]["values"]["What"]["value"]
