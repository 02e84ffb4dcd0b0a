"""The database: engine, metadata, and the ``Transaction`` that store and jobs share.

SQLite: one process per file, held by a file lock that dies with the process; one writer at a time,
in WAL mode with full synchronisation, so that what was committed survives a power cut.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import filelock
from sqlalchemy import (
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Executable,
    MetaData,
    Table,
    TypeDecorator,
    event,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from typing_extensions import override

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

PATIENCE = timedelta(seconds=5)
"""How long a transaction waits for another one's lock."""

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
)


class StorageUnavailable(Exception):
    """The database did not take the transaction: nothing of it was stored."""


class DatabaseInUse(Exception):
    """Another process holds this SQLite file."""


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite forgets the zone, so it is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    @override
    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class Transaction:
    """One transaction, handed from service to store and jobs without naming the database."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.committed: list[Callable[[], None]] = []

    async def run(self, statement: Executable) -> CursorResult[Any]:
        """Execute a statement."""
        return await self.connection.execute(statement)

    async def insert_once(self, table: Table, values: Mapping[str, Any]) -> bool:
        """Insert a row unless its key is there; tell whether it was inserted."""
        statement = sqlite.insert(table).values(**values).on_conflict_do_nothing()
        return (await self.run(statement)).rowcount == 1

    async def insert_numbered(self, table: Table, values: Mapping[str, Any]) -> int | None:
        """Insert a row unless its key is there; its ``id``, or None if it was there."""
        statement = sqlite.insert(table).values(**values).on_conflict_do_nothing()
        found: int | None = (await self.run(statement.returning(table.c.id))).scalar_one_or_none()
        return found

    def after_commit(self, act: Callable[[], None]) -> None:
        """Do something once, only when everything of this transaction is stored."""
        self.committed.append(act)


class Database:
    """The engine, and the one way to a transaction."""

    def __init__(self, engine: AsyncEngine, lock: filelock.BaseFileLock | None) -> None:
        self.engine = engine
        self._lock = lock
        self._writing = asyncio.Lock()

    @classmethod
    def open(cls, url: str) -> "Database":
        """Open the database; a SQLite file is made if it is missing, readable only by its owner.

        Raises:
            DatabaseInUse: another process works on the same SQLite file.
        """
        parsed = make_url(url)
        lock = _take_file(parsed)
        engine = create_async_engine(
            parsed,
            connect_args={"timeout": PATIENCE.total_seconds()},
            # Every block of ours ends with a commit or a rollback, so the pool need not roll back.
            pool_reset_on_return=None,
        )
        event.listen(engine.sync_engine, "connect", _prepare)
        event.listen(engine.sync_engine, "begin", _begin)
        return cls(engine, lock)

    async def close(self) -> None:
        """Close all connections, then let go of the file."""
        await self.engine.dispose()
        if self._lock is not None:
            self._lock.release()

    @contextlib.asynccontextmanager
    async def transaction(self, patience: timedelta = PATIENCE) -> AsyncIterator[Transaction]:
        """Write: everything inside is stored together, or nothing is.

        Raises:
            StorageUnavailable: another process held the lock for too long, or the disk failed.
        """
        await self._take_turn(patience)
        try:
            async with self._connect("IMMEDIATE", patience) as connection:
                transaction = Transaction(connection)
                yield transaction
                await connection.commit()
        except DBAPIError as failure:
            raise StorageUnavailable(type(failure).__name__) from None
        finally:
            self._writing.release()
        for act in transaction.committed:
            act()

    @contextlib.asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Transaction]:
        """Read: one consistent view, never waiting for a writer.

        Raises:
            StorageUnavailable: the disk failed.
        """
        try:
            async with self._connect("DEFERRED", PATIENCE) as connection:
                yield Transaction(connection)
        except DBAPIError as failure:
            raise StorageUnavailable(type(failure).__name__) from None

    async def is_ready(self) -> bool:
        """Tell whether the database answers."""
        try:
            async with self.snapshot() as transaction:
                await transaction.run(text("SELECT 1"))
        except StorageUnavailable:
            return False
        return True

    async def _take_turn(self, patience: timedelta) -> None:
        """Wait for this process's other writers; SQLite would do it by polling."""
        try:
            async with asyncio.timeout(patience.total_seconds()):
                await self._writing.acquire()
        except TimeoutError:
            raise StorageUnavailable("busy") from None

    @contextlib.asynccontextmanager
    async def _connect(self, mode: str, patience: timedelta) -> AsyncIterator[AsyncConnection]:
        async with self.engine.connect() as connection:
            milliseconds = int(patience.total_seconds() * 1000)
            yield await connection.execution_options(begin_mode=mode, busy_timeout=milliseconds)


def _take_file(url: URL) -> filelock.BaseFileLock | None:
    if not url.database or url.database == ":memory:":
        return None
    path = Path(url.database)
    path.touch(mode=0o600, exist_ok=True)
    os.chmod(path, 0o600)  # noqa: PTH101 - also for a file that was there before
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


def _begin(connection: Connection) -> None:
    """Begin as the caller asked; each statement costs a hop to the connection's own thread."""
    options = connection.get_execution_options()
    patience = int(options.get("busy_timeout", 5000))
    if connection.info.get("busy_timeout") != patience:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {patience}")
        connection.info["busy_timeout"] = patience
    connection.exec_driver_sql(f"BEGIN {options.get('begin_mode', 'DEFERRED')}")
