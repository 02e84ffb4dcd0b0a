"""This process's sign of life, and who lives beside it.

Each process writes its heartbeat; whoever is silent for ``dead_after`` is taken for dead, and what
it was doing is done by others. A process that was stopped and goes on must not act on what it still
holds in its hands: ``guard`` refuses once its own last heartbeat is older than most of that time.

One clock counts for all: the database's. Each heartbeat compares ours with it.
"""

import asyncio
import secrets
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.database import Database, StorageUnavailable, Transaction
from bot.jobs import statements
from bot.lease import LeaseLost

log = structlog.get_logger()

BEAT_EVERY = 0.2
"""How often the heart beats, as a part of the time after which a process counts as dead."""

TRUST_FOR = 0.8
"""How long a heartbeat allows to act, as a part of the same."""

LOOK_EVERY = timedelta(seconds=0.2)
"""How often a shared table is looked at for what others put or left."""

LOOK_EVERY_ALONE = timedelta(seconds=1)
"""The same where only commands of the operator may have changed something."""


@dataclass(slots=True)
class Pulse:
    """The heartbeat of one process, under an id that no other start ever has."""

    database: Database
    clock: Clock
    dead_after: timedelta
    keys: Sequence[str] = ()
    """Names of the keys that this process can open values with."""

    id: str = field(default_factory=lambda: secrets.token_hex(8))
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    """Tells the worker that there is something to do."""

    sealing_key: Callable[[], str] = str
    """Tells which key seals now."""

    processes: int = 1
    """How many processes live, this one included."""

    on_beat: Callable[[Transaction], Awaitable[None]] | None = None
    """What to look at before each heartbeat, in its transaction; the heartbeat tells of it."""

    on_death: Callable[[], None] = lambda: None
    """Called when this process finds that it was taken for dead."""

    _offset: float = 0.0
    _confirmed: float | None = None

    def now(self) -> float:
        """Tell the time by the clock that counts, in seconds since 1970."""
        return self.clock.now().timestamp() + self._offset

    @property
    def look_every(self) -> timedelta:
        """How often to look at the table without being told."""
        return LOOK_EVERY if self.database.is_shared else LOOK_EVERY_ALONE

    def guard(self) -> None:
        """Refuse to act once others may take this process for dead.

        Raises:
            LeaseLost: it may be so.
        """
        if not self.database.is_shared:
            return
        trusted = TRUST_FOR * self.dead_after.total_seconds()
        if self._confirmed is None or self.clock.steady() - self._confirmed > trusted:
            raise LeaseLost

    async def begin(self) -> None:
        """Sign in, and free what processes that are gone have left.

        Raises:
            StorageUnavailable: the database does not answer.
        """
        began = self.clock.steady()
        async with self.database.transaction() as transaction:
            await self._read_clock(transaction)
            await self._sign_in(transaction)
            if not self.database.is_shared:
                await transaction.run(statements.forget_others, {"me": self.id})
            await self._bury_the_silent(transaction)
            await self._count_living(transaction)
        self._confirmed = began

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            pause = self.dead_after * BEAT_EVERY
            await self.clock.wait(asyncio.Event(), self.clock.now() + pause)
            try:
                await self.beat()
            except StorageUnavailable as failure:
                log.warning("pulse.missed", reason=str(failure))

    async def beat(self) -> None:
        """Give one sign of life, and free what the silent have left.

        Raises:
            StorageUnavailable: the database did not take it.
        """
        began = self.clock.steady()
        is_steady = self._confirmed is not None and not self._is_late(began)
        patience = self.dead_after * BEAT_EVERY
        async with self.database.transaction(patience, urgent=True) as transaction:
            now = await self._read_clock(transaction)
            if self.on_beat is not None:
                await self.on_beat(transaction)
            told = {"me": self.id, "now": now, "sealing": self.sealing_key()}
            is_known = (await transaction.run(statements.beat, told)).rowcount == 1
            if not is_known:
                self._start_anew()
                await self._sign_in(transaction)
            # After a break of our own, or of the database, the others get time to show up.
            if is_steady and is_known:
                await self._bury_the_silent(transaction)
            await self._count_living(transaction)
        self._confirmed = began

    async def end(self) -> None:
        """Sign out and give back what was not brought to an end."""
        async with self.database.transaction() as transaction:
            await transaction.run(statements.give_back, {"me": self.id})
            await transaction.run(statements.forget, {"me": self.id})

    def _is_late(self, now: float) -> bool:
        assert self._confirmed is not None  # noqa: S101 - asked only after the first one
        return now - self._confirmed > self.dead_after.total_seconds()

    def _start_anew(self) -> None:
        """Be another process from now on: what the old one held is not ours any more."""
        log.warning("pulse.taken_for_dead", chapter="Taken for dead")
        self.id = secrets.token_hex(8)
        self.on_death()

    async def _sign_in(self, transaction: Transaction) -> None:
        now = self.now()
        row = {
            "id": self.id,
            "name": socket.gethostname()[:255],
            "started_at": now,
            "beat_at": now,
            "keys": ",".join(self.keys),
            "sealing_key": self.sealing_key(),
        }
        await transaction.run(statements.register, row)

    async def _bury_the_silent(self, transaction: Transaction) -> None:
        since = self.now() - self.dead_after.total_seconds()
        if self.database.is_shared:
            rows = await transaction.run(statements.forget_silent, {"since": since})
            for gone in rows.scalars():
                log.warning("pulse.silent", process=gone)
        freed = await transaction.run(statements.rescue)
        if count := len(freed.all()):
            log.warning("jobs.rescued", jobs=count)
            transaction.after_commit(self.wake.set)

    async def _count_living(self, transaction: Transaction) -> None:
        self.processes = (await transaction.run(statements.living)).scalar_one()

    async def _read_clock(self, transaction: Transaction) -> float:
        there = await self.database.time(transaction, self.clock)
        self._offset = there - self.clock.now().timestamp()
        return self.now()
