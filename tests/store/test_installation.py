"""Who this installation is stays the same for as long as its database lives."""

from pathlib import Path

from bot.database import Database
from bot.store.installation import own_id
from tests.store.opened import opened


async def read(database: Database) -> str:
    """Read the id as a start does."""
    async with database.transaction() as transaction:
        return await own_id(transaction)


async def test_an_installation_keeps_its_id(tmp_path: Path) -> None:
    """After a restart it is the same, so the cards of yesterday are still its own."""
    async with opened(tmp_path / "one") as database:
        first = await read(database)
        assert await read(database) == first
    async with opened(tmp_path / "one") as database:
        assert await read(database) == first


async def test_every_installation_has_its_own_id(tmp_path: Path) -> None:
    """Two databases are two installations."""
    async with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        assert await read(one) != await read(two)
