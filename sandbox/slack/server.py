"""The HTTP face of the simulated Slack: ``/api/<method>``, ``/response/<key>`` and ``/link/``.

One middleware reads the arguments, lets ordered faults strike, and writes the journal. The journal
names the method as its path and ``response_url`` for answers; the body holds the arguments without
tokens, and beside them Slack's ``error`` and its ``messages`` when it refused.
"""

import json
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.clock import hold_up
from sandbox.faults import Fault, Faults, Moment
from sandbox.journal import Call, Journal
from sandbox.slack.core import Core
from sandbox.slack.methods import METHODS, Method
from sandbox.slack.refusal import Refusal
from sandbox.slack.responding import respond
from sandbox.slack.socket import SocketMode

RESPONSE_URL = "response_url"
DROPPED = 0
"""The journal's status for a call whose connection was dropped without an answer."""

_JSON_ARGUMENTS = ("blocks", "attachments", "metadata", "view")
"""Arguments that are JSON inside a form. Source: Slack, «Using the Web API»."""


@dataclass(slots=True)
class Exchange:
    """One call and its answer."""

    name: str
    who: str
    args: dict[str, Any]
    token: str = field(default="", repr=False)
    status: int = 200
    answer: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    arrived: float = field(default_factory=time.perf_counter)


class Server:
    """Serves the Web API, response URLs and WebSockets on loopback."""

    def __init__(self, core: Core, journal: Journal, faults: Faults, sockets: SocketMode) -> None:
        self.has_rate_limits = True
        self._core = core
        self._journal = journal
        self._faults = faults
        self._sockets = sockets
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def start(self) -> None:
        """Listen on a free port."""
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._serve)
        app.router.add_post("/response/{key}", self._serve)
        app.router.add_get("/link/", self._sockets.serve)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self._core.base = self.base

    async def stop(self) -> None:
        """Stop listening; a later start takes the same port."""
        if self._runner:
            await self._sockets.close()
            await self._runner.cleanup()
            self._runner = None

    @property
    def base(self) -> str:
        """The address that everything here starts with."""
        if not self._port:
            message = "the simulated Slack was not started"
            raise RuntimeError(message)
        return f"http://127.0.0.1:{self._port}"

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        exchange = await self._open(request)
        fault = self._faults.strike(request.method, exchange.name)
        if fault is None:
            self._work(request, exchange)
            return self._close(request, exchange)
        replaces_answer = fault.status is not None or fault.drop
        if fault.moment is Moment.AFTER:
            self._work(request, exchange)
        await hold_up(fault.delay)
        if fault.moment is Moment.BEFORE and not replaces_answer:
            self._work(request, exchange)
        if fault.status is not None:
            exchange.status = fault.status
            self._note(request, exchange)
            return _faulty(fault, fault.status)
        if fault.drop:
            exchange.status = DROPPED
            self._note(request, exchange)
            return _hang_up(request)
        return self._close(request, exchange)

    async def _open(self, request: web.Request) -> Exchange:
        args = await _arguments(request)
        method = METHODS.get(request.match_info.get("method", ""))
        token = str(args.pop("token", ""))
        if method and method.by_app:
            # Source: Slack, apps.connections.open: a token among the arguments is an error.
            token = ""
        scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Bearer":
            token = credentials
        if (name := request.match_info.get("method")) is None:
            return Exchange(RESPONSE_URL, RESPONSE_URL, args)
        installation = self._core.installation
        who = {installation.bot_token: "bot", installation.app_token: "app"}.get(token, "nobody")
        return Exchange(name, who, args, token)

    def _work(self, request: web.Request, exchange: Exchange) -> None:
        try:
            if exchange.name == RESPONSE_URL:
                respond(self._core, request.match_info["key"], exchange.args)
                exchange.answer = {"ok": True}
            else:
                exchange.answer = {"ok": True, **self._call(exchange)}
        except Refusal as refusal:
            exchange.answer = refusal.answer()
            if refusal.error in ("used_url", "expired_url"):
                exchange.status = 404

    def _call(self, exchange: Exchange) -> dict[str, Any]:
        method = METHODS.get(exchange.name)
        if method is None:
            raise Refusal("unknown_method", req_method=exchange.name)
        self._authorize(method, exchange)
        channel = str(exchange.args.get("channel", ""))
        if self.has_rate_limits and (wait := self._core.rates.take(exchange.name, channel)):
            exchange.status = 429
            exchange.headers["Retry-After"] = str(wait)
            raise Refusal("ratelimited")
        return method.run(self._core, exchange.args)

    def _authorize(self, method: Method, exchange: Exchange) -> None:
        installation = self._core.installation
        if method.by_app:
            installation.check_app(exchange.token, method.scope)
            return
        installation.check(exchange.token)
        exchange.headers["X-OAuth-Scopes"] = installation.provided
        exchange.headers["X-Accepted-OAuth-Scopes"] = method.scope
        installation.require(method.scope)

    def _close(self, request: web.Request, exchange: Exchange) -> web.Response:
        self._note(request, exchange)
        return web.json_response(exchange.answer, status=exchange.status, headers=exchange.headers)

    def _note(self, request: web.Request, exchange: Exchange) -> None:
        body = dict(exchange.args)
        if "error" in exchange.answer:
            body["error"] = exchange.answer["error"]
            body["messages"] = exchange.answer.get("errors", [])
        self._journal.add(
            Call(
                at=self._core.clock.now(),
                method=request.method,
                path=exchange.name,
                who=exchange.who,
                body=body,
                status=exchange.status,
                answer=exchange.answer,
                arrived=exchange.arrived,
                answered=time.perf_counter(),
            )
        )


async def _arguments(request: web.Request) -> dict[str, Any]:
    """Read arguments from JSON, a form, or the query, as each SDK likes it."""
    args: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except json.JSONDecodeError:
            body = None
        return args | body if isinstance(body, dict) else args
    args |= dict(await request.post())
    for name in _JSON_ARGUMENTS:
        if isinstance(args.get(name), str):
            args[name] = _decoded(args[name])
    return args


def _decoded(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _faulty(fault: Fault, status: int) -> web.Response:
    is_json = fault.body.startswith("{")
    kind = "application/json" if is_json else "text/html"
    return web.Response(status=status, text=fault.body, headers=fault.headers, content_type=kind)


def _hang_up(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response()
