"""Requests from Slack to the bot: signed, carried, and judged by their answer.

The carrier is one object with one method: HTTP here, a WebSocket in ``socket.py``. Every delivery
has three seconds of real time. Source: Slack, «Handling user interaction» and «Verifying requests».
"""

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import urlencode

import aiohttp

from sandbox.clock import hold_up, wall_time
from sandbox.slack.surfaces import Message

DEADLINE = timedelta(seconds=3)
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


class Kind(StrEnum):
    """What a request is, in the words of Socket Mode's envelopes."""

    COMMAND = "slash_commands"
    INTERACTION = "interactive"
    EVENT = "events_api"


@dataclass(frozen=True, slots=True)
class Retry:
    """That an event is sent again: the how manieth repeat, and why."""

    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request, exactly as it goes over the wire; the same object can be sent again."""

    kind: Kind
    body: bytes = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    payload: dict[str, Any] = field(repr=False)
    retry: Retry | None = None
    envelope_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    """What Socket Mode calls it. A repeated event has a new one: Slack promises no other."""


@dataclass(slots=True)
class Ack:
    """How the bot answered one request."""

    status: int = 0
    """HTTP status; 0 without an answer, and where nothing was sent. An envelope's answer is 200."""
    body: Any = None
    """Parsed JSON, or text."""
    elapsed: float = 0.0
    """Seconds of real time."""
    timed_out: bool = False
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    """Headers of the answer, their names in lower case."""
    request: Outgoing | None = None
    """What was sent; None if Slack's client had no reason to send anything."""
    message: Message | None = None
    """The plain message that somebody wrote."""
    problem: str = ""
    """What Slack could not use in the answer, or why there was none."""

    @property
    def is_ok(self) -> bool:
        """Whether Slack counts the request as taken."""
        is_taken = HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES
        return is_taken and not self.timed_out


class Carrier(Protocol):
    """Takes a request to the bot and waits for its answer."""

    async def carry(self, request: Outgoing, deadline: timedelta) -> Ack:
        """Send the request; whatever goes wrong stands in the answer."""
        ...


class HttpCarrier:
    """Posts to the bot's request URL."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def carry(self, request: Outgoing, deadline: timedelta) -> Ack:
        """Send one POST on a connection of its own: a bot may restart between two of them."""
        timeout = aiohttp.ClientTimeout(total=deadline.total_seconds())
        began = time.monotonic()
        ack = Ack(request=request)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(
                    self._url, data=request.body, headers=request.headers, allow_redirects=False
                ) as response,
            ):
                text = await response.text()
                ack.status = response.status
                ack.headers = {name.lower(): value for name, value in response.headers.items()}
                ack.body = _parsed(text, response.content_type)
        except TimeoutError:
            ack.timed_out, ack.problem = True, "http_timeout"
        except aiohttp.ClientError:
            ack.problem = "connection_failed"
        ack.elapsed = time.monotonic() - began
        return ack


@dataclass(slots=True)
class Way:
    """How the way to the bot and back fares."""

    delay: timedelta = timedelta(0)
    """How much later an answer arrives, in real time; the bot does not notice."""
    loses: bool = False
    """Whether nothing arrives."""


class Delivery:
    """Signs requests and sends them to the bot."""

    def __init__(self, signing_secret: str) -> None:
        self.deadline = DEADLINE
        self.log: list[Ack] = []
        """Every delivery's answer, in the order of the answers."""
        self.hearers: list[Callable[[Ack], None]] = []
        """Who wants to hear of each answer at once."""
        self.carrier: Carrier | None = None
        self.way = Way()
        self._secret = signing_secret.encode()

    def sign(self, body: bytes, timestamp: int | None = None) -> dict[str, str]:
        """Make the signature headers; by the machine's clock, against which bots check them."""
        stamp = str(wall_time() if timestamp is None else timestamp)
        digest = hmac.new(self._secret, f"v0:{stamp}:".encode() + body, hashlib.sha256)
        return {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={digest.hexdigest()}",
        }

    def command(self, fields: dict[str, str]) -> Outgoing:
        """Write a signed slash command: a form."""
        return self._form(Kind.COMMAND, fields, dict(fields))

    def interaction(self, payload: dict[str, Any]) -> Outgoing:
        """Write a signed interaction: JSON inside a form."""
        return self._form(Kind.INTERACTION, {"payload": json.dumps(payload)}, payload)

    def event(self, payload: dict[str, Any], retry: Retry | None = None) -> Outgoing:
        """Write a signed event."""
        body = json.dumps(payload).encode()
        headers = {"Content-Type": JSON, **self.sign(body)}
        if retry:
            headers["X-Slack-Retry-Num"] = str(retry.attempt)
            headers["X-Slack-Retry-Reason"] = retry.reason
        return Outgoing(Kind.EVENT, body, headers, payload, retry)

    async def send(self, request: Outgoing) -> Ack:
        """Send a request, again or for the first time."""
        if self.carrier is None:
            message = "say first where the bot listens: deliver_to(url)"
            raise RuntimeError(message)
        ack = Ack(request=request)
        if not self.way.loses:
            ack = await self.carrier.carry(request, self.deadline)
        late = self.deadline if self.way.loses else self.way.delay
        if late:
            ack = await self._held_up(ack, late)
        self.log.append(ack)
        for hear in self.hearers:
            hear(ack)
        return ack

    async def send_twice(self, first: Outgoing, second: Outgoing) -> tuple[Ack, Ack]:
        """Send two requests at the same moment."""
        one, two = await asyncio.gather(self.send(first), self.send(second))
        return one, two

    async def _held_up(self, ack: Ack, late: timedelta) -> Ack:
        """Let an answer arrive later; past the deadline nobody waits for it any more."""
        left = self.deadline.total_seconds() - ack.elapsed
        held = min(late.total_seconds(), max(0.0, left))
        await hold_up(timedelta(seconds=held))
        if late.total_seconds() >= left:
            ack = Ack(request=ack.request, elapsed=ack.elapsed, timed_out=True)
            ack.problem = "http_timeout"
        ack.elapsed += held
        return ack

    def _form(self, kind: Kind, fields: dict[str, str], payload: dict[str, Any]) -> Outgoing:
        body = urlencode(fields).encode()
        return Outgoing(kind, body, {"Content-Type": FORM, **self.sign(body)}, payload)


def _parsed(text: str, content_type: str) -> object:
    if content_type == JSON or text.startswith("{"):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return text
    return text
