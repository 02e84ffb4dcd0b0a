"""What comes of clicks: how soon the PATCH leaves, and how many operations a second there are.

Each click is for an execution of its own. The far sides note when a request arrived and when it was
answered; while they were at work on what a click had to wait for, its time is not the bot's own.
"""

import asyncio
import gc
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.gates import Seen, Sight, Span
from benchmarks.load import OK, NotAcknowledged, Target, connected, request_to
from benchmarks.report import NOTHING, median, ms, percentile, plain
from benchmarks.scenes import rest
from benchmarks.server import Server

PACE_TITLE = "From a click to its PATCH, one click at a time"
BURST_TITLE = "Operations per second, in a burst"
PACE_HEAD = ("", "own p50 ms", "own p99 ms", "whole p50 ms", "whole p99 ms")
BURST_HEAD = ("", "PATCHes/s", "all told/s", "CPU ms each", "1 / CPU")

AIM_HEAD = ("", "PATCHes of a burst", "Measured", "Aim")
ENGINE = "bare jobs engine"

PAUSE_SECONDS = 0.15
"""Rest between paced clicks: the last one's thread is told and its card painted by then."""

CROWD = 16
"""Clicks of a burst that wait for their acknowledgement at a time; their work piles up behind."""

_LOOKS = 50


class NotDone(Exception):
    """A click had no effect, or nobody was told."""


@dataclass(frozen=True, slots=True)
class Paced:
    """One round of single clicks: how long until each one's PATCH arrived."""

    own: list[float]
    whole: list[float]
    """The far sides' answers included."""


@dataclass(frozen=True, slots=True)
class Burst:
    """One round of many clicks."""

    count: int
    until_patched: float
    """Seconds until the last PATCH arrived."""

    until_told: float | None
    """Seconds until every thread was told and every card painted; None for who tells nobody."""

    cpu_seconds: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured in each round."""

    clicks: int
    """One at a time."""

    burst: int
    """All at once."""


@dataclass(slots=True)
class Operations:
    """The bot and the bare jobs engine on one kind of database, and what they did."""

    database: str
    bot: Server
    engine: Server
    aim: int
    """PATCHes a second that were hoped for."""

    paced: list[Paced] = field(default_factory=list)
    bursts: list[Burst] = field(default_factory=list)
    engine_bursts: list[Burst] = field(default_factory=list)

    async def play(self, plan: Plan, *, counts: bool) -> None:
        """Measure one round."""
        paced = await self._pace(plan.clicks)
        whole = await self._burst(plan.burst)
        alone = await self._engine_burst(plan.burst)
        if counts:
            self.paced.append(paced)
            self.bursts.append(whole)
            self.engine_bursts.append(alone)

    @property
    def own_p50s(self) -> list[float]:
        """The middle of the bot's own time in each round."""
        return [percentile(paced.own, 50) for paced in self.paced]

    @property
    def own_p99s(self) -> list[float]:
        """What all but one in a hundred clicks keep within, in each round."""
        return [percentile(paced.own, 99) for paced in self.paced]

    def pace_row(self) -> list[str]:
        """Write what single clicks took."""
        times = [[paced.own for paced in self.paced], [paced.whole for paced in self.paced]]
        return [
            f"Greenlight, {self.database}",
            *(
                ms(median(percentile(seconds, percent) for seconds in rounds))
                for rounds in times
                for percent in (50, 99)
            ),
        ]

    def burst_rows(self) -> list[list[str]]:
        """Write how many operations there were."""
        return [
            [f"Greenlight, {self.database}", *_rates(self.bursts)],
            [f"{ENGINE}, {self.database}", *_rates(self.engine_bursts)],
        ]

    def aims(self) -> list[list[str]]:
        """Write what was hoped for beside what was measured."""
        found = []
        for name, bursts in (("Greenlight", self.bursts), (ENGINE, self.engine_bursts)):
            rate = median(burst.count / burst.until_patched for burst in bursts)
            word = "reached" if rate >= self.aim else "not reached"
            aim = f"at least {self.aim} a second"
            found.append([word, f"{name}, {self.database}", f"{rate:,.0f} a second", aim])
        return found

    async def _pace(self, clicks: int) -> Paced:
        """Click once at a time; the connection's first click does not count."""
        asked = await self.bot.tell(f"gates {clicks + 1}")
        sent: dict[int, float] = {}
        async with connected(self.bot) as connection:
            for one in asked:
                await asyncio.sleep(PAUSE_SECONDS)
                request = request_to(Target("", self.bot, one["click"]))
                sent[one["execution"]] = time.perf_counter()
                await _expect_ok(await connection.exchange(request))
        sight = await self._seen(self.bot)
        counted = sight.clicks[1:]
        return Paced(
            [own_time(sent[seen.execution], seen, sight.shared) for seen in counted],
            [_patched(seen) - sent[seen.execution] for seen in counted],
        )

    async def _burst(self, count: int) -> Burst:
        asked = await self.bot.tell(f"gates {count}")
        began, cpu = await _storm(self.bot, [one["click"] for one in asked])
        sight = await self._seen(self.bot)
        told = max(max(seen.told or 0.0, seen.painted or 0.0) for seen in sight.clicks)
        until = max(map(_patched, sight.clicks)) - began
        return Burst(len(sight.clicks), until, told - began, _since(cpu, self.bot))

    async def _engine_burst(self, count: int) -> Burst:
        asked = await self.bot.tell(f"gates {count}")
        began, cpu = await _storm(self.engine, [one["patch"] for one in asked])
        sight = await self._seen(self.engine)
        until = max(map(_patched, sight.clicks)) - began
        return Burst(count, until, None, _since(cpu, self.engine))

    async def _seen(self, worker: Server) -> Sight:
        """Look once everything has been done.

        Raises:
            NotDone: something never was.
        """
        for _ in range(_LOOKS):
            await rest(worker)
            sight = Sight.read(await self.bot.tell("seen"))
            done = [seen for seen in sight.clicks if _is_done(seen, tells=worker is self.bot)]
            if len(done) + sight.not_taken == len(sight.clicks):
                return replace(sight, clicks=done)
        raise NotDone(self.database)


def own_time(sent: float, seen: Seen, shared: Iterable[Span]) -> float:
    """Tell how long a click took until its PATCH arrived, far sides' work taken off."""
    patched = _patched(seen)
    waited, reached = 0.0, sent
    for begin, end in sorted([*seen.reads, *shared]):
        begins, ends = max(begin, reached), min(end, patched)
        if begins < ends:
            waited, reached = waited + ends - begins, ends
    return patched - sent - waited


async def _storm(server: Server, bodies: list[str]) -> tuple[float, float | None]:
    """Send everything at once; when it began, and what the server had used by then."""
    prepared = iter([request_to(Target("", server, body)) for body in bodies])
    gc.collect()
    begin = asyncio.Barrier(CROWD + 1)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(CROWD):
            tasks.create_task(_send(server, prepared, begin))
        await begin.wait()
        return time.perf_counter(), server.cpu_seconds()


async def _send(server: Server, prepared: Iterator[bytes], begin: asyncio.Barrier) -> None:
    async with connected(server) as connection:
        await begin.wait()
        for request in prepared:
            await _expect_ok(await connection.exchange(request))


async def _expect_ok(answer: tuple[int, bytes]) -> None:
    status, body = answer
    if status != OK:
        raise NotAcknowledged(f"{status}: {body[:200]!r}")


def _since(before: float | None, server: Server) -> float | None:
    now = server.cpu_seconds()
    return None if before is None or now is None else now - before


def _is_done(seen: Seen, *, tells: bool) -> bool:
    is_told = seen.told is not None and seen.painted is not None
    return seen.patched is not None and (is_told or not tells)


def _patched(seen: Seen) -> float:
    assert seen.patched is not None
    return seen.patched


def _rates(bursts: list[Burst]) -> list[str]:
    patched = median(burst.count / burst.until_patched for burst in bursts)
    told = [burst.count / burst.until_told for burst in bursts if burst.until_told is not None]
    used = [burst.cpu_seconds / burst.count for burst in bursts if burst.cpu_seconds is not None]
    return [
        f"{patched:,.0f}",
        f"{median(told):,.0f}" if told else NOTHING,
        *([f"{median(used) * 1000:.2f}", f"{1 / median(used):,.0f}"] if used else [NOTHING] * 2),
    ]


def text(measured: Sequence[Operations]) -> str:
    """Write all tables for a terminal."""
    tables = [
        (PACE_TITLE, [PACE_HEAD, *(one.pace_row() for one in measured)]),
        (BURST_TITLE, [BURST_HEAD, *(row for one in measured for row in one.burst_rows())]),
    ]
    aims = [", ".join(row) for one in measured for row in one.aims()]
    return "\n\n".join([*(f"{title}\n{plain(table)}" for title, table in tables), "\n".join(aims)])
