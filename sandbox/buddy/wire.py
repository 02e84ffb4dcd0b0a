"""Everything around an answer: faults, journal, who calls, the rate limit, refusals as JSON."""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.buddy.bodies import hide_secrets, read_body
from sandbox.buddy.errors import RATE_LIMIT, Refused, bad
from sandbox.buddy.generations import refusal
from sandbox.buddy.people import WINDOW, Budget, Caller
from sandbox.buddy.state import State
from sandbox.clock import hold_up
from sandbox.faults import Fault, Faults, Moment
from sandbox.journal import Call, Journal

CALLER = web.RequestKey("caller", Caller)

NO_ANSWER = 0
"""What the journal says instead of a status when the connection was dropped."""


class Wire:
    """The middlewares, outermost first: ``watch``, then ``answer``."""

    def __init__(self, state: State, journal: Journal, faults: Faults) -> None:
        self._state = state
        self._journal = journal
        self._faults = faults

    @web.middleware
    async def watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let a fault strike if one is due, and write the call down."""
        arrived = time.perf_counter()
        content = await request.read()
        fault = self._faults.strike(request.method, request.path)
        at = self._state.world.clock.now()
        if fault is None:
            response: web.StreamResponse | None = await handler(request)
        else:
            response = await _struck(fault, request, handler)
        status = NO_ANSWER if response is None else response.status
        call = self._call(request, content, at, status)
        said = _said(response) if self._journal.hearers else None
        answered = time.perf_counter()
        self._journal.add(replace(call, answer=said, arrived=arrived, answered=answered))
        if response is None:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        return response

    @web.middleware
    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Find out who calls and whether they may still call; turn refusals into JSON."""
        budget = Budget()
        try:
            caller = self._identify(request)
            budget = caller.token.budget
            self._spend(budget)
            request[CALLER] = caller
            response: web.StreamResponse = await handler(request)
        except Refused as refused:
            response = self._refuse(refused.status, refused.message)
        except web.HTTPException as error:
            response = self._refuse(error.status, error.reason)
        response.headers.update(self._headers(budget))
        return response

    def _identify(self, request: web.Request) -> Caller:
        if "access_token" in request.query:
            # S14 allows it. A client that does it has put a token into every log on the way.
            raise bad("Send the token in the Authorization header")
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            raise Refused(401, "Unauthorized")
        return self._state.authenticate(token)

    def _spend(self, budget: Budget) -> None:
        world = self._state.world
        if not budget.spend(world.clock.now(), world.rate_limit):
            raise Refused(world.rate_limit_status, RATE_LIMIT)

    def _headers(self, budget: Budget) -> Mapping[str, str]:
        """Write what is left (S2); the moment of reset is a Unix time in seconds (S12)."""
        world = self._state.world
        now = world.clock.now()
        resets_at = budget.resets_at or now + WINDOW
        return {
            "Date": format_datetime(now, usegmt=True),
            "X-Rate-Limit-Limit": str(world.rate_limit),
            "X-Rate-Limit-Remaining": str(max(0, world.rate_limit - budget.used)),
            "X-Rate-Limit-Reset": str(int(resets_at.timestamp())),
        }

    def _refuse(self, status: int, message: str) -> web.Response:
        generation = self._state.world.generation
        return web.json_response(refusal(status, message, generation), status=status)

    def _call(self, request: web.Request, content: bytes, at: datetime, status: int) -> Call:
        _, _, token = request.headers.get("Authorization", "").partition(" ")
        caller = self._state.holder(token)
        body: object = None
        if content:
            try:
                body = hide_secrets(read_body(content), self._state.secret_keys())
            except Refused:
                body = "not a JSON object"
        who = caller.person.name if caller else ""
        return Call(at, request.method, request.path, who, body, status)


def _said(response: web.StreamResponse | None) -> object:
    """Read the JSON of an answer back."""
    if not isinstance(response, web.Response) or response.content_type != "application/json":
        return None
    return json.loads(response.text or "null")


async def _struck(
    fault: Fault, request: web.Request, handler: Handler
) -> web.StreamResponse | None:
    """Answer as the fault wants; None for no answer at all."""
    is_only_slow = fault.status is None and not fault.drop and bool(fault.delay)
    if fault.moment is Moment.BEFORE:
        await hold_up(fault.delay)
        if is_only_slow:
            return await handler(request)
    else:
        response = await handler(request)
        await hold_up(fault.delay)
        if is_only_slow:
            return response
    if fault.status is None or fault.drop:
        return None
    return web.Response(status=fault.status, text=fault.body, headers=fault.headers)
