"""A database in a folder of the test's own, with the tables of this version."""

import asyncio
import atexit
import contextlib
import functools
import shutil
import tempfile
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.database import Database
from bot.store import schema


def address_of(path: Path) -> str:
    """Write the address of a SQLite file."""
    return f"sqlite:///{path}"


@functools.cache
def _migrated() -> Path:
    """Make a file that has the tables of this version, once in a process, to copy others from."""
    folder = Path(tempfile.mkdtemp(prefix="greenlight-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "greenlight.sqlite3"

    async def make() -> None:
        database = Database.open(address_of(path))
        await schema.upgrade(database)
        await database.close()

    # In a thread of its own, since it runs a loop, and whoever asks may run in another.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, make()).result()
    return path


def furnish(path: Path) -> None:
    """Put a database file with the tables of this version there, unless there is one.

    Migrating a new one for each test takes longer.
    """
    if not path.exists():
        shutil.copy(_migrated(), path)


@contextlib.asynccontextmanager
async def opened(path: Path, revision: str = "head") -> AsyncIterator[Database]:
    """Open a database file, bring it to a revision, and close it in the end."""
    if revision == "head":
        furnish(path)
    database = Database.open(address_of(path))
    try:
        await schema.upgrade(database, revision)
        yield database
    finally:
        await database.close()
