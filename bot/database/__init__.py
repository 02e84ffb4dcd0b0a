"""The database: the engine, and the one way to a transaction."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import filelock
from sqlalchemy import Engine, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import Clock
from bot.database.alone import Alone
from bot.database.driver import engine_for
from bot.database.engines import (
    PATIENCE,
    QUEUE,
    DatabaseInUse,
    DatabaseMissing,
    find_file,
    is_file,
    make_file,
    open_postgresql,
    take_file,
)
from bot.database.failures import (
    FAILURES,
    StatementRefused,
    StorageUnavailable,
    explain,
    meaning,
)
from bot.database.sessions import application_name, new_session
from bot.database.shared import Shared
from bot.database.transaction import Moment, Transaction, fence, filled, metadata

__all__ = [
    "PATIENCE",
    "Database",
    "DatabaseInUse",
    "DatabaseMissing",
    "Moment",
    "StatementRefused",
    "StorageUnavailable",
    "Transaction",
    "explain",
    "fence",
    "filled",
    "metadata",
]


class Database:
    """The engine, and the one way to a transaction."""

    def __init__(
        self, way: Alone | Shared, lock: filelock.BaseFileLock | None, session: str = ""
    ) -> None:
        self._way = way
        self._lock = lock
        self.session = session
        """Tells the connections of this process from all others."""

    @classmethod
    def open(cls, url: str, *, alone: bool = True, may_make: bool = True) -> "Database":
        """Open the database.

        A SQLite file belongs to one process; ``alone=False`` opens it beside that one, for a
        command that looks after it for a moment and never makes one.

        Raises:
            DatabaseInUse: another process works on the same SQLite file.
            DatabaseMissing: there is no such file, and none may be made.
        """
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgresql":
            session = new_session()
            engine = open_postgresql(parsed, application_name(session))
            return cls(Shared(engine), None, session)
        if not (alone and may_make):
            find_file(parsed)
        lock = take_file(parsed) if alone else None
        make_file(parsed)
        return cls(Alone(engine_for(parsed, is_file=is_file(parsed))), lock)

    @property
    def engine(self) -> Engine | AsyncEngine:
        """What makes the connections."""
        return self._way.engine

    @property
    def is_shared(self) -> bool:
        """Whether other processes work on it too."""
        return isinstance(self._way, Shared)

    async def close(self) -> None:
        """Close all connections, then let go of the file."""
        await self._way.close()
        if self._lock is not None:
            self._lock.release()

    @contextlib.asynccontextmanager
    async def transaction(
        self, patience: timedelta | None = None, *, urgent: bool = False, heavy: bool = False
    ) -> AsyncIterator[Transaction]:
        """Write: everything inside is stored together, or nothing is.

        What is ``urgent`` has its turn before everything else of this process, and where it has a
        patience of its own it is stored before who comes next has written. Whoever has a
        patience of their own waits no longer for anything; others wait for their turn as long as
        it takes a crowd to write. What is ``heavy`` may take some milliseconds of computing, for
        which the event loop does not wait.

        Raises:
            StorageUnavailable: somebody held the lock for too long, or the database failed.
            StatementRefused: a mistake of ours.
            LeaseLost: the work that this belongs to was taken over by another process.
        """
        try:
            async with self._way.transaction(
                patience or PATIENCE,
                patience or QUEUE,
                is_urgent=urgent,
                is_hurried=urgent and patience is not None,
                is_heavy=heavy,
            ) as transaction:
                yield transaction
        except FAILURES as failure:
            raise meaning(failure, is_shared=self.is_shared) from None
        for act in transaction.committed:
            act()

    @contextlib.asynccontextmanager
    async def snapshot(self, *, heavy: bool = False) -> AsyncIterator[Transaction]:
        """Read: one consistent view, never waiting for a writer.

        Raises:
            StorageUnavailable: the database failed.
        """
        try:
            async with self._way.snapshot(QUEUE, is_heavy=heavy) as transaction:
                yield transaction
        except FAILURES as failure:
            raise meaning(failure, is_shared=self.is_shared) from None

    async def time(self, transaction: Transaction, clock: Clock) -> float:
        """Tell the time that counts for all who share the database, in seconds since 1970.

        It is the database's own; ours, where nobody shares it or where time is simulated.
        """
        if not self.is_shared or clock.is_simulated:
            return clock.now().timestamp()
        rows = await transaction.run(select(func.extract("epoch", func.clock_timestamp())))
        return float(rows.scalar_one())

    async def is_ready(self) -> bool:
        """Tell whether the database answers."""
        try:
            async with self.snapshot() as transaction:
                await transaction.run(text("SELECT 1"))
        except StorageUnavailable:
            return False
        return True
