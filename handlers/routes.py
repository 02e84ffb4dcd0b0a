"""Which handler answers which request: one dictionary per kind, looked up by one middleware.

Bolt looks through its listeners one by one and prepares some thirty arguments for each it looks at,
and once more for the one it calls. So none is registered with it. A middleware behind Bolt's own
looks the name up and lets Bolt's runner run what it finds, as Bolt's ``AsyncAssistant`` does. What
it does not find goes on to Bolt, which refuses at once what nobody listens to.
"""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.listener.async_listener import AsyncListener
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.payload_utils import (
    is_block_actions,
    is_block_suggestion,
    is_event,
    is_global_shortcut,
    is_message_shortcut,
    is_slash_command,
    is_view_submission,
)
from slack_bolt.response import BoltResponse
from typing_extensions import override

from handlers.failures import Failures
from handlers.payloads import Body

Handler = Callable[[AsyncAck, Body], Coroutine[Any, Any, None]]


_KINDS: tuple[tuple[Callable[[Body], bool], str, Callable[[Body], str]], ...] = (
    (is_block_actions, "actions", lambda body: body["actions"][0]["action_id"]),
    (is_block_suggestion, "options", lambda body: body["action_id"]),
    (is_view_submission, "forms", lambda body: body["view"]["callback_id"]),
    (is_global_shortcut, "shortcuts", lambda body: body["callback_id"]),
    (is_message_shortcut, "message_shortcuts", lambda body: body["callback_id"]),
    (is_event, "events", lambda body: body["event"]["type"]),
)
"""How a kind is told from the others, who answers it, and where its name stands."""


@dataclass(slots=True)
class Routes:
    """The routing table."""

    failures: Failures
    commands: dict[str, Handler] = field(default_factory=dict)
    actions: dict[str, Handler] = field(default_factory=dict)
    forms: dict[str, Handler] = field(default_factory=dict)
    options: dict[str, Handler] = field(default_factory=dict)
    events: dict[str, Handler] = field(default_factory=dict)
    shortcuts: dict[str, Handler] = field(default_factory=dict)
    """Those that can be used anywhere."""

    message_shortcuts: dict[str, Handler] = field(default_factory=dict)
    """Those in the menu of a message."""

    def install(self, app: AsyncApp) -> None:
        """Let Bolt ask the table as it stands now, after all middleware that the app has by now."""
        app.use(
            Table(
                commands=self._listeners("command", self.commands),
                actions=self._listeners("action", self.actions),
                forms=self._listeners("form", self.forms),
                options=self._listeners("options", self.options),
                events=self._listeners("event", self.events),
                shortcuts=self._listeners("shortcut", self.shortcuts),
                message_shortcuts=self._listeners("message shortcut", self.message_shortcuts),
            )
        )
        app.error(self.failures.undispatchable)

    def _listeners(self, kind: str, handlers: Mapping[str, Handler]) -> dict[str, "Listener"]:
        return {
            name: Listener(f"{kind} {name}", kind, handler, self.failures)
            for name, handler in handlers.items()
        }


class Listener(AsyncListener):
    """A handler as Bolt's runner runs it, called with what handlers take and nothing else."""

    matchers = ()
    middleware = ()
    lazy_functions = ()
    auto_acknowledgement = False
    ack_timeout = 3
    """Seconds that Slack waits for an answer; the same as in Bolt's own listeners."""

    def __init__(self, name: str, kind: str, handler: Handler, failures: Failures) -> None:
        self.name = name
        self._kind = kind
        self._handler = handler
        self._failures = failures

    @override
    async def run_ack_function(self, *, request: AsyncBoltRequest, response: BoltResponse) -> None:
        await self._failures.guard(self._handler, request.context.ack, request.body, self._kind)


@dataclass(frozen=True, slots=True)
class Table(AsyncMiddleware):
    """Bolt's view of the routing table: a middleware that ends the search if it knows the name."""

    commands: Mapping[str, Listener]
    actions: Mapping[str, Listener]
    forms: Mapping[str, Listener]
    options: Mapping[str, Listener]
    events: Mapping[str, Listener]
    shortcuts: Mapping[str, Listener]
    message_shortcuts: Mapping[str, Listener]

    def find(self, body: Body) -> Listener | None:
        """Look up who answers; Bolt's own functions tell the kinds apart.

        A payload that lacks what its kind always has raises, as it does in Bolt's matchers.
        """
        if is_slash_command(body) and (listener := self.commands.get(body["command"])):
            return listener
        for is_kind, kind, name_in in _KINDS:
            if is_kind(body):
                listeners: Mapping[str, Listener] = getattr(self, kind)
                return listeners.get(name_in(body))
        return None

    @override
    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],
    ) -> BoltResponse | None:
        listener = self.find(req.body)
        if listener is not None:
            runner = req.context.listener_runner
            answer = await runner.run(req, resp, listener.name, listener)
            if answer is not None:
                return answer
        return await next()
