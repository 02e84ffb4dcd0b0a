"""The canary: these fail when a new Bolt changes what `handlers.ack` leans on."""

import inspect
import logging
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_bolt.listener.async_listener import AsyncCustomListener, AsyncListener
from slack_bolt.listener.async_listener_completion_handler import AsyncListenerCompletionHandler
from slack_bolt.listener.async_listener_error_handler import AsyncListenerErrorHandler
from slack_bolt.listener.async_listener_start_handler import AsyncListenerStartHandler
from slack_bolt.listener.asyncio_runner import AsyncioListenerRunner

from handlers.ack import SignalAck
from tests.handlers.ack_cases import COMMAND
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
