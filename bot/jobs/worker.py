"""Run the jobs that are due, wherever they were put.

One loop: each round stores how jobs ended and takes what is due, in one transaction. A round comes
when something is put, poked or done, when the next moment has come, and now and then without a
reason, since other processes put and leave jobs too.
"""

import asyncio
import contextvars
import heapq
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.sql.dml import ReturningUpdate

from bot import lease
from bot.clock import Clock
from bot.database import Database, StorageUnavailable, Transaction, fence
from bot.jobs import statements
from bot.jobs.census import Depth, depths
from bot.jobs.job import Again, Job, Kind, Outcome, Snooze
from bot.jobs.pulse import Pulse
from bot.jobs.queue import Jobs
from bot.lease import LeaseLost

log = structlog.get_logger()

LONGEST_PAUSE = timedelta(minutes=5)
_DATABASE_AGAIN = timedelta(seconds=0.5)
"""How long to wait when the database did not answer."""


_TAKEN = ("id", "kind", "key", "lane", "data", "sealed", "attempt")


@dataclass(frozen=True, slots=True)
class _Dead:
    """A job that is out of attempts."""

    error: str


@dataclass(frozen=True, slots=True)
class _Interrupted:
    """A job that did not fail, and goes on where it was once the database answers."""


_Ended = list[tuple[Job, Outcome | _Dead | _Interrupted]]


@dataclass(slots=True)
class Worker:
    """Does the jobs of this process. In order: ``run`` in a task of its own, ``stop`` once."""

    database: Database
    jobs: Jobs
    pulse: Pulse
    clock: Clock
    _running: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _ended: _Ended = field(default_factory=list)
    _calm: asyncio.Event = field(default_factory=asyncio.Event)
    _has_looked: bool = False
    _in_round: bool = False
    _is_unsure: bool = False
    """Whether the last round may have been stored although it failed."""

    _is_stopping: bool = False
    _is_over: bool = False

    @property
    def is_calm(self) -> bool:
        """Whether nothing runs and nothing is due."""
        if not self._has_looked or self._running or self._ended or self._in_round:
            return False
        if self.pulse.wake.is_set():
            return False
        return not self.jobs.moments or self.jobs.moments[0] > self.pulse.now()

    async def depths(self) -> list[Depth]:
        """Count the jobs of each kind.

        Raises:
            StorageUnavailable: the database does not answer.
        """
        async with self.database.snapshot() as transaction:
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
        self._stir()
        try:
            async with asyncio.timeout(grace.total_seconds()):
                while not (self._is_idle() or self._is_over):
                    self._calm.clear()
                    await self._calm.wait()
        except TimeoutError:
            pass
        left = len(self._running)
        self._is_over = True
        self._abandon()
        self._stir()
        return left

    def _is_idle(self) -> bool:
        if self.database.is_shared:
            return not (self._running or self._ended or self._in_round)
        return self.is_calm

    def _abandon(self) -> None:
        """Let go of everything at once: it is somebody else's now, or soon."""
        self._ended.clear()
        for task in self._running.values():
            task.cancel()

    def _stir(self) -> None:
        self.pulse.wake.set()
        self._calm.set()

    def _next_look(self) -> datetime | None:
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
        for job in begun:
            self._start(job, tasks)
        now = self.pulse.now()
        try:
            async with self.database.transaction() as transaction:
                await self._store(transaction, ended)
                await self._free(transaction, freed)
                taken = await self._take(transaction, claim, now)
        except StorageUnavailable as failure:
            log.warning("jobs.database_unavailable", reason=str(failure))
            self._is_unsure = True
            self._ended[:0] = ended
            self.jobs.freed[:0] = freed
            heapq.heappush(self.jobs.moments, now + _DATABASE_AGAIN.total_seconds())
        else:
            self._is_unsure, self._has_looked = False, True
            while self.jobs.moments and self.jobs.moments[0] <= now:
                heapq.heappop(self.jobs.moments)
            for job in taken:
                self._start(job, tasks)
        finally:
            self._in_round = False

    async def _free(self, transaction: Transaction, freed: list[int]) -> None:
        """Let go of what counts now, and of what was taken for us without our knowing it."""
        if freed:
            await transaction.run(statements.release, {"ids": freed, "me": self.pulse.id})
        if self._is_unsure:
            told = {"ids": list(self._running), "me": self.pulse.id}
            await transaction.run(statements.release_others, told)

    async def _take(
        self, transaction: Transaction, claim: ReturningUpdate[Any], now: float
    ) -> list[Job]:
        """Take what is due and what there are hands for."""
        if self._is_stopping and self.database.is_shared:
            return []
        slots = {
            f"slots_{name}": max(0, kind.slots - kind.running)
            for name, kind in self.jobs.kinds.items()
        }
        rows = await transaction.run(claim, {"now": now, "me": self.pulse.id, **slots})
        taken = sorted(rows.mappings(), key=lambda row: (row["due"], row["id"]))
        return [Job(**{name: row[name] for name in _TAKEN}) for row in taken]

    async def _store(self, transaction: Transaction, ended: _Ended) -> None:
        """Write down how jobs ended; what was taken over meanwhile is not touched."""
        done = [job.id for job, outcome in ended if outcome is None]
        if done:
            told = {"ids": done, "me": self.pulse.id}
            gone = (await transaction.run(statements.done, told)).all()
            if len(gone) < len(done):
                await transaction.run(statements.once_more, told)
                transaction.after_commit(self._stir)
        for statement, values in (
            (statements.snooze, [self._snoozed(job, o) for job, o in ended if type(o) is Snooze]),
            (statements.again, [self._failed(job, o) for job, o in ended if type(o) is Again]),
            (statements.bury, [self._dead(job, o) for job, o in ended if type(o) is _Dead]),
            (
                statements.interrupt,
                [self._left(job) for job, o in ended if type(o) is _Interrupted],
            ),
        ):
            if values:
                await transaction.run(statement, values)

    def _snoozed(self, job: Job, snooze: Snooze) -> dict[str, Any]:
        until = self.pulse.now() + snooze.duration.total_seconds()
        heapq.heappush(self.jobs.moments, until)
        firm_until = until if snooze.is_firm else 0.0
        return {"id_": job.id, "me": self.pulse.id, "until": until, "firm_until": firm_until}

    def _failed(self, job: Job, again: Again) -> dict[str, Any]:
        pause = _pause(job.attempt) if again.after is None else again.after
        snooze = Snooze(pause, is_firm=again.after is not None)
        return {**self._snoozed(job, snooze), "error_": again.error[:64]}

    def _left(self, job: Job) -> dict[str, Any]:
        until = self.pulse.now() + _DATABASE_AGAIN.total_seconds()
        heapq.heappush(self.jobs.moments, until)
        return {"id_": job.id, "me": self.pulse.id, "until": until}

    def _dead(self, job: Job, dead: _Dead) -> dict[str, Any]:
        return {"id_": job.id, "me": self.pulse.id, "error_": dead.error[:64]}

    def _starter(self, tasks: asyncio.TaskGroup) -> Callable[[Job], bool]:
        """Let whoever holds a job start it, without a round and its transaction.

        It runs in the worker's own context, whoever started it.
        """
        ours = contextvars.copy_context()

        def start(job: Job) -> bool:
            if not self._is_over:
                ours.copy().run(self._start, job, tasks)
            return not self._is_over

        return start

    def _start(self, job: Job, tasks: asyncio.TaskGroup) -> None:
        if job.id in self._running:
            return
        kind = self.jobs.kinds[job.kind]
        kind.running += 1
        task = tasks.create_task(self._work(job, kind), name=f"{job.kind}:{job.key}")
        self._running[job.id] = task

    async def _work(self, job: Job, kind: Kind) -> None:
        # The context is this task's own, and every task's that it starts.
        if self.database.is_shared:
            lease.current.set(self.pulse.guard)
            fence.set(self._fence(job))
        try:
            with structlog.contextvars.bound_contextvars(job=job.kind, key=job.key):
                outcome = await self._attempt(job, kind)
            self._ended.append((job, outcome))
        finally:
            del self._running[job.id]
            kind.running -= 1
            self._stir()

    async def _attempt(self, job: Job, kind: Kind) -> Outcome | _Dead | _Interrupted:
        """Do the job once; what it raises is a failed attempt."""
        try:
            outcome = await self._tried(job, kind)
            if isinstance(outcome, Again) and job.attempt >= kind.attempts:
                await self._give_up(job, kind)
                return _Dead(outcome.error)
        except (LeaseLost, StorageUnavailable) as interruption:
            # If it is somebody else's by now, nothing of this end is stored either.
            log.warning("job.interrupted", reason=type(interruption).__name__)
            return _Interrupted()
        return outcome

    @staticmethod
    async def _tried(job: Job, kind: Kind) -> Outcome:
        if job.attempt > kind.attempts:
            return Again("process_died")
        try:
            return await kind.handler(job)
        except (LeaseLost, StorageUnavailable):
            raise
        except Exception as failure:
            log.exception("job.failed", attempt=job.attempt, chapter="Incidents")
            return Again(type(failure).__name__)

    async def _give_up(self, job: Job, kind: Kind) -> None:
        log.error("job.given_up", chapter="Dead jobs")
        if kind.give_up is None:
            return
        try:
            await kind.give_up(job)
        except (LeaseLost, StorageUnavailable):
            raise
        except Exception:
            log.exception("job.give_up_failed", chapter="Incidents")

    def _fence(self, job: Job) -> Callable[[Transaction], Awaitable[None]]:
        """Make what keeps a transaction of this job from being stored once the job is another's."""
        owner = self.pulse.id

        async def is_ours(transaction: Transaction) -> None:
            rows = await transaction.run(statements.still_ours, {"id_": job.id, "me": owner})
            if rows.first() is None:
                raise LeaseLost

        return is_ours


def _pause(attempt: int) -> timedelta:
    """Back off exponentially, with full jitter so that failures do not come back together."""
    longest = min(LONGEST_PAUSE, timedelta(seconds=2**attempt))
    return longest * random.random()  # noqa: S311 - spreads load, guards nothing
