"""What Buddy, or our own look at its lists, told us of an execution: a reason to look, no more."""

from dataclasses import dataclass
from enum import StrEnum

MAX_HINT = 96
"""Characters of a hint that are kept."""


class Source(StrEnum):
    """How something was noticed."""

    WEBHOOK = "webhook"
    STEP = "step"
    """A pipeline's own call, when a gate opens."""

    LIST = "list"
    """Its pipeline's list showed it."""

    CARD = "card"
    """The job that keeps its cards true saw it."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened to an execution; which names it had there is only told."""

    source: Source
    workspace: str
    project: str
    pipeline: int
    execution: int | None
    hash: str = ""
    """What its link calls it, where nobody told its number."""

    hint: str = ""
    """How it stood, in the teller's words; tells two deliveries of the same from two events."""
