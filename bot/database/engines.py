"""How each kind of database is opened: SQLite for one process, PostgreSQL for many.

SQLite: one process per file, held by a file lock that dies with the process (``driver.py``).

PostgreSQL: through asyncpg, or through psycopg where a pooler shares connections between
transactions. Every statement has a deadline, on the server as well.
"""

import functools
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import filelock
from sqlalchemy import Dialect, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.database.driver import CONNECTIONS

PATIENCE = timedelta(seconds=5)
"""How long a transaction waits for another process's lock, and for a connection."""

QUEUE = timedelta(seconds=30)
"""How long it waits for this process's own crowd, which is no failure of the database."""

_STATEMENT_WITHIN = timedelta(seconds=15)
"""How long one statement may take; the largest ones move a whole table at an upgrade."""

_IDLE_WITHIN = timedelta(seconds=5)
"""How long the server waits for the next statement of a transaction; milliseconds, by itself. A
process that stands still in the middle of one keeps others from what it has locked.
"""

_POOL: dict[str, Any] = {
    "pool_size": CONNECTIONS,
    # Nobody waits long for one; opening another, with its thread or its session, takes longer.
    "max_overflow": 0,
    "pool_timeout": PATIENCE.total_seconds(),
    # The one used last has its statements prepared; taking turns would prepare each ten times.
    "pool_use_lifo": True,
}

_FRESH = timedelta(seconds=1)
"""How long a connection to PostgreSQL is taken for alive after it was begun to be used."""

_TAKEN_AT = "taken_at"


class DatabaseInUse(Exception):
    """Another process holds this SQLite file."""


class DatabaseMissing(Exception):
    """There is no such SQLite file yet."""


def make_file(url: URL) -> None:
    """Make a SQLite file if it is missing, readable only by its owner."""
    if is_file(url):
        path = Path(str(url.database))
        path.touch(mode=0o600, exist_ok=True)
        os.chmod(path, 0o600)  # noqa: PTH101 - also for a file that was there before


def open_postgresql(url: URL, name: str) -> AsyncEngine:
    """Open a pool of connections to a PostgreSQL database, which knows them by a name."""
    if url.drivername.endswith("psycopg"):
        told = {**_PSYCOPG, "application_name": name}
    else:
        told = {**_ASYNCPG, "server_settings": {**_SETTINGS, "application_name": name}}
    engine = create_async_engine(url, hide_parameters=True, connect_args=told, **_POOL)
    event.listen(engine.sync_engine, "checkout", functools.partial(_revive, engine.dialect))
    return engine


_MILLISECONDS = int(_STATEMENT_WITHIN.total_seconds() * 1000)
_IDLE_MILLISECONDS = int(_IDLE_WITHIN.total_seconds() * 1000)

_ASYNCPG: dict[str, Any] = {
    "timeout": PATIENCE.total_seconds(),
    "command_timeout": _STATEMENT_WITHIN.total_seconds(),
}
_SETTINGS = {
    "statement_timeout": str(_MILLISECONDS),
    "idle_in_transaction_session_timeout": str(_IDLE_MILLISECONDS),
}

_PSYCOPG: dict[str, Any] = {
    "connect_timeout": int(PATIENCE.total_seconds()),
    # The driver has no deadline for a statement: on a dead network the system ends the connection.
    "tcp_user_timeout": _MILLISECONDS,
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "options": (
        f"-c statement_timeout={_MILLISECONDS} "
        f"-c idle_in_transaction_session_timeout={_IDLE_MILLISECONDS}"
    ),
    # A pooler that shares connections between transactions knows no prepared statements.
    "prepare_threshold": None,
}


def is_file(url: URL) -> bool:
    """Tell whether a SQLite address names a file."""
    return bool(url.database) and url.database != ":memory:"


def find_file(url: URL) -> None:
    """Refuse to make a SQLite file that is not there.

    Raises:
        DatabaseMissing: it is not there.
    """
    path = Path(str(url.database))
    if is_file(url) and not path.exists():
        raise DatabaseMissing(path.name)


def take_file(url: URL) -> filelock.BaseFileLock | None:
    """Hold a SQLite file against other processes.

    Raises:
        DatabaseInUse: another process works on it.
    """
    if not is_file(url):
        return None
    path = Path(str(url.database))
    lock = filelock.FileLock(f"{path}.lock", mode=0o600)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise DatabaseInUse(path.name) from None
    return lock


def _revive(
    dialect: Dialect,
    dbapi_connection: Any,  # noqa: ANN401 - the driver's own
    record: ConnectionPoolEntry,
    _proxy: object,
) -> None:
    """Replace a connection that died while nobody used it, for example at a restart of the server.

    SQLAlchemy's own check asks each time, which is three ways to the server and back before every
    transaction. One that was in use a moment ago is taken as it is: should it be dead, that one
    transaction fails, and its failure clears the pool.
    """
    now = time.monotonic()
    last_taken, record.info[_TAKEN_AT] = record.info.get(_TAKEN_AT, now), now
    if now - last_taken < _FRESH.total_seconds():
        return
    try:
        dialect.do_ping(dbapi_connection)
    except (dialect.loaded_dbapi.Error, OSError):
        raise InvalidatePoolError from None
