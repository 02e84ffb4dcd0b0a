"""A connection to a SQLite file as transactions hold it: what is small at once, the rest aside."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import Any, TypeVar, cast

import structlog
from sqlalchemy import Connection, CursorResult, Dialect, Executable, RowMapping

from bot.database.driver import Raw

log = structlog.get_logger()

T = TypeVar("T")

_THREADS = 4

_SLOW_SECONDS = 0.1
"""Nothing that the event loop waits for takes so long, unless the machine does."""

_MOST_NAMED = 120


class Aside:
    """Does beside the event loop what may take long."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, "sqlite")

    async def do(self, work: Callable[..., T], *arguments: object) -> T:
        """Do it to its end, also for whoever is cancelled: what it works on is not free before."""
        doing = asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            while not doing.done():
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait([doing])
            # What came of it is nobody's any more; that it was looked at keeps asyncio quiet.
            doing.exception()
            raise

    def close(self) -> None:
        """Wait until nothing is done any more."""
        self._threads.shutdown()


@dataclass(frozen=True, slots=True)
class Hand:
    """A connection in somebody's hand."""

    connection: Connection
    aside: Aside
    is_heavy: bool
    """Whether what its holder asks may take long, so that it must not be done in the loop."""

    @property
    def dialect(self) -> Dialect:
        """What kind of database it is."""
        return self.connection.dialect

    @property
    def raw(self) -> Raw:
        """The driver's own connection."""
        return cast("Raw", self.connection.connection.dbapi_connection)

    async def execute(
        self,
        statement: Executable,
        values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> CursorResult[Any]:
        """Execute a statement; once for each of several ``values``."""
        if self.is_heavy:
            return await self.aside.do(self.connection.execute, statement, values)
        began = perf_counter()
        result = self.connection.execute(statement, values)
        if (seconds := perf_counter() - began) > _SLOW_SECONDS:
            # The statement is ours; what it is about stands in its values, which are not told.
            name = " ".join(str(statement).split())[:_MOST_NAMED]
            log.warning("database.slow", statement=name, milliseconds=round(seconds * 1000))
        return result

    async def exec_driver_sql(self, statement: str) -> CursorResult[Any]:
        """Execute a statement in SQLite's own words."""
        return await self.aside.do(self.connection.exec_driver_sql, statement)

    async def run_sync(self, work: Callable[..., T], *arguments: object) -> T:
        """Do something with the connection beside the loop."""
        return await self.aside.do(work, self.connection, *arguments)

    async def batches(
        self, statement: Executable, size: int
    ) -> AsyncIterator[Sequence[RowMapping]]:
        """Read many rows, so many at a time."""
        raw = self.raw
        raw.is_streaming = True
        try:
            rows = (await self.aside.do(self.connection.execute, statement)).mappings()
        finally:
            raw.is_streaming = False
        try:
            while batch := await self.aside.do(rows.fetchmany, size):
                yield batch
        finally:
            rows.close()
