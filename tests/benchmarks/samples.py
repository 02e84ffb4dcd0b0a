"""Rounds that were never measured, to calculate with."""

from collections.abc import Sequence

from benchmarks.load import Sample
from benchmarks.operations import Burst, Operations, Paced
from benchmarks.report import Kind, Limit, Line
from tests.benchmarks.servers import NOWHERE


def a_round(*seconds: float, elapsed: float = 1.0, cpu: float | None = None) -> Sample:
    """Make one round from the time of each answer."""
    return Sample(list(seconds), elapsed, cpu)


def a_line(name: str, *p50s: float, cpu: float | None = None) -> Line:
    """Make a line whose rounds have one request each, one after the other."""
    return Line(name, [a_round(seconds, elapsed=seconds, cpu=cpu) for seconds in p50s])


def a_limit(measured: Sequence[float], bounds: Sequence[float], kind: Kind = Kind.LATENCY) -> Limit:
    """Make a promise about some rounds."""
    return Limit("help", "2 x floor", kind, measured, bounds)


def some_operations(slower: float = 1.0) -> Operations:
    """Make one round of operations on SQLite."""
    own = [0.020 * slower] * 98 + [0.050 * slower] * 2
    return Operations(
        "SQLite",
        NOWHERE,
        NOWHERE,
        aim=250,
        paced=[Paced(own, [seconds + 0.004 for seconds in own])],
        bursts=[Burst(300, until_patched=3.0, until_told=6.0, cpu_seconds=3.6)],
        engine_bursts=[Burst(300, until_patched=1.0, until_told=None, cpu_seconds=0.6)],
    )
