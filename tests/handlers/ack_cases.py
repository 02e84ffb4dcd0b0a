"""What listeners do with an acknowledgement, and what Slack is answered: the cases of `test_ack`.

Every case is played twice, with Bolt's own runner and with ours, on an app of its own.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

from handlers.ack import slack_request
from tests.handlers import ack_listeners as does
from tests.handlers.ack_stage import ACK_TIMEOUT

Function = Callable[..., Awaitable[Any]]

JSON = {"content-type": ["application/json"]}
FORM = {"content-type": ["application/x-www-form-urlencoded"]}
UNHANDLED = json.dumps({"error": "unhandled request"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What Slack was answered, and what the app noticed."""

    status: int = 200
    body: str = ""
    errors: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Surface:
    """One kind of request, and how an app listens to it."""

    body: str
    headers: dict[str, list[str]]
    listen: Callable[[AsyncApp], Callable[..., Any]]

    def request(self) -> AsyncBoltRequest:
        """Build the request with an acknowledgement that is a signal."""
        return slack_request(self.body, self.headers)

    def stock_request(self) -> AsyncBoltRequest:
        """Build the request with Bolt's own acknowledgement."""
        return AsyncBoltRequest(body=self.body, headers=dict(self.headers))


@dataclass(frozen=True, slots=True)
class Case:
    """One listener, the outcome to expect, and Bolt's outcome where it is meant to differ."""

    name: str
    surface: Surface
    expected: Outcome
    listener: Function | None = None
    stock: Outcome | None = None
    lazy: Function | None = None
    listener_middleware: Function | None = None
    global_middleware: Function | None = None
    error_handler: Function | None = None
    answers_after_work: bool = False


def interaction(payload: dict[str, Any]) -> str:
    """Encode an interactive payload as Slack does: JSON in a form field."""
    person = {"team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}}
    return urlencode({"payload": json.dumps(person | payload)})


def event(body: dict[str, Any]) -> str:
    """Encode a delivery of the Events API."""
    return json.dumps({"type": "event_callback", "team_id": "T1", "event": body})


def function(app: AsyncApp) -> Callable[..., Any]:
    """Listen to a workflow step, the one kind whose patience Bolt lets an app choose."""
    return app.function(
        "run_pipeline",
        auto_acknowledge=False,
        # Annotated as whole seconds, but only ever compared; three of them are long for a test.
        ack_timeout=ACK_TIMEOUT,  # type: ignore[arg-type]
    )


VIEW = {"id": "V1", "type": "modal", "callback_id": "form", "state": {"values": {}}}
STEP = {
    "type": "function_executed",
    "function": {"callback_id": "run_pipeline"},
    "function_execution_id": "Fx1",
    "inputs": {},
}

COMMAND = Surface(
    urlencode({"command": "/buddy", "text": "help", "team_id": "T1", "user_id": "U1"}),
    FORM,
    lambda app: app.command("/buddy"),
)
BUTTON = Surface(
    interaction({"type": "block_actions", "actions": [{"action_id": "go", "block_id": "b"}]}),
    FORM,
    lambda app: app.action("go"),
)
SHORTCUT = Surface(
    interaction({"type": "shortcut", "callback_id": "run"}),
    FORM,
    lambda app: app.shortcut("run"),
)
FORM_SENT = Surface(
    interaction({"type": "view_submission", "view": VIEW}),
    FORM,
    lambda app: app.view("form"),
)
MENU = Surface(
    interaction({"type": "block_suggestion", "action_id": "pick", "block_id": "b", "value": "de"}),
    FORM,
    lambda app: app.options("pick"),
)
HOME = Surface(
    event({"type": "app_home_opened", "user": "U1"}), JSON, lambda app: app.event("app_home_opened")
)
STEP_RUN = Surface(event(STEP), JSON, function)


def text_of(value: dict[str, Any]) -> str:
    """Encode a body as Bolt does."""
    return json.dumps(value)


TAKEN = Outcome(body="taken")
NOT_FOUND = Outcome(404, UNHANDLED)
BROKEN = ("broken",)
LOST_ACK = Outcome(404, UNHANDLED, BROKEN)
"""Bolt's answer, after its whole patience, to a listener that raised after its acknowledgement."""

CASES = (
    Case("a plain ack", COMMAND, Outcome(), does.plain),
    Case("an ack with a text", COMMAND, TAKEN, does.with_text),
    Case(
        "an ack for the channel",
        COMMAND,
        Outcome(body=text_of({"text": "taken", "response_type": "in_channel"})),
        does.in_channel,
    ),
    Case(
        "an ack with blocks",
        COMMAND,
        Outcome(body=text_of({"text": "taken", "blocks": [{"type": "divider"}]})),
        does.with_blocks,
    ),
    Case(
        "a menu's options",
        MENU,
        Outcome(
            body=text_of(
                {"options": [{"text": {"type": "plain_text", "text": "deploy"}, "value": "1"}]}
            )
        ),
        does.with_options,
    ),
    Case(
        "a menu's groups",
        MENU,
        Outcome(
            body=text_of(
                {
                    "option_groups": [
                        {"label": {"type": "plain_text", "text": "shop"}, "options": []}
                    ]
                }
            )
        ),
        does.with_option_groups,
    ),
    Case(
        "a form's errors",
        FORM_SENT,
        Outcome(
            body=text_of({"response_action": "errors", "errors": {"branch": "No such branch."}})
        ),
        does.with_form_errors,
    ),
    Case(
        "a form's successor",
        FORM_SENT,
        Outcome(
            body=text_of(
                {"response_action": "update", "view": {"type": "modal", "callback_id": "next"}}
            )
        ),
        does.with_next_form,
    ),
    Case(
        "closed forms",
        FORM_SENT,
        Outcome(body=text_of({"response_action": "clear"})),
        does.closing_forms,
    ),
    Case("a button", BUTTON, Outcome(), does.plain),
    Case("a shortcut", SHORTCUT, Outcome(), does.plain),
    Case("an event", HOME, Outcome(effects=("worked for T1",)), does.never),
    Case("an event whose listener raises", HOME, Outcome(errors=BROKEN), does.broken),
    Case("no ack", STEP_RUN, Outcome(404, UNHANDLED, (), ("worked for T1",)), does.never),
    Case("a late ack", COMMAND, Outcome(body="late"), does.late),
    Case(
        "an ack that is too late",
        STEP_RUN,
        Outcome(404, UNHANDLED, (), ("finished",)),
        does.too_late,
    ),
    Case("two acks", COMMAND, Outcome(body="second"), does.twice),
    Case(
        "two acks with a pause",
        COMMAND,
        Outcome(body="first", effects=("finished",)),
        does.twice_with_a_pause,
    ),
    Case("an ack from another task", COMMAND, Outcome(body="from afar"), does.from_another_task),
    Case(
        "an ack with nothing",
        COMMAND,
        Outcome(500, "", ("None (type: <class 'NoneType'>) is unsupported",)),
        does.with_nothing,
    ),
    Case("an error before the ack", COMMAND, Outcome(500, "", BROKEN), does.broken),
    Case(
        "an error that the app answers",
        COMMAND,
        Outcome(503, "sorry", BROKEN),
        does.broken,
        error_handler=does.apologise,
    ),
    Case(
        "an error right after the ack",
        STEP_RUN,
        Outcome(body="taken", errors=BROKEN),
        does.broken_after_ack,
        stock=LOST_ACK,
    ),
    Case(
        "an error soon after the ack",
        STEP_RUN,
        Outcome(body="taken", errors=BROKEN),
        does.broken_soon_after_ack,
        stock=LOST_ACK,
    ),
    Case(
        "a lazy listener",
        COMMAND,
        Outcome(effects=("lazy, after no ack",)),
        does.plain,
        lazy=does.note_lazily,
    ),
    Case(
        "a listener that is skipped", COMMAND, NOT_FOUND, does.plain, listener_middleware=does.skip
    ),
    Case(
        "a listener that is answered for",
        COMMAND,
        Outcome(418, "refused"),
        does.plain,
        listener_middleware=does.refuse,
    ),
    Case(
        "a middleware's answer",
        COMMAND,
        Outcome(202, "from the middleware"),
        does.with_text,
        global_middleware=does.go_on_and_answer,
    ),
    Case(
        "a middleware's answer and an error before the ack",
        COMMAND,
        Outcome(500, "from the middleware", BROKEN),
        does.broken,
        global_middleware=does.go_on_and_answer,
    ),
    Case(
        "a middleware's answer and an error after the ack",
        STEP_RUN,
        Outcome(202, "from the middleware", BROKEN),
        does.broken_after_ack,
        stock=Outcome(500, "from the middleware", BROKEN),
        global_middleware=does.go_on_and_answer,
    ),
    Case("an answer after the work", COMMAND, TAKEN, does.with_text, answers_after_work=True),
    Case("a command nobody listens to", COMMAND, NOT_FOUND),
    Case("an event nobody listens to", HOME, NOT_FOUND),
)
