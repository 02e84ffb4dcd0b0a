"""What is chosen and typed in the page arrives at the bot exactly as Slack would send it."""

from typing import Any

import pytest

from sandbox.page.masks import MASK, masked
from sandbox.slack.states import Impossible, read_state
from tests.sandbox.page_desk import page_desk
from tests.sandbox.slack_bot import button, modal, option, sample, shape, text_input, tiny_bot

Json = dict[str, Any]

A, B = option("a"), option("b")
TWO = {"options": [A, B]}
GROUPS = {
    "option_groups": [{"label": A["text"], "options": [A]}, {"label": A["text"], "options": [B]}]
}


@pytest.mark.parametrize(
    ("element", "told", "read"),
    [
        ({"type": "static_select", **TWO}, {"selected_option": {"value": "b"}}, B),
        ({"type": "static_select", **GROUPS}, {"selected_option": B}, B),
        ({"type": "static_select", **TWO}, {"selected_option": None}, None),
        ({"type": "radio_buttons", **TWO}, {"selected_option": {"value": "a", "more": 1}}, A),
        ({"type": "overflow", **TWO}, {"selected_option": A}, A),
        ({"type": "external_select"}, {"selected_option": A}, A),
        ({"type": "checkboxes", **TWO}, {"selected_options": [A, B]}, [A, B]),
        ({"type": "multi_users_select"}, {"selected_users": ["U1"]}, ["U1"]),
        ({"type": "channels_select"}, {"selected_channel": "U1"}, "U1"),
        ({"type": "datepicker"}, {"selected_date": "2026-11-23"}, "2026-11-23"),
        ({"type": "timepicker"}, {"selected_time": "09:30"}, "09:30"),
        ({"type": "datetimepicker"}, {"selected_date_time": 1795424400}, 1795424400),
        ({"type": "plain_text_input"}, {"value": "hi"}, "hi"),
        ({"type": "plain_text_input"}, {"value": ""}, None),
        ({"type": "number_input"}, {"value": "4"}, "4"),
        ({"type": "file_input"}, {"files": ["F1"]}, []),
        ({"type": "static_select", **TWO}, {"selected_option": {"value": "c"}}, Impossible),
        ({"type": "static_select", **TWO}, {"selected_option": "a"}, Impossible),
        (
            {"type": "multi_static_select", "max_selected_items": 1, **TWO},
            {"selected_options": [A, B]},
            Impossible,
        ),
        ({"type": "users_select"}, {"selected_user": "U2"}, Impossible),
        ({"type": "datepicker"}, {"selected_date": "23.11.2026"}, Impossible),
        ({"type": "timepicker"}, {"selected_time": "25:00"}, Impossible),
        ({"type": "datetimepicker"}, {"selected_date_time": 5}, Impossible),
        ({"type": "plain_text_input"}, {"value": ["hi"]}, Impossible),
        ({"type": "plain_text_input"}, "hi", Impossible),
    ],
)
def test_an_element_holds_only_what_it_offers(element: Json, told: object, read: object) -> None:
    """Options are the simulator's own, whole; what nobody could have chosen is refused."""
    if read is Impossible:
        with pytest.raises(Impossible):
            read_state(element, told, [A], "U1".__eq__)
        return
    state = read_state(element, told, [A], "U1".__eq__)
    assert (state.pop("type"), [*state.values()]) == (element["type"], [read])


async def test_menus_of_a_message_arrive_with_their_state() -> None:
    """Each reader has their own choices; the whole option and the block's id travel."""
    async with page_desk() as desk, tiny_bot(desk.stage.slack) as bot:
        row: Json = {
            "type": "actions",
            "block_id": "row",
            "elements": [
                {"type": "static_select", "action_id": "menu", **TWO},
                {"type": "datepicker", "action_id": "day"},
                {"type": "overflow", "action_id": "more", **TWO},
            ],
        }
        for_ben = button("Only ben", visible_to_user_ids=[desk.window("ben").person.id])
        channel = desk.shop.channel.id
        posted = await bot.client.chat_postMessage(channel=channel, text="?", blocks=[row, for_ben])
        on = {"message": {"channel": channel, "ts": posted["ts"]}}
        maya, ben = desk.window("maya"), desk.window("ben")

        def act(action: str, **state: object) -> Json:
            return {"on": on, "block_id": "row", "action_id": action, "state": state}

        await maya.posts("press", **act("menu", selected_option={"value": "b"}))
        await maya.posts("press", **act("day", selected_date="2026-11-24"))
        chosen = bot.received[-1]
        await ben.posts("press", **act("more", selected_option=A))
        clicked = bot.received[-1]
        refused = await maya.posts("press", **act("menu", selected_option={"value": "c"}))
        seen = {
            window.person.name: [
                len(one["blocks"][1]["elements"])
                for one in (await window.gets("snapshot"))["messages"]
            ]
            for window in (maya, ben)
        }

        values = chosen["state"]["values"]["row"]
        assert values["menu"] == {"type": "static_select", "selected_option": B}
        assert chosen["actions"][0].keys() == {
            "type",
            "selected_date",
            "action_id",
            "block_id",
            "action_ts",
        }
        assert clicked["actions"][0]["selected_option"] == A
        assert clicked["state"]["values"]["row"]["menu"]["selected_option"] is None
        assert refused["error"] == "bad_request"
        assert seen == {"maya": [0], "ben": [1]}


async def test_a_menu_that_the_bot_fills_offers_what_it_answers() -> None:
    """Within three seconds and a hundred options; only what was offered can be chosen."""
    async with page_desk() as desk, tiny_bot(desk.stage.slack) as bot:
        maya = desk.window("maya")
        menu = text_input("Pipeline", type="external_select", min_query_length=1)
        await maya.posts("say", channel=desk.shop.channel.id, text="/buddy run")
        trigger = bot.received[-1]["trigger_id"]
        await bot.client.views_open(trigger_id=trigger, view=modal(menu, text_input("Note")))
        [view] = (await maya.gets("snapshot"))["modals"]["views"]
        asks = {"on": {"view": view["id"]}, "block_id": "pipeline", "action_id": "value"}
        typed = {"note": {"value": {"value": "soon"}}}

        short = await maya.posts("options", **asks, query="")
        bot.answer = lambda _: {"options": [A]}
        offered = await maya.posts("options", **asks, query="de", values=typed)
        asked = bot.received[-1]
        bot.answer = lambda _: {"options": [option(str(one)) for one in range(101)]}
        too_many = await maya.posts("options", **asks, query="dep")
        bot.answer = lambda _: None
        other = {"pipeline": {"value": {"selected_option": B}}}
        wrong = await maya.posts("submit", view=view["id"], values={**typed, **other})
        good = {"pipeline": {"value": {"selected_option": {"value": "a"}}}}
        sent = await maya.posts("submit", view=view["id"], values=good)

        assert short["error"] == wrong["error"] == "bad_request"
        assert offered["options"] == [A]
        assert asked.keys() == sample("block_suggestion_view").keys()
        assert asked["view"]["state"]["values"]["note"]["value"]["value"] == "soon"
        assert (too_many["ok"], too_many["warning"]) == (False, "dispatch_failed")
        assert sent["ok"] is True
        values = bot.received[-1]["view"]["state"]["values"]
        assert values["pipeline"]["value"]["selected_option"] == A
        assert values["note"]["value"]["value"] == "soon"


def test_secrets_are_masked_wherever_they_stand() -> None:
    """By their name, by their value, by their shape, and by the label of their field."""
    field = {
        "type": "input",
        "block_id": "b1",
        "label": {"type": "plain_text", "text": "API key"},
        "element": {"type": "plain_text_input", "action_id": "a1", "initial_value": "old-one"},
    }
    plain = {**field, "block_id": "b2", "label": {"type": "plain_text", "text": "Reason"}}
    typed = {"type": "plain_text_input", "value": "typed-one"}
    payload = {
        "token": "deprecated",
        "response_url": "http://127.0.0.1/response/abc_def",
        "trigger_id": f"9100000000001.8100000000002.{'ab' * 16}",
        "text": "it is xoxb-1, see http://127.0.0.1/response/abc_def?x=1",
        "view": {
            "blocks": [field, plain],
            "state": {"values": {"b1": {"a1": typed}, "b2": {"a1": typed}}},
        },
        "actions": [{"block_id": "b1", "action_id": "a1", "value": "typed-one"}],
    }
    shown = masked(payload, ["xoxb-1", ""])

    assert isinstance(shown, dict)
    assert shape(shown) == shape(payload)
    assert (shown["token"], shown["response_url"], shown["trigger_id"]) == (MASK,) * 3
    assert shown["text"] == f"it is {MASK}, see http://127.0.0.1/response/{MASK}?x=1"
    assert shown["view"]["blocks"][0]["element"]["initial_value"] == MASK
    assert shown["view"]["blocks"][1] == plain
    values = shown["view"]["state"]["values"]
    assert (values["b1"]["a1"]["value"], values["b2"]["a1"]["value"]) == (MASK, "typed-one")
    assert shown["actions"][0]["value"] == MASK
