"""What calls to the simulated Slack leave behind: answers, faults, the journal, pings."""

from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from sandbox.faults import Fault, Moment
from tests.sandbox.slack_bot import (
    World,
    button,
    modal,
    section,
    talking,
)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Open a world."""
    async with talking() as world:
        yield world


async def test_a_response_url_works_five_times_in_half_an_hour(world: World) -> None:
    """Then it is a 404 with its reason; wrong blocks are refused like anywhere."""
    await world.maya.says("/buddy help", in_=world.deploys)
    url = AsyncWebhookClient(world.bot.received[0]["response_url"])
    wrong = await url.send(blocks=[{"type": "alert"}])
    for _ in range(4):
        await url.send(text="hi", replace_original=True)
    used = await url.send(text="hi")
    await world.maya.says("/buddy help", in_=world.deploys)
    late_url = AsyncWebhookClient(world.bot.received[1]["response_url"])
    world.slack.clock.advance(timedelta(minutes=31))
    late = await late_url.send(text="hi")

    assert "invalid_blocks" in wrong.body
    assert (used.status_code, late.status_code) == (404, 404)
    assert ("used_url" in used.body, "expired_url" in late.body) == (True, True)
    # A command has no original: each answer is a new one.
    assert [note.text for note in world.maya.ephemerals] == ["hi"] * 4
    keys = [call.path for call in world.slack.journal if call.who == "response_url"]
    assert keys == ["response_url"] * 7


async def test_a_response_url_acts_on_what_was_clicked(world: World) -> None:
    """It replaces and deletes the original, private or not, and can answer in the thread."""
    ts = (await world.posts(blocks=[button("Ask")]))["ts"]
    await world.client.chat_postEphemeral(
        channel=world.deploys.id, user=world.maya.id, text="hush", blocks=[button("Ask")]
    )
    card, note = world.deploys.messages[0], world.maya.ephemerals[0]
    await world.maya.clicks(card, "Ask")
    await world.maya.clicks(note, "Ask")
    to_card, to_note = (AsyncWebhookClient(one["response_url"]) for one in world.bot.received)

    await to_card.send_dict({"text": "r", "response_type": "in_channel", "thread_ts": ts})
    await to_card.send(text="asked", replace_original=True)
    await to_note.send(text="asked you", replace_original=True)
    assert [card.text, card.thread[0].text, note.text] == ["asked", "r", "asked you"]
    await to_note.send(delete_original=True)
    await to_card.send(delete_original=True)
    assert (note.deleted, card.deleted) == (True, True)


async def test_faults_strike_before_or_after_the_work(world: World) -> None:
    """A refused call does nothing; a lost answer leaves its work done; both are in the journal."""
    page = Fault(path="chat.postMessage", status=502, body="<html>bad gateway</html>")
    world.slack.faults.order(page)
    with pytest.raises(SlackApiError) as refused:
        await world.posts()
    assert (refused.value.response.status_code, world.deploys.messages) == (502, [])

    world.client.retry_handlers.clear()
    world.slack.faults.order(Fault(path="chat.postMessage", moment=Moment.AFTER, drop=True))
    with pytest.raises(aiohttp.ClientError):
        await world.posts()
    world.slack.faults.order(Fault(path="chat.post", delay=timedelta(milliseconds=10)))
    await world.posts()
    assert len(world.deploys.messages) == 2
    calls = world.slack.journal.select("POST", "chat.postMessage")
    assert [call.status for call in calls] == [502, 0, 200]
    assert calls[2].body == {"channel": world.deploys.id, "text": "news"}
    assert calls[2].who == "bot"


async def test_what_nobody_looked_at_is_known(world: World) -> None:
    """Messages, private messages and modals stay unseen until they are read or used."""
    await world.posts(blocks=[button("Ask")])
    await world.client.chat_postEphemeral(channel=world.deploys.id, user=world.maya.id, text="hush")
    await world.maya.says("/buddy form", in_=world.deploys)
    trigger = world.bot.received[0]["trigger_id"]
    await world.client.views_open(trigger_id=trigger, view=modal(section("hi")))
    before = world.slack.seq
    assert len(world.slack.unseen()) == 3

    await world.maya.clicks(world.deploys.messages[0], "Ask")
    assert world.maya.ephemerals[0].reads == "hush"
    assert world.maya.modal is not None
    assert world.maya.modal.title == "A form"
    assert world.slack.unseen() == []
    assert world.slack.seq == before
    await world.client.views_update(view_id=world.maya.modal.id, view=modal(section("new")))
    assert world.slack.unseen() == [world.maya.modal]
    assert world.slack.seq == before + 1


async def test_only_true_mentions_ping(world: World) -> None:
    """Escaped text, plain text and people outside the channel get no notification."""
    outside = world.slack.person("outsider")
    await world.posts(text="&lt;!channel&gt; <@U0NOBODY01x", blocks=[section("&lt;!here&gt;")])
    header = {"type": "header", "text": {"type": "plain_text", "text": "<!channel>"}}
    await world.posts(blocks=[header, section(f"<@{outside.id}> @channel")])
    assert world.slack.pings == []

    parsed = {"type": "section", "text": {"type": "mrkdwn", "text": "@everyone"}}
    await world.posts(text="<!here|here>", blocks=[section(f"<@{world.maya.id}>"), parsed])
    ts = (await world.posts())["ts"]
    await world.client.chat_update(channel=world.deploys.id, ts=ts, text="<!channel>")
    assert [(ping.target, ping.is_edit) for ping in world.slack.pings] == [
        ("@here", False),
        ("@maya", False),
        ("@everyone", False),
        ("@channel", True),
    ]
