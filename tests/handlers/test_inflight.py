"""Listeners at work are kept, counted, waited for, and never die unnoticed."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from handlers.inflight import Inflight

LONG = timedelta(seconds=5)
SHORT = timedelta(milliseconds=5)


@pytest.fixture
async def inflight() -> AsyncIterator[Inflight]:
    """An owner with nothing to do, which must have nothing left to do in the end."""
    inflight = Inflight()
    yield inflight
    async with asyncio.timeout(1):
        await inflight.idle()


async def wait_for(event: asyncio.Event) -> None:
    """Work until told to stop."""
    await event.wait()


async def test_nothing_at_work_needs_no_waiting(inflight: Inflight) -> None:
    """A shutdown with nothing to finish is immediate."""
    await inflight.idle()

    assert inflight.count == 0
    assert await inflight.drain(timedelta(0)) == 0


async def test_a_shutdown_waits_for_what_is_at_work(inflight: Inflight) -> None:
    """Draining returns when the last one ended."""
    released = asyncio.Event()
    inflight.start(wait_for(released), name="first")
    inflight.start(wait_for(released), name="second")
    async with asyncio.TaskGroup() as tasks:
        draining = tasks.create_task(inflight.drain(LONG))
        idle = tasks.create_task(inflight.idle())
        assert inflight.count == 2
        released.set()

    assert draining.result() == 0
    assert idle.done()
    assert inflight.count == 0


async def test_a_shutdown_waits_for_what_came_in_meanwhile(inflight: Inflight) -> None:
    """Work that starts more work is finished with it."""
    released = asyncio.Event()
    ended = []

    async def second() -> None:
        await released.wait()
        ended.append("second")

    async def first() -> None:
        inflight.start(second(), name="second")
        released.set()
        ended.append("first")

    inflight.start(first(), name="first")

    assert await inflight.drain(LONG) == 0
    assert ended == ["first", "second"]


async def test_what_is_not_finished_in_time_is_named(inflight: Inflight) -> None:
    """A shutdown that ran out of time says who was still at work, and stops nobody."""
    released = asyncio.Event()
    inflight.start(wait_for(released), name="approve")
    with capture_logs() as logs:
        left = await inflight.drain(SHORT)

    assert left == 1
    (line,) = logs
    assert (line["event"], line["log_level"]) == ("listeners.unfinished", "error")
    assert (line["count"], line["listeners"]) == (1, ["approve"])
    released.set()
    assert await inflight.drain(LONG) == 0


async def test_work_that_dies_is_reported_at_once(inflight: Inflight) -> None:
    """The event loop's exception handler hears of it, and the others go on."""
    deaths: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: deaths.append(context))
    released = asyncio.Event()

    async def die() -> None:
        raise RuntimeError("unexpected")

    inflight.start(wait_for(released), name="healthy")
    inflight.start(die(), name="mortal")
    await asyncio.wait([task for task in asyncio.all_tasks() if task.get_name() == "mortal"])

    assert [str(death["exception"]) for death in deaths] == ["unexpected"]
    assert deaths[0]["task"].get_name() == "mortal"
    assert inflight.count == 1
    released.set()


async def test_work_that_is_cancelled_is_reported(inflight: Inflight) -> None:
    """Whoever stops a listener from outside leaves a trace."""
    inflight.start(wait_for(asyncio.Event()), name="approve")
    (task,) = (task for task in asyncio.all_tasks() if task.get_name() == "approve")
    with capture_logs() as logs:
        task.cancel()
        await inflight.idle()

    assert logs == [{"event": "listener.cancelled", "log_level": "warning", "listener": "approve"}]


async def test_work_that_nobody_else_holds_is_kept(inflight: Inflight) -> None:
    """The collector finds a task that waits for what only itself can reach, unless it is owned."""
    reachable: list[weakref.ref[asyncio.Event]] = []

    async def lonely() -> None:
        alone = asyncio.Event()
        reachable.append(weakref.ref(alone))
        await alone.wait()

    inflight.start(lonely(), name="lonely")
    while not reachable:
        await inflight.drain(timedelta(0))
    gc.collect()
    event = reachable[0]()

    assert event is not None
    event.set()
