"""Lay a trap at a boundary, and tell which bot is caught in it.

Within a bot it is the plan that every bot reads; on a far side it is a call that is held up, and
whoever was seen last at such work is its caller.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sandbox.faults import Fault, Faults, Moment
from tests.crash.universe import Universe
from tests.crash.zygote import Replica

ARRIVED, NEVER, DONE = " arrived, not done", " arrived, never done", " done, not answered"
_HELD: tuple[tuple[str, dict[str, Any]], ...] = (
    (ARRIVED, {"moment": Moment.BEFORE}),
    (NEVER, {"moment": Moment.BEFORE, "drop": True}),
    (DONE, {"moment": Moment.AFTER}),
)
"""How a far side holds a call at each of its boundaries."""

_HOLD = timedelta(milliseconds=400)
"""How long it does so."""

_OF_BUDDY = ("PATCH", "POST", "DELETE")
"""Calls that are named by their method, since that is what tells Buddy's writes apart."""

CALLERS = {
    "PATCH": ("operation",),
    "POST": ("run", "subscribe"),
    "DELETE": ("subscribe",),
    "chat.update": ("follow",),
    "chat.postMessage": (
        *("reply", "operation", "answer", "run", "notify", "letter", "subscribe"),
    ),
    "chat.postEphemeral": ("answer", "operation", "run"),
    "response_url": ("answer", "operation", "run"),
    "views.update": ("link",),
}
"""Which jobs make a call."""


def is_inside(boundary: str) -> bool:
    """Tell whether a boundary lies within a bot, not on a far side."""
    return not any(boundary.endswith(ending) for ending, _ in _HELD)


@dataclass(slots=True)
class Trap:
    """One trap."""

    here: Universe
    boundary: str
    held: Fault | None
    began: int
    """Where the trace ended when it was laid."""

    @classmethod
    def lay(cls, here: Universe, boundary: str) -> "Trap":
        """Lay it; at no boundary nobody is caught."""
        held = None
        for ending, how in _HELD:
            if boundary.endswith(ending):
                call = boundary.removesuffix(ending)
                method, path = (call, "") if call in _OF_BUDDY else ("POST", call)
                held = Fault(method, path, delay=_HOLD, **how)
                _far_side(here, call).pending.insert(0, held)
        here.plan("" if held else boundary)
        return cls(here, boundary, held, here.trace_size)

    @property
    def caught(self) -> Replica | None:
        """Who is caught; None as long as nobody is."""
        if self.held is None:
            return next((one for one in self.here.replicas if one.stopped.is_set()), None)
        call = self.held.path or self.held.method
        return None if self.held in _far_side(self.here, call).pending else self._caller(call)

    def lift(self) -> None:
        """Catch nobody any more."""
        self.here.plan("")

    def _caller(self, call: str) -> Replica | None:
        for traced, what in reversed(self.here.traced(self.began)):
            if what.split(" ")[0].rstrip(":") in CALLERS[call]:
                return next((one for one in self.here.replicas if one.name == traced), None)
        return None


def _far_side(here: Universe, call: str) -> Faults:
    return here.buddy.faults if call in _OF_BUDDY else here.slack.faults
