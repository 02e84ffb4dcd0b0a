"""What somebody asked for by pressing a button, sending a form, or typing a command."""

from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.execution import Binding, Operation
from bot.domain.person import Person
from bot.domain.reference import ExecutionName
from bot.domain.values import Entries


class Way(StrEnum):
    """How somebody asked."""

    BUTTON = "button"
    FORM = "form"
    COMMAND = "command"
    SHORTCUT = "shortcut"
    """By the menu of a message, and a form that asked once more."""

    @property
    def may_lack_card(self) -> bool:
        """Whether the channel may have no card of what is meant."""
        return self in {Way.COMMAND, Way.SHORTCUT}


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody was when they asked: where a private answer is seen."""

    channel: str
    message_ts: str = ""
    """The message with the button; empty for a command."""

    thread_ts: str = ""
    """The thread that message stands in, if it is a reply."""

    is_private: bool = False
    """Whether the message is one that only this person sees."""


@dataclass(frozen=True, slots=True)
class Click:
    """One request to operate on an execution, as it is taken.

    Either ``binding`` says exactly what was meant (a button), or ``named`` says it in words (a
    command), and the binding is formed when the execution is read.
    """

    key: str
    """Unique for this press: the same one delivered twice has the same key."""

    person: Person
    way: Way
    place: Place
    operation: Operation
    binding: Binding | None = None
    named: ExecutionName | None = None
    reason: str = ""
    entries: Entries | None = field(default=None, repr=False)
    """What was given to a gate that asks for variables; it may hold secrets."""

    answer_url: str = field(default="", repr=False)
