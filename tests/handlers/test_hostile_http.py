"""The HTTP door faces the internet: whatever arrives is answered, quickly, and never with 500."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.run_memo import Memo
from bot.domain.catalog import PipelineRef
from bot.domain.click import Place
from sandbox.slack import Ack
from tests.world import World, world_of

SAMPLES = Path(__file__).parents[1] / "samples" / "slack"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def form(**fields: str) -> bytes:
    """Write a form."""
    return urlencode(fields).encode()


async def send(
    world: World, body: bytes, content_type: str = FORM, headers: Mapping[str, str] | None = None
) -> Ack:
    """Send a body to the bot, signed unless other headers are given."""
    signed = world.slack.sign(body) if headers is None else headers
    return await world.slack.sends(body, {**signed, "Content-Type": content_type})


UNSIGNED: list[Any] = [
    pytest.param({}, id="no signature"),
    pytest.param({"X-Slack-Request-Timestamp": "1"}, id="only a time"),
    pytest.param(
        {"X-Slack-Request-Timestamp": "soon", "X-Slack-Signature": "v0=00"}, id="time is no number"
    ),
    pytest.param(
        {"X-Slack-Request-Timestamp": "9" * 400, "X-Slack-Signature": "v0=00"}, id="endless time"
    ),
    pytest.param(
        {"X-Slack-Request-Timestamp": "nan", "X-Slack-Signature": "v0=00"}, id="not a time"
    ),
]


@pytest.mark.parametrize("headers", UNSIGNED)
async def test_unsigned(world: World, headers: dict[str, str]) -> None:
    """Without a signature there is nothing to say but no."""
    ack = await send(world, form(command="/buddy", text="help"), headers=headers)
    assert (ack.status, ack.body) == (401, "")


@pytest.mark.parametrize("seconds", [-301, 301], ids=["too old", "from the future"])
async def test_a_signature_holds_five_minutes(world: World, seconds: int) -> None:
    """A request that was kept, or made ahead, is refused although its signature is right."""
    body = form(command="/buddy", text="help")
    now = int(world.slack.sign(body)["X-Slack-Request-Timestamp"])
    ack = await send(world, body, headers=world.slack.sign(body, now + seconds))
    assert ack.status == 401


async def test_a_signature_of_something_else(world: World) -> None:
    """A signature belongs to its body."""
    ack = await send(world, form(text="a"), headers=world.slack.sign(form(text="b")))
    assert ack.status == 401


BROKEN: list[Any] = [
    pytest.param(b"{", JSON, 400, id="broken JSON"),
    pytest.param(b"[]", JSON, 400, id="JSON that is a list"),
    pytest.param(b"null", JSON, 400, id="JSON that is nothing"),
    pytest.param(b'"text"', JSON, 400, id="JSON that is a text"),
    pytest.param(b"[" * 100_000, JSON, 400, id="endless JSON"),
    pytest.param(b"", JSON, 400, id="no body as JSON"),
    pytest.param(b"", FORM, 404, id="no body as a form"),
    pytest.param(b"payload=", FORM, 400, id="empty payload"),
    pytest.param(b"payload={", FORM, 400, id="broken payload"),
    pytest.param(b"payload=[]", FORM, 400, id="payload is a list"),
    pytest.param(b"payload=%ff", FORM, 400, id="payload is no text"),
    pytest.param(b"\xff\xfe\x00", FORM, 401, id="no UTF-8"),
    pytest.param(b"\xff\xfe\x00", JSON, 401, id="no UTF-8 as JSON"),
    pytest.param(b"%%%&&&===", FORM, 404, id="broken form"),
    pytest.param(b'{"type":"never_heard_of"}', JSON, 404, id="unknown type"),
    pytest.param(b'{"type":"event_callback"}', JSON, 404, id="event without an event"),
    pytest.param(b'{"type":"event_callback","event":[]}', JSON, 400, id="event is a list"),
    pytest.param(form(command="/other", text="x"), FORM, 404, id="unknown command"),
    pytest.param(form(command="/buddy"), FORM, 400, id="command without a person"),
    pytest.param(form(payload='{"type":"block_actions"}'), FORM, 404, id="no actions"),
    pytest.param(
        form(payload='{"type":"block_actions","actions":[{"action_id":"other"}]}'),
        FORM,
        404,
        id="unknown button",
    ),
    pytest.param(
        form(payload='{"type":"block_actions","actions":[{"action_id":"greenlight.approve"}]}'),
        FORM,
        400,
        id="button without a person",
    ),
    pytest.param(
        form(payload='{"type":"block_actions","actions":"x"}'), FORM, 400, id="actions is a text"
    ),
    pytest.param(form(payload='{"type":"shortcut"}'), FORM, 404, id="shortcut without a name"),
    pytest.param(
        form(payload='{"type":"shortcut","callback_id":"other"}'), FORM, 404, id="unknown shortcut"
    ),
    pytest.param(
        form(payload='{"type":"shortcut","callback_id":["other"]}'),
        FORM,
        400,
        id="shortcut whose name is a list",
    ),
    pytest.param(
        form(payload='{"type":"message_action","callback_id":"other"}'),
        FORM,
        404,
        id="unknown shortcut of a message",
    ),
    pytest.param(
        form(payload='{"type":"message_action","callback_id":"greenlight.message.why"}'),
        FORM,
        400,
        id="shortcut of a message without a person",
    ),
    pytest.param(
        form(
            payload='{"type":"message_action","callback_id":"greenlight.message.why",'
            '"user":{"id":"U1","team_id":"T1"},"trigger_id":"1.2.3","message":[]}'
        ),
        FORM,
        400,
        id="shortcut of a message that is a list",
    ),
    pytest.param(form(payload='{"type":"view_submission"}'), FORM, 404, id="form without a view"),
    pytest.param(
        form(payload='{"type":"view_submission","view":{"callback_id":"greenlight.connect_form"}}'),
        FORM,
        400,
        id="form without a person",
    ),
    pytest.param(
        form(payload='{"type":"block_suggestion","action_id":"greenlight.run_ref"}'),
        FORM,
        400,
        id="menu without a person",
    ),
    pytest.param(
        form(payload='{"type":"block_suggestion","action_id":"other"}'),
        FORM,
        404,
        id="unknown menu",
    ),
    pytest.param(b'{"type":"app_rate_limited"}', JSON, 200, id="Slack holds back events"),
    pytest.param(form(ssl_check="1"), FORM, 200, id="Slack checks the certificate"),
]


@pytest.mark.parametrize(("body", "content_type", "status"), BROKEN)
async def test_signed_but_broken(world: World, body: bytes, content_type: str, status: int) -> None:
    """Each broken request has its own answer; none is an error of ours, and none is logged."""
    ack = await send(world, body, content_type)
    await world.settled()

    assert ack.status == status, ack.body
    assert ack.elapsed < 3
    logged = json.dumps(world.log, default=str)
    assert "never_heard_of" not in logged


async def test_slack_verifies_the_address(world: World) -> None:
    """The challenge comes back, as Slack wants it."""
    body = b'{"type":"url_verification","challenge":"abc"}'
    ack = await send(world, body, JSON)
    assert (ack.status, ack.body) == (200, {"challenge": "abc"})


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
async def test_a_body_that_is_not_what_it_says(world: World, encoding: str) -> None:
    """A compressed body that is none is refused before anything else is looked at."""
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.post(
            f"{world.stage.bot.url}/slack/events",
            data=b"{}",
            headers={"Content-Encoding": encoding},
            skip_auto_headers=["Content-Type"],
        ) as response,
    ):
        assert 400 <= response.status < 500


async def test_a_body_of_two_megabytes(world: World) -> None:
    """Slack's own payloads are far smaller; nobody makes the bot read more."""
    body = form(text="x" * 2_000_000)
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{world.stage.bot.url}/slack/events",
            data=io.BytesIO(body),
            headers={**world.slack.sign(body), "Content-Type": FORM},
        ) as response,
    ):
        assert response.status == 413


async def test_a_body_that_never_ends(world: World) -> None:
    """A body has two seconds to arrive."""

    async def slowly() -> AsyncIterator[bytes]:
        yield b"command=%2Fbuddy"
        await asyncio.Event().wait()

    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{world.stage.bot.url}/slack/events", data=slowly()) as response,
    ):
        assert response.status == 408


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/slack/events", 405),
        ("PUT", "/slack/events", 405),
        ("POST", "/", 404),
        ("GET", "/%00", 404),
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("POST", "/healthz", 405),
    ],
)
async def test_paths_and_methods(world: World, method: str, path: str, status: int) -> None:
    """Only what is offered is answered."""
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, world.stage.bot.url + path) as response,
    ):
        assert response.status == status


ANSWERS = {
    "slash_command": 200,
    "slash_command_enterprise_org_install": 200,
    "ssl_check": 200,
    "event_url_verification": 200,
    "event_app_rate_limited": 200,
}
"""What the recorded payloads get; all others are of kinds that nobody answers yet: 404."""


def recorded() -> list[Any]:
    """List the recorded payloads that arrive over HTTP."""
    names = sorted(path.stem for path in SAMPLES.glob("*.json"))
    return [name for name in names if not name.startswith(("socket_mode", "web_api"))]


@pytest.mark.parametrize("name", recorded())
async def test_every_recorded_payload(world: World, name: str) -> None:
    """Whatever Slack was seen to send has its answer: taken, or refused at once."""
    told = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    if name.startswith("event_"):
        ack = await send(world, json.dumps(told).encode(), JSON)
    elif name.startswith(("slash_command", "ssl_check")):
        ack = await send(world, form(**{key: str(value) for key, value in told.items()}))
    else:
        ack = await send(world, form(payload=json.dumps(told)))
    await world.settled()

    assert ack.status == ANSWERS.get(name, 404), ack.body
    if name.startswith("slash_command"):
        assert (
            "I do not understand" in ack.body["text"]
            or "Did you mean" in ack.body["text"]
            or ("I do not know this command" in ack.body["text"])
        )


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
BUTTONS = [
    "greenlight.approve",
    "greenlight.cancel",
    "greenlight.run_again",
    "greenlight.run_pipeline",
    "greenlight.run_same",
]
FORMS = ["greenlight.connect_form", "greenlight.reason_form", "greenlight.run_form"]
MENUS = ["greenlight.run_pipeline", "greenlight.run_ref"]
MEMOS = [Memo().encode(), Memo(PipelineRef("h", "w", "p", 1), "P", place=Place("C1")).encode()]
kinds = st.sampled_from(
    [
        "block_actions",
        "view_submission",
        "view_closed",
        "shortcut",
        "message_action",
        "block_suggestion",
        "event_callback",
        "interactive_message",
        "dialog_submission",
        "",
    ]
)
payloads = st.fixed_dictionaries(
    {"type": kinds},
    optional={
        "user": st.fixed_dictionaries({"id": st.just("U1"), "team_id": anything}) | anything,
        "actions": st.lists(
            st.fixed_dictionaries(
                {"action_id": st.sampled_from(BUTTONS)},
                optional={"value": anything, "action_ts": anything},
            )
            | anything,
            max_size=2,
        ),
        "view": st.fixed_dictionaries(
            {"callback_id": st.sampled_from(FORMS)},
            optional={
                "id": anything,
                "state": anything,
                "private_metadata": st.sampled_from(MEMOS) | anything,
            },
        )
        | anything,
        "action_id": st.sampled_from(MENUS),
        "value": st.text() | anything,
        "container": anything,
        "channel": anything,
        "event": anything,
        "response_url": st.just("https://evil.example/response/1") | anything,
        "trigger_id": anything,
        "callback_id": st.sampled_from(
            ["greenlight.message.approve", "greenlight.message.why", "greenlight.run_shortcut"]
        )
        | anything,
        "message": st.fixed_dictionaries(
            {},
            optional={
                "ts": anything,
                "thread_ts": anything,
                "text": st.just("https://app.buddy.works/a/b/pipelines/pipeline/7/execution/1"),
                "blocks": anything,
                "attachments": anything,
            },
        )
        | anything,
    },
)


async def test_nonsense_is_never_our_failure(tmp_path: Path) -> None:
    """Signed payloads of any shape: no 5xx, no traceback, nothing unescaped, nothing sent."""
    async with world_of(tmp_path) as world:
        loop = asyncio.get_running_loop()
        statuses: set[int] = set()

        async def deliver(told: object, *, as_json: bool) -> None:
            body = json.dumps(told).encode() if as_json else form(payload=json.dumps(told))
            ack = await send(world, body, JSON if as_json else FORM)
            assert ack.status is not None
            statuses.add(ack.status)
            assert "<!channel>" not in json.dumps(ack.body)
            await world.settled()

        @settings(max_examples=150, deadline=None)
        @given(payloads, st.booleans())
        def fuzz(told: object, as_json: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
            asyncio.run_coroutine_threadsafe(deliver(told, as_json=as_json), loop).result(30)

        @settings(max_examples=150, deadline=None)
        @given(st.text(max_size=60))
        def typed(text: str) -> None:
            fields = {
                "command": "/buddy",
                "text": text,
                "team_id": world.slack.team,
                "user_id": "U404",
                "channel_id": "C404",
                "trigger_id": "1.2.3",
                "response_url": "https://evil.example/x",
            }
            body = "&".join(
                f"{key}={quote(value.encode(errors='replace'))}" for key, value in fields.items()
            )
            asyncio.run_coroutine_threadsafe(spoken(body.encode()), loop).result(30)

        async def spoken(body: bytes) -> None:
            ack = await send(world, body)
            assert ack.status == 200
            await world.settled()

        await asyncio.to_thread(fuzz)
        await asyncio.to_thread(typed)

        assert not {status for status in statuses if status >= 500}
        assert not world.patches()
        # Answers to people and channels that do not exist reach nobody, and are counted.
        world.expected_errors.add("answer.lost")
        world.expected_refusals.update(world.slack.refusals)
