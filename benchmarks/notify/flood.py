"""One execution, told of again and again: there is one card, and little is read for it."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass

import aiohttp

from benchmarks.notify.storm import CALLERS, OK, flaws, told_of
from benchmarks.notify.town import Town, headers
from sandbox.buddy import Execution


@dataclass(frozen=True, slots=True)
class Flooded:
    """What became of a flood."""

    deliveries: int
    seconds: float
    """Until all of them were answered."""

    refused: int
    """How many were not answered with 200."""

    reads: int
    """How often Buddy was asked for the execution meanwhile."""

    missing: int
    doubled: int
    untrue: int

    @property
    def is_well(self) -> bool:
        """Whether each channel has one true card, and everything was taken."""
        return not (self.refused or self.missing or self.doubled or self.untrue)

    def text(self) -> str:
        """Write it in one sentence."""
        return (
            f"{self.deliveries} deliveries of one run: answered in {self.seconds:.1f} s, "
            f"{self.refused} refused, {self.reads} reads; "
            f"{self.missing} missing, {self.doubled} doubled, {self.untrue} untrue"
        )


@dataclass(slots=True)
class Flood:
    """The same few events of one run, in turn, from many callers at once."""

    town: Town
    run: Execution
    count: int
    refused: int = 0

    async def play(self) -> Flooded:
        """Send them all, wait for the cards, and look at each of them."""
        waiting = itertools.islice(itertools.cycle(told_of(self.town, self.run)), self.count)
        began, reads = time.perf_counter(), self._reads()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(CALLERS):
                tasks.create_task(self._send(waiting))
        seconds = time.perf_counter() - began
        places = [(self.run, channel) for channel in self.town.places[self.run.pipeline]]
        await self.town.until(lambda: not any(flaws(self.town, places)))
        found = flaws(self.town, places)
        return Flooded(self.count, seconds, self.refused, self._reads() - reads, *found)

    async def _send(self, waiting: Iterator[str]) -> None:
        async with aiohttp.ClientSession(headers=headers(self.town)) as session:
            for body in waiting:
                async with session.post(self.town.hook_url, data=body) as response:
                    self.refused += response.status != OK

    def _reads(self) -> int:
        end = f"/executions/{self.run.id}"
        return sum(call.path.endswith(end) for call in self.town.buddy.journal.select("GET"))
