"""Run the jobs that are due, wherever they were put.

One loop: each round stores how jobs ended and takes what is due, in one transaction. A round comes
when something is put, poked or done, when the next moment has come, and now and then without a
reason, since other processes put and leave jobs too.
"""

import asyncio
import contextlib
import contextvars
import heapq
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.sql.dml import ReturningUpdate

from bot import lease
from bot.clock import Clock
from bot.database import Database, StatementRefused, StorageUnavailable, Transaction, fence
from bot.jobs import ends, statements
from bot.jobs.attempt import Lease, give_up, keeps_ours, tried
from bot.jobs.census import Depth, depths
from bot.jobs.ends import DATABASE_AGAIN, Dead, End, Ended, Interrupted
from bot.jobs.job import Again, Job, Kind
from bot.jobs.pulse import Pulse
from bot.jobs.queue import Jobs
from bot.lease import LeaseLost
from bot.metrics import Metrics

log = structlog.get_logger()

_TAKEN = ("id", "kind", "key", "lane", "data", "sealed", "attempt", "due")

CROWD = 32
"""From so many jobs at a time on, a round waits for others to join it: a round costs the same for
one as for a hundred.
"""

BREATH = timedelta(milliseconds=40)
"""How long it waits. Real time, whatever the clock of the jobs says: it is the processor's."""


@dataclass(slots=True)
class Worker:
    """Does the jobs of this process. In order: ``run`` in a task of its own, ``stop`` once."""

    database: Database
    jobs: Jobs
    pulse: Pulse
    clock: Clock
    metrics: Metrics = field(default_factory=Metrics)
    _running: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _ended: list[Ended] = field(default_factory=list)
    _calm: asyncio.Event = field(default_factory=asyncio.Event)
    _has_looked: bool = False
    _in_round: bool = False
    _is_unsure: bool = False
    """Whether a round may have been stored although its answer is missing."""

    _halt: asyncio.Event = field(default_factory=asyncio.Event)
    _is_stopping: bool = False
    _is_over: bool = False

    @property
    def is_calm(self) -> bool:
        """Whether nothing runs and nothing is due."""
        if not self._has_looked or self._has_work or self.pulse.wake.is_set():
            return False
        return not self.jobs.moments or self.jobs.moments[0] > self.pulse.now()

    @property
    def _has_work(self) -> bool:
        ours = (self._running, self._ended, self.jobs.begun, self.jobs.freed)
        return self._in_round or any(ours)

    async def depths(self) -> list[Depth]:
        """Count the jobs of each kind.

        Raises:
            StorageUnavailable: the database does not answer.
        """
        async with self.database.snapshot(heavy=True) as transaction:
            return await depths(transaction, self.pulse.now())

    async def calm(self) -> None:
        """Wait until nothing runs and nothing is due."""
        while not self.is_calm:
            self._calm.clear()
            await self._calm.wait()

    async def run(self) -> None:
        """Run due jobs until told to stop."""
        self.pulse.on_death = self._abandon
        claim = statements.claim(sorted(self.jobs.kinds))
        self.jobs.expect(self.pulse.now())
        try:
            async with asyncio.TaskGroup() as tasks:
                self.jobs.start = self._starter(tasks)
                while not self._is_over:
                    self.pulse.wake.clear()
                    await self._round(claim, tasks)
                    if len(self._running) >= CROWD:
                        await self._breathe()
                    self._calm.set()
                    await self.clock.wait(self.pulse.wake, self._next_look())
        finally:
            self._is_over = True
            self._calm.set()

    async def stop(self, grace: timedelta) -> int:
        """Bring to an end what runs; tell how many were left when the time was up.

        Alone on a database, what is due now is done too; otherwise the others do it. What would
        have to wait is left: the next process finds it.
        """
        self._is_stopping = True
        self._halt.set()
        self._stir()
        try:
            async with asyncio.timeout(grace.total_seconds()):
                while not (self._is_over or self._is_idle):
                    self._calm.clear()
                    await self._calm.wait()
        except TimeoutError:
            pass
        left = len(self._running)
        self._is_over = True
        self._abandon()
        self._stir()
        return left

    @property
    def _is_idle(self) -> bool:
        return not self._has_work if self.database.is_shared else self.is_calm

    def _abandon(self) -> None:
        """Let go of everything at once: it is somebody else's now, or soon."""
        for ours in (self._ended, self.jobs.begun, self.jobs.freed):
            ours.clear()
        for task in self._running.values():
            task.cancel()

    async def _breathe(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BREATH.total_seconds()):
                await self._halt.wait()

    def _stir(self) -> None:
        self.pulse.wake.set()
        self._calm.set()

    def _next_look(self) -> datetime:
        if self._is_over:
            return self.clock.now()
        until = self.pulse.now() + self.pulse.look_every.total_seconds()
        if self.jobs.moments:
            until = min(until, self.jobs.moments[0])
        return self.clock.now() + timedelta(seconds=max(0.0, until - self.pulse.now()))

    async def _round(self, claim: ReturningUpdate[Any], tasks: asyncio.TaskGroup) -> None:
        """Store what ended, take what is due, and start it."""
        self._in_round = True
        ended, self._ended = self._ended, []
        freed, self.jobs.freed = self.jobs.freed, []
        begun, self.jobs.begun = self.jobs.begun, []
        me, now = self.pulse.id, self.pulse.now()
        for job in begun:
            self._start(job, me, tasks)
        while self.jobs.moments and self.jobs.moments[0] <= now:
            heapq.heappop(self.jobs.moments)
        try:
            is_heavy = max(len(ended), len(self._running)) >= CROWD
            # Before what the jobs write: else nothing new begins while a crowd of them does.
            async with self.database.transaction(urgent=True, heavy=is_heavy) as transaction:
                moments = await ends.store(transaction, me, ended)
                await self._free(transaction, me, freed)
                taken = await self._take(transaction, claim, me, now)
        except (StorageUnavailable, StatementRefused) as failure:
            # Refused is a lane that another process took in the same moment.
            log.warning("jobs.round_failed", reason=str(failure))
            self._is_unsure |= isinstance(failure, StorageUnavailable) and not failure.is_sure
            self._ended[:0] = ended
            self.jobs.freed[:0] = freed
            heapq.heappush(self.jobs.moments, now + DATABASE_AGAIN.total_seconds())
        else:
            self._is_unsure, self._has_looked = False, True
            for moment in moments:
                heapq.heappush(self.jobs.moments, moment)
            # What was taken as somebody who counts as dead by now is not ours any more.
            for job in taken if me == self.pulse.id else ():
                self._start(job, me, tasks)
        finally:
            self._in_round = False

    async def _free(self, transaction: Transaction, me: str, freed: list[int]) -> None:
        """Let go of what counts now, and of what was taken for us without our knowing it."""
        if freed:
            await transaction.run(statements.release, {"ids": freed, "me": me})
            self.pulse.held.difference_update(freed)
        if self._is_unsure:
            known = [*self._running, *self.pulse.held]
            await transaction.run(statements.release_others, {"ids": known, "me": me})

    async def _take(
        self, transaction: Transaction, claim: ReturningUpdate[Any], me: str, now: float
    ) -> list[Job]:
        """Take what is due and what there are hands for."""
        if self.database.is_shared and (self._is_stopping or not self.pulse.is_trusted):
            return []
        slots = {
            f"slots_{name}": max(0, kind.slots - kind.running)
            for name, kind in self.jobs.kinds.items()
        }
        rows = await transaction.run(claim, {"now": now, "me": me, **slots})
        taken = sorted(rows.mappings(), key=lambda row: (row["due"], row["id"]))
        jobs = [Job(**{name: row[name] for name in _TAKEN}) for row in taken]
        return await self._load(transaction, jobs)

    async def _load(self, transaction: Transaction, jobs: list[Job]) -> list[Job]:
        """Read what the jobs begin with, once for all of a kind."""
        by_kind: defaultdict[str, list[Job]] = defaultdict(list)
        for job in jobs:
            by_kind[job.kind].append(job)
        loaded: dict[int, object] = {}
        for name, same in by_kind.items():
            if (load := self.jobs.kinds[name].load) is not None:
                loaded.update(await load(transaction, same))
        return [replace(job, loaded=loaded[job.id]) if job.id in loaded else job for job in jobs]

    def _starter(self, tasks: asyncio.TaskGroup) -> Callable[[Job], bool]:
        """Let whoever holds a job start it, without a round and its transaction.

        It runs in the worker's own context, whoever started it.
        """
        ours = contextvars.copy_context()

        def start(job: Job) -> bool:
            if not self._is_over:
                ours.copy().run(self._start, job, self.pulse.id, tasks)
            return not self._is_over

        return start

    def _start(self, job: Job, me: str, tasks: asyncio.TaskGroup) -> None:
        self.pulse.held.discard(job.id)
        if job.id in self._running:
            # Let go of before, and not at its end yet: it has its turn after that.
            self.jobs.freed.append(job.id)
            return
        kind = self.jobs.kinds[job.kind]
        kind.running += 1
        task = tasks.create_task(self._work(job, me, kind), name=f"{job.kind}:{job.key}")
        self._running[job.id] = task
        # Not in the task: one that is cancelled before its first step never comes to its end.
        task.add_done_callback(lambda _: self._leave(job, kind))

    def _leave(self, job: Job, kind: Kind) -> None:
        del self._running[job.id]
        kind.running -= 1
        self._stir()

    async def _work(self, job: Job, me: str, kind: Kind) -> None:
        # The context is this task's own, and every task's that it starts.
        held = Lease(self.pulse, me)
        lease.current.set(held.check)
        if self.database.is_shared:
            fence.set(keeps_ours(job, me))
        structlog.contextvars.bind_contextvars(job=job.kind, key=job.key)
        try:
            end = await self._attempt(job, kind, held)
            ended = Ended(job, end, self.pulse.now())
            self._ended.append(ended)
            self.metrics.job_ended(job.kind, ended.name)
        except asyncio.CancelledError:
            # Unless all of it is let go, somebody cancelled this one alone: it must not be stuck.
            if me == self.pulse.id and not self._is_over:
                self._ended.append(Ended(job, Interrupted(held.has_acted), self.pulse.now()))
            raise

    async def _attempt(self, job: Job, kind: Kind, held: Lease) -> End:
        """Do the job once; what it raises is a failed attempt."""
        try:
            outcome = await tried(job, kind)
            if isinstance(outcome, Again) and job.attempt >= kind.attempts:
                await give_up(job, kind)
                return Dead(outcome.error)
        except (LeaseLost, StorageUnavailable) as interruption:
            # If it is somebody else's by now, nothing of this end is stored either.
            log.warning("job.interrupted", reason=type(interruption).__name__)
            return Interrupted(held.has_acted)
        return outcome
