"""Acknowledge a Slack request the moment a listener does, not at the next look.

Bolt's runner looks for the acknowledgement every 10 ms, and a listener that raises soon after it
acknowledged is answered with 404 three seconds later: the error path erases the acknowledgement
before anybody looked. Here the acknowledgement is an event that can be awaited and cannot be
undone. Only Bolt's public names are used; ``tests/handlers/test_ack.py`` plays every case next to
Bolt's own runner and fails when Bolt changes what this module leans on.

In order: ``install`` once per app, then dispatch requests made by ``slack_request``. Any other
request runs as if this module were not there.
"""

import asyncio
import copy
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.listener.async_listener import AsyncListener
from slack_bolt.listener.asyncio_runner import AsyncioListenerRunner
from slack_bolt.response import BoltResponse
from typing_extensions import override

from handlers.inflight import Inflight


class SignalAck(AsyncAck):
    """An acknowledgement that wakes whoever waits for it, and that nothing takes back."""

    def __init__(self) -> None:
        self._response: BoltResponse | None = None
        self._waiters: set[asyncio.Future[None]] = set()
        super().__init__()  # type: ignore[no-untyped-call]  # Bolt left it without annotations

    # mypy does not see ``override`` on a property that has a setter.
    @property  # type: ignore[explicit-override]
    @override
    def response(self) -> BoltResponse | None:
        """What Slack is answered; None as long as nobody acknowledged."""
        return self._response

    @response.setter
    def response(self, value: BoltResponse | None) -> None:
        # Bolt's error path assigns None to what was acknowledged already.
        if value is not None:
            self._response = value
            for waiter in self._waiters:
                _wake(waiter)

    async def wait(self, longest: timedelta) -> None:
        """Return once there is a response, or when the time is over."""
        if self._response is not None:
            return
        # On every request's way, so without the cancellation behind ``asyncio.timeout``.
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        timer = loop.call_later(longest.total_seconds(), _wake, waiter)
        self._waiters.add(waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)
            timer.cancel()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        # Lazy listeners get a deep copy of the context, and what somebody waits for has none.
        twin = type(self)()
        twin.response = copy.deepcopy(self._response, memo)
        return twin


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


def slack_request(
    body: str | dict[str, Any],
    headers: Mapping[str, str | Sequence[str]],
    query: str = "",
) -> AsyncBoltRequest:
    """Build the request to dispatch, so that its acknowledgement is a signal.

    A text is the raw body of an HTTP request, whose signature Bolt checks. A dictionary is a
    payload whose origin is known already, from a verified body or a Socket Mode envelope: Bolt
    neither parses nor verifies it.
    """
    return AsyncBoltRequest(
        body=body,
        query=query,
        headers=dict(headers),
        context={"ack": SignalAck()},
        mode="http" if isinstance(body, str) else "socket_mode",
    )


def install(app: AsyncApp, inflight: Inflight) -> None:
    """Let the app wait for signals, and let its listeners be owned by ``inflight``.

    What Bolt still runs itself, because ``SignalRun`` leaves it alone, is not owned.
    """
    runner = app.listener_runner
    signal_run = SignalRun(runner, runner.run, inflight)
    # The seam: Bolt offers the runner and its method, but no setter for it.
    runner.run = signal_run.run  # type: ignore[method-assign]


@dataclass(frozen=True, slots=True)
class SignalRun:
    """Bolt's way of running a listener, waiting for a signal instead of looking again and again."""

    runner: AsyncioListenerRunner
    stock: Callable[..., Awaitable[BoltResponse | None]]
    inflight: Inflight

    async def run(
        self,
        request: AsyncBoltRequest,
        response: BoltResponse | None,
        listener_name: str,
        listener: AsyncListener,
        starting_time: float | None = None,
    ) -> BoltResponse | None:
        """Start the listener and return what to answer Slack, or None if nobody acknowledged.

        ``response`` is what a middleware answered; it wins over the acknowledgement, as in Bolt.
        """
        ack = request.context.ack
        if not isinstance(ack, SignalAck) or self._is_left_to_bolt(
            request, listener, starting_time
        ):
            return await self.stock(request, response, listener_name, listener, starting_time)
        began = asyncio.get_running_loop().time()
        if listener.auto_acknowledgement:
            await ack()
        self.inflight.start(self._listen(request, response, listener, ack), name=listener_name)
        await ack.wait(timedelta(seconds=listener.ack_timeout))
        if response is not None:
            return response
        if ack.response is None:
            self.runner.logger.warning("%s didn't call ack()", listener_name)
            return None
        # Bolt's line without the body: what people read stays out of the log.
        millis = int((asyncio.get_running_loop().time() - began) * 1000)
        self.runner.logger.debug(
            "Responding with status: %s (%s millis)", ack.response.status, millis
        )
        return ack.response

    def _is_left_to_bolt(
        self, request: AsyncBoltRequest, listener: AsyncListener, starting_time: float | None
    ) -> bool:
        """Tell whether the request needs what only Bolt's own ``run`` does.

        That is lazy functions, the mode that answers after the work, and a caller's own starting
        time, which is wall-clock time.
        """
        return (
            bool(listener.lazy_functions)
            or request.lazy_only
            or self.runner.process_before_response
            or starting_time is not None
        )

    async def _listen(
        self,
        request: AsyncBoltRequest,
        response: BoltResponse | None,
        listener: AsyncListener,
        ack: SignalAck,
    ) -> None:
        # The handlers are read from the runner when they are needed: ``@app.error`` replaces one.
        runner = self.runner
        try:
            await runner.listener_start_handler.handle(request=request, response=response)
            # Bolt passes None for "no middleware answered", whatever its annotation says.
            await listener.run_ack_function(
                request=request,
                response=response,  # type: ignore[arg-type]
            )
        except Exception as error:  # noqa: BLE001 - the app's error handler judges all, as in Bolt
            response = None if ack.response is not None else _failed(response)
            await runner.listener_error_handler.handle(
                error=error, request=request, response=response
            )
            ack.response = response
        finally:
            await runner.listener_completion_handler.handle(request=request, response=response)


def _failed(response: BoltResponse | None) -> BoltResponse:
    """Answer 500, which the error handler may still change."""
    if response is None:
        return BoltResponse(status=500)
    response.status = 500
    return response
