"""The limits that following is held to; the naive way is measured in the same rounds.

ten thousand    at least 1,000 reads for a second of one core's time, a look at most 2 s late (p99),
                at most 200 MB, all read within 20 s of a start, no more processor time for a read
                than a task for each takes, and no card painted that shows the same already
a crowd         no call refused for a limit, and gates and ends shown within 10 s
"""

from collections.abc import Sequence

from benchmarks.follow.crowd import NAMES, Outcome
from benchmarks.follow.many import NAIVE, Follower
from benchmarks.report import Kind, Limit, percentile

MANY = 10_000
"""Of fewer nothing is promised: they are measured to see how it grows."""

RATE = 1000
LATE_SECONDS = 2
RSS_MB = 200
COLD_SECONDS = 20
SHOWN_SECONDS = 10


def promises(everybody: Sequence[Follower], outcome: Outcome | None) -> list[Limit]:
    """List every promise that was measured."""
    found = []
    for follower in everybody:
        if follower.count >= MANY and follower.name != NAIVE:
            beside = [one for one in everybody if one.name == NAIVE and one.count == follower.count]
            found += of_many(follower, beside)
    return found + (of_crowd(outcome) if outcome else [])


def of_many(follower: Follower, beside: Sequence[Follower]) -> list[Limit]:
    """Hold one follower to what was promised, and to the naive way in the same round."""

    def limit(name: str, rule: str, kind: Kind, measured: Sequence[float], bound: float) -> Limit:
        bounds = [bound] * len(measured)
        return Limit(f"{follower.title}, {name}", rule, kind, measured, bounds)

    return [
        limit(
            "reads of one core", "1 / CPU", Kind.RATE, follower.of(lambda one: one.per_core), RATE
        ),
        limit("lateness", "p99", Kind.WAIT, follower.of(lambda one: one.late_p99), LATE_SECONDS),
        limit("memory", "resident", Kind.MEMORY, follower.of(lambda one: one.rss_mb), RSS_MB),
        limit("start", "all read once", Kind.WAIT, follower.of(lambda one: one.cold), COLD_SECONDS),
        limit("cards painted", "none changes", Kind.COUNT, follower.of(lambda one: one.edits), 0),
        *(
            Limit(
                f"{follower.title}, processor time of a read",
                NAIVE,
                Kind.PROCESSOR,
                follower.of(lambda one: one.cpu_each),
                naive.of(lambda one: one.cpu_each),
            )
            for naive in beside
        ),
    ]


def of_crowd(outcome: Outcome) -> list[Limit]:
    """Hold a crowd with budgets to them, and its cards to what people wait for."""
    refused = [
        Limit(f"{outcome.runs} runs, refused by {side}", "its limit", Kind.COUNT, [count], [0])
        for side, count in outcome.refused.items()
    ]
    shown = [
        Limit(
            f"{outcome.runs} runs, {NAMES[what]}",
            "until its card shows it, p99",
            Kind.WAIT,
            [percentile(outcome.waits[what], 99)],
            [SHOWN_SECONDS],
        )
        for what in ("gate", "end")
    ]
    return refused + shown
