"""How each kind of database is opened: SQLite for one process, PostgreSQL for many.

SQLite: one process per file, held by a file lock that dies with the process; one writer at a time,
in WAL mode with full synchronisation, so that what was committed survives a power cut.

PostgreSQL: through asyncpg, or through psycopg where a pooler shares connections between
transactions. Every statement has a deadline, on the server as well.
"""

import asyncio
import contextlib
import functools
import os
import sqlite3
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import filelock
from sqlalchemy import Connection, Dialect, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

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

CONNECTIONS = 10
"""Connections of one process; a transaction holds one for a few milliseconds."""

RESERVED = 3
"""How many of them are kept for what is urgent: a click, a heartbeat, a round of jobs."""

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

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
)


class DatabaseInUse(Exception):
    """Another process holds this SQLite file."""


class DatabaseMissing(Exception):
    """There is no such SQLite file yet."""


def open_sqlite(url: URL) -> AsyncEngine:
    """Open a SQLite file; it is made if it is missing, readable only by its owner."""
    if is_file(url):
        path = Path(str(url.database))
        path.touch(mode=0o600, exist_ok=True)
        os.chmod(path, 0o600)  # noqa: PTH101 - also for a file that was there before
    engine = create_async_engine(
        url,
        **(_POOL if is_file(url) else {}),
        connect_args={"timeout": PATIENCE.total_seconds()},
        hide_parameters=True,
        # Every block of ours ends with a commit or a rollback, so the pool need not roll back.
        pool_reset_on_return=None,
    )
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    event.listen(engine.sync_engine, "invalidate", _roll_back)
    return engine


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


def _prepare(dbapi_connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own
    # Python's sqlite3 would begin transactions by itself and too late; ``_begin`` does it.
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


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


def _begin(connection: Connection) -> None:
    """Begin as the caller asked; a connection whose caller is cancelled meanwhile is given up.

    Its thread begins all the same, and nobody would roll that back: SQLAlchemy watches its own
    statements only. The write lock would be held for as long as the process lives.
    """
    try:
        _ask_driver_to_begin(connection)
    except asyncio.CancelledError:
        connection.invalidate()
        raise


def _roll_back(
    dbapi_connection: Any,  # noqa: ANN401 - the driver's own
    _record: object,
    _failure: object,
) -> None:
    """Let go of the file before a connection is given up, as when its statement was cancelled.

    Closing is not enough: SQLite keeps a closed connection, and its lock, for as long as a cursor
    of it lives; one that a cancelled caller still refers to lives until the next collection.
    Another cancellation does not stop it: what this asks for comes before the closing all the same.
    """
    with contextlib.suppress(sqlite3.Error, ValueError, asyncio.CancelledError):
        dbapi_connection.run_async(lambda raw: asyncio.shield(raw.rollback()))


def _ask_driver_to_begin(connection: Connection) -> None:
    """Go past SQLAlchemy's cursor, which has three times the hops to the connection's thread."""
    options = connection.get_execution_options()
    driver: Any = connection.connection.dbapi_connection
    patience = int(options.get("busy_timeout", 5000))
    if connection.info.get("busy_timeout") != patience:
        driver.run_async(lambda raw: raw.execute(f"PRAGMA busy_timeout = {patience}"))
        connection.info["busy_timeout"] = patience
    mode = options.get("begin_mode", "DEFERRED")
    driver.run_async(lambda raw: raw.execute(f"BEGIN {mode}"))
