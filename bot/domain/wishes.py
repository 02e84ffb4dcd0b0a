"""What people ask about a channel's subscriptions, from the command line, a form or a button.

Each is stored before it is acknowledged and carried out afterwards, so each can be written as JSON
and read back as itself.
"""

from dataclasses import dataclass
from typing import assert_never

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.domain import grammar
from bot.domain.command import Subscribe, Topic, Unsubscribe
from bot.domain.person import Person
from bot.domain.subscription import USUAL, Wish


@dataclass(frozen=True, slots=True)
class Begin:
    """Tell the channel of a topic; one that it is told of already is changed."""

    topic: Topic
    wish: Wish


@dataclass(frozen=True, slots=True)
class Change:
    """Tell the channel something else of what it is told of."""

    subscription: int
    wish: Wish


@dataclass(frozen=True, slots=True)
class End:
    """Tell the channel no more of a topic; without one, of its only one."""

    topic: Topic | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """Tell the channel no more of this."""

    subscription: int


@dataclass(frozen=True, slots=True)
class SetUp:
    """Show what Buddy must be told so that it calls us; the secret is new each time."""

    subscription: int
    kind: str
    """``webhook`` or ``step``: a word of ``store.hooks.HookKind``."""


Deed = Begin | Change | End | Remove | SetUp


def typed(command: Subscribe | Unsubscribe, person: Person) -> Deed:
    """Take a typed command, which names what it is about or leaves that out."""
    if isinstance(command, Unsubscribe):
        return End(command.topic)
    assert command.topic is not None  # noqa: S101 - without one, a form asks for it
    return Begin(command.topic, wish_of(command, person))


def wish_of(command: Subscribe, person: Person) -> Wish:
    """Take what somebody typed besides the topic."""
    return Wish(
        moments=command.moments or USUAL,
        branch=" ".join(command.branch.replace(",", " ").split()),
        by_user=person.user if command.by_me else "",
    )


class DeedUnreadable(ValueError):
    """The text was written by another version."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    do: str
    topic: str = ""
    subscription: int = 0
    kind: str = ""
    wish: Wish = Wish()


def write(deed: Deed) -> str:
    """Write what is asked as JSON."""
    return _row(deed).model_dump_json()


def read(text: str) -> Deed:
    """Read what ``write`` wrote.

    Raises:
        DeedUnreadable: it was not.
    """
    try:
        row = _Row.model_validate_json(text)
    except ValidationError:
        raise DeedUnreadable from None
    topic = _read(row.topic)
    match row.do:
        case "begin" if topic is not None:
            return Begin(topic, row.wish)
        case "change":
            return Change(row.subscription, row.wish)
        case "end":
            return End(topic)
        case "remove":
            return Remove(row.subscription)
        case "set_up":
            return SetUp(row.subscription, row.kind)
        case _:
            raise DeedUnreadable


def _row(deed: Deed) -> _Row:
    match deed:
        case Begin(topic, wish):
            return _Row(do="begin", topic=_written(topic), wish=wish)
        case Change(number, wish):
            return _Row(do="change", subscription=number, wish=wish)
        case End(named):
            return _Row(do="end", topic="" if named is None else _written(named))
        case Remove(number):
            return _Row(do="remove", subscription=number)
        case SetUp(number, kind):
            return _Row(do="set_up", subscription=number, kind=kind)
    assert_never(deed)


def _written(topic: Topic) -> str:
    return grammar.write(Unsubscribe(topic))


def _read(text: str) -> Topic | None:
    if not text:
        return None
    command = grammar.WHOLE.parse(text)
    return command.topic if isinstance(command, Unsubscribe) else None
