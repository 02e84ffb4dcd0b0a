"""Take what somebody asks for so that it cannot be lost, or say in time that it is not taken.

The row and its job are stored together. The job is held: nobody does it before its holder says that
it counts. A commit that is late, or whose answer got lost, may be stored all the same; what it
stored is then made void, since the person was told that it will not happen.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.database import Database, StorageUnavailable, Transaction
from bot.errors import NotTaken
from bot.jobs.queue import Held

log = structlog.get_logger()

PATIENCE = timedelta(seconds=1.5)
"""How long it waits for the database."""

ANSWER_WITHIN = timedelta(seconds=2)
"""When a person is told «not taken»; Slack waits three seconds for the acknowledgement."""

_VOID_AGAIN = timedelta(seconds=1)

Store = Callable[[Transaction], Awaitable[Held | None]]
Void = Callable[[Transaction], Awaitable[None]]


@dataclass(slots=True)
class Taking:
    """Stores what is asked for, within the time that Slack gives."""

    database: Database
    clock: Clock
    _late: set[asyncio.Task[Held | None]] = field(default_factory=set)

    async def take(self, store: Store, void: Void) -> Held | None:
        """Store something and its job; None if the very same was stored before.

        ``void`` takes back what ``store`` may have left; both may be called in the background.

        Raises:
            NotTaken: it could not be stored in time, and will not be carried out later either.
        """
        one = _One(self.database, self.clock, store, void)
        task = asyncio.get_running_loop().create_task(one.run())
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        await asyncio.wait({task}, timeout=ANSWER_WITHIN.total_seconds())
        if not task.done():
            # A commit that is under way cannot be called back; what it stores is made void.
            one.is_abandoned = True
        if one.is_abandoned:
            log.warning("click.not_taken")
            raise NotTaken
        return task.result()

    async def drain(self, longest: timedelta) -> None:
        """Wait for what is still being stored or made void, no longer than that."""
        if self._late:
            await asyncio.wait(self._late, timeout=longest.total_seconds())


@dataclass(slots=True)
class _One:
    """The storing of one thing, which may turn out to be too late."""

    database: Database
    clock: Clock
    store: Store
    void: Void
    is_abandoned: bool = False

    async def run(self) -> Held | None:
        """Store it; abandoned, if the database did not take it in time."""
        held = None
        try:
            async with self.database.transaction(PATIENCE, urgent=True) as transaction:
                held = await self.store(transaction)
                self._go_on()
        except _Abandoned:
            if held is not None:
                held.forget()
            return None
        except StorageUnavailable as failure:
            self.is_abandoned = True
            if held is not None and failure.is_sure:
                held.forget()
                return None
        if self.is_abandoned and held is not None:
            await self._take_back()
            held.forget()
        return held

    def _go_on(self) -> None:
        """Leave a transaction in which nothing is stored yet, and for which nobody waits."""
        if self.is_abandoned:
            raise _Abandoned

    async def _take_back(self) -> None:
        """Make void what may be stored, however long the database takes to answer."""
        while True:
            try:
                async with self.database.transaction() as transaction:
                    await self.void(transaction)
            except StorageUnavailable:
                await self.clock.sleep(_VOID_AGAIN)
            else:
                return


class _Abandoned(Exception):
    """Leaves a transaction without storing anything."""
