"""Stories of people in the simulated Slack, seen from a bot that knows only Slack's own SDK."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sandbox.clock import SandboxClock, wall_time
from sandbox.slack import Role, SimulatedSlack
from tests.sandbox.slack_bot import (
    World,
    button,
    option,
    sample,
    section,
    shape,
    talking,
)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Open a world."""
    async with talking() as world:
        yield world


async def test_a_slash_command_arrives_like_slacks_sample(world: World) -> None:
    """The form has exactly the documented fields and a valid signature."""
    ack = await world.maya.says("/buddy show shop/deploy#1", in_=world.deploys)

    assert ack.status == 200
    assert world.bot.received[0].keys() == sample("slash_command").keys()
    assert world.bot.received[0]["text"] == "show shop/deploy#1"


async def test_what_a_command_answers_is_only_visible_to_its_author(world: World) -> None:
    """Text in the acknowledgement becomes a private message, or a public one on request."""
    world.bot.answer = lambda _: {"text": "just *you*"}
    await world.maya.says("/buddy help", in_=world.deploys)
    world.bot.answer = lambda _: {"text": "all", "response_type": "in_channel"}
    await world.maya.says("/buddy help", in_=world.deploys)

    assert [note.reads for note in world.maya.ephemerals] == ["just you"]
    assert not world.ben.ephemerals
    assert [message.text for message in world.deploys.messages] == ["all"]


async def test_a_slow_or_broken_bot_is_visible(world: World) -> None:
    """After the deadline, or with an error status, the person reads Slack's own failure."""
    world.slack.deadline = timedelta(milliseconds=50)
    world.bot.hold = asyncio.Event()
    late = await world.maya.says("/buddy help", in_=world.deploys)
    world.bot.hold.set()
    world.bot.status = 500
    await world.maya.says("/buddy help", in_=world.deploys)

    assert late.timed_out
    said = [note.text for note in world.maya.ephemerals]
    assert ["operation_timeout" in said[0], "dispatch_failed" in said[1]] == [True, True]


async def test_an_ordinary_sentence_is_no_request(world: World) -> None:
    """Text is a message, also in a thread where commands do not exist."""
    ack = await world.maya.says("hello", in_=world.deploys)
    await world.maya.says("/buddy help", in_=world.deploys, thread=ack.message)

    assert not world.bot.received
    assert world.deploys.messages[0].thread[0].text == "/buddy help"


async def test_an_unknown_command_and_a_strangers_are_answered_by_slack(world: World) -> None:
    """Only this team's people are offered the app's commands."""
    zoe = world.slack.person("zoe", Role.STRANGER)
    zoe.joins(world.deploys)
    await world.maya.says("/unknown", in_=world.deploys)
    await zoe.says("/buddy help", in_=world.deploys)

    assert not world.bot.received
    for person in (world.maya, zoe):
        assert "not a valid command" in person.ephemerals[0].text


async def test_a_click_in_a_thread_arrives_like_slacks_sample(world: World) -> None:
    """Message, container, channel, state and action have exactly the documented keys."""
    parent = await world.card(section("deployment"))
    confirm = {
        "title": {"type": "plain_text", "text": "Approve deploy?"},
        "text": {"type": "mrkdwn", "text": "This continues *Deploy*."},
        "confirm": {"type": "plain_text", "text": "Approve"},
        "deny": {"type": "plain_text", "text": "Back"},
    }
    row = button("Approve", style="primary", value="v1", confirm=confirm)
    row["elements"] += button("Cancel", style="danger", value="v2")["elements"]
    meant = sample("block_actions_message_button")
    await world.card(section("waits"), row, thread_ts=parent, metadata=meant["message"]["metadata"])
    reply = world.deploys.messages[0].thread[0]

    await world.maya.clicks(reply, "Approve")

    assert shape(world.bot.received[0]) == shape(meant)
    assert "Approve deploy?" in str(reply.button("Approve").confirm)
    assert reply.button("Cancel").confirm is None


async def test_a_click_on_a_private_message_carries_no_message(world: World) -> None:
    """Its payload has the documented keys, with the state of its menu."""
    meant = sample("block_actions_ephemeral_button")
    chosen = meant["state"]["values"]["env_pick"]["env"]["selected_option"]
    menu = {"type": "static_select", "action_id": "env", "options": [chosen]}
    row = button("Retry", style="primary", value="v1")
    blocks = [
        {
            "type": "actions",
            "block_id": "env_pick",
            "elements": [menu | {"initial_option": chosen}],
        },
        row,
    ]
    await world.bot.client.chat_postEphemeral(
        channel=world.deploys.id, user=world.maya.id, text="private", blocks=blocks
    )

    await world.maya.clicks(world.maya.ephemerals[0], "Retry")

    assert shape(world.bot.received[0]) == shape(meant)
    assert world.bot.received[0]["state"] == meant["state"]


async def test_a_stranger_clicks_with_the_own_team_in_the_user(world: World) -> None:
    """The user names the partner's team while the payload names the installing one."""
    zoe = world.slack.person("zoe", Role.STRANGER)
    zoe.joins(world.deploys)
    await world.card(button("Approve"))

    await zoe.clicks(world.deploys.messages[0], "Approve")

    click = world.bot.received[0]
    assert click["user"].keys() == sample("block_actions_external_org_user")["user"].keys()
    assert click["user"]["team_id"] != click["team"]["id"] == world.slack.team


async def test_people_press_only_what_their_screen_shows(world: World) -> None:
    """A missing button, a foreign private message or a deleted message cannot be clicked."""
    only_ben = button("Approve", visible_to_user_ids=[world.ben.id])
    ts = await world.card(only_ben)
    card = world.deploys.messages[0]
    with pytest.raises(LookupError, match="Approve"):
        await world.maya.clicks(card, "Approve")
    await world.ben.clicks(card, 0)
    await world.bot.client.chat_delete(channel=world.deploys.id, ts=ts)
    with pytest.raises(LookupError, match="does not see"):
        await world.ben.clicks(card, "Approve")


async def test_two_people_a_double_click_and_a_redelivery(world: World) -> None:
    """Clicks at once differ in time and trigger; a redelivery differs in nothing."""
    await world.card(button("Approve"))
    card = world.deploys.messages[0]

    first, _ = await asyncio.gather(
        world.maya.clicks(card, "Approve"), world.ben.clicks(card, "Approve")
    )
    await world.maya.double_clicks(card, "Approve")
    await world.maya.redelivers(first)

    stamps = [click["actions"][0]["action_ts"] for click in world.bot.received]
    assert len(stamps) == 5
    assert len(set(stamps)) == 4
    assert len({click["trigger_id"] for click in world.bot.received}) == 4


async def test_a_stale_screen_still_sends_its_old_button(world: World) -> None:
    """A snapshot keeps what was shown before the card changed."""
    ts = await world.card(button("Approve", value="old"))
    before = world.deploys.messages[0].snapshot()
    await world.bot.client.chat_update(channel=world.deploys.id, ts=ts, text="done", blocks=[])

    await world.maya.clicks(before, "Approve")

    assert world.bot.received[0]["actions"][0]["value"] == "old"
    assert world.deploys.messages[0].buttons == []


async def test_menus_are_chosen_and_searched(world: World) -> None:
    """A menu of a message sends the chosen option; the bot fills those it has to search for."""
    options = [option("a"), option("b")]
    where = {"type": "plain_text", "text": "Where"}
    search = {"type": "external_select", "action_id": "search", "placeholder": where}
    more = {"type": "overflow", "action_id": "more", "options": options}
    await world.card({"type": "actions", "elements": [search, more]})
    card = world.deploys.messages[0]
    world.bot.answer = lambda payload: (
        {"options": options} if payload["type"] == "block_suggestion" else None
    )

    found = await world.maya.searches(card, "Where", "x")
    await world.maya.chooses(card, "Where", "b")
    await world.maya.chooses(card, "overflow", "a")
    with pytest.raises(LookupError, match="no option 'c'"):
        await world.maya.chooses(card, "overflow", "c")

    assert found == ["a", "b"]
    asked, _, chosen, overflow = world.bot.received
    assert asked.keys() == sample("block_suggestion_message").keys()
    assert asked["value"] == "x"
    assert chosen["actions"][0]["selected_option"] == options[1]
    assert overflow["actions"][0]["selected_option"] == options[0]


async def test_shortcuts_arrive_like_slacks_samples(world: World) -> None:
    """A global one knows no channel; a message's one carries the message."""
    said = await world.maya.says("stuck?", in_=world.deploys)
    await world.maya.uses_shortcut("run")
    await world.maya.uses_shortcut("from_message", said.message)

    assert world.bot.received[0].keys() == sample("shortcut_global").keys()
    assert world.bot.received[1].keys() == sample("shortcut_message").keys()


async def test_only_true_signatures_are_sent_unless_told_otherwise(world: World) -> None:
    """Missing, wrong and stale signatures can be sent; the bot's SDK refuses them."""
    body = b"command=%2Fbuddy"
    signed = await world.slack.sends(body, world.slack.sign(body))
    missing = await world.slack.sends(body)
    wrong = await world.slack.sends(body, world.slack.sign(b"other"))
    stale = await world.slack.sends(body, world.slack.sign(body, wall_time() - 600))

    assert [ack.status for ack in (signed, missing, wrong, stale)] == [200, 401, 401, 401]


async def test_an_event_is_repeated_until_it_is_taken(world: World) -> None:
    """Three repeats with number and reason, each for the same event."""
    world.bot.status = 500
    began = world.slack.clock.now()
    ack = await world.slack.event({"type": "app_uninstalled"})

    assert ack.status == 500
    numbers = [headers.get("X-Slack-Retry-Num") for headers in world.bot.headers]
    assert numbers == [None, "1", "2", "3"]
    assert world.bot.headers[1]["X-Slack-Retry-Reason"] == "http_error"
    assert len({payload["event_id"] for payload in world.bot.received}) == 1
    assert world.slack.clock.now() - began == timedelta(minutes=6)


async def test_a_bot_that_is_down_is_a_failed_connection(world: World) -> None:
    """Nobody listening is told apart from a slow answer."""
    world.slack.deliver_to("http://127.0.0.1:1/slack/events")
    await world.card(button("Approve"))
    ack = await world.maya.clicks(world.deploys.messages[0], "Approve")

    assert (ack.status, ack.timed_out, ack.problem) == (0, False, "connection_failed")
    assert world.maya.warnings == ["Approve: dispatch_failed"]


def test_channels_whose_names_end_with_digits_are_told_apart() -> None:
    """An id is made of a name and a count, and no two of them are the same."""
    slack = SimulatedSlack(SandboxClock())

    ids = [slack.channel(f"go-{number}").id for number in range(200)]

    assert len(set(ids)) == len(ids)
