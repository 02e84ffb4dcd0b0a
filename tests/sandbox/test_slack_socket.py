"""Socket Mode of the simulated Slack, seen from an app that opens sockets."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import SandboxClock, hold_up
from sandbox.slack import Channel, Message, Person, SimulatedSlack
from sandbox.slack.socket import MOST_CONNECTIONS, Mishap
from tests.laptop import Frame, address_of, laptop, silently
from tests.sandbox.slack_bot import button, refusal_of, sample, shape
from tests.waiting import until

A_MOMENT = timedelta(milliseconds=50)


@pytest.fixture
async def slack() -> AsyncIterator[SimulatedSlack]:
    """Start a Slack whose app uses Socket Mode."""
    slack = SimulatedSlack(SandboxClock())
    await slack.start()
    slack.deliver_by_socket()
    yield slack
    await slack.stop()


@pytest.fixture
def maya(slack: SimulatedSlack) -> Person:
    """Let somebody in."""
    return slack.person("maya")


@pytest.fixture
def deploys(slack: SimulatedSlack, maya: Person) -> Channel:
    """Open a channel."""
    return slack.channel("deployments", [maya])


async def card(slack: SimulatedSlack, channel: Channel) -> Message:
    """Let the bot post a message with one button."""
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    await client.chat_postMessage(channel=channel.id, text="news", blocks=[button("Go")])
    return channel.messages[-1]


async def test_an_address_opens_one_socket(slack: SimulatedSlack) -> None:
    """A used or invented ticket is refused."""
    url = await address_of(slack)
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url) as socket:
            assert (await socket.receive_json())["type"] == "hello"
        for wrong in (url, url.replace("ticket=", "ticket=x")):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(wrong)


async def test_only_the_app_level_token_opens_sockets(slack: SimulatedSlack) -> None:
    """The bot token does not, nor a token among the arguments, nor one without the scope."""
    client = AsyncWebClient(base_url=slack.api_url)
    method = "apps.connections.open"

    assert await refusal_of(client.api_call(method)) == "not_authed"
    body = client.api_call(method, data={"token": slack.app_token}, headers={})
    assert await refusal_of(body) == "not_authed"
    bot = client.apps_connections_open(app_token=slack.bot_token)
    assert await refusal_of(bot) == "not_allowed_token_type"
    assert await refusal_of(client.apps_connections_open(app_token="xapp-no")) == "invalid_auth"
    other = AsyncWebClient(token=slack.app_token, base_url=slack.api_url).auth_test()
    assert await refusal_of(other) == "not_allowed_token_type"
    slack.app_scopes.clear()
    unscoped = client.apps_connections_open(app_token=slack.app_token)
    assert await refusal_of(unscoped) == "missing_scope"


async def test_a_hello_counts_the_connections(slack: SimulatedSlack) -> None:
    """It looks like Slack's, and every connection of the app counts."""
    async with laptop(slack) as first, laptop(slack) as second:
        assert shape(first.hello) == shape(sample("socket_mode_hello"))
        assert [one.hello["num_connections"] for one in (first, second)] == [1, 2]


async def test_envelopes_look_like_slacks(
    slack: SimulatedSlack, maya: Person, deploys: Channel
) -> None:
    """A command, a click and an event have the keys of their samples."""
    async with laptop(slack) as app:
        await maya.says("/buddy help", in_=deploys)
        await maya.clicks(await card(slack, deploys), "Go")
        await slack.opens_home(maya)

    command, click, event = app.envelopes
    assert shape(command) == shape(sample("socket_mode_envelope_slash_command"))
    assert click.keys() == sample("socket_mode_envelope_interactive").keys()
    assert click["payload"]["actions"][0]["action_id"] == "do.Go"
    assert event.keys() == sample("socket_mode_envelope_event_retry").keys()
    assert (event["retry_attempt"], event["retry_reason"]) == (0, "")
    accepts = [each["accepts_response_payload"] for each in app.envelopes]
    assert accepts == [True, False, False]
    assert [ack.status for ack in slack.deliveries] == [200, 200, 200]


async def test_an_answer_may_speak_where_slack_listens(
    slack: SimulatedSlack, maya: Person, deploys: Channel
) -> None:
    """A command's answer is shown; a click's payload is refused and noted."""
    async with laptop(slack) as app:
        app.answer = lambda asked: {
            "envelope_id": asked["envelope_id"],
            "payload": {"text": "just you"},
        }
        await maya.says("/buddy help", in_=deploys)
        ack = await maya.clicks(await card(slack, deploys), "Go")

    assert [note.reads for note in maya.ephemerals] == ["just you"]
    assert ack.is_ok
    assert ack.body is None
    assert slack.refusals == ["socket: payload_not_accepted"]


async def test_any_one_connection_gets_an_envelope(
    slack: SimulatedSlack, maya: Person, deploys: Channel
) -> None:
    """Of two connections each gets its part, whoever holds it."""
    async with laptop(slack) as first, laptop(slack) as second:
        for _ in range(4):
            await maya.says("/buddy help", in_=deploys)

        assert len(first.envelopes) == len(second.envelopes) == 2


async def test_a_late_answer_does_not_count(
    slack: SimulatedSlack, maya: Person, deploys: Channel
) -> None:
    """After the deadline the person reads Slack's own failure."""
    slack.deadline = A_MOMENT
    async with laptop(slack) as app:
        app.answer = silently
        ack = await maya.says("/buddy help", in_=deploys)
        await app.says({"envelope_id": app.envelopes[0]["envelope_id"]})
        await hold_up(A_MOMENT)

    assert ack.timed_out
    assert "operation_timeout" in maya.ephemerals[-1].text
    assert slack.sockets.strays == [app.envelopes[0]["envelope_id"]]


async def test_an_answer_counts_on_its_own_connection_only(
    slack: SimulatedSlack, maya: Person, deploys: Channel
) -> None:
    """Slack promises nothing else, so an app cannot rely on it."""
    slack.deadline = 20 * A_MOMENT
    async with laptop(slack) as first, laptop(slack) as second:
        first.answer = second.answer = silently
        sending = asyncio.gather(maya.says("/buddy help", in_=deploys))
        await until(lambda: first.envelopes or second.envelopes)
        asked, other = (first, second) if first.envelopes else (second, first)
        await other.says({"envelope_id": asked.envelopes[0]["envelope_id"]})
        [ack] = await sending

    assert ack.timed_out
    assert len(slack.sockets.strays) == 1


async def test_what_slack_cannot_read_is_noted(
    slack: SimulatedSlack, maya: Person, deploys: Channel
) -> None:
    """A frame that names no envelope, or says more than Slack knows, answers nothing."""
    slack.deadline = A_MOMENT
    async with laptop(slack) as app:
        app.answer = lambda asked: {**asked, "more": 1}
        ack = await maya.says("/buddy help", in_=deploys)
        await app.says("not JSON")
        await hold_up(A_MOMENT)

    assert ack.timed_out
    assert slack.refusals == ["socket: invalid_frame"] * 2


async def test_an_event_is_repeated_until_it_is_answered(slack: SimulatedSlack) -> None:
    """Up to three times, saying the how manieth and why; what a person did is never repeated."""
    slack.deadline = 5 * A_MOMENT
    async with laptop(slack) as app:
        app.answer = lambda asked: (
            None if asked["retry_attempt"] < 2 else {"envelope_id": asked["envelope_id"]}
        )
        ack = await slack.event({"type": "app_uninstalled"})

    told = [(each["retry_attempt"], each["retry_reason"]) for each in app.envelopes]
    assert told == [(0, ""), (1, "timeout"), (2, "timeout")]
    assert len({each["envelope_id"] for each in app.envelopes}) == 3
    assert len({each["payload"]["event_id"] for each in app.envelopes}) == 1
    assert ack.is_ok


async def test_the_same_envelope_may_come_again(
    slack: SimulatedSlack, maya: Person, deploys: Channel
) -> None:
    """Delivered a second time it has the same id."""
    async with laptop(slack) as app:
        ack = await maya.says("/buddy help", in_=deploys)
        await maya.redelivers(ack)

    assert app.envelopes[0] == app.envelopes[1]


@pytest.mark.parametrize("mishap", Mishap)
async def test_a_connection_may_break_in_the_middle(
    slack: SimulatedSlack, maya: Person, deploys: Channel, mishap: Mishap
) -> None:
    """The app got the envelope; the person reads a failure; the next one finds no connection."""
    async with laptop(slack) as app:
        slack.sockets.mishap = mishap
        broken = await maya.says("/buddy help", in_=deploys)
        await hold_up(A_MOMENT)
        none = await maya.says("/buddy help", in_=deploys)

        assert len(app.envelopes) == 1
        assert app.is_closed
    assert (broken.problem, none.problem) == ("connection_failed", "no_connection")
    assert all("dispatch_failed" in note.text for note in maya.ephemerals)


async def test_slack_says_why_it_ends_a_connection(
    slack: SimulatedSlack, maya: Person, deploys: Channel
) -> None:
    """A warning comes before a renewal; who was told to renew gets nothing new if others can."""
    async with laptop(slack) as old:
        await slack.sockets.warn()
        renewal = asyncio.gather(slack.sockets.refresh(notice=A_MOMENT))
        await hold_up(A_MOMENT / 5)
        async with laptop(slack) as new:
            await maya.says("/buddy help", in_=deploys)
            await maya.says("/buddy help", in_=deploys)
            await renewal

            assert old.is_closed
            assert not new.is_closed
            assert (len(old.envelopes), len(new.envelopes)) == (0, 2)
    warning, refresh = (sample(f"socket_mode_disconnect_{name}") for name in ("warning", "refresh"))
    assert [shape(each) for each in old.goodbyes] == [shape(warning), shape(refresh)]
    assert [each["reason"] for each in old.goodbyes] == [warning["reason"], refresh["reason"]]


async def test_socket_mode_may_be_switched_off(slack: SimulatedSlack) -> None:
    """Every connection is closed, and no other is opened before it is switched on again."""
    client = AsyncWebClient(base_url=slack.api_url)
    async with laptop(slack) as app:
        await slack.sockets.disable()
        await hold_up(A_MOMENT)

        [goodbye] = app.goodbyes
        assert app.is_closed
    assert goodbye["reason"] == sample("socket_mode_disconnect_link_disabled")["reason"]
    refused = client.apps_connections_open(app_token=slack.app_token)
    assert await refusal_of(refused) == "access_denied"
    slack.sockets.enable()
    async with laptop(slack) as again:
        assert again.hello


async def test_an_app_has_ten_connections_at_most(slack: SimulatedSlack) -> None:
    """The eleventh is told so instead of greeted."""
    slack.rate_limits = False
    async with asyncio.TaskGroup() as tasks:
        leave = asyncio.Event()
        met: list[Frame] = []

        async def connect() -> None:
            async with laptop(slack) as app:
                met.extend([app.hello, *app.goodbyes])
                await leave.wait()

        for _ in range(MOST_CONNECTIONS + 1):
            tasks.create_task(connect())
        while len(met) < MOST_CONNECTIONS + 2:
            await hold_up(A_MOMENT / 10)
        leave.set()
    [goodbye] = [each for each in met if each.get("type") == "disconnect"]
    assert goodbye["reason"] == "too_many_websockets"


async def test_a_dropped_connection_is_just_gone(slack: SimulatedSlack) -> None:
    """Nothing is said, and the others stay."""
    async with laptop(slack) as first, laptop(slack) as second:
        slack.sockets.drop(slack.sockets.connections[0])
        await hold_up(A_MOMENT)

        assert (first.is_closed, second.is_closed) == (True, False)
        assert not first.goodbyes
        assert len(slack.sockets.connections) == 1
