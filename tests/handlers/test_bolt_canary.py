"""The canary: these fail when a new Bolt changes what `handlers.ack` and `handlers.routes` need."""

import inspect
import logging
import zlib
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest
from slack_bolt.async_app import (
    AsyncAck,
    AsyncApp,
    AsyncAssistant,
    AsyncBoltContext,
    AsyncBoltRequest,
)
from slack_bolt.listener.async_listener import AsyncCustomListener, AsyncListener
from slack_bolt.listener.async_listener_completion_handler import AsyncListenerCompletionHandler
from slack_bolt.listener.async_listener_error_handler import AsyncListenerErrorHandler
from slack_bolt.listener.async_listener_start_handler import AsyncListenerStartHandler
from slack_bolt.listener.asyncio_runner import AsyncioListenerRunner
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.response import BoltResponse
from typing_extensions import override

from bot.slack.messenger import Messenger
from handlers.ack import SignalAck
from handlers.failures import Failures
from handlers.payloads import Body
from handlers.routes import Listener
from tests.handlers.ack_cases import BUTTON, COMMAND
from tests.handlers.ack_listeners import plain
from tests.handlers.ack_stage import an_app, our_app


def test_its_run_is_the_one_we_mirror() -> None:
    """Read Bolt's new `run`, follow it in `handlers.ack`, then renew the sum."""
    source = inspect.getsource(AsyncioListenerRunner.run)

    assert zlib.crc32(source.encode()) == 1391574545


def test_its_run_takes_what_ours_takes() -> None:
    """The dispatcher calls our method as if it were its own."""
    app, _ = our_app()
    stock = inspect.signature(an_app().listener_runner.run)
    ours = inspect.signature(app.listener_runner.run)
    shape = [(name, p.kind, p.default) for name, p in stock.parameters.items()]

    assert shape == [(name, p.kind, p.default) for name, p in ours.parameters.items()]
    assert inspect.iscoroutinefunction(AsyncioListenerRunner.run)


def test_an_app_has_one_runner_with_its_handlers() -> None:
    """The property gives the runner that dispatches, each time the same."""
    app = an_app()
    runner = app.listener_runner

    assert isinstance(inspect.getattr_static(AsyncApp, "listener_runner"), property)
    assert runner is app.listener_runner
    assert isinstance(runner.listener_start_handler, AsyncListenerStartHandler)
    assert isinstance(runner.listener_error_handler, AsyncListenerErrorHandler)
    assert isinstance(runner.listener_completion_handler, AsyncListenerCompletionHandler)
    assert isinstance(runner.logger, logging.Logger)
    assert runner.process_before_response is False


@pytest.mark.parametrize(
    ("method", "names"),
    [
        (AsyncListener.run_ack_function, ["request", "response"]),
        (AsyncListenerStartHandler.handle, ["request", "response"]),
        (AsyncListenerErrorHandler.handle, ["error", "request", "response"]),
        (AsyncListenerCompletionHandler.handle, ["request", "response"]),
    ],
)
def test_listeners_and_handlers_are_called_alike(
    method: Callable[..., Awaitable[Any]], names: list[str]
) -> None:
    """Each takes what we pass by name."""
    assert list(inspect.signature(method).parameters) == ["self", *names]


async def test_a_listener_says_how_to_run_it() -> None:
    """Lazy functions, automatic acknowledgement and patience are attributes."""
    listener = AsyncCustomListener(
        app_name="tests", ack_function=plain, lazy_functions=[], matchers=[], middleware=[]
    )

    assert list(listener.lazy_functions) == []
    assert listener.auto_acknowledgement is False
    assert listener.ack_timeout == 3


async def test_a_request_keeps_the_ack_it_was_given() -> None:
    """The context's acknowledgement is ours, and Bolt's own code sets its `response`."""
    request = COMMAND.request()
    ack = request.context.ack
    given = await ack("taken")

    assert isinstance(request.context, AsyncBoltContext)
    assert isinstance(ack, SignalAck)
    assert request.context.ack is ack
    assert ack.response is given
    assert request.lazy_only is False


async def test_dispatching_calls_the_wrapped_run() -> None:
    """A listener started by a dispatch is owned by us while it works."""
    app, inflight = our_app()
    counts = []

    async def listener(ack: AsyncAck) -> None:
        counts.append(inflight.count)
        await ack()

    app.command("/buddy")(listener)
    await app.async_dispatch(COMMAND.request())

    assert counts == [1]


class Witness(AsyncMiddleware):
    """Notes what a middleware is given; goes on, or answers with what it has."""

    def __init__(self, answer: BoltResponse | None = None) -> None:
        self.answer = answer
        self.runners: list[AsyncioListenerRunner] = []
        self.teams: list[str | None] = []

    @override
    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],
    ) -> BoltResponse | None:
        self.runners.append(req.context.listener_runner)
        authorized = req.context.authorize_result
        self.teams.append(authorized.team_id if authorized else None)
        return self.answer or await next()


async def test_a_middleware_may_answer_as_a_listener_would() -> None:
    """It comes after Bolt's own, is given the app's runner, and its answer ends the search."""
    app = an_app()
    witness = Witness(BoltResponse(status=202, body="taken"))
    app.use(witness)
    app.command("/buddy")(plain)
    response = await app.async_dispatch(COMMAND.request())

    assert (response.status, response.body) == (202, "taken")
    assert witness.runners == [app.listener_runner]
    assert witness.teams == ["T1"]


async def test_a_middleware_may_leave_the_request_to_listeners() -> None:
    """Going on without an answer changes nothing: listeners are asked, and then it is 404."""
    app = an_app()
    app.use(Witness())
    app.command("/buddy")(plain)

    assert (await app.async_dispatch(COMMAND.request())).status == 200
    assert (await app.async_dispatch(BUTTON.request())).status == 404


def test_its_assistant_answers_as_our_table_does() -> None:
    """Bolt's own code runs listeners from a middleware, so that this stays possible."""
    source = inspect.getsource(AsyncAssistant.async_process)

    assert "listener_runner: AsyncioListenerRunner = req.context.listener_runner" in source
    assert "return await listener_runner.run(" in source


async def test_its_own_runner_can_run_a_route() -> None:
    """A route is a listener like Bolt's: the runner as it was made runs it too."""

    async def handler(ack: AsyncAck, body: Body) -> None:
        await ack(body["command"])

    failures = Failures(cast("Messenger", None), "/buddy")
    listener = Listener("command /buddy", "command", handler, failures)
    request = COMMAND.stock_request()
    request.body["channel_id"] = "C1"
    # Annotated as if there were always a response; None says that no middleware answered.
    response = await an_app().listener_runner.run(request, None, listener.name, listener)  # type: ignore[arg-type]

    assert response is not None
    assert (response.status, response.body) == (200, "/buddy")
