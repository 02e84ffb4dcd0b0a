"""Which jobs may run at the same time, and which one is first."""

import asyncio

from bot.database import Database
from bot.jobs.queue import Job
from sandbox.clock import SandboxClock
from tests.jobs.desk import HOUR, PAINT, SECOND, Desk, Doer, desk_at, turn, until, working


async def test_jobs_of_one_lane_never_overlap(desk: Desk, doer: Doer) -> None:
    """Operations on one execution run one at a time, in the order in which they came."""
    doer.may_end.clear()
    for key in "abc":
        await desk.put(Job("paint", key, lane="execution 12"))
    await desk.put(Job("narrow", "d", lane="execution 12"))
    await doer.began.wait()
    await until(lambda: doer.keys == ["a"])
    doer.may_end.set()
    await desk.calm()

    assert doer.keys == ["a", "b", "c", "d"]
    assert doer.most_busy == 1


async def test_lanes_do_not_wait_for_each_other(desk: Desk, doer: Doer) -> None:
    """Nor do jobs without a lane."""
    doer.may_end.clear()
    for job in (Job("paint", "a", "1"), Job("paint", "b", "2"), Job("paint", "c"), PAINT):
        await desk.put(job)

    await until(lambda: len(doer.busy) == 4)


async def test_a_kind_has_only_so_many_hands(desk: Desk, doer: Doer) -> None:
    """One kind of work cannot starve the others."""
    doer.may_end.clear()
    for key in "abcde":
        await desk.put(Job("narrow", key))
    await until(lambda: len(doer.busy) == 2)
    await desk.put(PAINT)
    await until(lambda: len(doer.keys) == 3)
    doer.may_end.set()
    await desk.calm()

    assert doer.keys[:3] == ["a", "b", "12"]
    assert sorted(doer.keys[3:]) == ["c", "d", "e"]


async def test_what_was_due_first_is_done_first(desk: Desk, doer: Doer) -> None:
    """Nobody is overtaken while hands are rare."""
    doer.may_end.clear()
    await desk.put(Job("narrow", "x"))
    await desk.put(Job("narrow", "y"))
    await until(lambda: len(doer.busy) == 2)
    await desk.put(Job("narrow", "late"), after=2 * SECOND)
    await desk.put(Job("narrow", "early"), after=SECOND)
    desk.clock.advance(HOUR)
    doer.may_end.set()
    await desk.calm()

    assert doer.keys == ["x", "y", "early", "late"]


async def test_what_is_due_begins_before_a_crowd_has_written(
    database: Database, clock: SandboxClock
) -> None:
    """Jobs write by the hundred: a round that came after them would leave hands idle meanwhile."""
    async with working(desk_at(database, clock)) as desk:
        wrote = 0

        async def write() -> None:
            nonlocal wrote
            async with database.transaction():
                wrote += 1
                await turn()

        await desk.put(PAINT, after=SECOND)
        await desk.calm()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(100):
                tasks.create_task(write())
            await until(lambda: wrote > 0)
            clock.advance(SECOND)
            await desk.doer.began.wait()
            assert wrote < 100
