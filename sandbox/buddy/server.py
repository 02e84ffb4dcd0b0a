"""The addresses of Buddy's API, and which scope each of them needs."""

from collections.abc import Callable
from typing import NamedTuple

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.buddy.endpoints import Ask, Endpoints
from sandbox.buddy.errors import SCOPE_MISSING, Refused, forbidden
from sandbox.buddy.generations import translate
from sandbox.buddy.shapes import Shape
from sandbox.buddy.state import State
from sandbox.buddy.webhook_endpoints import WebhookEndpoints
from sandbox.buddy.wire import CALLER, Wire
from sandbox.faults import Faults
from sandbox.journal import Journal

READ = "EXECUTION_INFO"
RUN = "EXECUTION_RUN"
SPACE = "WORKSPACE"
CODE = "REPOSITORY_READ"
HOOK_READ = "WEBHOOK_INFO"
HOOK_ADD = "WEBHOOK_ADD"
HOOK_CHANGE = "WEBHOOK_MANAGE"
VARIABLES = "VARIABLE_INFO"

_W = "/workspaces/{workspace}"
_P = f"{_W}/projects/{{project}}"
_L = f"{_P}/pipelines/{{pipeline:[0-9]{{1,15}}}}"
_E = f"{_L}/executions/{{execution:[0-9]{{1,15}}}}"
_A = f"{_E}/action_executions/{{action_execution}}"
_H = f"{_W}/webhooks"
_HOOK = f"{_H}/{{webhook:[0-9]{{1,15}}}}"
_ACTION = "{action:[0-9]{1,15}}"


NO_CONTENT = 204


class Route(NamedTuple):
    """One address."""

    method: str
    path: str
    scope: str
    """Empty where none is known to be needed."""

    answer: Callable[[Ask], Shape]
    status: int = 200


def _routes(calls: Endpoints) -> list[Route]:
    # Older pages want WORKSPACE beside every other scope, newer ones do not (S12): the newer way.
    # That the token may always be described is unknown, chosen.
    return [
        Route("GET", "/user", "USER_INFO", calls.user),
        Route("GET", "/user/token", "", calls.token),
        Route("GET", "/workspaces", SPACE, calls.workspaces),
        Route("GET", _W, SPACE, calls.workspace),
        Route("GET", f"{_W}/identifiers", SPACE, calls.identifiers),
        Route("GET", f"{_W}/members", SPACE, calls.members),
        Route("GET", f"{_W}/members/{{member:[0-9]{{1,15}}}}", SPACE, calls.member),
        Route("GET", f"{_W}/groups/{{group:[0-9]{{1,15}}}}/members", SPACE, calls.group_members),
        Route("GET", f"{_W}/variables", VARIABLES, calls.variables),
        Route("GET", f"{_W}/projects", SPACE, calls.projects),
        Route("GET", _P, SPACE, calls.project),
        Route("GET", f"{_P}/repository/branches", CODE, calls.branches),
        Route("GET", f"{_P}/repository/comparison/{{range}}", CODE, calls.comparison),
        Route("GET", f"{_P}/pipelines", READ, calls.pipelines),
        Route("GET", _L, READ, calls.pipeline),
        Route("GET", f"{_L}/actions", READ, calls.actions),
        Route("GET", f"{_L}/actions/{_ACTION}", READ, calls.action),
        Route("GET", f"{_L}/executions", READ, calls.executions),
        # 201 is inferred: the page names no code.
        Route("POST", f"{_L}/executions", RUN, calls.run, 201),
        Route("GET", _E, READ, calls.execution),
        Route("PATCH", _E, RUN, calls.operate),
        Route("GET", f"{_E}/actions/{_ACTION}", READ, calls.whole_log),
        Route("GET", f"{_E}/action/{_ACTION}", READ, calls.whole_log),
        Route("GET", _A, READ, calls.action_execution),
        Route("GET", f"{_A}/logs", READ, calls.logs),
    ]


def _webhook_routes(calls: WebhookEndpoints) -> list[Route]:
    return [
        Route("GET", _H, HOOK_READ, calls.webhooks),
        Route("POST", _H, HOOK_ADD, calls.create, 201),
        Route("GET", _HOOK, HOOK_READ, calls.get),
        Route("PATCH", _HOOK, HOOK_CHANGE, calls.change),
        Route("DELETE", _HOOK, HOOK_CHANGE, calls.delete, 204),
    ]


def build_app(state: State, journal: Journal, faults: Faults) -> web.Application:
    """Put the API together."""
    wire = Wire(state, journal, faults)
    app = web.Application(middlewares=[wire.watch, wire.answer])
    for route in (*_routes(Endpoints(state)), *_webhook_routes(WebhookEndpoints(state))):
        app.router.add_route(route.method, route.path, _handler(route, state))
    return app


def _handler(route: Route, state: State) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        caller = request[CALLER]
        if route.scope and not caller.token.covers(route.scope):
            raise forbidden(SCOPE_MISSING)
        if route.method not in {"GET", "DELETE"} and request.content_type != "application/json":
            # S14 asks for the header; that its lack is refused is unknown, chosen.
            raise Refused(415, "Unsupported Media Type")
        ask = Ask(caller, request.match_info, request.query, await request.read())
        shape = translate(route.answer(ask), state.world.generation)
        if route.status == NO_CONTENT:
            return web.Response(status=route.status)
        return web.json_response(shape, status=route.status)

    return handle
