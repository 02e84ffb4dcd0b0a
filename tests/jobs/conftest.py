"""A database for the jobs to be put in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.database import Database
from tests.store.opened import opened


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Open a fresh database."""
    async with opened(tmp_path / "greenlight.sqlite3") as database:
        yield database
