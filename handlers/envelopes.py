"""Envelopes of Socket Mode: read one, dispatch it once, and write its answer.

Every envelope is answered, whatever came of it: Slack takes silence for a bot that is down. What
went wrong is told to the person by the handlers, and to the operator by the log.
"""

import asyncio
import json
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse

from bot.clock import Clock
from handlers.ack import slack_request
from handlers.payloads import Body

log = structlog.get_logger()

Frame = dict[str, Any]
"""One message of a socket, parsed from JSON."""

KEPT_FOR = timedelta(minutes=10)
"""How long an answer is remembered; Slack repeats an event for the last time after six minutes."""

MOST_KEPT = 2_000


@dataclass(frozen=True, slots=True)
class Envelope:
    """One request of Slack's."""

    id: str
    payload: Body = field(repr=False)
    takes_answer: bool
    """Whether its answer may say something; for the rest there are response URLs."""

    headers: dict[str, str]
    """What HTTP would have said beside the body: that an event is repeated, and why."""

    @classmethod
    def parse(cls, frame: Frame) -> "Envelope | None":
        """Read an envelope; None for a frame that wants no answer."""
        key, payload = frame.get("envelope_id"), frame.get("payload")
        if not isinstance(key, str) or not key:
            return None
        headers = {}
        if attempt := frame.get("retry_attempt"):
            headers["x-slack-retry-num"] = str(attempt)
            headers["x-slack-retry-reason"] = str(frame.get("retry_reason", ""))
        return cls(
            id=key,
            payload=payload if isinstance(payload, dict) else {},
            takes_answer=frame.get("accepts_response_payload") is True,
            headers=headers,
        )


class Answers:
    """Finds the answer to an envelope; one that comes again is answered from memory."""

    def __init__(self, app: AsyncApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._kept: OrderedDict[str, tuple[datetime, asyncio.Future[Frame]]] = OrderedDict()

    async def find(self, envelope: Envelope) -> Frame:
        """Dispatch an envelope, or wait for the answer that it already has or will have."""
        self._forget_old()
        if envelope.id in self._kept:
            log.info("envelope.repeated")
            # Shielded: whoever gives up waiting must not take the answer from the others.
            return await asyncio.shield(self._kept[envelope.id][1])
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._kept[envelope.id] = (self._clock.now(), answer)
        try:
            answer.set_result(await self._dispatch(envelope))
        finally:
            if not answer.done():
                answer.cancel()
                self._kept.pop(envelope.id, None)
        return answer.result()

    async def _dispatch(self, envelope: Envelope) -> Frame:
        plain = {"envelope_id": envelope.id}
        try:
            response = await self._app.async_dispatch(
                slack_request(envelope.payload, envelope.headers)
            )
        except Exception as error:  # noqa: BLE001 - our own failures never come this far
            # Bolt stumbles over payloads that lack what their kind always has.
            log.warning("request.undispatchable", error=type(error).__name__)
            return plain
        if response.status != HTTPStatus.OK:
            log.warning("envelope.not_handled", status=response.status)
            return plain
        if not envelope.takes_answer or not response.body:
            return plain
        return {**plain, "payload": _payload(response)}

    def _forget_old(self) -> None:
        now = self._clock.now()
        while self._kept:
            key, (at, _answer) = next(iter(self._kept.items()))
            if now - at < KEPT_FOR and len(self._kept) < MOST_KEPT:
                return
            del self._kept[key]


def _payload(response: BoltResponse) -> Frame:
    """Write what a listener answered; bare text is a message, as over HTTP."""
    content_type = response.first_headers().get("content-type", "")
    if content_type.startswith("application/json"):
        told = json.loads(response.body)
        if isinstance(told, dict):
            return told
    return {"text": response.body}
