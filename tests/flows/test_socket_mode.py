"""Socket Mode: nothing that was acknowledged is lost, whatever happens to the connections."""

import asyncio
import logging
import sqlite3
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.app import running
from bot.entry import StartFailed
from sandbox.clock import SandboxClock, hold_up
from sandbox.faults import Fault
from sandbox.slack import Ack
from sandbox.slack.delivery import Kind, Outgoing
from sandbox.slack.socket import MOST_CONNECTIONS, Mishap
from sandbox.stage import settings_for, simulators
from tests.flows.acts import refused_as, types
from tests.laptop import laptop
from tests.waiting import until
from tests.world import World

A_MOMENT = timedelta(milliseconds=5)


@pytest.fixture
def by_socket() -> bool:
    """Let Slack's requests come by Socket Mode."""
    return True


def connections(world: World) -> int:
    """Count the app's connections, as Slack sees them."""
    return len(world.slack.sockets.connections)


def logged(world: World, event: str) -> list[str]:
    """Find the log's lines of one event; tell their levels."""
    return [line["log_level"] for line in world.log if line["event"] == event]


async def status_of(world: World, path: str) -> int:
    """Ask the bot's web server."""
    async with aiohttp.ClientSession() as session, session.get(world.stage.bot.url + path) as got:
        return got.status


async def carry(world: World, kind: Kind, payload: dict[str, object]) -> Ack:
    """Send an envelope that no person could have caused."""
    request = Outgoing(kind, b"", {}, payload)
    return await world.slack.sockets.carry(request, timedelta(seconds=3))


# A connection breaks


async def test_a_click_whose_connection_breaks_counts_once(world: World) -> None:
    """The bot got it, Maya reads a failure, and what she asked for is done; no more than once."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    world.slack.sockets.mishap = Mishap.AFTER_SENDING

    broken = await maya.clicks(card, "Approve")
    await until(lambda: world.slack.sockets.strays)
    await world.settled()

    assert broken.problem == "connection_failed"
    assert broken.request is not None
    # Its answer went out on the other connection.
    assert world.slack.sockets.strays == [broken.request.envelope_id]
    assert run.is_running
    assert len(world.patches()) == 1
    assert "@maya approved" in card.thread[0].reads
    assert card.reads


async def test_an_acknowledgement_that_nobody_read_is_no_second_effect(world: World) -> None:
    """Maya saw a failure and clicks again: she is told that it was done already, by herself."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    old = card.snapshot()
    world.slack.sockets.mishap = Mishap.BEFORE_READING

    lost = await world.acts(maya.clicks(card, "Approve"))
    again = await world.acts(maya.clicks(old, "Approve"))

    assert (lost.problem, again.status) == ("connection_failed", 200)
    assert len(world.patches()) == 1
    assert run.is_running
    assert "Already approved by you" in world.private(maya)
    assert card.thread[0].reads
    assert card.reads


async def test_a_broken_connection_is_opened_again(world: World) -> None:
    """The other one goes on meanwhile; then there are two again."""
    maya = await world.person("maya")
    world.slack.sockets.drop(world.slack.sockets.connections[0])
    await until(lambda: connections(world) == 1)

    assert "Maya" in await types(world, maya, "whoami")
    await world.passes(10)
    await until(lambda: connections(world) == 2)

    assert logged(world, "socket.ended") == ["warning"]
    assert logged(world, "socket.shared") == []


async def test_without_a_connection_the_bot_is_not_ready(world: World) -> None:
    """An orchestrator is told; Slack's wish to wait is heeded."""
    assert [await status_of(world, path) for path in ("/healthz", "/readyz")] == [200, 200]
    refusal = Fault(
        path="apps.connections.open",
        status=429,
        headers={"Retry-After": "30"},
        body=refused_as("ratelimited"),
        times=2,
    )
    world.slack.faults.order(refusal)
    world.slack.sockets.drop()
    await until(lambda: connections(world) == 0)
    assert [await status_of(world, path) for path in ("/healthz", "/readyz")] == [200, 503]

    await world.passes(10)
    await until(lambda: logged(world, "socket.not_opened") == ["warning"] * 2)
    await world.passes(25)
    assert connections(world) == 0
    await world.passes(5)
    await until(lambda: connections(world) == 2)

    assert await status_of(world, "/readyz") == 200


# Slack renews a connection


async def test_no_click_falls_between_two_connections(world: World) -> None:
    """While Slack renews every connection at once, each request is answered."""
    maya = await world.person("maya")
    before = list(world.slack.sockets.connections)

    renewal = asyncio.gather(world.slack.sockets.refresh(notice=timedelta(seconds=2)))
    while not renewal.done():
        assert "approve" in await types(world, maya, "help")
    await renewal

    after = world.slack.sockets.connections
    assert len(after) == 2
    assert not set(before).intersection(after)
    assert logged(world, "socket.ended") == ["info"] * 2
    assert logged(world, "socket.shared") == []


async def test_a_warned_connection_is_read_until_slack_closes_it(world: World) -> None:
    """The successor is there first; what still comes through the old one is answered."""
    maya = await world.person("maya")
    await world.slack.sockets.warn()
    await until(lambda: connections(world) == 4)

    for _ in range(4):
        assert "Maya" in await types(world, maya, "whoami")
    await world.passes(30)
    await until(lambda: connections(world) == 2)

    assert all(ack.is_ok for ack in world.slack.deliveries)


async def test_socket_mode_switched_off_is_an_error_until_it_is_on_again(world: World) -> None:
    """Nothing can arrive, so the operator is told; a minute after it is on, all is well."""
    world.expected_errors.update({"socket.ended", "socket.not_opened"})
    await world.slack.sockets.disable()
    await until(lambda: len(logged(world, "socket.ended")) == 2)

    assert logged(world, "socket.ended") == ["error"] * 2
    assert await status_of(world, "/readyz") == 503
    await world.passes(60)
    await until(lambda: logged(world, "socket.not_opened") == ["error"] * 2)
    world.expected_refusals.add("apps.connections.open: access_denied")
    world.slack.sockets.enable()
    await world.passes(60)
    await until(lambda: connections(world) == 2)

    assert await status_of(world, "/readyz") == 200


async def test_a_full_app_is_tried_again(world: World) -> None:
    """Others hold all the connections: the bot waits until there is room."""
    world.slack.rate_limits = False
    async with AsyncExitStack() as others:
        for _ in range(MOST_CONNECTIONS - 2):
            await others.enter_async_context(laptop(world.slack))
        world.slack.sockets.drop(*world.slack.sockets.connections[:2])
        await until(lambda: connections(world) == MOST_CONNECTIONS - 2)
        for _ in range(2):
            await others.enter_async_context(laptop(world.slack))
        await world.passes(10)
        await until(lambda: len(logged(world, "socket.not_opened")) == 2)
    await world.passes(60)
    await until(lambda: connections(world) == 2)


# The same envelope twice


async def test_an_envelope_that_comes_again_is_answered_from_memory(world: World) -> None:
    """The card is not posted a second time, and the answer is the same."""
    maya = await world.person("maya")
    await world.waiting(maya)

    shown = await world.acts(maya.says("/buddy show shop/deploy#1", in_=world.deploys))
    helped = await world.acts(maya.says("/buddy help", in_=world.deploys))
    again = [await world.acts(maya.redelivers(ack)) for ack in (shown, helped)]

    assert [ack.body for ack in again] == [shown.body, helped.body]
    assert len(world.deploys.messages) == 2
    assert logged(world, "envelope.repeated") == ["info"] * 2
    assert all(message.reads for message in world.deploys.messages)
    assert maya.ephemerals[-1].reads


async def test_an_envelope_that_comes_while_it_is_at_work_waits(world: World) -> None:
    """Both deliveries get the one answer, and the click counts once."""
    maya = await world.person("maya")
    _, card = await world.waiting(maya)
    world.slack.deadline = timedelta(milliseconds=100)

    async with world.stage.bot.database.transaction():
        late = await maya.clicks(card, "Approve")
        world.slack.deadline = timedelta(seconds=3)
        again = asyncio.gather(maya.redelivers(late))
        await until(lambda: logged(world, "envelope.repeated"))
        assert not again.done()
    [ack] = await again
    await world.settled()

    assert (late.timed_out, ack.status) == (True, 200)
    assert len(world.patches()) == 1
    assert card.thread[0].reads
    assert card.reads


# Every envelope is answered


async def test_what_nobody_understands_is_answered_too(world: World) -> None:
    """Unknown commands, buttons and events, and payloads that are none: each gets its answer."""
    maya = await world.person("maya")
    client = AsyncWebClient(token=world.slack.bot_token, base_url=world.slack.api_url)
    label = {"type": "plain_text", "text": "Go"}
    button = {"type": "button", "text": label, "action_id": "of.another.age"}
    row = {"type": "actions", "elements": [button]}
    await client.chat_postMessage(channel=world.deploys.id, text="old", blocks=[row])

    acks = [
        await maya.clicks(world.deploys.messages[-1], "Go"),
        await carry(world, Kind.COMMAND, {"command": "/unknown", "text": "help"}),
        await carry(world, Kind.COMMAND, {"command": "/buddy", "text": "help"}),
        await carry(world, Kind.INTERACTION, {}),
        await world.slack.event({"type": "app_uninstalled"}),
    ]

    assert [ack.status for ack in acks] == [200] * 5
    assert not any(ack.body for ack in acks)
    assert len(acks) == len([each for each in world.slack.deliveries if each in acks]) + 3


async def test_a_handler_that_fails_has_answered(world: World, tmp_path: Path) -> None:
    """The person reads an incident's number, and Slack has its answer."""
    maya = await world.person("maya")
    world.expected_errors.add("request.failed")
    other = sqlite3.connect(tmp_path / "greenlight.sqlite3", isolation_level=None)
    other.execute("DROP TABLE identity")
    other.close()

    ack = await world.acts(maya.says("/buddy whoami", in_=world.deploys))

    assert ack.status == 200
    assert "went wrong on my side" in world.private(maya)


# Who else holds the token


async def test_a_colleagues_laptop_is_noticed(world: World) -> None:
    """It takes part of the clicks; the log names the risk, and does not repeat it all day."""
    maya = await world.person("maya")
    bots = tuple(world.slack.sockets.connections)
    async with laptop(world.slack) as other:
        for _ in range(3):
            await maya.says("/buddy help", in_=world.deploys)
        assert len(other.envelopes) == 1
        for hours in (0, 1, 24):
            await world.passes(hours * 3600)
            await world.slack.sockets.refresh(of=bots, notice=timedelta(seconds=2))
            await until(lambda: connections(world) == 3)
            bots = tuple(world.slack.sockets.connections[1:])
            assert len(logged(world, "socket.shared")) == (2 if hours == 24 else 1)

    line = next(each for each in world.log if each["event"] == "socket.shared")
    assert line["log_level"] == "warning"
    assert "takes part of the clicks" in line["risk"]
    assert all(note.reads for note in maya.ephemerals)


async def test_a_card_of_another_installation_is_told_so(world: World, tmp_path: Path) -> None:
    """Two Greenlights share one Slack app: a click that reaches the wrong one sends nothing."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    settings = settings_for(
        world.slack, world.buddy, tmp_path / "other", slack_app_token=world.slack.app_token
    )

    async with running(settings, world.stage.clock) as other:
        assert connections(world) == 4
        for button in ("Reject", "Approve"):
            old = card.snapshot()
            for _ in range(4):
                await world.acts(maya.clicks(old, button))
                await other.settled()
                if maya.modal:
                    assert "Reject" in maya.modal.reads
                    await maya.closes_modal()
            assert len(world.patches()) == (button == "Approve")

    told = [note.reads for note in maya.ephemerals]
    foreign = [text for text in told if "another installation of me" in text]
    assert len(foreign) == 4
    assert all("Nothing was sent" in text for text in foreign)
    assert logged(world, "socket.shared") == ["warning"]
    assert run.is_running
    assert card.thread[0].reads
    assert card.reads


# The beginning and the end


@pytest.mark.parametrize("wrong", ["unknown", "without the scope"])
async def test_a_wrong_app_token_keeps_the_bot_from_starting(tmp_path: Path, wrong: str) -> None:
    """The operator reads which variable it is and where the right value is found."""
    clock = SandboxClock()
    async with simulators(clock) as (slack, buddy):
        slack.deliver_by_socket()
        token = "xapp-1-wrong" if wrong == "unknown" else slack.app_token
        if wrong == "without the scope":
            slack.app_scopes.clear()
        settings = settings_for(slack, buddy, tmp_path / "greenlight", slack_app_token=token)
        with pytest.raises(StartFailed) as refused:
            async with running(settings, clock):
                pass

    text = str(refused.value)
    assert text.startswith("GREENLIGHT_SLACK_APP_TOKEN: ")
    assert "connections:write" in text
    assert "xapp-" not in text


async def test_a_click_that_has_arrived_is_answered_before_the_bot_stops(world: World) -> None:
    """And so is what arrives while it waits for that: Slack goes on sending until it is told."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    sockets = world.stage.bot.sockets
    assert sockets is not None

    async with world.stage.bot.database.transaction():
        click = asyncio.gather(maya.clicks(card, "Approve"))
        await until(lambda: sockets.work.count)
        stop = asyncio.gather(sockets.close())
        await hold_up(A_MOMENT)
        assert not stop.done()
        late = asyncio.gather(maya.says("/buddy help", in_=world.deploys))
        await hold_up(A_MOMENT)
    [[taken], [helped], _] = await asyncio.gather(click, late, stop)
    await world.settled()

    assert (taken.status, helped.status) == (200, 200)
    assert connections(world) == 0
    assert run.is_running
    assert len(world.patches()) == 1
    assert "/buddy approve" in world.private(maya)
    assert card.thread[0].reads
    assert card.reads


async def test_slack_finds_no_other_door(world: World) -> None:
    """In Socket Mode the web server answers an orchestrator and nobody else."""
    url = world.stage.bot.url + "/slack/events"
    body = b"command=/buddy"
    async with (
        aiohttp.ClientSession(headers=world.slack.sign(body)) as session,
        session.post(url, data=body) as answer,
    ):
        assert answer.status == 404


async def test_the_log_holds_no_frame_and_no_address(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """What people wrote, and the tickets of sockets, stay out of every line."""
    maya = await world.person("maya")
    with caplog.at_level(logging.WARNING):
        await types(world, maya, "show hush/hush#1")
        world.slack.sockets.drop()
        await until(lambda: connections(world) == 0)
        await world.slack.stop()
        await world.passes(10)
        await until(lambda: len(logged(world, "socket.not_opened")) == 2)
        await world.slack.start()
        await world.passes(10)
        await until(lambda: connections(world) == 2)

    written = f"{caplog.text}{world.log}"
    assert "ticket" not in written
    assert "hush" not in written
