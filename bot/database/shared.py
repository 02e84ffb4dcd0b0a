"""The way to a PostgreSQL, which many processes share."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.database.driver import CONNECTIONS
from bot.database.transaction import Transaction, fence

RESERVED = 2
"""How many connections are kept for what is urgent."""


@dataclass(slots=True)
class Shared:
    """Reads and writes a PostgreSQL database."""

    engine: AsyncEngine
    _patient: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(CONNECTIONS - RESERVED)
    )

    @contextlib.asynccontextmanager
    async def transaction(
        self, patience: timedelta, *, is_urgent: bool, is_heavy: bool
    ) -> AsyncIterator[Transaction]:
        """Write, unless the work that this belongs to was taken over by another process."""
        del is_heavy  # The server works by itself.
        async with self._connect("READ COMMITTED", patience, is_urgent=is_urgent) as connection:
            transaction = Transaction(connection)
            if (is_ours := fence.get()) is not None:
                await is_ours(transaction)
            yield transaction
            await connection.commit()

    @contextlib.asynccontextmanager
    async def snapshot(self, patience: timedelta, *, is_heavy: bool) -> AsyncIterator[Transaction]:
        """Read: one consistent view."""
        del is_heavy
        async with self._connect("REPEATABLE READ", patience, is_urgent=False) as connection:
            yield Transaction(connection)

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()

    @contextlib.asynccontextmanager
    async def _connect(
        self, level: str, patience: timedelta, *, is_urgent: bool
    ) -> AsyncIterator[AsyncConnection]:
        async with contextlib.AsyncExitStack() as stack:
            async with asyncio.timeout(patience.total_seconds()):
                if not is_urgent:
                    await stack.enter_async_context(self._patient)
                connection = await stack.enter_async_context(self.engine.connect())
            yield await connection.execution_options(isolation_level=level)
