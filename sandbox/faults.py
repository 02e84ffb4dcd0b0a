"""Faults on order: slow, refused, rate-limited, dropped, or done with the answer lost."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class Moment(StrEnum):
    """When a fault strikes."""

    BEFORE = "before"
    """Instead of the work: nothing is done."""

    AFTER = "after"
    """After the work: it is done, only its answer is replaced or lost."""


@dataclass(slots=True)
class Fault:
    """One fault for calls whose method and path fit; ``times`` calls, then it is gone.

    Without a ``status`` the connection is dropped without an answer, after ``delay``; with
    ``delay`` and neither status nor drop the call is only slow.
    """

    method: str = ""
    path: str = ""
    times: int = 1
    moment: Moment = Moment.BEFORE
    status: int | None = None
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    delay: timedelta = timedelta(0)
    """Real time, not simulated: it is meant to hit real deadlines."""


@dataclass(slots=True)
class Faults:
    """The faults that wait to strike, in the order they were ordered."""

    pending: list[Fault] = field(default_factory=list)

    def order(self, fault: Fault) -> None:
        """Let the next fitting calls meet this fault."""
        self.pending.append(fault)

    def clear(self) -> None:
        """Heal everything."""
        self.pending.clear()

    def strike(self, method: str, path: str) -> Fault | None:
        """Take the first fault that fits this call, counting it down."""
        for fault in self.pending:
            if method.startswith(fault.method) and fault.path in path:
                fault.times -= 1
                if fault.times <= 0:
                    self.pending.remove(fault)
                return fault
        return None
