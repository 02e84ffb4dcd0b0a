"""The way to a SQLite file, which one process has for itself.

SQLite has one writer at a time, and each commit waits for the disk. So whoever comes while another
one writes is stored together with it: each in a savepoint of its own, which alone is taken back if
it fails, and nobody goes on before the one commit that stores them all.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from bot.database.driver import CONNECTIONS, Raw
from bot.database.failures import FAILURES, StatementRefused, StorageUnavailable, meaning
from bot.database.hand import Aside, Hand
from bot.database.transaction import Transaction
from bot.database.turns import Turns

_READERS = CONNECTIONS - 2
"""How many read at a time: the connections but for whoever writes and whoever comes next."""

_MOST = 32
"""Transactions that one commit stores: the first of them waits until the last has written."""

_PAUSES_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05)
"""How long to wait for another process that writes, each time; the last one from then on."""


@dataclass(eq=False, slots=True)
class _Batch:
    """Transactions that one commit stores."""

    hand: Hand
    stored: asyncio.Future[None]
    members: int = 0

    @property
    def connection(self) -> Connection:
        return self.hand.connection

    def close(self) -> None:
        """Let go of the file; what was not committed is gone."""
        self.hand.raw.rollback()
        self.connection.close()


@dataclass(slots=True)
class Alone:
    """Reads and writes a SQLite file."""

    engine: Engine
    _aside: Aside = field(default_factory=Aside)
    _turns: Turns = field(default_factory=Turns)
    _readers: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_READERS))
    _open: _Batch | None = None
    _storing: set[asyncio.Task[None]] = field(default_factory=set)

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
        """Write; whoever waits meanwhile is stored together with it.

        Raises:
            StorageUnavailable: somebody else wrote for too long, or nothing could be stored.
        """
        async with self._turn(queue, is_urgent=is_urgent):
            batch = self._open
            if batch is None:
                batch = self._open = await self._begun(patience)
            raw = batch.hand.raw
            try:
                raw.execute("SAVEPOINT member")
                yield Transaction(Hand(batch.connection, self._aside, is_heavy))
                raw.execute("RELEASE member")
            except BaseException:
                # SQLite takes everything back by itself, for example on a full disk.
                if batch.members and raw.in_transaction:
                    raw.execute("ROLLBACK TO member")
                    raw.execute("RELEASE member")
                else:
                    self._drop(batch)
                raise
            batch.members += 1
            if is_hurried or batch.members == _MOST:
                # Nobody joins it any more, also if whoever holds the turn goes away meanwhile.
                self._open = None
                await asyncio.shield(self._start(self._commit(batch)))
            elif batch.members == 1:
                _ = self._start(self._store(batch))
        await asyncio.shield(batch.stored)

    @contextlib.asynccontextmanager
    async def snapshot(self, queue: timedelta, *, is_heavy: bool) -> AsyncIterator[Transaction]:
        """Read: one consistent view."""
        if self._readers.locked():
            async with asyncio.timeout(queue.total_seconds()):
                await self._readers.acquire()
        else:
            await self._readers.acquire()
        try:
            with self.engine.connect() as connection:
                hand = Hand(connection, self._aside, is_heavy)
                raw = hand.raw
                raw.execute("BEGIN")
                try:
                    yield Transaction(hand)
                finally:
                    raw.rollback()
        finally:
            self._readers.release()

    async def close(self) -> None:
        """Close all connections, once everything is stored."""
        await asyncio.gather(*self._storing)
        self._aside.close()
        self.engine.dispose()

    @contextlib.asynccontextmanager
    async def _turn(self, queue: timedelta, *, is_urgent: bool) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            turn = self._turns.turn(queue.total_seconds(), urgent=is_urgent)
            try:
                await stack.enter_async_context(turn)
            except TimeoutError:
                raise StorageUnavailable("busy") from None
            yield

    async def _begun(self, patience: timedelta) -> _Batch:
        """Begin to write, as soon as no other process does."""
        loop = asyncio.get_running_loop()
        until, tries = loop.time() + patience.total_seconds(), 0
        hand = Hand(self.engine.connect(), self._aside, is_heavy=False)
        batch = _Batch(hand, loop.create_future())
        try:
            while not _begins(hand.raw, is_last_try=loop.time() >= until):
                pause = _PAUSES_SECONDS[min(tries, len(_PAUSES_SECONDS) - 1)]
                await asyncio.sleep(pause)  # noqa: TID251 - the other process's time is real
                tries += 1
            batch.connection.begin()
        except BaseException:
            batch.close()
            raise
        return batch

    def _drop(self, batch: _Batch) -> None:
        """Let everything go that was written together."""
        self._open = None
        batch.close()
        if batch.members:
            _fail(batch, StorageUnavailable("taken_back"))

    def _start(self, storing: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Store in a task of its own: whoever is cancelled must not keep the others waiting."""
        task = asyncio.get_running_loop().create_task(storing, name="commit")
        self._storing.add(task)
        task.add_done_callback(self._storing.discard)
        return task

    async def _store(self, batch: _Batch) -> None:
        """Commit once those have written who wait already, unless somebody did before."""
        async with self._turns.turn(None, urgent=False):
            if self._open is batch:
                self._open = None
                await self._commit(batch)

    async def _commit(self, batch: _Batch) -> None:
        try:
            await self._aside.do(batch.connection.commit)
        except FAILURES as failure:
            _fail(batch, meaning(failure, is_shared=False))
        else:
            batch.stored.set_result(None)
        finally:
            batch.close()
            if not batch.stored.done():
                # The process ends: whoever waits is not told that it is stored.
                _fail(batch, StorageUnavailable("ended", is_sure=False))


def _fail(batch: _Batch, failure: StorageUnavailable | StatementRefused) -> None:
    batch.stored.set_exception(failure)
    # Perhaps nobody waits for it any more; that it was looked at keeps asyncio quiet.
    batch.stored.exception()


def _begins(raw: Raw, *, is_last_try: bool) -> bool:
    """Try to begin; False while another process writes."""
    try:
        raw.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as failure:
        if is_last_try or failure.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True
