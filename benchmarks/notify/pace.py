"""Deliveries at a pace, with the time from each to its cards, and the processor time they took."""

import asyncio
import time
from dataclasses import dataclass, field

import aiohttp

from benchmarks.notify.town import Town, body_of, headers
from benchmarks.report import percentile
from benchmarks.server import cpu_seconds, waited_seconds
from sandbox.buddy import Execution

OK = 200
LONGEST_SECONDS = 60
"""How long the last card may take."""

AFTERMATH_SECONDS = 3.0
"""How long the cards are followed that were posted last: that is part of what a card costs."""


@dataclass(frozen=True, slots=True)
class Paced:
    """What came of one round."""

    seconds: list[float]
    """From each delivery until the answer to the post of each card."""

    deliveries: int
    refused: int
    """Deliveries that were not answered with 200."""

    cards: int
    """How many were wanted."""

    cpu: float | None
    """Processor seconds of whoever took the deliveries."""

    waited: float | None
    """Seconds in which its main thread could have run and had to wait for its core."""

    far_cpu: float
    """Processor seconds of the load and the simulators."""

    @property
    def lost(self) -> int:
        """Count the cards that did not come in time."""
        return max(0, self.cards - len(self.seconds))

    @property
    def cpu_each(self) -> float | None:
        """Processor seconds for each card that was wanted."""
        return None if self.cpu is None else self.cpu / self.cards

    def latest(self, percent: int) -> float:
        """Tell by when so many percent of all cards were there; those that were not count too."""
        missing = [float(LONGEST_SECONDS)] * self.lost
        return percentile([*self.seconds, *missing], percent)


@dataclass(slots=True)
class Pace:
    """A new run so many times a second, each told of at once."""

    town: Town
    per_second: int
    count: int
    aftermath_seconds: float = AFTERMATH_SECONDS
    refused: int = 0
    told_at: dict[str, float] = field(default_factory=dict)

    async def play(self) -> Paced:
        """Tell of each, and wait for its cards."""
        assert self.town.process is not None
        pid = self.town.process.pid
        cpu, waited, far = cpu_seconds(pid), waited_seconds(pid), time.process_time()
        cards = await self._send()
        found = self._seconds()
        for _ in range(LONGEST_SECONDS * 4):
            if len(found) >= cards:
                break
            await asyncio.sleep(0.25)
            found = self._seconds()
        await self.town.rests(self.aftermath_seconds)
        return Paced(
            found,
            self.count,
            self.refused,
            cards,
            _since(cpu, cpu_seconds(pid)),
            _since(waited, waited_seconds(pid)),
            time.process_time() - far,
        )

    async def _send(self) -> int:
        """Send everything, each at its moment; how many cards are wanted."""
        pipelines, cards = list(self.town.places), 0
        async with (
            aiohttp.ClientSession(headers=headers(self.town)) as session,
            asyncio.TaskGroup() as tasks,
        ):
            began = time.perf_counter()
            for number in range(self.count):
                pipeline = pipelines[number % len(pipelines)]
                cards += len(self.town.places[pipeline])
                run = pipeline.push(by=self.town.colleague, message=f"Change {number}")
                tasks.create_task(self._tell(session, run))
                due = began + (number + 1) / self.per_second
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
        return cards

    async def _tell(self, session: aiohttp.ClientSession, run: Execution) -> None:
        body = body_of(self.town, run, "EXECUTION_STARTED")
        self.told_at[f"{run.pipeline.name} #{run.id}:"] = time.perf_counter()
        async with session.post(self.town.hook_url, data=body) as response:
            self.refused += response.status != OK

    def _seconds(self) -> list[float]:
        """Read from Slack's journal when each card was posted."""
        found = []
        for call in self.town.slack.journal.select(path="chat.postMessage"):
            text = str((call.body or {}).get("text", ""))
            name = " ".join(text.partition("/ ")[2].split(" ")[:2])
            if name in self.told_at:
                found.append(call.answered - self.told_at[name])
        return found


def _since(before: float | None, now: float | None) -> float | None:
    return None if before is None or now is None else now - before
