"""What was typed a moment ago, kept in memory for the form that asks for the rest.

Nothing here is stored, and nothing is sent from here: a form begins with it, if it is opened soon
and by the same process, for a gate that waited when it was typed. Else it begins with the gate's
own defaults. What is old, or was sent, is dropped: it may be a secret.
"""

import asyncio
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from bot.clock import Clock
from bot.domain.execution import ExecutionRef, Gate
from bot.domain.person import Person
from bot.domain.values import Entries

TRIGGER_LIFE = timedelta(seconds=2.5)
"""How long a form can be opened after what asked for it; Slack says three seconds."""

TYPED_FOR = timedelta(minutes=10)
"""How long a form begins with what was typed."""

_A_MOMENT = timedelta(seconds=1)
_MAX_KEPT = 1_000

_Typed = tuple[datetime, tuple[Gate, ...], Entries]
"""When it was typed, for which gates that waited then, and what."""

_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(slots=True)
class Drafts:
    """Remembers what can open a form, and what to fill it with."""

    clock: Clock
    _triggers: dict[str, tuple[datetime, str]] = field(default_factory=dict, repr=False)
    _typed: dict[tuple[Person, tuple[str, int, int]], _Typed] = field(
        default_factory=dict, repr=False
    )

    @property
    def count(self) -> int:
        """How many people's typed values are in memory."""
        return len(self._typed)

    def expect(self, key: str, trigger_id: str) -> None:
        """Remember that a click could open a form, should it turn out to need one."""
        if trigger_id:
            _keep(self._triggers, key, (self.clock.now(), trigger_id))

    def trigger_of(self, key: str) -> str:
        """Take what opens a form for a click; empty if it is too late for one, or another's."""
        at, trigger_id = self._triggers.pop(key, (self.clock.now(), ""))
        return trigger_id if self.clock.now() - at < TRIGGER_LIFE else ""

    def keep(
        self, person: Person, ref: ExecutionRef, gates: Iterable[Gate], entries: Entries
    ) -> None:
        """Remember what somebody typed for one of an execution's gates."""
        self._drop_old()
        _keep(self._typed, (person, ref.identity), (self.clock.now(), tuple(gates), entries))
        after = (TYPED_FOR + _A_MOMENT).total_seconds()
        asyncio.get_running_loop().call_later(after, self._drop_old)

    def typed(self, person: Person, ref: ExecutionRef, gate: Gate) -> Entries | None:
        """Tell what somebody typed for an execution's gate, not long ago."""
        self._drop_old()
        _, gates, entries = self._typed.get((person, ref.identity), (None, (), None))
        is_meant = any(each.is_same(gate.id, gate.started_at) for each in gates)
        return entries if is_meant else None

    def forget(self, person: Person, ref: ExecutionRef) -> None:
        """Drop what somebody typed for an execution: it is sent."""
        self._typed.pop((person, ref.identity), None)

    def _drop_old(self) -> None:
        now = self.clock.now()
        for key in [key for key, kept in self._typed.items() if now - kept[0] >= TYPED_FOR]:
            del self._typed[key]


def _keep(kept: MutableMapping[_K, _V], key: _K, value: _V) -> None:
    while len(kept) >= _MAX_KEPT:
        del kept[next(iter(kept))]
    kept[key] = value
