"""The HTTP door: Slack's requests, and what an orchestrator asks.

The body is read whole and raw, since the signature covers its bytes; it is limited in size and
time, and never logged.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl

import structlog
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier

from handlers.ack import slack_request

log = structlog.get_logger()

SLACK_PATH = "/slack/events"
MAX_BODY_BYTES = 1024 * 1024
"""Slack's own payloads stay far below; a view may have 250 kB."""

BODY_WITHIN = timedelta(seconds=2)
"""How long the body of a request may take to arrive."""


@dataclass(frozen=True, slots=True)
class Door:
    """Takes Slack's requests to Bolt, and refuses what Slack would never send."""

    app: AsyncApp
    signatures: SignatureVerifier
    is_ready: Callable[[], Awaitable[bool]]

    def web_app(self) -> web.Application:
        """Build the web application."""
        application = web.Application(client_max_size=MAX_BODY_BYTES)
        application.router.add_post(SLACK_PATH, self.slack)
        application.router.add_get("/healthz", self.health)
        application.router.add_get("/readyz", self.ready)
        return application

    async def slack(self, request: web.Request) -> web.Response:
        """Answer one request of Slack's."""
        try:
            async with asyncio.timeout(BODY_WITHIN.total_seconds()):
                raw = await request.read()
        except TimeoutError:
            return web.Response(status=408)
        headers = dict(request.headers)
        if not self._is_signed(raw, headers):
            return web.Response(status=401)
        body = _readable(raw, request.content_type)
        if body is None:
            return web.Response(status=400)
        if _is_notice(body):
            return web.Response()
        try:
            answer = await self.app.async_dispatch(slack_request(body, headers))
        except Exception as error:  # noqa: BLE001 - our own failures never come this far
            # Bolt's matchers stumble over payloads that lack what their kind always has.
            log.warning("request.undispatchable", error=type(error).__name__)
            return web.Response(status=400)
        content_type = answer.first_headers_without_set_cookie().get("content-type")
        return web.Response(
            status=answer.status,
            body=answer.body.encode(),
            headers={"content-type": content_type} if content_type else None,
        )

    async def health(self, _request: web.Request) -> web.Response:
        """Tell that the process answers."""
        return web.Response(text="ok\n")

    async def ready(self, _request: web.Request) -> web.Response:
        """Tell whether clicks can be taken now."""
        if await self.is_ready():
            return web.Response(text="ready\n")
        return web.Response(status=503, text="not ready\n")

    def _is_signed(self, raw: bytes, headers: dict[str, str]) -> bool:
        try:
            return bool(self.signatures.is_valid_request(raw, headers))
        except (ValueError, OverflowError, UnicodeError):
            # A timestamp that is no number, or bytes that are no text.
            return False


def _is_notice(body: str) -> bool:
    """Recognise Slack's word that it holds back events; Bolt has no listener for it."""
    return body.startswith("{") and json.loads(body).get("type") == "app_rate_limited"


def _readable(raw: bytes, content_type: str) -> str | None:
    """Decode a body that Bolt can parse; None for what it would stumble over."""
    try:
        body = raw.decode()
        if content_type == "application/json":
            return body if isinstance(json.loads(body), dict) else None
        payload = dict(parse_qsl(body, keep_blank_values=True)).get("payload")
        if payload is not None:
            return body if isinstance(json.loads(payload), dict) else None
    except (ValueError, RecursionError):
        return None
    return body
