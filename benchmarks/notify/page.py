"""Write what came of notifications into the page of all benchmarks. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.notify.flood import Flooded
from benchmarks.notify.pace import Paced
from benchmarks.notify.storm import Outcome
from benchmarks.report import LIMIT_HEAD, NOTHING, Kind, Limit, markdown, median, times

TITLE = "## Notifications"
BOT, PLAIN = "greenlight", "plain script"
P99_SECONDS = 2.0
HEAD = ("", "p50 s", "p99 s", "CPU ms each", "x plain", "waits", "far sides, CPU ms each")

HOW = """\
Somebody pushes, a run begins, and Buddy's webhook tells of it; a subscribed channel is to have its
card. It counts from the moment the webhook is sent until Slack has answered the post of the card.

- *greenlight* is the whole bot in one process on SQLite. It stores the delivery before it answers,
  reads the execution from Buddy, decides which channels are told, stores that, posts the card, and
  follows it: a few seconds later it reads again and repaints the card, since each run is over by
  then. All of that is in *CPU ms each*.
- *plain script* is what everybody writes first: it checks the secret, posts one line with
  `chat.postMessage`, and answers. It stores nothing, reads nothing and never edits. What a repeated
  or a lost delivery does to its channel is nobody's business, and the line grows old.
- Whoever is measured has a core of its own, with all of its threads; load and simulators share the
  other one, and Buddy's and Slack's limits are switched off. *Waits* is the part of the time in
  which it had work to do while other work had its core: on a quiet machine next to nothing.
- Rounds are interleaved, each with a new process and an empty database; figures are medians.
"""

STORM = """\
Each run is told of four times (its start, again, its end, and that it is over), all shuffled, by 32
callers as fast as they are answered; each delivery is sent again until it is answered with 200.
Every pipeline is told of in two channels. Whenever a further part of all is answered, the process
is killed and started again. In the end each channel must have one card of each run, with the state
that the run ended in.
"""

FLOOD = """\
The same few events of one run, in turn, by 32 callers as fast as they are answered. *Reads* are how
often Buddy was asked for the run meanwhile.
"""


@dataclass(slots=True)
class Row:
    """Every round of one of those who are measured at a pace."""

    name: str
    rounds: list[Paced] = field(default_factory=list)

    def of(self, figure: Callable[[Paced], float]) -> list[float]:
        """Give a figure of each round."""
        return [figure(one) for one in self.rounds]

    @property
    def cpu(self) -> list[float]:
        """Processor seconds for each card in each round; nothing where the system cannot say."""
        return [one.cpu_each for one in self.rounds if one.cpu_each is not None]

    def cells(self, plain: "Row | None") -> list[str]:
        """Write a line of the table."""
        beside = plain.cpu if plain is not None else []
        is_known = bool(self.cpu) and len(self.cpu) == len(beside)
        return [
            self.name,
            f"{median(self.of(lambda one: one.latest(50))):.3f}",
            f"{median(self.of(lambda one: one.latest(99))):.3f}",
            f"{median(self.cpu) * 1000:.1f}" if self.cpu else NOTHING,
            f"{times(self.cpu, beside):.1f}" if is_known else NOTHING,
            _waits(self.rounds),
            f"{median(self.of(lambda one: one.far_cpu / one.cards)) * 1000:.1f}",
        ]

    @staticmethod
    def text(one: Paced) -> str:
        """Write a round on one line."""
        cpu = "" if one.cpu_each is None else f", CPU {one.cpu_each * 1000:.1f} ms each"
        return (
            f"{one.deliveries} deliveries, {one.refused} refused, {one.lost} cards late for good; "
            f"p50 {one.latest(50):.2f} s, p99 {one.latest(99):.2f} s{cpu}, waits "
            f"{_waits([one])}, far sides {one.far_cpu / one.cards * 1000:.1f} ms each"
        )


@dataclass(frozen=True, slots=True)
class Notifying:
    """What was measured."""

    facts: list[str]
    """The machine, the day, and what else was at work."""

    per_second: int
    storm: Outcome | None
    flood: Flooded | None
    rows: Sequence[Row]

    @property
    def limits(self) -> list[Limit]:
        """List every promise that was measured."""
        found = [] if self.storm is None else of_storm(self.storm)
        found += [] if self.flood is None else of_flood(self.flood)
        for row in self.rows:
            if row.name == BOT and row.rounds:
                found += of_pace(row, self.per_second)
        return found


def of_storm(outcome: Outcome) -> list[Limit]:
    """Hold a storm to one true card in every channel."""
    rule = f"{outcome.kills} kills, {outcome.cards} cards wanted"
    return [
        Limit(f"{outcome.deliveries} deliveries, cards {name}", rule, Kind.COUNT, [count], [0])
        for name, count in (
            ("missing", outcome.missing),
            ("doubled", outcome.doubled),
            ("untrue", outcome.untrue),
        )
    ]


def of_flood(flooded: Flooded) -> list[Limit]:
    """Hold a flood to one true card in every channel, and to hardly any reads."""
    name = f"{flooded.deliveries} deliveries of one run"
    amiss = flooded.refused + flooded.missing + flooded.doubled + flooded.untrue
    return [Limit(f"{name}, refused or a card amiss", "none", Kind.COUNT, [amiss], [0])]


def of_pace(row: Row, per_second: int) -> list[Limit]:
    """Hold a pace to its latest cards, and to losing nothing."""
    name, count = f"{per_second} deliveries a second", len(row.rounds)
    latest = row.of(lambda one: one.latest(99))
    amiss = row.of(lambda one: one.refused + one.lost)
    return [
        Limit(f"{name}, until the card", "p99", Kind.WAIT, latest, [P99_SECONDS] * count),
        Limit(f"{name}, refused or lost", "none", Kind.COUNT, amiss, [0] * count),
    ]


def section(measured: Notifying) -> str:
    """Write the section."""
    parts = [TITLE, "\n".join(f"- {fact}." for fact in measured.facts)]
    if measured.limits:
        parts.append(markdown([LIMIT_HEAD, *(limit.cells() for limit in measured.limits)]))
    if rows := [row for row in measured.rows if row.rounds]:
        plain = next((row for row in rows if row.name == PLAIN), None)
        amount = (
            f"{rows[0].rounds[0].deliveries} deliveries, medians of {len(rows[0].rounds)} rounds"
        )
        parts += [
            f"### {measured.per_second} deliveries a second",
            f"{amount}.",
            markdown([("Row", *HEAD[1:]), *(row.cells(plain) for row in rows)]),
            HOW,
        ]
    if measured.storm is not None:
        parts += ["### As fast as it goes, with kills", f"- {measured.storm.text()}.", STORM]
    if measured.flood is not None:
        parts += ["### One run, again and again", f"- {measured.flood.text()}.", FLOOD]
    return "\n\n".join(part.strip() for part in parts)


def _waits(rounds: Sequence[Paced]) -> str:
    """Tell the part of the time for which it could have run that it waited."""
    parts = [
        one.waited / (one.waited + one.cpu)
        for one in rounds
        if one.waited is not None and one.cpu is not None and one.waited + one.cpu
    ]
    return f"{median(parts) * 100:.0f} %" if parts else NOTHING
