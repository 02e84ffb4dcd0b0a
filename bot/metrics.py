"""Count what an operator should be able to ask for; every name stands here once."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class Metric(StrEnum):
    """What is counted. A name is public: dashboards and the runbook use it."""

    PRIVATE_ANSWER_LOST = "private_answer_lost"
    """A private answer that no way of delivery reached."""

    REPLY_UNCLEAR = "reply_unclear"
    """A thread reply whose answer got lost; it is not posted again."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Counters of this process; they begin at zero with it."""

    _counts: Counter[Metric] = field(default_factory=Counter)

    def count(self, metric: Metric) -> None:
        """Note that it happened once more."""
        self._counts[metric] += 1

    def read(self) -> dict[Metric, int]:
        """Tell how often each thing happened, the zeros too."""
        return {metric: self._counts[metric] for metric in Metric}
