"""Somebody who does jobs as a test tells them to, and small waits."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.jobs.queue import Job, Jobs, Snooze
from sandbox.clock import START, SandboxClock

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
PAINT = Job("paint", "12")


@dataclass
class Worker:
    """Does jobs as a test tells it to, and remembers what it did and when."""

    clock: SandboxClock
    did: list[tuple[str, datetime]] = field(default_factory=list)
    answers: list[Snooze | Exception | None] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    most_busy: int = 0
    given_up: list[str] = field(default_factory=list)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)
    began: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self, job: Job) -> Snooze | None:
        """Do a job as soon as it may end."""
        self.busy.add(job.key)
        self.most_busy = max(self.most_busy, len(self.busy))
        self.did.append((job.key, self.clock.now()))
        self.began.set()
        try:
            await self.may_end.wait()
        finally:
            self.busy.discard(job.key)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
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


async def pass_by(jobs: Jobs, clock: SandboxClock, duration: timedelta, steps: int = 1) -> None:
    """Let time pass, and everything happen that is due."""
    for _ in range(steps):
        clock.advance(duration / steps)
        await jobs.calm()


async def until(is_true: Callable[[], bool]) -> None:
    """Let tasks go on until something is so, and show that it stays so."""
    async with asyncio.timeout(5):
        while not is_true():
            await turn()
    for _ in range(10):
        await turn()
    assert is_true()


async def turn() -> None:
    """Let every other task go on once."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0):
            await asyncio.Event().wait()
