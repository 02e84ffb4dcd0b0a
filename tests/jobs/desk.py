"""A desk at which jobs are put and done, and somebody who does them as a test tells."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.database import Database
from bot.jobs.pulse import Pulse
from bot.jobs.queue import Clash, Held, Job, Jobs, Outcome
from bot.jobs.table import job as table
from bot.jobs.worker import Worker
from sandbox.clock import START, SandboxClock

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
NOW = timedelta(0)
PAINT = Job("paint", "12")


@dataclass
class Doer:
    """Does jobs as a test tells it to, and remembers what it did and when."""

    clock: SandboxClock
    did: list[tuple[str, datetime]] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    answers: list[Outcome | BaseException] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    most_busy: int = 0
    given_up: list[str] = field(default_factory=list)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)
    began: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self, job: Job) -> Outcome:
        """Do a job as soon as it may end."""
        self.busy.add(job.key)
        self.most_busy = max(self.most_busy, len(self.busy))
        self.did.append((job.key, self.clock.now()))
        self.jobs.append(job)
        self.began.set()
        try:
            await self.may_end.wait()
        finally:
            self.busy.discard(job.key)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def give_up(self, job: Job) -> None:
        """Be told that a job is given up."""
        self.given_up.append(job.key)

    @property
    def keys(self) -> list[str]:
        """Tell which jobs were begun, in order."""
        return [key for key, _ in self.did]

    @property
    def moments(self) -> list[timedelta]:
        """Tell when jobs were begun, counted from the start."""
        return [at - START for _, at in self.did]


@dataclass(repr=False)
class Desk:
    """One process: what it puts, who does it, and the loop."""

    database: Database
    clock: SandboxClock
    pulse: Pulse
    jobs: Jobs
    worker: Worker
    doer: Doer

    async def put(self, *jobs: Job, clash: Clash = Clash.KEEP, after: timedelta = NOW) -> None:
        """Put jobs in one transaction."""
        async with self.database.transaction() as transaction:
            for job in jobs:
                await self.jobs.put(transaction, job, clash=clash, after=after)

    async def poke(self, job: Job, *, after: timedelta = NOW) -> None:
        """Poke a job."""
        async with self.database.transaction() as transaction:
            await self.jobs.poke(transaction, job.kind, job.key, after=after)

    async def hold(self, job: Job) -> Held | None:
        """Put a job that does not count yet."""
        async with self.database.transaction() as transaction:
            return await self.jobs.hold(transaction, job)

    async def calm(self) -> None:
        """Wait until nothing is left to do at this moment."""
        async with asyncio.timeout(60):
            await self.worker.calm()

    async def pass_by(self, duration: timedelta, steps: int = 1) -> None:
        """Let time pass, and everything happen that is due."""
        for _ in range(steps):
            self.clock.advance(duration / steps)
            await self.calm()

    async def rows(self) -> list[dict[str, Any]]:
        """Read the table, oldest first."""
        async with self.database.snapshot() as transaction:
            rows = await transaction.run(select(table).order_by(table.c.id))
            return [dict(row) for row in rows.mappings()]

    async def states(self) -> dict[str, str]:
        """Read the state of each job by its key."""
        return {row["key"]: row["state"] for row in await self.rows()}


def desk_at(
    database: Database, clock: SandboxClock, *, dead_after: timedelta = 10 * SECOND
) -> Desk:
    """Set a desk up at a database; nothing runs yet."""
    pulse = Pulse(database, clock, dead_after)
    jobs, doer = Jobs(clock, pulse), Doer(clock)
    doer.may_end.set()
    jobs.handle("paint", doer.work, slots=10, give_up=doer.give_up)
    jobs.handle("narrow", doer.work, slots=2)
    return Desk(database, clock, pulse, jobs, Worker(database, jobs, pulse, clock), doer)


@contextlib.asynccontextmanager
async def working(desk: Desk) -> AsyncIterator[Desk]:
    """Let a desk work inside the block, its heart beating."""
    await desk.pulse.begin()
    loop = asyncio.get_running_loop()
    work, heart = loop.create_task(desk.worker.run()), loop.create_task(desk.pulse.run())
    try:
        yield desk
    finally:
        desk.doer.may_end.set()
        await desk.worker.stop(SECOND)
        heart.cancel()
        await asyncio.wait({work, heart})
        await desk.pulse.end()
    work.result()


async def until(is_true: Callable[[], bool]) -> None:
    """Let tasks go on until something is so."""
    async with asyncio.timeout(60):
        while not is_true():
            await turn()


async def turn() -> None:
    """Let every other task go on for a moment."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.002):
            await asyncio.Event().wait()
