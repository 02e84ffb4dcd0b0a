"""A database in a folder of the test's own, with the tables of this version."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from bot.database import Database
from bot.store import schema


def address_of(path: Path) -> str:
    """Write the address of a SQLite file."""
    return f"sqlite+aiosqlite:///{path}"


@contextlib.asynccontextmanager
async def opened(path: Path, revision: str = "head") -> AsyncIterator[Database]:
    """Open a database file, bring it to a revision, and close it in the end."""
    database = Database.open(address_of(path))
    try:
        await schema.upgrade(database, revision)
        yield database
    finally:
        await database.close()
