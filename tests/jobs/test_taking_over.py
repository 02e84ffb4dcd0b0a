"""A process that died, or is taken for dead: its work is done by another one, and only there."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import Table, delete, select
from structlog.typing import EventDict
from typing_extensions import override

from bot import lease
from bot.database import Database, StorageUnavailable
from bot.database.driver import CONNECTIONS
from bot.database.shared import RESERVED
from bot.jobs.job import Kind
from bot.jobs.queue import ATTEMPTS, Job, Outcome
from bot.jobs.table import job as table
from bot.jobs.table import process
from bot.lease import LeaseLost
from sandbox.clock import SandboxClock
from tests.jobs.desk import HOUR, PAINT, SECOND, Desk, desk_at, until, working

DEAD_AFTER = 10 * SECOND


class Dying:
    """A process that begins what it finds and then is heard of no more."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        desk.doer.may_end.clear()

    async def begins(self, *jobs: Job) -> None:
        """Put jobs and begin them, or what it finds."""
        await self.desk.pulse.begin()
        self.work = asyncio.get_running_loop().create_task(self.desk.worker.run())
        await self.desk.put(*jobs)
        await until(lambda: len(self.desk.doer.did) >= len(jobs))

    async def ends(self) -> None:
        """Take away what is left of it in this process."""
        self.work.cancel()
        await asyncio.wait({self.work})


async def beats(desk: Desk, clock: SandboxClock) -> None:
    """Let a heart beat until whoever else was there counts as dead."""
    for _ in range(6):
        clock.advance(2 * SECOND)
        await desk.pulse.beat()


async def test_what_a_dead_process_was_doing_is_done_by_another_one(
    postgresql: Database, clock: SandboxClock, logged: list[EventDict]
) -> None:
    """Not before its time is up, and then at once; the try it died in counts."""
    gone = Dying(desk_at(postgresql, clock, dead_after=DEAD_AFTER))
    await gone.begins(PAINT, Job("paint", "13", lane="12"))
    held = await gone.desk.hold(Job("paint", "held"))
    assert held is not None
    async with working(desk_at(postgresql, clock, dead_after=DEAD_AFTER)) as desk:
        for _ in range(4):
            clock.advance(2 * SECOND)
            await desk.pulse.beat()
        await desk.calm()
        assert desk.doer.did == []

        clock.advance(2 * SECOND)
        await desk.pulse.beat()
        clock.advance(timedelta(microseconds=1))
        await desk.pulse.beat()
        await until(lambda: len(desk.doer.did) == 3)
        await desk.calm()

        assert sorted(desk.doer.keys) == ["12", "13", "held"]
        assert {job.attempt for job in desk.doer.jobs} <= {1, 2}
        assert await desk.rows() == []
        assert "pulse.silent" in [event["event"] for event in logged]
    await gone.ends()


async def test_a_process_that_was_stopped_does_nothing_when_it_goes_on(
    postgresql: Database, clock: SandboxClock
) -> None:
    """It refuses before others may take it for dead, and cannot store what is not its own."""
    tried: list[str] = []
    desk = desk_at(postgresql, clock, dead_after=DEAD_AFTER)
    may_go_on = asyncio.Event()

    async def act(_job: Job) -> Outcome:
        await may_go_on.wait()
        with pytest.raises(LeaseLost):
            lease.guard()
        tried.append("send")
        with pytest.raises(LeaseLost):
            async with postgresql.transaction():
                tried.append("stored")
        tried.append("store")
        raise LeaseLost

    desk.jobs.handle("narrow", act, slots=1)
    await desk.pulse.begin()
    work = asyncio.get_running_loop().create_task(desk.worker.run())
    await desk.put(Job("narrow", "12"))
    await until(lambda: bool(desk.jobs.kinds["narrow"].running))
    async with working(desk_at(postgresql, clock, dead_after=DEAD_AFTER)) as other:
        clock.advance(5 * SECOND)
        await other.pulse.beat()
        clock.advance(timedelta(seconds=5.1))
        await other.pulse.beat()
        await until(lambda: other.doer.keys == ["12"])
        await other.calm()
        may_go_on.set()
        await until(lambda: not desk.jobs.kinds["narrow"].running)

        assert tried == ["send", "store"]
        assert other.doer.keys == ["12"]
        assert await other.rows() == []
    await desk.worker.stop(SECOND)
    await work


async def test_who_was_taken_for_dead_starts_anew(
    postgresql: Database, clock: SandboxClock, logged: list[EventDict]
) -> None:
    """What it held is let go, and it goes on as somebody else."""
    desk = desk_at(postgresql, clock, dead_after=DEAD_AFTER)
    dying = Dying(desk)
    await dying.begins(PAINT)
    before = desk.pulse.id
    async with working(desk_at(postgresql, clock, dead_after=DEAD_AFTER)) as other:
        clock.advance(5 * SECOND)
        await other.pulse.beat()
        clock.advance(timedelta(seconds=5.1))
        await other.pulse.beat()
        await until(lambda: other.doer.keys == ["12"])

        await desk.pulse.beat()
        await until(lambda: not desk.doer.busy)
        desk.doer.may_end.set()
        await desk.put(Job("paint", "13"), Job("paint", "14"))
        await until(lambda: len(desk.doer.keys) + len(other.doer.keys) == 4)

        assert desk.pulse.id != before
        assert "pulse.taken_for_dead" in [event["event"] for event in logged]
        assert desk.pulse.is_trusted

    await desk.worker.stop(SECOND)
    await dying.work


async def test_who_was_taken_for_dead_takes_nothing_before_it_knows(
    any_database: Database, clock: SandboxClock
) -> None:
    """What was taken from it is left to others, and it goes on as soon as its heart has beaten."""
    async with working(desk_at(any_database, clock, dead_after=DEAD_AFTER)) as desk:
        await desk.calm()
        async with any_database.transaction() as transaction:
            await transaction.run(delete(process))
        await desk.put(PAINT)
        await desk.calm()
        assert desk.doer.did == []

        await desk.pulse.beat()
        clock.advance(SECOND)
        await until(lambda: desk.doer.keys == ["12"])


async def test_what_was_let_go_before_its_first_step_is_taken_up_again(
    postgresql: Database, clock: SandboxClock
) -> None:
    """Who finds that it was taken for dead goes on with the same job as somebody else."""
    async with working(desk_at(postgresql, clock, dead_after=DEAD_AFTER)) as desk:
        let_go: list[None] = []

        class Begun(Kind):
            """Work that is let go of in the very moment in which it begins, once."""

            @override
            def __setattr__(self, name: str, value: object) -> None:
                super().__setattr__(name, value)
                if name == "running" and value and not let_go:
                    asyncio.get_running_loop().call_soon(desk.pulse.on_death)
                    let_go.append(None)

        desk.jobs.kinds["paint"] = Begun(desk.doer.work, 1, ATTEMPTS, None)
        await desk.put(PAINT)
        await until(lambda: bool(let_go) and not desk.jobs.kinds["paint"].running)
        assert desk.doer.did == []

        async with postgresql.transaction() as transaction:
            await transaction.run(delete(process))
        await beats(desk, clock)
        await until(lambda: desk.doer.keys == ["12"])
        await desk.calm()
        assert await desk.rows() == []


async def test_after_a_break_of_the_database_nobody_is_taken_for_dead_at_once(
    postgresql: Database, clock: SandboxClock
) -> None:
    """All were silent, since nobody could write: whoever comes first gives the others time."""
    gone = Dying(desk_at(postgresql, clock, dead_after=DEAD_AFTER))
    await gone.begins(PAINT)
    async with working(desk_at(postgresql, clock, dead_after=HOUR)) as desk:
        desk.pulse.dead_after = DEAD_AFTER
        clock.advance(60 * SECOND)
        await desk.pulse.beat()
        await gone.desk.pulse.beat()
        clock.advance(SECOND)
        await desk.pulse.beat()
        await desk.calm()

        assert desk.doer.did == []
        assert desk.pulse.processes == 2
    await gone.ends()


@pytest.mark.parametrize("locked", [table, process], ids=["a job", "its sign of life"])
async def test_who_stands_still_in_the_middle_of_a_transaction_holds_up_nobody(
    postgresql: Database, clock: SandboxClock, locked: Table
) -> None:
    """The others' hearts beat on, and what is not locked is taken over; the rest, once it is."""
    gone = Dying(desk_at(postgresql, clock, dead_after=DEAD_AFTER))
    await gone.begins(PAINT, Job("paint", "13"))
    async with working(desk_at(postgresql, clock, dead_after=DEAD_AFTER)) as desk:
        async with postgresql.transaction() as frozen, asyncio.timeout(60):
            first = select(locked.c.id).order_by(locked.c.id).limit(1)
            mine = first if locked is table else first.where(locked.c.id == gone.desk.pulse.id)
            await frozen.run(mine.with_for_update())
            await beats(desk, clock)
            assert desk.pulse.is_trusted
            await until(lambda: desk.doer.keys == (["13"] if locked is table else []))
        await beats(desk, clock)
        await until(lambda: sorted(desk.doer.keys) == ["12", "13"])
    await gone.ends()


async def test_what_a_process_has_locked_is_let_go_of_once_it_is_taken_for_dead(
    postgresql: Database, clock: SandboxClock
) -> None:
    """Whoever stands still between two messages of one statement would keep it for ever."""
    theirs = Database.open(postgresql.engine.url.render_as_string(hide_password=False))
    gone = Dying(desk_at(theirs, clock, dead_after=DEAD_AFTER))
    await gone.begins(PAINT)

    async def stand_still(desk: Desk) -> None:
        async with theirs.transaction() as frozen:
            await frozen.run(select(table.c.id).with_for_update())
            async with asyncio.timeout(4):
                await beats(desk, clock)
                await beats(desk, clock)
                await until(lambda: desk.doer.keys == ["12"])

    async with working(desk_at(postgresql, clock, dead_after=DEAD_AFTER)) as desk:
        with pytest.raises(StorageUnavailable):
            await stand_still(desk)
        await desk.calm()
        assert await desk.rows() == []
    await gone.ends()
    await theirs.close()


async def test_a_job_that_kills_its_process_runs_out_too(
    any_database: Database, clock: SandboxClock
) -> None:
    """Its tries are counted when they begin, since their end is never heard of."""
    for number in range(1, ATTEMPTS + 1):
        gone = Dying(desk_at(any_database, clock, dead_after=DEAD_AFTER))
        await gone.begins(*([PAINT] if number == 1 else []))
        await beats(gone.desk, clock)
        await until(lambda: gone.desk.doer.keys == ["12"])  # noqa: B023 - looked at at once
        await gone.ends()
    async with working(desk_at(any_database, clock, dead_after=DEAD_AFTER)) as desk:
        await beats(desk, clock)
        await desk.calm()

        assert desk.doer.did == []
        assert desk.doer.given_up == ["12"]
        assert [(row["state"], row["error"]) for row in await desk.rows()] == [
            ("dead", "process_died")
        ]


async def test_who_has_only_just_come_does_not_judge_who_is_silent(
    postgresql: Database, clock: SandboxClock
) -> None:
    """After a break of the database everybody's heartbeat is old; the newcomer's is the first."""
    busy = Dying(desk_at(postgresql, clock, dead_after=DEAD_AFTER))
    await busy.begins(PAINT)
    clock.advance(HOUR)
    async with working(desk_at(postgresql, clock, dead_after=DEAD_AFTER)) as newcomer:
        await newcomer.pulse.beat()
        await busy.desk.pulse.beat()
        for _ in range(8):
            clock.advance(2 * SECOND)
            await newcomer.pulse.beat()
            await busy.desk.pulse.beat()

        assert newcomer.doer.did == []
        assert await newcomer.states() == {"12": "running"}
    await busy.ends()


async def test_a_heart_beats_however_many_wait_for_the_database(
    postgresql: Database, clock: SandboxClock
) -> None:
    """A crowd of our own must not make others take us for dead."""
    over, holding = asyncio.Event(), set[int]()

    async def hold(number: int) -> None:
        async with postgresql.transaction():
            holding.add(number)
            await over.wait()

    async with working(desk_at(postgresql, clock)) as desk, asyncio.TaskGroup() as tasks:
        for number in range(CONNECTIONS):
            tasks.create_task(hold(number))
        await until(lambda: len(holding) == CONNECTIONS - RESERVED)
        clock.advance(SECOND)

        await desk.pulse.beat()
        over.set()


async def test_two_processes_share_the_work_and_do_nothing_twice(
    postgresql: Database, clock: SandboxClock
) -> None:
    """Whoever takes a job has it; of a lane, one at a time over both."""
    async with (
        working(desk_at(postgresql, clock)) as one,
        working(desk_at(postgresql, clock)) as other,
    ):
        jobs = [Job("paint", f"{number}", lane=f"{number % 7}") for number in range(140)]
        await one.put(*jobs[:70])
        await other.put(*jobs[70:])
        await until(lambda: len(one.doer.did) + len(other.doer.did) == 140)
        await asyncio.gather(one.calm(), other.calm())

        assert sorted(one.doer.keys + other.doer.keys) == sorted(job.key for job in jobs)
        assert await one.rows() == []
