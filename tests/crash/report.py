"""Count what came of many runs, and say it in a table."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.crash.campaign import Campaign
from tests.crash.runs import How, Result

NEVER_TWICE = "RETRY"
"""The operation whose second request the far side would carry out."""


@dataclass(slots=True)
class Tally:
    """What came of all runs on one database."""

    name: str
    boundaries: int = 0
    runs: Counter[str] = field(default_factory=Counter)
    """How many there were, by how the bot was struck; under the empty name those it survived."""

    lost: int = 0
    doubled_effects: int = 0
    second_requests: Counter[str] = field(default_factory=Counter)
    wrong_gates: int = 0
    stale: int = 0
    untold: int = 0
    replies: int = 0
    doubled_replies: Counter[bool] = field(default_factory=Counter)
    """By whether the bot may look into threads."""

    slowest: float = 0.0
    broken: list[str] = field(default_factory=list)
    """What broke a promise, so that it can be repeated."""

    @classmethod
    def of(cls, name: str, campaigns: Sequence[Campaign]) -> "Tally":
        """Count everything, now that late effects have shown."""
        tally = cls(name)
        for campaign in campaigns:
            tally.boundaries = max(tally.boundaries, len(campaign.boundaries))
            tally.broken += [f"not set up: {each}" for each in campaign.failed]
            for result in campaign.results:
                tally.add(result)
        return tally

    def add(self, result: Result) -> None:
        """Count one run."""
        case = result.case
        self.runs[result.strike.how if result.is_struck else ""] += 1
        seconds = case.second_requests
        counted = {
            "lost": result.lost,
            "doubled effects": case.doubled_effects,
            "wrong gates": case.wrong_gates,
            "stale": result.stale,
            "second retry": seconds[NEVER_TWICE],
            "untold": result.untold,
        }
        self.lost += result.lost
        self.doubled_effects += case.doubled_effects
        self.wrong_gates += case.wrong_gates
        self.stale += result.stale
        self.untold += result.untold
        self.second_requests += seconds
        self.replies += sum(len(card.thread) for card in case.scene.cards)
        self.doubled_replies[result.may_read] += case.doubled_replies
        if result.is_struck:
            self.slowest = max(self.slowest, result.seconds)
        if any(counted.values()):
            told = ", ".join(f"{what} {count}" for what, count in counted.items() if count)
            self.broken.append(f"{told}: {result.strike} (run {case.scene.number})")
