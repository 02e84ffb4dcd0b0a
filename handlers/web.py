"""The HTTP door: Slack's requests, and what an orchestrator asks.

The body is read whole and raw, since the signature covers its bytes.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier

from bot.database import StorageUnavailable
from bot.metrics import Metrics
from handlers.ack import slack_request
from handlers.bodies import MAX_BODY_BYTES, BodyRefused, read_form, read_json, read_raw
from handlers.buddy import BuddyDoor

log = structlog.get_logger()

SLACK_PATH = "/slack/events"
REPETITION = ("X-Slack-Retry-Num", "X-Slack-Retry-Reason")
"""What Bolt is told of a request's headers: that it is repeated, and why."""


@dataclass(slots=True)
class Health:
    """Answers an orchestrator."""

    checks: list[Callable[[], Awaitable[bool]]]
    """What must be well before clicks can be taken."""

    work: Callable[[], Awaitable[Sequence[object]]]
    """Tells how much there is to do, a line each."""

    is_leaving: bool = False
    """Whether this process is about to stop: it still works, but send it nothing new."""

    async def health(self, _request: web.Request) -> web.Response:
        """Tell that the process answers."""
        return web.Response(text="ok\n")

    async def ready(self, _request: web.Request) -> web.Response:
        """Tell whether clicks can be taken now, and how much work there is."""
        if self.is_leaving or not all([await check() for check in self.checks]):
            return web.Response(status=503, text="not ready\n")
        try:
            lines = [str(each) for each in await self.work()]
        except StorageUnavailable:
            return web.Response(status=503, text="not ready\n")
        return web.Response(text="\n".join(["ready", *lines, ""]))


@dataclass(frozen=True, slots=True)
class Door:
    """Takes Slack's requests to Bolt, and refuses what Slack would never send."""

    app: AsyncApp
    signatures: SignatureVerifier
    metrics: Metrics

    async def slack(self, request: web.Request) -> web.Response:
        """Answer one request of Slack's."""
        began = asyncio.get_running_loop().time()
        try:
            raw = await read_raw(request)
        except BodyRefused as refused:
            return web.Response(status=refused.status)
        if not self._is_signed(raw, request.headers):
            return web.Response(status=401)
        body = _parsed(raw, request.content_type)
        if body is None:
            return web.Response(status=400)
        if body.get("type") == "app_rate_limited":
            # Slack's word that it holds back events; Bolt has no listener for it.
            return web.Response()
        try:
            # Parsed and verified here, so that Bolt does neither a second time; its own parser also
            # takes every form for an interaction that has the word "payload" anywhere in it.
            answer = await self.app.async_dispatch(slack_request(body, _told(request.headers)))
        except Exception as error:  # noqa: BLE001 - our own failures never come this far
            # Bolt stumbles over payloads that lack what their kind always has.
            log.warning("request.undispatchable", error=type(error).__name__)
            return web.Response(status=400)
        self.metrics.acknowledged("http", asyncio.get_running_loop().time() - began)
        content_type = answer.first_headers_without_set_cookie().get("content-type")
        return web.Response(
            status=answer.status,
            body=answer.body.encode(),
            headers={"content-type": content_type} if content_type else None,
        )

    def _is_signed(self, raw: bytes, headers: Mapping[str, str]) -> bool:
        signature = headers.get("X-Slack-Signature")
        timestamp = headers.get("X-Slack-Request-Timestamp")
        try:
            return bool(self.signatures.is_valid(raw, timestamp, signature))
        except (ValueError, OverflowError, UnicodeError):
            # A timestamp that is no number, or bytes that are no text.
            return False


def web_app(health: Health, door: Door | None, buddy: BuddyDoor) -> web.Application:
    """Build the web application; without a door, Slack comes through Socket Mode."""
    application = web.Application(client_max_size=MAX_BODY_BYTES)
    application.router.add_get("/healthz", health.health)
    application.router.add_get("/readyz", health.ready)
    buddy.add_to(application)
    if door is not None:
        application.router.add_post(SLACK_PATH, door.slack)
    return application


class AddressTaken(Exception):
    """The web server cannot listen there."""


async def listen(
    application: web.Application, host: str, port: int, stack: contextlib.AsyncExitStack
) -> str:
    """Open a web server until the stack closes; its address.

    Raises:
        AddressTaken: somebody else listens there, or the address is not of this machine.
    """
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=5)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError:
        raise AddressTaken from None
    host, port = runner.addresses[0][:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _told(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in REPETITION if name in headers}


def _parsed(raw: bytes, content_type: str) -> dict[str, Any] | None:
    """Read a body as Slack writes it: JSON, a form, or JSON in a form; None if it is neither."""
    try:
        if content_type == "application/json":
            return read_json(raw)
        fields = read_form(raw)
        return read_json(fields["payload"].encode()) if "payload" in fields else fields
    except (BodyRefused, UnicodeError):
        return None
