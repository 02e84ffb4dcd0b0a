"""Both kinds of database, each with a bot and a bare jobs engine on it.

PostgreSQL is the one that the tests' variable names, else one of our own that waits for the disk as
in production. Its processes stay with the load, off the servers' core.
"""

import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks.operations import Operations
from benchmarks.server import started
from tests.postgres import EMPTY, Server, lent, server
from tests.postgres.programs import VARIABLE

AIMS = {"SQLite": 250, "PostgreSQL": 350}
"""PATCHes a second that were hoped for when the jobs engine was chosen."""


@contextlib.asynccontextmanager
async def opened(core: int, storage: Path) -> AsyncIterator[list[Operations]]:
    """Start everything, with the database files in the storage folder."""
    async with contextlib.AsyncExitStack() as stack:
        postgres = stack.enter_context(postgresql())
        names = [stack.enter_context(postgres.fresh(EMPTY)) for _ in range(2)]
        urls = {
            "SQLite": [f"sqlite:///{storage / name}.db" for name in ("bot", "engine")],
            "PostgreSQL": [database.url("asyncpg") for database in names],
        }
        found = []
        for database, (of_bot, of_engine) in urls.items():
            folder = storage / database
            folder.mkdir()
            place = ("--core", str(core), "--database")
            bot_starts = started("benchmarks.greenlight", *place, of_bot, "--storage", str(folder))
            engine_starts = started("benchmarks.peers.engine", *place, of_engine)
            bot = await stack.enter_async_context(bot_starts)
            engine = await stack.enter_async_context(engine_starts)
            found.append(Operations(database, bot, engine, AIMS[database]))
        yield found


def postgresql() -> AbstractContextManager[Server]:
    """Use the server that the tests' variable names, else run one that waits for the disk."""
    address = os.environ.get(VARIABLE)
    return lent(address) if address else server(durable=True)
