"""Put work that goes on after the acknowledgement, in the caller's transaction.

A job is named by its kind and a key that is unique among live jobs. Its data says where to find
what it works on; what it works on stands in the rows of the store. A job that returns ``Snooze`` is
run again then; one that raises is run again after a pause that grows; both may be poked.
"""

import asyncio
import enum
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from bot.clock import Clock
from bot.database import Transaction

log = structlog.get_logger()

MAX_ATTEMPTS = 5
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


class Clash(enum.Enum):
    """What to do when a job of this kind and key is alive already."""

    KEEP = "keep"
    POKE = "poke"


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work; jobs of one lane never run at the same time."""

    kind: str
    key: str
    lane: str = ""

    @property
    def name(self) -> tuple[str, str]:
        """What is unique among live jobs."""
        return self.kind, self.key


@dataclass(frozen=True, slots=True)
class Snooze:
    """Run the job again after this long; not a failure."""

    duration: timedelta
    is_firm: bool = False
    """Whether a poke must not shorten it: the far side said when."""


Handler = Callable[[Job], Awaitable[Snooze | None]]
GiveUp = Callable[[Job], Awaitable[None]]


@dataclass(slots=True)
class _Kind:
    handler: Handler
    slots: int
    give_up: GiveUp | None
    running: int = 0


@dataclass(slots=True)
class _Live:
    job: Job
    due: datetime
    attempt: int = 0
    is_running: bool = False
    poked_for: datetime | None = None
    not_before: datetime = _LONG_AGO


@dataclass(slots=True)
class Jobs:
    """The live jobs of this process, and the loop that runs them when they are due."""

    clock: Clock
    _kinds: dict[str, _Kind] = field(default_factory=dict)
    _live: dict[tuple[str, str], _Live] = field(default_factory=dict)
    _lanes: set[str] = field(default_factory=set)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _calm: asyncio.Event = field(default_factory=asyncio.Event)
    _is_stopping: bool = False
    _is_over: bool = False

    def handle(
        self, kind: str, handler: Handler, *, slots: int, give_up: GiveUp | None = None
    ) -> None:
        """Name who does jobs of a kind, how many at once, and who tells when one is given up."""
        self._kinds[kind] = _Kind(handler, slots, give_up)

    def put(
        self,
        transaction: Transaction,
        job: Job,
        *,
        clash: Clash = Clash.KEEP,
        after: timedelta = timedelta(0),
    ) -> None:
        """Add a job once the transaction is stored."""
        transaction.after_commit(lambda: self.add(job, clash=clash, after=after))

    def add(self, job: Job, *, clash: Clash = Clash.KEEP, after: timedelta = timedelta(0)) -> None:
        """Add a job whose transaction is stored already."""
        if job.name in self._live:
            if clash is Clash.POKE:
                self.poke(job.kind, job.key, after=after)
            return
        self._live[job.name] = _Live(job, self._moment(after))
        self._stir()

    def poke(self, kind: str, key: str, *, after: timedelta = timedelta(0)) -> None:
        """Make a job due now, or soon; one that runs right now is run once more."""
        live = self._live.get((kind, key))
        if live is None:
            return
        moment = max(self._moment(after), live.not_before)
        if live.is_running:
            live.poked_for = min(live.poked_for or moment, moment)
        else:
            live.due = min(live.due, moment)
        self._stir()

    @property
    def is_calm(self) -> bool:
        """Whether nothing runs and nothing is due."""
        now = self.clock.now()
        return not any(live.is_running or live.due <= now for live in self._live.values())

    async def calm(self) -> None:
        """Wait until nothing runs and nothing is due."""
        while not self.is_calm:
            self._calm.clear()
            await self._calm.wait()

    async def run(self) -> None:
        """Run due jobs until told to stop."""
        try:
            async with asyncio.TaskGroup() as tasks:
                while not self._is_over:
                    self._wake.clear()
                    for live in self._startable():
                        self._start(live, tasks)
                    await self.clock.wait(self._wake, self._next_due())
        finally:
            self._is_over = True
            self._stir()

    async def stop(self, grace: timedelta) -> int:
        """Bring to an end what runs and what is due; tell how many were left when the time was up.

        What would have to wait is left alone: its rows bring it back at the next start.
        """
        self._is_stopping = True
        for live in self._live.values():
            if live.due > self.clock.now():
                live.due = _NEVER
        try:
            async with asyncio.timeout(grace.total_seconds()):
                while not (self.is_calm or self._is_over):
                    self._calm.clear()
                    await self._calm.wait()
        except TimeoutError:
            pass
        self._is_over = True
        self._stir()
        now = self.clock.now()
        return sum(live.is_running or live.due <= now for live in self._live.values())

    def _moment(self, after: timedelta) -> datetime:
        """Tell when something becomes due; while stopping, it is at once or not any more."""
        if self._is_stopping and after > timedelta(0):
            return _NEVER
        return self.clock.now() + after

    def _stir(self) -> None:
        self._wake.set()
        self._calm.set()

    def _startable(self) -> list[_Live]:
        now = self.clock.now()
        waiting = [live for live in self._live.values() if not live.is_running and live.due <= now]
        return sorted(waiting, key=lambda live: live.due)

    def _next_due(self) -> datetime | None:
        # What is due but held back by its lane or slots is woken by whoever frees them.
        now = self.clock.now()
        later = (live.due for live in self._live.values() if now < live.due < _NEVER)
        return min(later, default=None)

    def _start(self, live: _Live, tasks: asyncio.TaskGroup) -> None:
        kind = self._kinds[live.job.kind]
        if kind.running >= kind.slots or (live.job.lane and live.job.lane in self._lanes):
            return
        live.is_running = True
        live.attempt += 1
        kind.running += 1
        self._lanes.add(live.job.lane)
        tasks.create_task(self._work(live, kind), name=f"{live.job.kind}:{live.job.key}")

    async def _work(self, live: _Live, kind: _Kind) -> None:
        try:
            with structlog.contextvars.bound_contextvars(job=live.job.kind, key=live.job.key):
                await self._attempt(live, kind)
        finally:
            live.is_running = False
            kind.running -= 1
            self._lanes.discard(live.job.lane)
            self._stir()

    async def _attempt(self, live: _Live, kind: _Kind) -> None:
        try:
            answer = await kind.handler(live.job)
        except Exception:
            log.exception("job.failed", attempt=live.attempt, chapter="Incidents")
            if live.attempt >= MAX_ATTEMPTS:
                await self._give_up(live.job, kind)
                del self._live[live.job.name]
                return
            answer = Snooze(_pause(live.attempt))
        else:
            live.attempt = 0
        if answer is None and live.poked_for is None:
            del self._live[live.job.name]
            return
        moments = [live.poked_for] if live.poked_for else []
        if answer is not None:
            moments.append(self._moment(answer.duration))
        live.due = min(moments)
        live.poked_for = None
        if answer is not None and answer.is_firm:
            live.due = live.not_before = self._moment(answer.duration)

    async def _give_up(self, job: Job, kind: _Kind) -> None:
        log.error("job.given_up", chapter="Incidents")
        if kind.give_up is None:
            return
        try:
            await kind.give_up(job)
        except Exception:
            log.exception("job.give_up_failed", chapter="Incidents")


def _pause(attempt: int) -> timedelta:
    """Back off exponentially, with jitter so that failures do not come back together."""
    spread = random.uniform(0.5, 1)  # noqa: S311 - spreads load, guards nothing
    return timedelta(seconds=2**attempt) * spread
