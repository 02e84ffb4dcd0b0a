"""Deliveries at full speed while the bot is killed, and what became of each card."""

import asyncio
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import aiohttp

from benchmarks.notify.town import Town, body_of, headers
from sandbox.buddy import Execution
from sandbox.slack import Channel

CALLERS = 32
OK = 200
LONGEST_SECONDS = 480
"""How long the last card may take."""

_ENDS = {"SUCCESSFUL": "EXECUTION_SUCCESSFUL", "FAILED": "EXECUTION_FAILED"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a storm."""

    deliveries: int
    kills: int
    seconds: float
    """Until all of them were answered with 200."""

    settled_seconds: float
    """From then on until every card was true, or the time was up."""

    cards: int
    missing: int
    doubled: int
    untrue: int

    def text(self) -> str:
        """Write it in one sentence."""
        return (
            f"{self.deliveries} deliveries, the bot killed {self.kills} times: answered in "
            f"{self.seconds:.1f} s, all cards true {self.settled_seconds:.1f} s later; "
            f"{self.cards} cards wanted, {self.missing} missing, {self.doubled} doubled, "
            f"{self.untrue} untrue"
        )


@dataclass(slots=True)
class Storm:
    """Everything about all runs, shuffled, each until it is answered with 200."""

    town: Town
    runs: Sequence[Execution]
    kills: int
    answered: int = 0
    _bodies: list[str] = field(default_factory=list)

    async def play(self) -> Outcome:
        """Send everything, kill meanwhile, wait for the cards, and look at each of them."""
        for run in self.runs:
            self._bodies += told_of(self.town, run)
        random.Random(7).shuffle(self._bodies)  # noqa: S311 - a story
        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._kill())
            waiting = iter(self._bodies)
            for _ in range(CALLERS):
                tasks.create_task(self._send(waiting))
        sent = time.perf_counter()
        await self.town.until(lambda: not any(self._flaws()), LONGEST_SECONDS)
        settled = time.perf_counter()
        return self._judged(sent - began, settled - sent)

    async def _send(self, waiting: Iterator[str]) -> None:
        async with aiohttp.ClientSession(headers=headers(self.town)) as session:
            for body in waiting:
                for _ in range(LONGEST_SECONDS * 10):
                    if await self._is_taken(session, body):
                        self.answered += 1
                        break
                    await asyncio.sleep(0.1)

    async def _is_taken(self, session: aiohttp.ClientSession, body: str) -> bool:
        try:
            async with session.post(self.town.hook_url, data=body) as response:
                return response.status == OK
        except (aiohttp.ClientError, ConnectionError):
            return False

    async def _kill(self) -> None:
        """Kill the bot whenever a further part of all was answered."""
        for number in range(1, self.kills + 1):
            for _ in range(LONGEST_SECONDS * 100):
                if self.answered >= len(self._bodies) * number // (self.kills + 1):
                    break
                await asyncio.sleep(0.01)
            await self.town.kill()

    def _flaws(self) -> tuple[int, int, int]:
        return flaws(self.town, self._pairs())

    def _pairs(self) -> list[tuple[Execution, Channel]]:
        places = self.town.places
        return [(run, channel) for run in self.runs for channel in places[run.pipeline]]

    def _judged(self, seconds: float, settled: float) -> Outcome:
        count = (len(self._bodies), self.kills, seconds, settled)
        return Outcome(*count, len(self._pairs()), *self._flaws())


def made(town: Town, count: int) -> list[Execution]:
    """Start runs of all pipelines in turn, one of ten of which fails."""
    pipelines = list(town.places)
    runs = []
    for number in range(count):
        run = pipelines[number % len(pipelines)].push(
            by=town.colleague, message=f"Change {number}", branch=f"change-{number}"
        )
        if number % 10 == 0:
            run.fails_at("Build")
        runs.append(run)
    return runs


def told_of(town: Town, run: Execution) -> list[str]:
    """Write what Buddy tells of a run that has ended; of its start twice."""
    start, end = "EXECUTION_STARTED", _ENDS[run.status]
    return [body_of(town, run, event) for event in (start, start, end, "EXECUTION_FINISHED")]


def flaws(town: Town, pairs: Iterable[tuple[Execution, Channel]]) -> tuple[int, int, int]:
    """Count the cards that are missing, doubled and untrue."""
    missing = doubled = untrue = 0
    for run, channel in pairs:
        found = town.cards(run, channel)
        missing += not found
        doubled += len(found) > 1
        untrue += any(_word(run) not in card.text for card in found)
    return missing, doubled, untrue


def _word(run: Execution) -> str:
    return {"SUCCESSFUL": "successful", "FAILED": "failed"}[run.status]
