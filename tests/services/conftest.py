"""A database for services that need nothing of Slack and Buddy."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.database import Database
from sandbox.clock import SandboxClock
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
