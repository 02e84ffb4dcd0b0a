"""Medians over all rounds, ratios to the floor, and whether the promised limits hold."""

import math
import os
import platform
import statistics
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from benchmarks.load import Sample

PACKAGES = ("slack-bolt", "aiohttp", "uvloop", "sqlalchemy", "aiosqlite")
RESOLUTION = (
    "Differences under 20 % are not resolved; only ratios of one run count.\n"
    "CPU is the server's, with the work that goes on behind its answers."
)


@dataclass(slots=True)
class Line:
    """Every round of one kind of request."""

    name: str
    samples: list[Sample] = field(default_factory=list)

    def percentile(self, percent: int) -> float:
        """Return the median, over the rounds, of a percentile, in seconds."""
        return statistics.median(percentile(s.seconds, percent) for s in self.samples)

    @property
    def rate(self) -> float:
        """Answers per second."""
        return statistics.median(len(s.seconds) / s.elapsed for s in self.samples)

    @property
    def cpu(self) -> float | None:
        """Processor seconds of the server for each request."""
        used = [s.cpu_seconds / len(s.seconds) for s in self.samples if s.cpu_seconds is not None]
        return statistics.median(used) if used else None


def percentile(values: list[float], percent: int) -> float:
    """Return the smallest value that so many percent of all do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


@dataclass(frozen=True, slots=True)
class Limit:
    """A promise: this median stays below that bound; both in seconds."""

    name: str
    rule: str
    measured: float
    bound: float

    @property
    def holds(self) -> bool:
        """Whether the promise is kept."""
        return self.measured <= self.bound

    def text(self) -> str:
        """Write the promise and how it stands."""
        word = "ok    " if self.holds else "MISSED"
        return (
            f"  {word}  {self.name}: {_ms(self.measured)} ms, "
            f"limit {_ms(self.bound)} ms ({self.rule})"
        )


def table(title: str, lines: list[Line], *, is_paced: bool) -> str:
    """Write one table; the first line is the floor. A rate with rests in it means nothing."""
    floor = lines[0]
    head = (
        f"{'':<32}{'p50 ms':>8}{'x floor':>9}{'p99 ms':>8}{'req/s':>9}{'CPU us':>8}{'x floor':>9}"
    )
    rows = [title, head]
    for line in lines:
        p50 = line.percentile(50)
        cpu = _cpu(line.cpu, floor.cpu)
        rate = "-" if is_paced else f"{line.rate:,.0f}"
        rows.append(
            f"{line.name:<32}{_ms(p50):>8}{p50 / floor.percentile(50):>9.2f}"
            f"{_ms(line.percentile(99)):>8}{rate:>9}{cpu}"
        )
    return "\n".join(rows)


def surroundings(storage: Path, rounds: int, requests: int) -> str:
    """Name the machine and the versions that the figures belong to."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return "\n".join(
        (
            f"{_processor()}, {cores} cores, {platform.system()} {platform.release()}",
            f"Python {platform.python_version()}, {packages}",
            f"Medians of {rounds} interleaved rounds of {requests} requests each.",
            "The measured server has one core; load and simulators have another.",
            f"Storage: a SQLite file in {storage.parent}, synchronous=FULL.",
            RESOLUTION,
        )
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f}"


def _cpu(used: float | None, floor: float | None) -> str:
    if used is None or not floor:
        return f"{'-':>8}{'-':>9}"
    return f"{used * 1e6:>8.0f}{used / floor:>9.2f}"
