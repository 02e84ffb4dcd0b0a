"""Medians over all rounds, ratios to the floor, and whether the promised limits hold.

Pure: the same samples always give the same figures, as text for a terminal or for a document.
"""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from benchmarks.load import Sample

HEAD = ("", "p50 ms", "x floor", "p99 ms", "req/s", "CPU us", "x floor")
LIMIT_HEAD = (
    *("", "Promise", "Measured", "Limit", "Which is"),
    *("In the median round", "Rounds that keep it"),
)
NOTHING = "-"
NAME_WIDTH = 44


@dataclass(slots=True)
class Line:
    """Every round of one kind of request."""

    name: str
    samples: list[Sample] = field(default_factory=list)

    def percentiles(self, percent: int) -> list[float]:
        """Return a percentile of each round, in seconds."""
        return [percentile(sample.seconds, percent) for sample in self.samples]

    def percentile(self, percent: int) -> float:
        """Return the median, over the rounds, of a percentile, in seconds."""
        return statistics.median(self.percentiles(percent))

    @property
    def rates(self) -> list[float]:
        """Answers per second in each round."""
        return [len(sample.seconds) / sample.elapsed for sample in self.samples]

    @property
    def rate(self) -> float:
        """Answers per second, the median of all rounds."""
        return statistics.median(self.rates)

    @property
    def cpu(self) -> float | None:
        """Processor seconds of the server for each request, the median of all rounds."""
        used = [s.cpu_seconds / len(s.seconds) for s in self.samples if s.cpu_seconds is not None]
        return statistics.median(used) if used else None


def median(values: Iterable[float]) -> float:
    """Return the middle of the values."""
    return statistics.median(values)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the smallest value that so many percent of all do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def times(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Tell how many times theirs ours is, in the median round.

    Each round is compared with itself, so that whatever slows the machine for some rounds slows
    both sides.
    """
    return statistics.median(_part(*pair) for pair in zip(ours, theirs, strict=True))


def _part(one: float, other: float) -> float:
    # Of nothing, nothing is all, and anything is more.
    return one / other if other else 1 + one


class Kind(Enum):
    """What a limit is about."""

    LATENCY = "ms"
    """In seconds, shown in milliseconds; less is better."""

    RATE = "req/s"
    """More is better; of all others less is."""

    WAIT = "s"
    PROCESSOR = "us"
    """In seconds, shown in microseconds."""

    MEMORY = "MB"
    COUNT = "times"

    def text(self, value: float) -> str:
        """Write a value with its unit."""
        match self:
            case Kind.LATENCY:
                figure = ms(value)
            case Kind.WAIT:
                figure = f"{value:.1f}"
            case Kind.PROCESSOR:
                figure = f"{value * 1e6:.0f}"
            case _:
                figure = f"{value:,.0f}"
        return f"{figure} {self.value}"


@dataclass(frozen=True, slots=True)
class Limit:
    """A promise: in the median round, what was measured stays on the right side of its bound."""

    name: str
    rule: str
    kind: Kind
    measured: Sequence[float]
    """One value for each round."""

    bounds: Sequence[float]
    """What the rule allowed in the same round."""

    @property
    def share(self) -> float:
        """What was measured as a part of its bound."""
        return times(self.measured, self.bounds)

    @property
    def holds(self) -> bool:
        """Whether the promise is kept."""
        return self._keeps(self.share, 1.0)

    @property
    def rounds_kept(self) -> int:
        """How many rounds keep it, each against what was measured beside it."""
        return sum(map(self._keeps, self.measured, self.bounds))

    def cells(self) -> list[str]:
        """Write the promise and how it stands."""
        word = "at least" if self.kind is Kind.RATE else "at most"
        return [
            "ok" if self.holds else "MISSED",
            self.name,
            self.kind.text(statistics.median(self.measured)),
            f"{word} {self.kind.text(statistics.median(self.bounds))}",
            self.rule,
            f"{self.share:.2f} of it",
            f"{self.rounds_kept} of {len(self.measured)}",
        ]

    def text(self) -> str:
        """Write it on one line."""
        verdict, name, measured, bound, rule, share, kept = self.cells()
        return (
            f"  {verdict:<8}{name}: {measured}, {bound} ({rule}); "
            f"{share} in the median round, {kept} rounds keep it"
        )

    def _keeps(self, measured: float, bound: float) -> bool:
        return measured >= bound if self.kind is Kind.RATE else measured <= bound


def placed(page: str, section: str) -> str:
    """Put a section into a page that has one of its title, or before what the rows are."""
    title = section.partition("\n")[0]
    before, found, rest = page.partition(f"{title}\n")
    if not found:
        before, found, rest = page.partition("## What the rows are\n")
        return f"{before}{section}\n\n{found}{rest}"
    _, following, after = rest.partition("\n## ")
    return f"{before}{section}\n{following}{after}"


def section_of(page: str, title: str) -> str:
    """Find the section of a title in a page; empty where there is none."""
    _, found, rest = f"\n{page}".partition(f"\n{title}\n")
    content, _, _ = rest.partition("\n## ")
    return f"{title}\n{content}".strip() if found else ""


def exit_code(limits: Sequence[Limit]) -> int:
    """Return what the process ends with: 1 if a promise was missed."""
    return 0 if all(limit.holds for limit in limits) else 1


def rows(lines: Sequence[Line], *, is_paced: bool) -> list[list[str]]:
    """Write each line's cells; the first is the floor. A rate with rests in it means nothing."""
    floor = lines[0]
    return [
        [
            line.name,
            ms(line.percentile(50)),
            f"{line.percentile(50) / floor.percentile(50):.2f}",
            ms(line.percentile(99)),
            NOTHING if is_paced else f"{line.rate:,.0f}",
            *_cpu(line.cpu, floor.cpu),
        ]
        for line in lines
    ]


def plain(table: Sequence[Sequence[str]]) -> str:
    """Write a table for a terminal."""
    width = 2 + max(len(cell) for _, *cells in table for cell in cells)
    return "\n".join(
        f"{name:<{NAME_WIDTH}}" + "".join(f"{cell:>{width}}" for cell in cells)
        for name, *cells in table
    )


def markdown(table: Sequence[Sequence[str]]) -> str:
    """Write a table; the first row is its head, and figures stand on the right."""
    head, *body = table
    right = [all(_is_figure(row[column]) for row in body) for column in range(len(head))]
    ruler = ["---:" if is_right else "---" for is_right in right]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ruler, *body))


def _is_figure(cell: str) -> bool:
    return cell.replace(",", "").replace(".", "").isdigit() or cell in ("", "-")


def ms(seconds: float) -> str:
    """Write milliseconds."""
    return f"{seconds * 1000:.2f}"


def _cpu(used: float | None, floor: float | None) -> list[str]:
    if used is None or not floor:
        return [NOTHING, NOTHING]
    return [f"{used * 1e6:.0f}", f"{used / floor:.2f}"]
