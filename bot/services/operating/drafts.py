"""What was typed a moment ago, kept in memory for the form that asks for the rest.

Nothing here is stored, and nothing is sent from here: a form begins with it, if it is opened soon
and by the same process. Else it begins with the gate's own defaults.
"""

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from bot.clock import Clock
from bot.domain.execution import ExecutionRef
from bot.domain.person import Person
from bot.domain.values import Entries

TRIGGER_LIFE = timedelta(seconds=2.5)
"""How long a form can be opened after what asked for it; Slack says three seconds."""

TYPED_FOR = timedelta(minutes=10)
"""How long a form begins with what was typed."""

_MAX_KEPT = 1_000

_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(slots=True)
class Drafts:
    """Remembers what can open a form, and what to fill it with."""

    clock: Clock
    _triggers: dict[str, tuple[datetime, str]] = field(default_factory=dict, repr=False)
    _typed: dict[tuple[Person, tuple[str, int, int]], tuple[datetime, Entries]] = field(
        default_factory=dict, repr=False
    )

    def expect(self, key: str, trigger_id: str) -> None:
        """Remember that a click could open a form, should it turn out to need one."""
        if trigger_id:
            _keep(self._triggers, key, (self.clock.now(), trigger_id))

    def trigger_of(self, key: str) -> str:
        """Take what opens a form for a click; empty if it is too late for one, or another's."""
        at, trigger_id = self._triggers.pop(key, (self.clock.now(), ""))
        return trigger_id if self.clock.now() - at < TRIGGER_LIFE else ""

    def keep(self, person: Person, ref: ExecutionRef, entries: Entries) -> None:
        """Remember what somebody typed for an execution's gate."""
        _keep(self._typed, (person, ref.identity), (self.clock.now(), entries))

    def typed(self, person: Person, ref: ExecutionRef) -> Entries | None:
        """Tell what somebody typed for an execution's gate, not long ago."""
        at, entries = self._typed.get((person, ref.identity), (self.clock.now(), None))
        return entries if self.clock.now() - at < TYPED_FOR else None


def _keep(kept: MutableMapping[_K, _V], key: _K, value: _V) -> None:
    while len(kept) >= _MAX_KEPT:
        del kept[next(iter(kept))]
    kept[key] = value
