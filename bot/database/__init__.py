"""The database: the engine, and the one way to a transaction."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import filelock
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.clock import Clock
from bot.database.engines import (
    CONNECTIONS,
    PATIENCE,
    QUEUE,
    RESERVED,
    DatabaseInUse,
    DatabaseMissing,
    find_file,
    open_postgresql,
    open_sqlite,
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
from bot.database.transaction import Moment, Transaction, fence, filled, metadata
from bot.database.turns import Turns

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
        self,
        engine: AsyncEngine,
        lock: filelock.BaseFileLock | None,
        *,
        is_shared: bool,
        session: str = "",
    ) -> None:
        self.engine = engine
        self.session = session
        """Tells the connections of this process from all others."""
        self.is_shared = is_shared
        """Whether other processes work on it too."""
        self._lock = lock
        self._turns = Turns()
        self._patient = asyncio.Semaphore(CONNECTIONS - RESERVED)

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
            return cls(engine, None, is_shared=True, session=session)
        if not (alone and may_make):
            find_file(parsed)
        lock = take_file(parsed) if alone else None
        return cls(open_sqlite(parsed), lock, is_shared=False)

    async def close(self) -> None:
        """Close all connections, then let go of the file."""
        await self.engine.dispose()
        if self._lock is not None:
            self._lock.release()

    @contextlib.asynccontextmanager
    async def transaction(
        self, patience: timedelta | None = None, *, urgent: bool = False
    ) -> AsyncIterator[Transaction]:
        """Write: everything inside is stored together, or nothing is.

        What is ``urgent`` has its turn before everything else of this process. Whoever has a
        patience of their own waits no longer for anything; others wait for their turn as long as
        it takes a crowd to write.

        Raises:
            StorageUnavailable: somebody held the lock for too long, or the database failed.
            StatementRefused: a mistake of ours.
            LeaseLost: the work that this belongs to was taken over by another process.
        """
        queue, patience = patience or QUEUE, patience or PATIENCE
        async with self._turn(queue, urgent=urgent):
            try:
                async with self._connect(
                    "IMMEDIATE", patience, queue=queue, urgent=urgent
                ) as connection:
                    transaction = Transaction(connection)
                    if (is_ours := fence.get()) is not None:
                        await is_ours(transaction)
                    yield transaction
                    await connection.commit()
            except FAILURES as failure:
                raise meaning(failure, is_shared=self.is_shared) from None
        for act in transaction.committed:
            act()

    @contextlib.asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Transaction]:
        """Read: one consistent view, never waiting for a writer.

        Raises:
            StorageUnavailable: the database failed.
        """
        try:
            async with self._connect("DEFERRED", PATIENCE, queue=QUEUE) as connection:
                yield Transaction(connection)
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

    @contextlib.asynccontextmanager
    async def _turn(self, queue: timedelta, *, urgent: bool) -> AsyncIterator[None]:
        """Wait for this process's other writers, where there can be one; SQLite would poll."""
        async with contextlib.AsyncExitStack() as stack:
            if not self.is_shared:
                turn = self._turns.turn(queue.total_seconds(), urgent=urgent)
                try:
                    await stack.enter_async_context(turn)
                except TimeoutError:
                    raise StorageUnavailable("busy") from None
            yield

    @contextlib.asynccontextmanager
    async def _connect(
        self, mode: str, patience: timedelta, *, queue: timedelta, urgent: bool = False
    ) -> AsyncIterator[AsyncConnection]:
        async with contextlib.AsyncExitStack() as stack:
            if not urgent:
                async with asyncio.timeout(queue.total_seconds()):
                    await stack.enter_async_context(self._patient)
            async with asyncio.timeout(patience.total_seconds()):
                connection = await stack.enter_async_context(self.engine.connect())
            if self.is_shared:
                level = "REPEATABLE READ" if mode == "DEFERRED" else "READ COMMITTED"
                yield await connection.execution_options(isolation_level=level)
            else:
                milliseconds = int(patience.total_seconds() * 1000)
                yield await connection.execution_options(begin_mode=mode, busy_timeout=milliseconds)
