"""A stop brings to an end what was acknowledged, for as long as it may; the rest is given back."""

import asyncio
from datetime import timedelta

from bot.database import Database
from bot.jobs.queue import Job, Snooze
from sandbox.clock import SandboxClock
from tests.jobs.desk import HOUR, PAINT, SECOND, Desk, Doer, desk_at, until, working


def stop(desk: Desk) -> asyncio.Task[int]:
    """Let a desk stop."""
    return asyncio.get_running_loop().create_task(desk.worker.stop(5 * SECOND))


async def test_stopping_alone_finishes_what_runs_and_what_is_due(
    database: Database, clock: SandboxClock
) -> None:
    """Nobody else would: an operation comes to its end, and its card is painted."""
    async with working(desk_at(database, clock)) as desk:
        desk.doer.may_end.clear()
        desk.doer.answers = [Snooze(timedelta(0))]
        await desk.put(PAINT, after=HOUR)
        await desk.put(Job("paint", "a", lane="12"), Job("paint", "b", lane="12"))
        await desk.doer.began.wait()
        stopping = stop(desk)
        await asyncio.wait({stopping}, timeout=0.05)
        await desk.put(Job("paint", "c"))
        await desk.poke(PAINT)
        desk.doer.may_end.set()

        assert await stopping == 0
        assert sorted(desk.doer.keys) == ["12", "a", "a", "b", "c"]


async def test_stopping_beside_others_leaves_the_rest_to_them(
    postgresql: Database, clock: SandboxClock
) -> None:
    """What runs is brought to an end; what is due is somebody else's from now on."""
    async with working(desk_at(postgresql, clock)) as other:
        other.doer.may_end.clear()
        async with working(desk_at(postgresql, clock)) as desk:
            desk.doer.may_end.clear()
            await desk.put(*(Job("narrow", key) for key in "abcdefgh"))
            await until(lambda: len(desk.doer.busy) == 2)
            clock.advance(SECOND)
            await until(lambda: len(other.doer.busy) == 2)
            stopping = stop(desk)
            await asyncio.wait({stopping}, timeout=0.05)
            assert not stopping.done()
            desk.doer.may_end.set()
            assert await stopping == 0
        other.doer.may_end.set()
        clock.advance(SECOND)
        await other.calm()

        assert len(desk.doer.keys) == 2
        assert sorted(desk.doer.keys + other.doer.keys) == list("abcdefgh")


async def test_stopping_leaves_alone_what_would_have_to_wait(desk: Desk, doer: Doer) -> None:
    """The next process finds it; a stop is not held up for it."""
    doer.may_end.clear()
    doer.answers = [Snooze(SECOND), Snooze(SECOND, is_firm=True), LookupError()]
    await desk.put(Job("paint", "later"), after=HOUR)
    await desk.put(*(Job("paint", key) for key in ("snoozes", "must wait", "fails", "is poked")))
    await until(lambda: len(doer.busy) == 4)
    stopping = stop(desk)
    await desk.put(Job("paint", "new"), after=SECOND)
    await desk.poke(Job("paint", "is poked"), after=SECOND)
    doer.may_end.set()

    assert await stopping == 0
    assert sorted(doer.keys) == ["fails", "is poked", "must wait", "snoozes"]
    left = ["fails", "is poked", "later", "must wait", "new", "snoozes"]
    assert sorted(await desk.states()) == left
    assert set((await desk.states()).values()) == {"waiting"}


async def test_stopping_waits_no_longer_than_it_may(
    any_database: Database, clock: SandboxClock
) -> None:
    """It tells how many were left, and gives them back; whoever goes on knows that it goes on."""
    async with working(desk_at(any_database, clock)) as desk:
        desk.doer.may_end.clear()
        await desk.put(Job("paint", "a"), Job("paint", "b", "12"), Job("paint", "c", "12"))
        await until(lambda: len(desk.doer.busy) == 2)

        assert await desk.worker.stop(timedelta(milliseconds=20)) == 2
        await until(lambda: not desk.doer.busy)

    rows = await desk.rows()
    assert [(row["key"], row["state"], row["attempt"], row["owner"]) for row in rows] == [
        ("a", "waiting", 1, ""),
        ("b", "waiting", 1, ""),
        ("c", "waiting", 0, ""),
    ]
    async with working(desk_at(any_database, clock)) as desk:
        await desk.calm()
        attempts = {job.key: job.attempt for job in desk.doer.jobs}
        assert attempts == {"a": 2, "b": 2, "c": 1}
