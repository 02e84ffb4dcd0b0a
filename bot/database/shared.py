"""The way to a PostgreSQL, which many processes share."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.database.driver import CONNECTIONS
from bot.database.engines import PATIENCE
from bot.database.transaction import Transaction, fence

RESERVED = 3
"""Connections that are kept for what is urgent: a click, a heartbeat, a round of jobs."""


@dataclass(slots=True)
class Shared:
    """Reads and writes a PostgreSQL database."""

    engine: AsyncEngine
    _patient: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(CONNECTIONS - RESERVED)
    )

    @contextlib.asynccontextmanager
    async def transaction(
        self,
        patience: timedelta,
        queue: timedelta,
        *,
        is_urgent: bool,
        is_hurried: bool,
        is_heavy: bool,
    ) -> AsyncIterator[Transaction]:
        """Write, unless the work that this belongs to was taken over by another process."""
        del is_heavy, is_hurried  # The server works by itself, and stores each by itself.
        async with self._connect(
            "READ COMMITTED", patience, queue, is_urgent=is_urgent
        ) as connection:
            transaction = Transaction(connection)
            if (is_ours := fence.get()) is not None:
                await is_ours(transaction)
            yield transaction
            await connection.commit()

    @contextlib.asynccontextmanager
    async def snapshot(self, queue: timedelta, *, is_heavy: bool) -> AsyncIterator[Transaction]:
        """Read: one consistent view."""
        del is_heavy
        async with self._connect("REPEATABLE READ", PATIENCE, queue, is_urgent=False) as connection:
            yield Transaction(connection)

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()

    @contextlib.asynccontextmanager
    async def _connect(
        self, level: str, patience: timedelta, queue: timedelta, *, is_urgent: bool
    ) -> AsyncIterator[AsyncConnection]:
        async with contextlib.AsyncExitStack() as stack:
            if not is_urgent:
                async with asyncio.timeout(queue.total_seconds()):
                    await stack.enter_async_context(self._patient)
            async with asyncio.timeout(patience.total_seconds()):
                connection = await stack.enter_async_context(self.engine.connect())
            yield await connection.execution_options(isolation_level=level)
