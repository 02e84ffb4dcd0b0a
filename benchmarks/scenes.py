"""What is measured together: the same requests at the same pace, in interleaved rounds.

Every round measures each target once, in an order that rotates, so that whatever disturbs the
machine disturbs all of them alike. Before each, the last one's server has come to rest. A round
ends with the bot's requests twice more: just before, and while Slack and Buddy answer it late.
"""

import asyncio
from dataclasses import dataclass, field, replace

from benchmarks.load import Target, commits, measure
from benchmarks.report import HEAD, Line, ms, percentile, plain, rows
from benchmarks.server import Server

FLOOR = "floor (aiohttp, HMAC only)"
HELP = "Greenlight, /buddy help"
OPERATION = "Greenlight, Approve"
COMMIT = "one commit, bare"

LATE_SECONDS = 2
"""How late Slack and Buddy answer the bot when they do."""

IDLE = 0.1
"""The part of its core that a server at rest may use, for timers and heartbeats."""

LONGEST_WORK_SECONDS = 120


class Restless(Exception):
    """A server did not come to rest after its last answer."""


def late(name: str) -> str:
    """Name the same requests while the far sides are late."""
    return f"{name}, {LATE_SECONDS} s late"


def before(name: str) -> str:
    """Name the same requests just before the far sides are late."""
    return f"{name}, just before"


@dataclass(slots=True)
class Scene:
    """Some targets at one pace, and what came of it."""

    title: str
    targets: list[Target]
    requests: int
    concurrency: int = 1
    pause_seconds: float = 0.0
    """Rest before each request, as between people's clicks."""
    again_late: list[Target] = field(default_factory=list)
    """What of the bot's is measured just before and while Slack and Buddy are late, in order."""
    storage: Server | None = None
    """Where bare commits are measured at the same pace."""
    lines: dict[str, Line] = field(default_factory=dict)
    commit_p50s: list[float] = field(default_factory=list)

    async def play(self, rounds: int) -> None:
        """Measure everything so many times, after a round that only warms up."""
        for number in range(-1, rounds):
            turn = number % len(self.targets)
            for target in self.targets[turn:] + self.targets[:turn]:
                await self._measure(target, counts=number >= 0)
            if self.storage:
                seconds = await commits(self.storage, self.requests, self.pause_seconds)
                if number >= 0:
                    self.commit_p50s.append(percentile(seconds, 50))
            if self.again_late:
                await self._measure_late(counts=number >= 0)

    @property
    def is_paced(self) -> bool:
        """Whether it rests between requests."""
        return self.pause_seconds > 0

    @property
    def amount(self) -> str:
        """Tell how many requests a round has."""
        fewer = {
            f"{target.requests} of {target.name}" for target in self.targets if target.requests
        }
        return ", ".join((f"{self.requests} requests in each round", *sorted(fewer)))

    def rows(self) -> list[list[str]]:
        """Write the table's cells, without their head."""
        names = [target.name for target in self.targets]
        names += [name(target.name) for name in (before, late) for target in self.again_late]
        table = rows([self.lines[name] for name in names], is_paced=self.is_paced)
        if self.commit_p50s:
            rest_of_row = [""] * (len(HEAD) - 2)
            table.append([COMMIT, ms(percentile(self.commit_p50s, 50)), *rest_of_row])
        return table

    def text(self) -> str:
        """Write the table for a terminal."""
        return f"{self.title}\n{plain([HEAD, *self.rows()])}"

    async def _measure(self, target: Target, *, counts: bool) -> None:
        requests = target.requests or self.requests
        sample = await measure(target, requests, self.concurrency, self.pause_seconds)
        if counts:
            self.lines.setdefault(target.name, Line(target.name)).samples.append(sample)
        await rest(target.server)

    async def _measure_late(self, *, counts: bool) -> None:
        bot = self.again_late[0].server
        for target in self.again_late:
            await self._measure(replace(target, name=before(target.name)), counts=counts)
        await bot.tell(f"late {LATE_SECONDS}")
        for target in self.again_late:
            await self._measure(replace(target, name=late(target.name)), counts=counts)
        await bot.tell("late 0")
        # What is under way still gets its late answer; only then does the bot work on.
        await asyncio.sleep(LATE_SECONDS + IDLE)
        await rest(bot)


async def rest(server: Server) -> None:
    """Wait until the server has done what goes on after its answers.

    Raises:
        Restless: it still works after a long time.
    """
    for _ in range(LONGEST_WORK_SECONDS * 5):
        before = server.cpu_seconds()
        await asyncio.sleep(0.2)
        after = server.cpu_seconds()
        if before is None or after is None or after - before < IDLE * 0.2:
            return
    raise Restless(f"still at work after {LONGEST_WORK_SECONDS} seconds")
