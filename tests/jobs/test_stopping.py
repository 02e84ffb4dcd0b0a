"""A stop brings to an end what was acknowledged, for as long as it may."""

import asyncio
import contextlib
from datetime import timedelta

from bot.jobs.queue import Job, Jobs, Snooze
from sandbox.clock import SandboxClock
from tests.jobs.worker import HOUR, PAINT, SECOND, Worker, pass_by, until


async def test_stopping_finishes_what_runs_and_what_is_due(jobs: Jobs, worker: Worker) -> None:
    """The steps of one operation are several jobs, each put by the one before."""
    worker.may_end.clear()
    worker.answers = [Snooze(timedelta(0))]
    jobs.add(Job("paint", "a", lane="12"))
    jobs.add(Job("paint", "b", lane="12"))
    await worker.began.wait()
    stopping = asyncio.get_running_loop().create_task(jobs.stop(5 * SECOND))
    await until(lambda: not stopping.done())
    jobs.add(Job("paint", "c"))
    worker.may_end.set()

    assert await stopping == 0
    assert sorted(worker.keys) == ["a", "a", "b", "c"]


async def test_stopping_leaves_alone_what_would_have_to_wait(
    jobs: Jobs, clock: SandboxClock, worker: Worker
) -> None:
    """Its rows bring it back at the next start; a stop is not held up for it."""
    worker.may_end.clear()
    worker.answers = [Snooze(SECOND), Snooze(SECOND, is_firm=True), LookupError()]
    jobs.add(Job("paint", "later"), after=HOUR)
    for key in ("snoozes", "must wait", "fails", "is poked"):
        jobs.add(Job("paint", key))
    await until(lambda: len(worker.busy) == 4)
    stopping = asyncio.get_running_loop().create_task(jobs.stop(5 * SECOND))
    await until(lambda: not stopping.done())
    jobs.add(Job("paint", "new"), after=SECOND)
    jobs.poke("paint", "is poked", after=SECOND)
    worker.may_end.set()

    assert await stopping == 0
    await pass_by(jobs, clock, 2 * HOUR)
    assert worker.keys == ["snoozes", "must wait", "fails", "is poked"]


async def test_what_waited_is_done_when_it_is_poked_during_the_stop(
    jobs: Jobs, worker: Worker
) -> None:
    """An operation that comes to its end has its card painted at once."""
    worker.may_end.clear()
    jobs.add(PAINT, after=HOUR)
    jobs.add(Job("paint", "operation"))
    await worker.began.wait()
    stopping = asyncio.get_running_loop().create_task(jobs.stop(5 * SECOND))
    await until(lambda: not stopping.done())
    jobs.poke("paint", "12")
    worker.may_end.set()

    assert await stopping == 0
    assert worker.keys == ["operation", "12"]


async def test_stopping_waits_no_longer_than_it_may(jobs: Jobs, worker: Worker) -> None:
    """It tells how many were left, so that the log can say so, and starts nothing afterwards."""
    worker.may_end.clear()
    jobs.add(Job("paint", "a"))
    jobs.add(Job("paint", "b", lane="12"))
    jobs.add(Job("paint", "c", lane="12"))
    await until(lambda: len(worker.busy) == 2)

    assert await jobs.stop(timedelta(milliseconds=20)) == 3
    worker.may_end.set()
    await until(lambda: not worker.busy)
    assert worker.keys == ["a", "b"]


async def test_nobody_waits_for_a_loop_that_has_ended(clock: SandboxClock, worker: Worker) -> None:
    """What it can no longer do is counted, not waited for."""
    jobs = Jobs(clock)
    jobs.handle("paint", worker.work, slots=1)
    running = asyncio.get_running_loop().create_task(jobs.run())
    await until(lambda: jobs.is_calm)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    jobs.add(PAINT)

    async with asyncio.timeout(1):
        assert await jobs.stop(HOUR) == 1
