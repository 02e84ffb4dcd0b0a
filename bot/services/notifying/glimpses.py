"""What was read a moment ago, so that one read serves every channel that is told of it."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.domain.execution import Execution
from bot.services.identity import Actor
from bot.services.notifying.jobs import Identity

KEPT = timedelta(seconds=3)
"""How long a read holds; whoever follows the card repaints it at once if it was too old."""

_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Glimpse:
    """An execution as it was read, and by whom."""

    execution: Execution
    actor: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class Glimpses:
    """Keeps the latest reads of this process."""

    clock: Clock
    _kept: OrderedDict[Identity, Glimpse] = field(default_factory=OrderedDict)

    def keep(self, execution: Execution, actor: Actor) -> Glimpse:
        """Remember a read."""
        identity = execution.ref.identity
        self._kept.pop(identity, None)
        while len(self._kept) >= _MOST:
            self._kept.popitem(last=False)
        kept = self._kept[identity] = Glimpse(execution, actor, self.clock.now())
        return kept

    def of(self, identity: Identity) -> Glimpse | None:
        """Recall an execution that was read a moment ago."""
        found = self._kept.get(identity)
        return found if found is not None and self.clock.now() - found.at <= KEPT else None
