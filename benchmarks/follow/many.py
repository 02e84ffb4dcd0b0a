"""Thousands of open executions, followed by the bot and by a task for each, in turns.

Every round starts a new process beside the same far sides: how long it takes until each execution
was read once, then, after a rest, how much it reads and what that costs.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from benchmarks.follow.followed import address
from benchmarks.report import median, plain
from benchmarks.server import Server, started

HEAD = (
    *("", "polls/s", "CPU cores", "waits", "CPU us/poll", "1 / CPU"),
    *("late p50 ms", "late p99 ms", "RSS MB", "cold s"),
)
NAIVE = "a task for each"
LONGEST_START_SECONDS = 180

Start = Callable[[], AbstractAsyncContextManager[Server]]


class NotTold(Exception):
    """The system does not say how much processor time a process used."""


class NotAllRead(Exception):
    """Some executions were not read at all."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long is measured, in seconds."""

    rest: float
    """After everything was read once: what is late from the start is made up for by then."""

    steady: float


@dataclass(frozen=True, slots=True)
class Round:
    """One process's life."""

    rate: float
    """Reads a second, as the far side counts them."""

    cores: float
    """Processor time a second, of all its threads."""

    waits: float
    """The part of the time in which it could have run, and other work had its core."""

    late_p50: float
    late_p99: float
    """How long after its moment a look began."""

    rss_mb: float
    cold: float
    """Seconds from the start of the process until every execution was read."""

    edits: int
    """Cards that were painted; nothing changes, so there should be none."""

    @property
    def cpu_each(self) -> float:
        """Processor seconds of a read."""
        return self.cores / self.rate

    @property
    def per_core(self) -> float:
        """Reads for the processor time of one whole core."""
        return self.rate / self.cores

    def text(self, title: str) -> str:
        """Write it on one line, while others still follow."""
        return (
            f"  {title}: {self.rate:,.0f} polls/s on {self.cores:.2f} cores, "
            f"waiting {self.waits:.2f}, {self.cpu_each * 1e6:.0f} us each, "
            f"p99 {self.late_p99:.2f} s late, {self.rss_mb:.0f} MB, all read in {self.cold:.1f} s"
        )


@dataclass(slots=True)
class Follower:
    """Somebody who follows so many executions."""

    name: str
    count: int
    start: Start
    far: Server = field(repr=False)
    rounds: list[Round] = field(default_factory=list)

    @property
    def title(self) -> str:
        """Name it among the others."""
        return f"{self.name}, {self.count:,}"

    def of(self, figure: Callable[[Round], float]) -> list[float]:
        """List a figure of every round."""
        return [figure(each) for each in self.rounds]

    async def play(self, plan: Plan) -> None:
        """Measure one round."""
        await self.far.tell(f"watch {self.count}")
        began = time.perf_counter()
        async with self.start() as server:
            cold = await self._all_read() - began
            await asyncio.sleep(plan.rest)
            before, cpu = await self.far.tell("told"), server.cpu_seconds()
            waited = server.waited_seconds()
            since = time.perf_counter()
            await server.tell("begin")
            await asyncio.sleep(plan.steady)
            late = await server.tell("end")
            after, cpu_after = await self.far.tell("told"), server.cpu_seconds()
            waited_after = server.waited_seconds()
            elapsed = time.perf_counter() - since
        if cpu is None or cpu_after is None or waited is None or waited_after is None:
            raise NotTold
        self.rounds.append(
            Round(
                rate=(after["reads"] - before["reads"]) / elapsed,
                cores=(cpu_after - cpu) / elapsed,
                waits=(waited_after - waited) / elapsed,
                late_p50=late["p50"],
                late_p99=late["p99"],
                rss_mb=late["rss_mb"],
                cold=cold,
                edits=after["edits"] - before["edits"],
            )
        )

    def row(self) -> list[str]:
        """Write the medians."""
        return [
            self.title,
            f"{median(self.of(lambda one: one.rate)):,.0f}",
            f"{median(self.of(lambda one: one.cores)):.2f}",
            f"{median(self.of(lambda one: one.waits)):.2f}",
            f"{median(self.of(lambda one: one.cpu_each)) * 1e6:.0f}",
            f"{median(self.of(lambda one: one.per_core)):,.0f}",
            f"{median(self.of(lambda one: one.late_p50)) * 1e3:.0f}",
            f"{median(self.of(lambda one: one.late_p99)) * 1e3:.0f}",
            f"{median(self.of(lambda one: one.rss_mb)):.0f}",
            f"{median(self.of(lambda one: one.cold)):.1f}",
        ]

    async def _all_read(self) -> float:
        for _ in range(LONGEST_START_SECONDS * 10):
            told = await self.far.tell("told")
            if told["all_seen_at"] is not None:
                return float(told["all_seen_at"])
            await asyncio.sleep(0.1)
        raise NotAllRead(self.title)


@contextlib.asynccontextmanager
async def far_side(core: int) -> AsyncIterator[Server]:
    """Start Buddy and Slack, in one process."""
    async with started("benchmarks.follow.far", "--core", str(core)) as server:
        yield server


def bot(database: str, far: Server, core: int) -> Start:
    """Tell how the bot is started on a database that was filled."""
    told = ("--core", str(core), "--database", database, "--far", address(far))
    return lambda: started("benchmarks.follow.bot", *told)


def naive(count: int, far: Server, core: int) -> Start:
    """Tell how a task for each is started."""
    told = ("--core", str(core), "--count", str(count), "--far", address(far))
    return lambda: started("benchmarks.follow.naive", *told)


async def play(everybody: list[Follower], plan: Plan, rounds: int) -> None:
    """Measure all of them in turns, in an order that rotates."""
    for number in range(rounds):
        turn = number % max(1, len(everybody))
        for follower in everybody[turn:] + everybody[:turn]:
            await follower.play(plan)
            print(follower.rounds[-1].text(follower.title), flush=True)


def text(everybody: Iterable[Follower]) -> str:
    """Write the table for a terminal."""
    return plain([HEAD, *(follower.row() for follower in everybody)])
