"""This process's sign of life, and who lives beside it.

Each process writes its heartbeat; whoever is silent for ``dead_after`` is taken for dead, and what
it was doing is done by others. A process that was stopped and goes on must not act on what it still
holds in its hands: it is not trusted once its own last heartbeat is older than most of that time.
And whoever was away, or has only just come, does not judge yet who is silent.

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
from bot.database.sessions import LENGTH, end_session
from bot.jobs import statements

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

    id: str = field(init=False)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    """Tells the worker that there is something to do."""

    held: set[int] = field(default_factory=set)
    """Jobs of ours that do not count before somebody says so: nothing may free them."""

    sealing_key: Callable[[], str] = str
    """Tells which key seals now."""

    processes: int = 1
    """How many processes live, this one included."""

    on_beat: Callable[[Transaction], Awaitable[None]] | None = None
    """What to look at before each heartbeat, in its transaction; the heartbeat tells of it."""

    on_death: Callable[[], None] = lambda: None
    """Called when this process finds that it was taken for dead."""

    _offset: float | None = None
    _confirmed: float | None = None
    _steady_since: float = 0.0

    def __post_init__(self) -> None:
        """Take an id."""
        self.id = self._new_id()

    def now(self) -> float:
        """Tell the time by the clock that counts, in seconds since 1970.

        Between two looks at that clock, ours is asked for what has passed: it never jumps.
        """
        if self._offset is None:
            return self.clock.now().timestamp()
        return self.clock.steady() + self._offset

    @property
    def look_every(self) -> timedelta:
        """How often to look at the table without being told."""
        return LOOK_EVERY if self.database.is_shared else LOOK_EVERY_ALONE

    @property
    def is_trusted(self) -> bool:
        """Whether nobody can take this process for dead yet, so that it may act."""
        if not self.database.is_shared:
            return True
        trusted = TRUST_FOR * self.dead_after.total_seconds()
        return self._confirmed is not None and self.clock.steady() - self._confirmed <= trusted

    async def begin(self) -> None:
        """Sign in. Alone on a database, whatever is begun there was left by somebody who is gone.

        Raises:
            StorageUnavailable: the database does not answer.
        """
        began = self.clock.steady()
        async with self.database.transaction() as transaction:
            await self._read_clock(transaction)
            await self._sign_in(transaction)
            if not self.database.is_shared:
                await transaction.run(statements.forget_others, {"me": self.id})
                await self._free_what_is_nobodys(transaction)
            await self._count_living(transaction)
        self._confirmed = self._steady_since = began

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
        if self._is_late(began):
            # After a break of our own, or of the database, the others get time to show up.
            self._steady_since = began
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
            if is_known and self._has_been_steady(began):
                await self._bury_the_silent(transaction)
            await self._count_living(transaction)
        self._confirmed = began

    async def end(self) -> None:
        """Sign out and give back what was not brought to an end; what is only held is taken back.

        Raises:
            StorageUnavailable: the database does not answer.
        """
        async with self.database.transaction() as transaction:
            told = {"me": self.id, "ids": list(self.held)}
            await transaction.run(statements.forget_held, told)
            await transaction.run(statements.give_back, told)
            await transaction.run(statements.forget, {"me": self.id})

    def _is_late(self, now: float) -> bool:
        """Tell whether the last heartbeat is so old that it might be our fault that others are."""
        return self._confirmed is None or now - self._confirmed > self.dead_after.total_seconds()

    def _has_been_steady(self, now: float) -> bool:
        return now - self._steady_since >= self.dead_after.total_seconds()

    def _start_anew(self) -> None:
        """Be another process from now on: what the old one held is not ours any more."""
        log.warning("pulse.taken_for_dead", chapter="Taken for dead")
        self.id = self._new_id()
        self.on_death()

    def _new_id(self) -> str:
        """Begin with what names the process's connections."""
        return f"{self.database.session}{secrets.token_hex(8)}"

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
        if self.database.is_shared:
            since = self.now() - self.dead_after.total_seconds()
            for gone in (await transaction.run(statements.silent, {"since": since})).scalars():
                await end_session(transaction, gone[:LENGTH])
            rows = await transaction.run(statements.forget_silent, {"since": since})
            for gone in rows.scalars():
                log.warning("pulse.silent", process=gone)
        await self._free_what_is_nobodys(transaction)

    async def _free_what_is_nobodys(self, transaction: Transaction) -> None:
        freed = await transaction.run(statements.rescue)
        if count := len(freed.all()):
            log.warning("jobs.rescued", jobs=count)
            transaction.after_commit(self.wake.set)

    async def _count_living(self, transaction: Transaction) -> None:
        self.processes = (await transaction.run(statements.living)).scalar_one()

    async def _read_clock(self, transaction: Transaction) -> float:
        if self._offset is None or self.database.is_shared:
            there = await self.database.time(transaction, self.clock)
            self._offset = there - self.clock.steady()
        return self.now()
