"""A database for the jobs to be put in, a queue that runs them, and somebody who does them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from bot.database import Database
from bot.jobs.queue import Jobs
from sandbox.clock import SandboxClock
from tests.jobs.worker import SECOND, Worker
from tests.store.opened import opened


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Open a fresh database."""
    async with opened(tmp_path / "greenlight.sqlite3") as database:
        yield database


@pytest.fixture
def clock() -> SandboxClock:
    """Let time stand still."""
    return SandboxClock()


@pytest.fixture
def worker(clock: SandboxClock) -> Worker:
    """Find somebody who ends jobs at once."""
    worker = Worker(clock)
    worker.may_end.set()
    return worker


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[EventDict]]:
    """Keep what is logged, instead of drawing tracebacks."""
    with capture_logs() as events:
        yield events


@pytest.fixture
async def jobs(clock: SandboxClock, worker: Worker) -> AsyncIterator[Jobs]:
    """Run jobs until the test is over."""
    jobs = Jobs(clock)
    jobs.handle("paint", worker.work, slots=10, give_up=worker.give_up)
    jobs.handle("narrow", worker.work, slots=2)
    running = asyncio.get_running_loop().create_task(jobs.run())
    yield jobs
    worker.may_end.set()
    await jobs.stop(SECOND)
    await running
