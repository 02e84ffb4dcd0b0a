"""What is measured together: the same requests at the same pace, in interleaved rounds.

Every round measures each target once, in an order that rotates, so that whatever disturbs the
machine disturbs all of them alike. Before each, the last one's server has come to rest.
"""

import asyncio
from dataclasses import dataclass, field

from benchmarks.load import Target, commits, measure
from benchmarks.report import Limit, Line, percentile, table
from benchmarks.server import Server

FLOOR = "floor (aiohttp, HMAC only)"
HELP = "Greenlight, /buddy help"
OPERATION = "Greenlight, Approve"
FACTOR = 2
"""What a request may cost in floors, and an operation in commits on top of that."""

IDLE = 0.1
"""The part of its core that a server at rest may use, for timers and heartbeats."""

LONGEST_WORK_SECONDS = 120


class Restless(Exception):
    """A server did not come to rest after its last answer."""


@dataclass(slots=True)
class Scene:
    """Some targets at one pace, and what came of it."""

    title: str
    targets: list[Target]
    requests: int
    concurrency: int = 1
    pause_seconds: float = 0.0
    """Rest before each request, as between people's clicks."""
    storage: Server | None = None
    """Where bare commits are measured at the same pace."""
    lines: dict[str, Line] = field(default_factory=dict)
    commit_p50s: list[float] = field(default_factory=list)

    async def play(self, rounds: int) -> None:
        """Measure everything so many times, after a round that only warms up."""
        for number in range(-1, rounds):
            turn = number % len(self.targets)
            for target in self.targets[turn:] + self.targets[:turn]:
                sample = await measure(target, self.requests, self.concurrency, self.pause_seconds)
                if number >= 0:
                    self.lines.setdefault(target.name, Line(target.name)).samples.append(sample)
                await rest(target.server)
            if self.storage:
                seconds = await commits(self.storage, self.requests, self.pause_seconds)
                self.commit_p50s.append(percentile(seconds, 50))

    def p50(self, name: str) -> float:
        """Return the median of one kind of request, in seconds."""
        return self.lines[name].percentile(50)

    @property
    def commit(self) -> float:
        """The median of one bare commit, in seconds."""
        return percentile(self.commit_p50s, 50)

    def text(self) -> str:
        """Write the table."""
        lines = [self.lines[target.name] for target in self.targets]
        written = table(self.title, lines, is_paced=self.pause_seconds > 0)
        if self.storage:
            written += f"\n{'one commit, bare':<32}{self.commit * 1000:>8.2f}"
        return written


def limits(in_a_row: Scene, at_a_pace: Scene) -> list[Limit]:
    """List the promises about one request at a time; each is held to its own scene."""
    return [
        Limit(HELP, f"{FACTOR} x floor", in_a_row.p50(HELP), FACTOR * in_a_row.p50(FLOOR)),
        Limit(
            OPERATION,
            f"{FACTOR} x floor + {FACTOR} x commit",
            at_a_pace.p50(OPERATION),
            FACTOR * (at_a_pace.p50(FLOOR) + at_a_pace.commit),
        ),
    ]


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
