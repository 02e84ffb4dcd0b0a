"""A database for the jobs to be put in, and a desk at which they are done."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from bot.database import Database
from sandbox.clock import SandboxClock
from tests.jobs.desk import Desk, Doer, desk_at, working


@pytest.fixture
def clock() -> SandboxClock:
    """Let time stand still."""
    return SandboxClock()


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[EventDict]]:
    """Keep what is logged, instead of drawing tracebacks."""
    with capture_logs() as events:
        yield events


@pytest.fixture
async def desk(any_database: Database, clock: SandboxClock) -> AsyncIterator[Desk]:
    """Do jobs until the test is over."""
    # Time jumps by hours here: no heart keeps pace with that.
    async with working(desk_at(any_database, clock, dead_after=timedelta(days=30))) as desk:
        yield desk


@pytest.fixture
def doer(desk: Desk) -> Doer:
    """Find somebody who ends jobs at once."""
    return desk.doer
