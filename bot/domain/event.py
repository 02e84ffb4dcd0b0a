"""What Buddy, or our own look at its lists, told us of an execution: a reason to look, no more."""

from dataclasses import dataclass
from enum import StrEnum

MAX_HINT = 96
"""Characters of a hint that are kept."""

_HASH = "hash/"


class Source(StrEnum):
    """How something was noticed."""

    WEBHOOK = "webhook"
    STEP = "step"
    """A pipeline's own call, when a gate opens."""

    LIST = "list"
    """Its pipeline's list showed it."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened to an execution.

    Where it lives is only told; empty where it was not. What is true of it, Buddy's API says.
    """

    source: Source
    workspace: str
    project: str
    pipeline: int
    execution: int | None
    hash: str = ""
    """What its link calls it, where nobody told its number."""

    hint: str = ""
    """How it stood, in the teller's words; tells two deliveries of the same from two events."""

    @property
    def named(self) -> str:
        """The execution's name within its pipeline: its number, else its hash."""
        return f"{_HASH}{self.hash}" if self.execution is None else str(self.execution)

    @staticmethod
    def unnamed(named: str) -> tuple[int | None, str]:
        """Read such a name: the number, or the hash."""
        if named.startswith(_HASH):
            return None, named.removeprefix(_HASH)
        return int(named), ""
