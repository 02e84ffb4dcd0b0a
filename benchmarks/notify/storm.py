"""Deliveries at full speed while the bot is killed; and at a pace, with the time to each card."""

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


@dataclass(slots=True)
class Pace:
    """A new run so many times a second, each told of at once."""

    town: Town
    per_second: int
    count: int
    told_at: dict[str, float] = field(default_factory=dict)

    async def play(self) -> list[float]:
        """Tell of each; the seconds from each delivery to each of its cards."""
        pipelines = list(self.town.places)
        async with (
            aiohttp.ClientSession(headers=headers(self.town)) as session,
            asyncio.TaskGroup() as tasks,
        ):
            began = time.perf_counter()
            for number in range(self.count):
                pipeline = pipelines[number % len(pipelines)]
                run = pipeline.push(by=self.town.colleague, message=f"Change {number}")
                tasks.create_task(self._tell(session, run))
                due = began + (number + 1) / self.per_second
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
        wanted = sum(
            len(self.town.places[pipelines[number % len(pipelines)]])
            for number in range(self.count)
        )
        for _ in range(240):
            if len(found := self._seconds()) >= wanted:
                return found
            await asyncio.sleep(0.25)
        return self._seconds()

    async def _tell(self, session: aiohttp.ClientSession, run: Execution) -> None:
        body = body_of(self.town, run, "EXECUTION_STARTED")
        self.told_at[f"{run.pipeline.name} #{run.id}:"] = time.perf_counter()
        async with session.post(self.town.hook_url, data=body) as response:
            assert response.status == OK

    def _seconds(self) -> list[float]:
        """Read from Slack's journal when each card was posted."""
        found = []
        for call in self.town.slack.journal.select(path="chat.postMessage"):
            text = str((call.body or {}).get("text", ""))
            name = " ".join(text.partition("/ ")[2].split(" ")[:2])
            if name in self.told_at:
                found.append(call.answered - self.told_at[name])
        return found


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
