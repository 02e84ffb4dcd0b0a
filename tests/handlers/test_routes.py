"""The table finds the handler that Bolt's own listeners would have found, and no other."""

import asyncio
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from structlog.testing import capture_logs

from bot.slack.messenger import Messenger
from handlers.ack import install, slack_request
from handlers.failures import Failures
from handlers.inflight import Inflight
from handlers.payloads import Body
from handlers.routes import Handler, Listener, Routes
from tests.handlers.ack_stage import an_app

SAMPLES = Path(__file__).parents[1] / "samples" / "slack"
NAMES = ("go", "form", "other.name")
PERSON = {"user": {"id": "U1", "team_id": "T1"}, "team": {"id": "T1"}}
VIEW = {"id": "V1", "type": "modal", "callback_id": "form"}
GO = {"action_id": "go", "block_id": "b"}


@dataclass(slots=True)
class Heard:
    """What the handlers of an app were called for."""

    names: list[str] = field(default_factory=list)
    bodies: list[Body] = field(default_factory=list)

    def handler(self, name: str) -> Handler:
        """Make a handler that notes what it is called for, and acknowledges."""

        async def note(ack: AsyncAck, body: Body) -> None:
            self.names.append(name)
            self.bodies.append(body)
            await ack(name)

        return note


def routes_of(handlers: Mapping[str, Handler]) -> Routes:
    """Make a table that knows each name as every kind; handlers never fail, so nobody is told."""
    routes = Routes(Failures(cast("Messenger", None), "/buddy"))
    for name, handler in handlers.items():
        routes.commands[f"/{name}"] = handler
        routes.actions[name] = handler
        routes.forms[name] = handler
        routes.options[f"{name}.menu"] = handler
        routes.shortcuts[name] = handler
        routes.message_shortcuts[f"{name}.message"] = handler
    return routes


def table_app(heard: Heard, names: Iterable[str] = NAMES) -> AsyncApp:
    """Build an app that asks a table."""
    app = an_app()
    routes_of({name: heard.handler(name) for name in names}).install(app)
    return app


def listener_app(heard: Heard, names: Iterable[str] = NAMES) -> AsyncApp:
    """Build an app with one of Bolt's own listeners for each name and kind."""
    app = an_app()
    for name in names:
        app.command(f"/{name}")(heard.handler(name))
        app.block_action(name)(heard.handler(name))
        app.view_submission(name)(heard.handler(name))
        app.block_suggestion(f"{name}.menu")(heard.handler(name))
        app.global_shortcut(name)(heard.handler(name))
        app.message_shortcut(f"{name}.message")(heard.handler(name))
    return app


def command(name: object) -> Body:
    """Write a slash command."""
    return {"command": name, "text": "", "team_id": "T1", "user_id": "U1", "channel_id": "C1"}


def press(action_id: object) -> Body:
    """Write a press of a button."""
    action = {"action_id": action_id, "block_id": "b"}
    return {**PERSON, "type": "block_actions", "actions": [action]}


def sent(callback_id: object) -> Body:
    """Write a form that was sent."""
    return {**PERSON, "type": "view_submission", "view": {**VIEW, "callback_id": callback_id}}


def shortcut(callback_id: object) -> Body:
    """Write a shortcut that can be used anywhere."""
    return {**PERSON, "type": "shortcut", "callback_id": callback_id, "trigger_id": "1.2.3"}


def of_message(callback_id: object) -> Body:
    """Write a shortcut of a message's menu."""
    where = {"message": {"ts": "1.0"}, "channel": {"id": "C1"}, "message_ts": "1.0"}
    return {**shortcut(callback_id), "type": "message_action", **where}


def of_kind(kind: str, **fields: object) -> Body:
    """Write a payload of some other kind that has the names of the table in it."""
    return {**PERSON, "type": kind, **fields}


def event(**fields: object) -> Body:
    """Write a delivery of the Events API."""
    return {"type": "event_callback", "team_id": "T1", "event": fields}


KNOWN: Sequence[tuple[Body, str]] = (
    (command("/go"), "go"),
    (press("go"), "go"),
    (press("other.name"), "other.name"),
    (sent("form"), "form"),
    (shortcut("go"), "go"),
    (of_kind("block_suggestion", action_id="go.menu", block_id="b", value="x"), "go"),
    (of_kind("block_suggestion", action_id="form.menu", actions=[GO], view=VIEW), "form"),
    (shortcut("form") | {"actions": [GO], "view": VIEW}, "form"),
    (of_message("go.message"), "go"),
    (command("/go") | {"type": "block_actions"}, "go"),
)

FOREIGN: Sequence[Body] = (
    *(command(name) for name in ("/other", "go", "/go ", "/go\n", "/GO", "/go/go", "", None)),
    *(press(name) for name in ("/go", "go ", "go\n", "ago", "otherXname", "", None)),
    *(sent(name) for name in ("form\n", "reform", "", None)),
    of_kind("block_suggestion", **GO, value="x"),
    of_kind("block_suggestion", value="x"),
    of_kind("dialog_suggestion", callback_id="go.menu", name="n", value="x"),
    of_kind("block_suggestion", **GO, value="x", actions=[GO]),
    of_kind("dialog_suggestion", callback_id="go", name="n", value="x"),
    *(shortcut(name) for name in ("go.message", "go ", "GO", "", None)),
    *(of_message(name) for name in ("go", "go.message\n", "", None)),
    of_kind("shortcut", action_id="go", view=VIEW),
    of_kind("message_action", message={"callback_id": "go.message"}),
    of_kind("view_closed", view=VIEW, is_cleared=False),
    of_kind("interactive_message", callback_id="go", actions=[{"name": "go", "value": "go"}]),
    of_kind("dialog_submission", callback_id="go", submission={}),
    of_kind("dialog_cancellation", callback_id="go"),
    of_kind("workflow_step_edit", callback_id="go", workflow_step={}),
    of_kind("never_heard_of", actions=[GO], view=VIEW),
    of_kind("block_actions", action_id="go"),
    of_kind("view_submission", callback_id="form"),
    of_kind("view_submission", view={"type": "modal", "id": "V1"}),
    {"actions": [GO], "view": VIEW},
    event(type="app_home_opened", user="U1", view=VIEW),
    event(type="message", text="/go", user="U1", channel="C1"),
    {},
)

SHORT_OF_SOMETHING: Sequence[Body] = (
    of_kind("block_actions", actions="go"),
    of_kind("block_actions", actions=[{}]),
    press(["go"]),
    command(["/go"]),
    sent({"form": 1}),
    shortcut(["go"]),
    of_kind("block_suggestion", action_id=["go.menu"]),
    of_message({"go.message": 1}),
)


async def answered(app: AsyncApp, body: Body) -> tuple[int, str]:
    """Dispatch a payload; return status and body."""
    response = await app.async_dispatch(slack_request(body, {}))
    return response.status, response.body


@pytest.mark.parametrize(("body", "name"), KNOWN)
async def test_what_is_known_is_answered(body: Body, name: str) -> None:
    """Each name of each kind reaches its own handler, with the payload as it came."""
    ours, stock = Heard(), Heard()

    assert await answered(table_app(ours), body) == (200, name)
    assert await answered(listener_app(stock), body) == (200, name)
    assert ours.names == stock.names == [name]
    assert ours.bodies == [body]


@pytest.mark.parametrize("body", FOREIGN, ids=json.dumps)
async def test_what_is_foreign_is_refused(body: Body) -> None:
    """Other kinds with the same names in them, and names that are only similar: 404, at once."""
    ours, stock = Heard(), Heard()

    answer = await answered(table_app(ours), body)

    assert answer == await answered(listener_app(stock), body)
    assert answer == (404, json.dumps({"error": "unhandled request"}))
    assert ours.names == stock.names == []


@pytest.mark.parametrize("body", SHORT_OF_SOMETHING, ids=json.dumps)
async def test_what_lacks_something_is_refused(body: Body) -> None:
    """A payload of a known kind without what the kind always has is nobody's failure: 400."""
    heard = Heard()

    assert await answered(table_app(heard), body) == (400, "")
    assert heard.names == []


def recorded() -> list[str]:
    """List what Slack was seen to send to a bot."""
    names = sorted(path.stem for path in SAMPLES.glob("*.json"))
    return [name for name in names if not name.startswith(("socket_mode", "web_api"))]


@pytest.mark.parametrize("name", recorded())
async def test_what_was_recorded_finds_the_same(name: str) -> None:
    """What Slack was seen to send finds what Bolt finds, whatever name in it the table knows."""
    body = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    view, actions = body.get("view") or {}, body.get("actions", [])
    told = [body, view, *actions]
    known = {one[key] for one in told for key in ("callback_id", "action_id") if key in one}
    known |= {body["command"][1:]} if "command" in body else set()
    ours, stock = Heard(), Heard()

    answer = await answered(table_app(ours, known), body)

    assert answer == await answered(listener_app(stock, known), body)
    assert ours.names == stock.names
    assert bool(ours.names) == name.startswith(
        ("slash_command", "block_actions", "view_submission", "shortcut_global")
    )


async def test_bolts_own_checks_come_first() -> None:
    """A request that one of Bolt's own middleware answers never reaches the table."""
    heard = Heard()

    assert await answered(table_app(heard), command("/go") | {"ssl_check": "1"}) == (200, "")
    assert heard.names == []


async def test_a_forgotten_ack_is_refused(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A handler that does not acknowledge is told of by its route, and Slack is answered 404."""
    monkeypatch.setattr(Listener, "ack_timeout", 0.02)

    async def forgetful(_ack: AsyncAck, _body: Body) -> None:
        """Do nothing."""

    app = an_app()
    install(app, Inflight())
    routes_of({"go": forgetful}).install(app)
    with caplog.at_level(logging.WARNING):
        answer = await answered(app, press("go"))

    assert answer == (404, json.dumps({"error": "unhandled request"}))
    assert "action go didn't call ack()" in caplog.text


async def test_a_task_is_named_after_its_route() -> None:
    """Who is still at work when the bot stops is told by kind and name."""
    app, inflight, released = an_app(), Inflight(), asyncio.Event()
    install(app, inflight)

    async def linger(ack: AsyncAck, _body: Body) -> None:
        await ack()
        await released.wait()

    routes_of({"go": linger}).install(app)
    for body in (command("/go"), press("go"), sent("go"), shortcut("go"), of_message("go.message")):
        assert await answered(app, body) == (200, "")
    with capture_logs() as logs:
        assert await inflight.drain(timedelta(0)) == 5
    released.set()
    await inflight.idle()

    assert logs[0]["listeners"] == [
        "action go",
        "command /go",
        "form go",
        "message shortcut go.message",
        "shortcut go",
    ]
