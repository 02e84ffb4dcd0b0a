"""What a job is, and how one run of it may end."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from bot.database import Transaction


class Clash(Enum):
    """What to do when a job of this kind and key is alive already."""

    KEEP = "keep"
    """Leave it as it is."""

    POKE = "poke"
    """Have it done now; if it runs right now, once more."""

    REPLACE = "replace"
    """Give it the new data and the new moment; if it runs right now, once more with them."""


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work. Kind and key name it among live jobs; jobs of a lane run one at a time."""

    kind: str
    key: str
    lane: str = ""
    data: str = ""
    """JSON that says its version, for what stands in no row of the store; never a secret."""

    sealed: str = field(default="", repr=False)
    """A sealed secret that only this job opens."""

    id: int = 0
    attempt: int = 0
    """Which try this is, from 1; a process that dies in the middle used one up."""

    due: float = field(default=0.0, compare=False)
    """Since when it could have begun, in seconds since 1970; what was never taken does not say."""

    loaded: object = field(default=None, repr=False, compare=False)
    """What the kind's loader read of it, in the transaction that took it."""


@dataclass(frozen=True, slots=True)
class Snooze:
    """Run the job again after this long; not a failure."""

    duration: timedelta
    is_firm: bool = False
    """Whether a poke must not shorten it: the far side said when."""


@dataclass(frozen=True, slots=True)
class Again:
    """It did not work: try again, which counts as an attempt."""

    error: str
    """A code or the name of an exception; never foreign text."""

    after: timedelta | None = None
    """What the far side asked for, which a poke does not shorten; left out, the pauses grow."""


Outcome = Snooze | Again | None
"""None: the job is done."""

Handler = Callable[[Job], Awaitable[Outcome]]
GiveUp = Callable[[Job], Awaitable[None]]
Load = Callable[[Transaction, Sequence[Job]], Awaitable[Mapping[int, object]]]
"""Reads what several jobs of a kind begin with, all at once; by the job's number."""


@dataclass(slots=True)
class Kind:
    """Who does the jobs of a kind."""

    handler: Handler
    slots: int
    """How many this process does at a time."""

    attempts: int
    give_up: GiveUp | None
    load: Load | None = None
    running: int = 0
