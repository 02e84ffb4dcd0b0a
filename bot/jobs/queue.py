"""Put work that goes on after the acknowledgement, in the caller's transaction.

A job is named by its kind and a key that is unique among live jobs. What it works on stands in the
rows of the store; the job is stored together with them, or neither is. Any process may do it.
``worker.py`` runs what is due.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from bot.clock import Clock
from bot.database import Transaction
from bot.jobs import statements
from bot.jobs.job import Again, Clash, GiveUp, Handler, Job, Kind, Load, Outcome, Snooze
from bot.jobs.pulse import Pulse

__all__ = ["Again", "Clash", "Held", "Job", "Jobs", "Outcome", "Snooze"]

ATTEMPTS = 8
"""Tries until a job is dead: some two minutes in the middle."""

_PUT = {
    Clash.KEEP: statements.put_or_keep,
    Clash.POKE: statements.put_or_poke,
    Clash.REPLACE: statements.put_or_replace,
}
_NOW = timedelta(0)


@dataclass(slots=True)
class Jobs:
    """The live jobs; and who does which kind."""

    clock: Clock
    pulse: Pulse
    kinds: dict[str, Kind] = field(default_factory=dict)
    moments: list[float] = field(default_factory=list)
    """A heap of when something may be due; one too many costs a look, one too few a wait."""

    start: Callable[[Job], bool] = lambda _job: False
    """Runs a job that is this process's already; False while nobody does jobs here."""

    begun: list[Job] = field(default_factory=list)
    """Such jobs that nobody could run yet."""

    freed: list[int] = field(default_factory=list)
    """Jobs that were held, and count now."""

    def handle(
        self,
        kind: str,
        handler: Handler,
        *,
        slots: int,
        attempts: int = ATTEMPTS,
        give_up: GiveUp | None = None,
        load: Load | None = None,
    ) -> None:
        """Name who does jobs of a kind, how many at once, and who tells when one is given up.

        ``load`` reads for all jobs that are taken together what each of them begins with.
        """
        self.kinds[kind] = Kind(handler, slots, attempts, give_up, load)

    async def put(
        self,
        transaction: Transaction,
        job: Job,
        *,
        clash: Clash = Clash.KEEP,
        after: timedelta = _NOW,
        sealed_for: timedelta = _NOW,
    ) -> None:
        """Add a job, which lives once the transaction is stored.

        What is sealed in it is gone after ``sealed_for``, done or not.
        """
        row = self._row(job, after, sealed_for)
        await transaction.run(_PUT[clash], row)
        self._expect(transaction, row["due"])

    async def hold(
        self, transaction: Transaction, job: Job, *, sealed_for: timedelta = _NOW
    ) -> "Held | None":
        """Add a job that nobody does before its holder says so; None if its key is alive already.

        If its lane and a hand are free it is this process's at once, and begins without a further
        transaction.
        """
        row = {**self._row(job, _NOW, sealed_for), "owner": self.pulse.id}
        ways = ((statements.RUNNING, 1), (statements.HELD, 0))
        for state, attempt in ways if self._has_hands(job.kind) else ways[1:]:
            told = {**row, "state": state, "attempt": attempt}
            rows = await transaction.run(statements.begin, told)
            if (number := rows.scalar_one_or_none()) is not None:
                self.pulse.held.add(number)
                held = replace(job, id=number, attempt=attempt)
                return Held(self, held, is_running=state == statements.RUNNING)
        return None

    async def poke(
        self, transaction: Transaction, kind: str, key: str, *, after: timedelta = _NOW
    ) -> None:
        """Make a job due now, or soon; one that runs right now is run once more."""
        moment = self.pulse.now() + after.total_seconds()
        told = {"kind_": kind, "key_": key, "moment": moment}
        await transaction.run(statements.poke, told)
        self._expect(transaction, moment)

    async def drop(self, transaction: Transaction, kind: str, key: str) -> None:
        """Take a job away, whatever it is doing: it is not wanted any more."""
        await transaction.run(statements.drop, {"kind_": kind, "key_": key})

    async def is_alive(self, transaction: Transaction, process: str) -> bool:
        """Whether a process still counts as running; ``pulse.id`` names ours."""
        rows = await transaction.run(statements.is_living, {"id_": process})
        return bool(rows.scalar_one())

    async def wipe(self, transaction: Transaction, job: Job) -> None:
        """Forget what is sealed in a job that this process is doing."""
        await transaction.run(statements.wipe, {"id_": job.id, "me": self.pulse.id})

    async def forget_dead(self, transaction: Transaction, older_than: timedelta) -> None:
        """Forget what was given up so long ago that nobody will try it again."""
        since = self.pulse.now() - older_than.total_seconds()
        await transaction.run(statements.forget_dead, {"since": since})

    async def wipe_expired(self, transaction: Transaction) -> None:
        """Forget what was sealed in jobs for a time that is over."""
        await transaction.run(statements.wipe_expired, {"now": self.pulse.now()})

    def expect(self, moment: float) -> None:
        """Look for something due at a moment; the worker looks by itself before a later one."""
        heapq.heappush(self.moments, moment)
        if moment < self.pulse.now() + self.pulse.look_every.total_seconds():
            self.pulse.wake.set()

    def _has_hands(self, name: str) -> bool:
        kind = self.kinds[name]
        return kind.running + sum(job.kind == name for job in self.begun) < kind.slots

    def _expect(self, transaction: Transaction, moment: float) -> None:
        transaction.after_commit(lambda: self.expect(moment))

    def _row(self, job: Job, after: timedelta, sealed_for: timedelta) -> dict[str, Any]:
        now = self.pulse.now()
        return {
            "kind": job.kind,
            "key": job.key,
            "lane": job.lane,
            "data": job.data,
            "put_at": now,
            "due": now + after.total_seconds(),
            "not_before": 0.0,
            "poked_for": None,
            "attempt": 0,
            "state": statements.WAITING,
            "owner": "",
            "error": "",
            "sealed": job.sealed,
            "sealed_until": now + sealed_for.total_seconds() if job.sealed else None,
        }


@dataclass(frozen=True, slots=True)
class Held:
    """A job that was stored, and does not count before somebody says so."""

    jobs: Jobs
    job: Job
    is_running: bool

    def start(self) -> None:
        """Let it be done; its transaction is stored."""
        if self.is_running and self.jobs.start(self.job):
            return
        if self.is_running:
            self.jobs.begun.append(self.job)
        else:
            self.jobs.freed.append(self.job.id)
        self.jobs.expect(self.jobs.pulse.now())

    def forget(self) -> None:
        """Note that it was taken back, or never stored."""
        self.jobs.pulse.held.discard(self.job.id)
