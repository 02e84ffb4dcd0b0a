"""Count what came of many runs, and say it in a table."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from tests.crash.campaign import Campaign
from tests.crash.runs import How, Result
from tests.crash.scenes import SHOW, START

_RETRY, _VALUES = "RETRY", "APPLY_VARIABLES"
_NEVER_TWICE = (_RETRY, START, _VALUES)
"""What the far side would carry out a second time too, or what is kept nowhere once sent."""


@dataclass(slots=True)
class Tally:
    """What came of all runs on one database."""

    name: str
    boundaries: int = 0
    runs: Counter[str] = field(default_factory=Counter)
    """How many there were, by how the bot was struck; under the empty name those it was not."""

    patient: int = 0
    """How many of the kills were at the default times."""

    counts: Counter[str] = field(default_factory=Counter)
    """Promises that were broken, by their names."""

    seconds: Counter[str] = field(default_factory=Counter)
    """Second requests, by operation."""

    orphans: int = 0
    """New cards that a bot had posted and not yet written down when it was struck."""

    replies: Counter[bool] = field(default_factory=Counter)
    doubled: Counter[bool] = field(default_factory=Counter)
    """Replies, and those that stand there twice, by whether the bot may look into threads."""

    slowest: float = 0.0
    """Seconds from a strike at the suite's own times until all was well."""

    broken: list[str] = field(default_factory=list)
    """The runs that broke a promise, so that they can be repeated."""

    unread: int = 0
    """Cards of notifications that stand twice where the bot may not look."""

    notes: list[str] = field(default_factory=list)
    """The runs after which something was not as nice as it could be."""

    def take(self, campaign: Campaign, *, is_patient: bool = False) -> None:
        """Count a campaign, now that late effects have shown."""
        self.boundaries = max(self.boundaries, len(campaign.boundaries))
        self.broken += [f"not set up: {each}" for each in campaign.failed]
        for result in campaign.results:
            self._add(result)
            if result.is_struck and is_patient:
                self.patient += 1
            elif result.is_struck and result.strike.story is not SHOW:
                self.slowest = max(self.slowest, result.seconds)

    def _add(self, result: Result) -> None:
        case, strike = result.case, result.strike
        self.runs[strike.how if result.is_struck else ""] += 1
        seconds = case.second_requests
        counted = Counter(
            {
                "lost": result.lost,
                "doubled": case.doubled_effects,
                "wrong gate": case.wrong_gates,
                "cards doubled": case.doubled_cards if case.may_read else 0,
                "stale": result.stale,
                "untold": result.untold,
                "second retry": seconds[_RETRY],
                "second run": seconds[START],
                "values sent again": seconds[_VALUES] + case.sent_from_storage,
            }
        )
        if strike.story is SHOW and (orphans := counted.pop("stale")):
            self.orphans += orphans
            self.notes.append(f"a new card is not known: {strike}")
        if not case.may_read:
            self.unread += case.doubled_cards
        self.counts += counted
        self.seconds += seconds
        self.replies[result.may_read] += case.told
        if doubled := case.doubled_replies:
            self.doubled[result.may_read] += doubled
            self.notes.append(f"a reply stands there twice: {strike}")
        if told := ", ".join(f"{what} {count}" for what, count in counted.items() if count):
            self.broken.append(f"{told}: {strike}")


def _repeatable(seconds: Counter[str]) -> int:
    return seconds.total() - sum(seconds[each] for each in _NEVER_TWICE)


def _twice(tally: Tally) -> str:
    """Say how many replies are doubled, of how many."""
    with_scopes, without = (f"{tally.doubled[may]} / {tally.replies[may]}" for may in (True, False))
    return f"{with_scopes} with, {without} without history scopes"


_ROWS: tuple[tuple[str, Callable[[Tally], object]], ...] = (
    ("boundaries found", lambda tally: tally.boundaries),
    ("played without a strike", lambda tally: tally.runs[""]),
    ("killed", lambda tally: tally.runs[How.KILL] - tally.patient),
    ("killed, at the default times", lambda tally: tally.patient),
    ("killed twice at the same boundary", lambda tally: tally.runs[How.TWICE]),
    ("stopped, went on after its time", lambda tally: tally.runs[How.STOP]),
    ("stopped for good", lambda tally: tally.runs[How.FREEZE]),
    ("database crashed", lambda tally: tally.runs[How.RESTART]),
    ("**operations lost**", lambda tally: tally.counts["lost"]),
    ("**effects doubled**", lambda tally: tally.counts["doubled"]),
    ("**wrong gate answered**", lambda tally: tally.counts["wrong gate"]),
    ("second requests: answer or stop", lambda tally: _repeatable(tally.seconds)),
    ("**second requests: retry**", lambda tally: tally.counts["second retry"]),
    ("**second requests: run**", lambda tally: tally.counts["second run"]),
    ("**values sent again, or by an heir**", lambda tally: tally.counts["values sent again"]),
    ("**cards stale after 15 s**", lambda tally: tally.counts["stale"]),
    ("**cards of notifications doubled**", lambda tally: tally.counts["cards doubled"]),
    ("… where channels may not be read", lambda tally: tally.unread),
    ("new cards posted and not known to the bot", lambda tally: tally.orphans),
    ("**outcomes told nowhere**", lambda tally: tally.counts["untold"]),
    ("replies doubled", _twice),
    ("slowest recovery", lambda tally: f"{tally.slowest:.1f} s"),
)
"""What each row says; those in bold must be zero."""


def table(tallies: Sequence[Tally]) -> str:
    """Draw the table, a column for each database."""
    rows = [["", *(tally.name for tally in tallies)]]
    rows += [[name, *(str(value(tally)) for tally in tallies)] for name, value in _ROWS]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rows.insert(1, ["-" * width for width in widths])
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Sequence[str], widths: Iterable[int]) -> str:
    cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
    return f"| {' | '.join(cells)} |"
