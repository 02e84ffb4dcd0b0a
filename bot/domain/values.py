"""What somebody gives to a gate that asks for variables: from a form, or typed.

A form knows each field by its *place*: its number and a digest of its name, and of whether it is a
menu: what a menu gives is no text. A menu's choice is a place too. So a form carries no long name
through Slack, and what was filled in is understood only by the fields that it was made of: if they
were changed meanwhile, it is refused, never guessed.

Pure. A value may be a secret: nothing here shows one, and no error holds one.
"""

import difflib
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.catalog import VariableField
from bot.domain.command import Assignment
from bot.errors import (
    UnknownVariable,
    ValueNotOffered,
    ValueOfSeveralLines,
    ValuesChanged,
    ValuesError,
    ValuesMissing,
)

MAX_VALUE = 3000
"""Characters of a value. Source: Slack, Block Kit reference, «Plain-text input element»."""

MAX_CHOICES = 100
"""Options of a menu. Source: Slack, Block Kit reference, «Select menu element»."""

_BREAK = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Entries:
    """What was given, as it was given: by place if it came from a form, by name if it was typed."""

    given: Mapping[str, str] = field(repr=False)
    is_typed: bool = False

    def write(self) -> str:
        """Write it as one text, to be sealed."""
        return json.dumps({"v": 1, "given": dict(self.given), "is_typed": self.is_typed})

    @classmethod
    def read(cls, text: str) -> "Entries":
        """Read what ``write`` wrote."""
        told = json.loads(text)
        return cls(told["given"], told["is_typed"])


def typed(assignments: Iterable[Assignment]) -> Entries:
    """Take what was typed; said twice, the grammar refuses it."""
    return Entries({each.key: each.value for each in assignments}, is_typed=True)


def distinct(fields: Iterable[VariableField]) -> tuple[VariableField, ...]:
    """Ask for each variable once, whatever Buddy lists."""
    found: dict[str, VariableField] = {}
    for each in fields:
        found.setdefault(each.key, each)
    return tuple(found.values())


def place(number: int, name: str) -> str:
    """Name a field, or one of a menu's choices, so that no other is taken for it."""
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()
    return f"{number}.{digest[:16]}"


def place_of(number: int, asked: VariableField) -> str:
    """Name a field; a menu is another place than a text of the same name."""
    return place(number, f"menu\0{asked.key}" if is_menu(asked) else asked.key)


def places(asked: Iterable[VariableField]) -> dict[str, VariableField]:
    """List a form's fields by their places."""
    return {place_of(number, each): each for number, each in enumerate(distinct(asked))}


def is_menu(asked: VariableField) -> bool:
    """Whether the choices fit into one menu; of more than that, one is typed."""
    return 0 < len(asked.options) <= MAX_CHOICES


def choices(asked: VariableField) -> dict[str, str]:
    """List a menu's choices by their places."""
    return {place(number, option): option for number, option in enumerate(asked.options)}


def is_single_line(value: str) -> bool:
    """Whether Buddy and Slack take it. Source: Buddy, «Pass arguments»: a single line."""
    return len(value) <= MAX_VALUE and _BREAK.search(value) is None


def understand(asked: Sequence[VariableField], entries: Entries) -> tuple[Assignment, ...]:
    """Tell the value of every variable that a gate asks for, in its order.

    Raises:
        ValuesChanged: the form was made of other fields.
        UnknownVariable, ValuesMissing: what was typed is not what is asked for.
        ValueNotOffered, ValueOfSeveralLines: a value is none that the variable takes.
    """
    fields = distinct(asked)
    found = _typed(fields, entries) if entries.is_typed else _filled(fields, entries)
    for each, one in zip(fields, found, strict=True):
        if problem := problem_of(each, one.value):
            raise problem
    return found


def problem_of(asked: VariableField, value: str) -> ValuesError | None:
    """Say why a variable does not take a value; None if it does."""
    if not is_single_line(value):
        return ValueOfSeveralLines(asked.key)
    if asked.options and value not in asked.options:
        return ValueNotOffered(asked.key, asked.options)
    return None


def fitting(asked: Sequence[VariableField], entries: Entries | None) -> dict[str, str]:
    """Choose of what was typed what a form can begin with; by name."""
    if entries is None:
        return {}
    names = {each.key for each in asked}
    return {key: value for key, value in entries.given.items() if key in names}


def check_names(asked: Sequence[VariableField], entries: Entries) -> None:
    """Refuse what was typed for a variable that nobody asks for.

    Raises:
        UnknownVariable: names the one that was meant, if any resembles it.
    """
    names = tuple(each.key for each in distinct(asked))
    for key in entries.given:
        if key not in names:
            folded = {name.casefold(): name for name in names}
            near = difflib.get_close_matches(key.casefold(), folded, n=1, cutoff=0.6)
            raise UnknownVariable(key, folded[near[0]] if near else "", names)


def _typed(fields: Sequence[VariableField], entries: Entries) -> tuple[Assignment, ...]:
    check_names(fields, entries)
    if lacking := tuple(each.key for each in fields if each.key not in entries.given):
        raise ValuesMissing(lacking)
    return tuple(Assignment(each.key, entries.given[each.key]) for each in fields)


def _filled(fields: Sequence[VariableField], entries: Entries) -> tuple[Assignment, ...]:
    given, known = entries.given, places(fields)
    if known.keys() != given.keys():
        raise ValuesChanged
    return tuple(Assignment(each.key, _value(each, given[at])) for at, each in known.items())


def _value(asked: VariableField, entered: str) -> str:
    if not is_menu(asked):
        return entered
    chosen = choices(asked).get(entered)
    if chosen is None:
        raise ValuesChanged
    return chosen
