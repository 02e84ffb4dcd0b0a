"""An envelope is answered once, whatever it holds, and remembered for a while."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse

from handlers.ack import install
from handlers.authorization import OneTeam
from handlers.envelopes import KEPT_FOR, MOST_KEPT, Answers, Envelope, Frame
from handlers.inflight import Inflight
from sandbox.clock import SandboxClock


class Desk:
    """An app with one command and one event, whose requests are counted."""

    def __init__(self) -> None:
        self.clock = SandboxClock()
        self.seen: list[AsyncBoltRequest] = []
        self.response = BoltResponse(status=200, body="")
        self.app = AsyncApp(authorize=OneTeam(AuthorizeResult(enterprise_id=None, team_id="T1")))
        self.inflight = Inflight()
        install(self.app, self.inflight)
        self.app.command("/buddy")(self._listen)
        self.app.event("app_home_opened")(self._listen)
        self.answers = Answers(self.app, self.clock)

    async def _listen(self, ack: AsyncAck, request: AsyncBoltRequest) -> None:
        self.seen.append(request)
        ack.response = self.response

    async def finds(self, key: str = "e1", **more: object) -> Frame:
        """Find the answer to a command's envelope."""
        payload = {"command": "/buddy", "text": "help", "team_id": "T1", "user_id": "U1"}
        frame = {"envelope_id": key, "payload": payload, "accepts_response_payload": True, **more}
        envelope = Envelope.parse(frame)
        assert envelope is not None
        found = await self.answers.find(envelope)
        await self.inflight.idle()
        return found


@pytest.fixture
async def desk() -> Desk:
    """Open a desk."""
    return Desk()


@pytest.mark.parametrize("frame", [{}, {"type": "hello"}, {"envelope_id": 7}, {"envelope_id": ""}])
def test_a_frame_without_an_id_wants_no_answer(frame: Frame) -> None:
    """There is nothing an answer could name."""
    assert Envelope.parse(frame) is None


@pytest.mark.parametrize("payload", [None, "text", [1], 7])
async def test_a_payload_that_is_none_is_answered(desk: Desk, payload: object) -> None:
    """It goes the way of everything unknown."""
    assert await desk.finds(payload=payload) == {"envelope_id": "e1"}
    assert not desk.seen


@pytest.mark.parametrize(
    ("response", "payload"),
    [
        (BoltResponse(status=200, body={"text": "hi"}), {"text": "hi"}),
        (BoltResponse(status=200, body="hi"), {"text": "hi"}),
        (BoltResponse(status=200, body=""), None),
        (BoltResponse(status=400, body="no"), None),
        (BoltResponse(status=500, body={"text": "no"}), None),
    ],
)
async def test_an_answer_says_what_a_listener_said(
    desk: Desk, response: BoltResponse, payload: dict[str, Any] | None
) -> None:
    """JSON as it is, text as a message, and nothing but the id where it failed."""
    desk.response = response
    found = await desk.finds()
    assert found == {"envelope_id": "e1", **({"payload": payload} if payload else {})}


async def test_what_slack_would_not_take_is_not_said(desk: Desk) -> None:
    """Where the envelope accepts no payload there is none."""
    desk.response = BoltResponse(status=200, body={"text": "hi"})
    assert await desk.finds(accepts_response_payload=False) == {"envelope_id": "e1"}


@pytest.mark.parametrize(
    ("told", "headers"),
    [
        ({}, {}),
        ({"retry_attempt": 0, "retry_reason": ""}, {}),
        ({"retry_attempt": 2, "retry_reason": "timeout"}, {"num": ["2"], "reason": ["timeout"]}),
    ],
)
async def test_a_repeat_is_told_as_over_http(desk: Desk, told: Frame, headers: Frame) -> None:
    """A listener reads the how manieth it is, and why, where HTTP would have said it."""
    event = {"type": "app_home_opened", "user": "U1", "tab": "home"}
    await desk.finds(payload={"type": "event_callback", "team_id": "T1", "event": event}, **told)

    [request] = desk.seen
    read = {name.removeprefix("x-slack-retry-"): value for name, value in request.headers.items()}
    assert read == headers


async def test_an_envelope_is_dispatched_once(desk: Desk) -> None:
    """At the same moment or later, the second one gets the first one's answer."""
    desk.response = BoltResponse(status=200, body="hi")
    first, second = await asyncio.gather(desk.finds(), desk.finds())
    third = await desk.finds()

    assert first == second == third
    assert len(desk.seen) == 1


async def test_whoever_gives_up_waiting_takes_nothing_from_the_others(desk: Desk) -> None:
    """A cancelled repeat leaves the answer to the first."""
    first = asyncio.gather(desk.finds())
    second = asyncio.gather(desk.finds())
    await asyncio.sleep(0)  # noqa: TID251 - lets both begin
    second.cancel()

    [found] = await first
    assert found == {"envelope_id": "e1"}


async def test_memory_ends(desk: Desk) -> None:
    """After some minutes, or when there are very many, the oldest are forgotten."""
    await desk.finds()
    desk.clock.advance(KEPT_FOR - timedelta(seconds=1))
    await desk.finds()
    assert len(desk.seen) == 1
    desk.clock.advance(timedelta(seconds=1))
    await desk.finds()
    assert len(desk.seen) == 2

    for number in range(MOST_KEPT):
        await desk.finds(f"other-{number}", payload={})
    await desk.finds()
    assert len(desk.seen) == 3
