"""Every call a simulator received, in order: what tests count and people inspect."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """One request and how it was answered. ``who`` is a name, never a token."""

    at: datetime
    method: str
    path: str
    who: str
    body: Any
    status: int
    answer: Any = None
    """What was answered, as far as it is JSON and somebody hears of it at once."""
    arrived: float = 0.0
    answered: float = 0.0
    """Real seconds, by ``time.perf_counter``: what is measured is measured in real time."""


@dataclass(slots=True)
class Journal:
    """Calls in the order of their answers."""

    calls: list[Call] = field(default_factory=list)
    hearers: list[Callable[[Call], None]] = field(default_factory=list, repr=False)
    """Who wants to hear of each call at once."""

    def __iter__(self) -> Iterator[Call]:
        return iter(self.calls)

    def __len__(self) -> int:
        return len(self.calls)

    def add(self, call: Call) -> None:
        """Remember a call."""
        self.calls.append(call)
        for hear in self.hearers:
            hear(call)

    def select(self, method: str = "", path: str = "") -> list[Call]:
        """Find calls by method and by a part of the path."""
        return [call for call in self.calls if call.method.startswith(method) and path in call.path]
