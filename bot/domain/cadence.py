"""How often to look at an execution, while nobody says that something happened to it. Pure."""

from datetime import timedelta
from enum import Enum

from bot.domain.execution import Execution, Status


class Tempo(Enum):
    """How soon something may happen to an execution by itself."""

    RUNNING = "running"
    WAITING = "waiting"
    """Nothing moves before a person answers."""

    ENDED_BADLY = "ended_badly"
    """Somebody may try it again in Buddy."""

    OVER = "over"


_PAUSES = {
    Tempo.RUNNING: (
        (timedelta(minutes=5), timedelta(seconds=5)),
        (timedelta(minutes=30), timedelta(seconds=10)),
        (timedelta.max, timedelta(seconds=30)),
    ),
    Tempo.WAITING: (
        (timedelta(minutes=1), timedelta(seconds=5)),
        (timedelta(minutes=5), timedelta(seconds=10)),
        (timedelta(minutes=30), timedelta(seconds=30)),
        (timedelta.max, timedelta(minutes=1)),
    ),
    Tempo.ENDED_BADLY: (
        (timedelta(minutes=10), timedelta(minutes=1)),
        (timedelta(hours=1), timedelta(minutes=5)),
    ),
    Tempo.OVER: (),
}
"""Pauses between two looks, each up to how long nothing has changed."""


def tempo(execution: Execution) -> Tempo:
    """Tell how soon something may happen to an execution."""
    if execution.status in {Status.FAILED, Status.TERMINATED}:
        return Tempo.ENDED_BADLY
    if execution.status.is_final:
        return Tempo.OVER
    return Tempo.WAITING if execution.is_only_waiting else Tempo.RUNNING


def pause(at: Tempo, quiet_for: timedelta) -> timedelta | None:
    """Tell when to look next, given how long nothing has changed; None: never again."""
    return next((pause for until, pause in _PAUSES[at] if quiet_for < until), None)


RECONCILED = timedelta(minutes=10)
"""How often a list is looked at although Buddy tells by itself what happens: things get lost."""

_LISTED = (
    (timedelta(minutes=10), timedelta(seconds=15)),
    (timedelta(hours=1), timedelta(seconds=30)),
    (timedelta(hours=6), timedelta(minutes=1)),
)
_SELDOM = timedelta(minutes=2)


def listing_pause(quiet_for: timedelta, *, is_told: bool, is_open: bool) -> timedelta:
    """Tell when to look at a pipeline's list next, given how long nothing in it has changed.

    ``is_told``: Buddy tells by itself what happens. ``is_open``: something goes on there.
    """
    if is_told:
        return RECONCILED
    if is_open and quiet_for < timedelta(hours=1):
        return _LISTED[0][1]
    return next((pause for until, pause in _LISTED if quiet_for < until), _SELDOM)
