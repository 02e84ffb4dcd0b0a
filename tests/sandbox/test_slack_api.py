"""The simulated Web API, called through Slack's own SDK: what it does and what it refuses."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Role
from tests.sandbox.slack_bot import (
    World,
    refusal_of,
    sample,
    section,
    talking,
)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Open a world."""
    async with talking() as world:
        yield world


async def test_a_message_is_posted_edited_and_deleted(world: World) -> None:
    """Blocks vanish when only text comes; metadata stays; only plain edits are marked."""
    meta = {"event_type": "execution", "event_payload": {"id": 1}}
    posted = await world.posts(blocks=[section("*one*")], metadata=meta)
    message = world.deploys.messages[0]
    assert message.reads == "one"

    place = {"channel": world.deploys.id, "ts": posted["ts"]}
    await world.client.chat_update(**place, text="two", blocks=[section("two")])
    assert (message.reads, message.edited_ts, message.metadata) == ("two", None, meta)
    answer = await world.client.chat_update(**place, text="three")
    assert (message.reads, message.blocks, message.edited_count) == ("three", [], 2)
    assert "edited" in answer["message"]

    await world.client.chat_delete(**place)
    assert world.deploys.messages == []
    assert message.deleted
    assert await world.refusal("chat.update", **place, text="x") == "message_not_found"


async def test_replies_go_into_threads_of_parents_only(world: World) -> None:
    """A reply's or an unknown time stamp is no thread."""
    parent = (await world.posts())["ts"]
    reply = (await world.posts(thread_ts=parent, reply_broadcast=True))["ts"]

    assert [one.ts for one in world.deploys.messages] == [parent]
    assert world.deploys.messages[0].thread[0].is_broadcast
    for ts in (reply, "1.000001"):
        refused = world.refusal(
            "chat.postMessage", channel=world.deploys.id, text="x", thread_ts=ts
        )
        assert await refused == "thread_not_found"


@pytest.mark.parametrize(
    ("change", "method", "expected"),
    [
        ({"archived": True}, "chat.postMessage", "is_archived"),
        ({"archived": True}, "chat.update", "is_inactive"),
        ({"bot_is_member": False}, "chat.postMessage", "not_in_channel"),
        ({"bot_is_member": False, "private": True}, "chat.postMessage", "channel_not_found"),
        ({"bot_is_member": False, "private": True}, "conversations.info", "channel_not_found"),
    ],
)
async def test_a_closed_channel_refuses(
    world: World, change: dict[str, bool], method: str, expected: str
) -> None:
    """Archived, foreign and private channels each refuse in their own words."""
    ts = (await world.posts())["ts"]
    for name, value in change.items():
        setattr(world.deploys, name, value)

    assert await world.refusal(method, channel=world.deploys.id, ts=ts, text="x") == expected


async def test_a_public_channel_opens_with_its_scope(world: World) -> None:
    """With chat:write.public the bot posts without being a member."""
    world.deploys.bot_is_member = False
    world.slack.scopes.add("chat:write.public")
    await world.posts()
    assert world.deploys.messages[0].text == "news"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
        ({"text": "x", "blocks": "nonsense"}, "invalid_blocks_format"),
        ({"text": "x", "metadata": {"event_type": 1}}, "invalid_metadata_format"),
        (
            {"text": "x", "metadata": {"event_type": "a", "event_payload": {"b": "c" * 9000}}},
            "metadata_too_large",
        ),
        ({"text": "x", "channel": "C0NOWHERE1"}, "channel_not_found"),
    ],
)
async def test_a_wrong_message_is_refused(
    world: World, arguments: dict[str, Any], expected: str
) -> None:
    """Each mistake has its own name, and nothing is posted."""
    data = {"channel": world.deploys.id, **arguments}
    assert await world.refusal("chat.postMessage", **data) == expected
    assert world.deploys.messages == []


async def test_an_edit_is_stricter_than_a_post(world: World) -> None:
    """Long text, other people's messages and private messages cannot be edited."""
    ts = (await world.posts())["ts"]
    theirs = (await world.maya.says("hi", in_=world.deploys)).message
    private = await world.client.chat_postEphemeral(
        channel=world.deploys.id, user=world.maya.id, text="hush"
    )
    assert theirs is not None
    place = {"channel": world.deploys.id, "text": "x"}
    long = await world.refusal("chat.update", **place | {"text": "x" * 4001}, ts=ts)
    other = await world.refusal("chat.update", **place, ts=theirs.ts)
    hidden = await world.refusal("chat.update", **place, ts=private["message_ts"])

    assert [long, other, hidden] == ["msg_too_long", "cant_update_message", "cant_update_message"]


async def test_blocks_are_refused_like_slacks_sample(world: World) -> None:
    """The answer has the documented keys, names the place, and an old workspace knows no plan."""
    task = {"type": "task_card", "task_id": "1", "title": "Build", "status": "odd"}
    plan = {"type": "plan", "title": "2 of 3", "tasks": [task]}
    with pytest.raises(SlackApiError) as refused:
        await world.posts(blocks=[plan])
    assert isinstance(refused.value.response.data, dict)
    assert refused.value.response.data.keys() == sample("web_api_invalid_blocks_response").keys()
    assert "/blocks/0/tasks/0/status" in refused.value.response["errors"][0]

    task["status"] = "complete"
    await world.posts(blocks=[plan])
    world.slack.supports_plan = False
    assert await refusal_of(world.posts(blocks=[plan])) == "invalid_blocks"
    assert world.slack.refusals == ["chat.postMessage: invalid_blocks"] * 2


async def test_a_private_message_needs_a_member_and_a_living_thread(world: World) -> None:
    """Outsiders are refused; in a thread without replies it gets lost without an error."""
    ben = world.slack.person("outsider")
    outside = {"channel": world.deploys.id, "user": ben.id, "text": "hush"}
    assert await world.refusal("chat.postEphemeral", **outside) == "user_not_in_channel"
    parent = (await world.posts())["ts"]
    whisper = {**outside, "user": world.maya.id, "thread_ts": parent}
    await world.client.api_call("chat.postEphemeral", json=whisper)
    assert ([note.text for note in world.slack.lost], world.maya.ephemerals) == (["hush"], [])
    await world.posts(thread_ts=parent)
    await world.client.api_call("chat.postEphemeral", json=whisper)
    assert [note.text for note in world.maya.ephemerals] == ["hush"]


async def test_direct_messages_reach_one_person(world: World) -> None:
    """By the opened conversation or by the person's id, in the same conversation."""
    opened = await world.client.conversations_open(users=world.maya.id)
    await world.client.chat_postMessage(channel=opened["channel"]["id"], text="one")
    await world.client.chat_postMessage(channel=world.maya.id, text="two")
    assert [message.text for message in world.maya.dms] == ["one", "two"]


@pytest.mark.parametrize(
    ("role", "flags"),
    [
        (Role.MEMBER, {"deleted": False, "is_restricted": False, "is_admin": False}),
        (Role.ADMIN, {"is_admin": True}),
        (Role.GUEST, {"is_restricted": True, "is_ultra_restricted": False}),
        (Role.SINGLE_CHANNEL_GUEST, {"is_restricted": True, "is_ultra_restricted": True}),
        (Role.STRANGER, {"is_stranger": True, "team_id": "T0PARTNER9"}),
        (Role.BOT, {"is_bot": True}),
        (Role.DEACTIVATED, {"deleted": True}),
    ],
)
async def test_accounts_show_what_they_are(
    world: World, role: Role, flags: dict[str, object]
) -> None:
    """users.info, which the SDK sends as a query, carries the documented flags."""
    somebody = world.slack.person("somebody", role)
    answer = await world.client.users_info(user=somebody.id)
    assert {name: answer["user"].get(name) for name in flags} == flags


async def test_people_are_found_by_address_and_unknown_ones_are_not(world: World) -> None:
    """Deactivated accounts are not found by address."""
    found = await world.client.users_lookupByEmail(email="maya@example.com")
    world.maya.role = Role.DEACTIVATED
    gone = await refusal_of(world.client.users_lookupByEmail(email="maya@example.com"))
    unknown = await refusal_of(world.client.users_info(user="U0NOBODY01"))
    assert found["user"]["id"] == world.maya.id
    assert [gone, unknown] == ["users_not_found", "user_not_found"]


async def test_channels_tell_who_reads_them(world: World) -> None:
    """A shared channel is external; history needs its scope; links point at messages."""
    partners = world.slack.channel("partners", [world.maya], shared=True)
    about = await world.client.conversations_info(channel=partners.id)
    assert about["channel"]["is_ext_shared"]
    ts = (await world.posts())["ts"]
    await world.posts(thread_ts=ts)
    place = {"channel": world.deploys.id, "ts": ts}
    assert await world.refusal("conversations.replies", **place) == "missing_scope"
    world.slack.scopes.add("channels:history")
    replies = await world.client.conversations_replies(**place)
    history = await world.client.conversations_history(channel=world.deploys.id)
    link = await world.client.chat_getPermalink(channel=world.deploys.id, message_ts=ts)
    assert (len(replies["messages"]), len(history["messages"])) == (2, 1)
    assert link["permalink"].endswith(f"{world.deploys.id}/p{ts.replace('.', '')}")


async def test_tokens_and_scopes_are_checked(world: World) -> None:
    """Missing, wrong, revoked and removed are told apart, as is a scope that was not granted."""
    about = await world.client.auth_test()
    assert about["user_id"] == world.slack.bot_user
    assert "chat:write" in about.headers["X-OAuth-Scopes"]
    stranger = AsyncWebClient(token="xoxb-other", base_url=world.slack.api_url)
    errors = [await refusal_of(stranger.auth_test())]
    world.slack.revoke()
    errors.append(await refusal_of(world.client.auth_test()))
    world.slack.uninstall()
    errors.append(await refusal_of(world.client.auth_test()))
    world.slack.reinstall()
    errors.append(await world.refusal("made.up"))
    world.slack.scopes.discard("chat:write")
    with pytest.raises(SlackApiError) as refused:
        await world.posts()
    assert errors == ["invalid_auth", "token_revoked", "account_inactive", "unknown_method"]
    assert refused.value.response["needed"] == "chat:write"
    assert "chat:write" not in refused.value.response["provided"].split(",")
    async with aiohttp.ClientSession() as session:
        nobody = await session.post(world.slack.api_url + "auth.test")
        assert (await nobody.json())["error"] == "not_authed"


async def test_forms_are_read_like_json(world: World) -> None:
    """Blocks arrive as JSON inside a form too."""
    blocks = '[{"type": "divider"}]'
    await world.client.api_call(
        "chat.postMessage", data={"channel": world.deploys.id, "text": "x", "blocks": blocks}
    )
    assert world.deploys.messages[0].blocks[0]["type"] == "divider"


async def test_too_many_calls_are_told_when_to_come_back(world: World) -> None:
    """Fifty edits a minute in the workspace, about one post a second in a channel."""
    ts = (await world.posts())["ts"]
    edit = {"channel": world.deploys.id, "ts": ts, "text": "x"}
    for _ in range(50):
        await world.client.chat_update(**edit)
    world.slack.clock.advance(timedelta(seconds=20))
    with pytest.raises(SlackApiError) as refused:
        await world.client.chat_update(**edit)
    assert refused.value.response.status_code == 429
    assert refused.value.response["error"] == sample("web_api_ratelimited_response")["error"]
    assert refused.value.response.headers["Retry-After"] == "40"
    world.slack.clock.advance(timedelta(seconds=40))
    await world.client.chat_update(**edit)

    for _ in range(10):
        await world.posts()
    assert await refusal_of(world.posts()) == "ratelimited"
    world.slack.clock.advance(timedelta(seconds=1))
    await world.posts()
    world.slack.rate_limits = False
    await world.posts()
