"""Rounds that were never measured, to calculate with."""

from collections.abc import Sequence

from benchmarks.load import Sample
from benchmarks.report import Kind, Limit, Line


def a_round(*seconds: float, elapsed: float = 1.0, cpu: float | None = None) -> Sample:
    """Make one round from the time of each answer."""
    return Sample(list(seconds), elapsed, cpu)


def a_line(name: str, *p50s: float, cpu: float | None = None) -> Line:
    """Make a line whose rounds have one request each, one after the other."""
    return Line(name, [a_round(seconds, elapsed=seconds, cpu=cpu) for seconds in p50s])


def a_limit(measured: Sequence[float], bounds: Sequence[float], kind: Kind = Kind.LATENCY) -> Limit:
    """Make a promise about some rounds."""
    return Limit("help", "2 x floor", kind, measured, bounds)
