"""What a command consists of: its word, its places, its options; each can be read and written.

    form    = word { place } { option }
    option  = mark value                               in any order

A place is known by its position and an option by its mark: ``@``, ``tag:``, ``KEY=``. Of options
that exclude each other one may be given. What help says of a command is made from the same.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.domain.command import AnyCommand
from bot.domain.reader import Reader

_WORD = re.compile(r"[^\s:=@]+:?")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place of a command, and the field that holds what stands there."""

    label: str
    """As help shows it; in brackets, if it can be left out."""

    field: str
    read: Callable[[Reader], object]
    write: Callable[[Any], str] = str
    may_lack: bool = False
    """Whether nothing is read where the line ends, or where an option begins."""


@dataclass(frozen=True, slots=True)
class Option:
    """What may be said besides, and the field that holds it."""

    label: str
    """As help shows it."""

    field: str
    mark: re.Pattern[str]
    read: Callable[[Reader, str], object]
    """Reads what stands after the mark, which it is handed as it was typed."""

    write: Callable[[Any], str]
    """Gives an empty text for a value that was not typed, or not with this option."""

    group: str = ""
    """Options of one group exclude each other; without one, an option excludes only itself."""

    is_repeated: bool = False
    """Whether it may be said again with another mark; the field holds all that was said."""

    @property
    def excludes(self) -> str:
        """What must not be said twice."""
        return self.group or self.field


@dataclass(frozen=True, slots=True)
class Form:
    """A command of the grammar."""

    word: str
    makes: Callable[..., AnyCommand]
    does: str
    example: str
    slots: tuple[Slot, ...] = ()
    options: tuple[Option, ...] = ()
    fixed: Mapping[str, object] = field(default_factory=dict)
    """Fields that are not typed, since the word says them."""

    is_active: bool = True
    """Whether the bot carries it out. What it does not, nobody is told of."""

    @property
    def arguments(self) -> str:
        """What stands after the word, as help shows it."""
        grouped: dict[str, list[str]] = {}
        for option in self.options:
            grouped.setdefault(option.excludes, []).append(option.label)
        options = (f"[{' | '.join(labels)}]" for labels in grouped.values())
        return " ".join([*(slot.label for slot in self.slots), *options])

    def read(self, reader: Reader) -> AnyCommand:
        """Read what stands after the word.

        Raises:
            CommandSyntaxError: it is not of this form.
        """
        told: dict[str, Any] = dict(self.fixed)
        for slot in self.slots:
            if not slot.may_lack or not (reader.is_over or self._option(reader)):
                told[slot.field] = slot.read(reader)
        said: set[str] = set()
        while option := self._option(reader):
            at, mark = reader.at, reader.take(option.mark)
            means = mark if option.is_repeated else option.excludes
            if means in said:
                raise reader.stop(self._only_one(option), at)
            said.add(means)
            value = option.read(reader, mark)
            told[option.field] = (
                (*told.get(option.field, ()), value) if option.is_repeated else value
            )
        self._expect_end(reader)
        return self.makes(**told)

    def write(self, command: AnyCommand) -> str:
        """Write a command of this form so that it is read back as itself."""
        filled = [(slot, getattr(command, slot.field)) for slot in self.slots]
        parts = [self.word, *(slot.write(value) for slot, value in filled if value)]
        for option in self.options:
            value = getattr(command, option.field)
            parts += map(option.write, value if option.is_repeated else [value])
        return " ".join(filter(None, parts))

    def has_made(self, command: AnyCommand) -> bool:
        """Whether a command is of this form."""
        return type(command) is self.makes and all(
            getattr(command, name) == value for name, value in self.fixed.items()
        )

    def _option(self, reader: Reader) -> Option | None:
        return next((one for one in self.options if reader.begins(one.mark)), None)

    def _only_one(self, option: Option) -> str:
        labels = [f"`{one.label}`" for one in self.options if one.excludes == option.excludes]
        return f"Only one of {', '.join(labels)} fits." if option.group else "This is said twice."

    def _expect_end(self, reader: Reader) -> None:
        """Refuse what is left over; what looks like an option may be meant as one."""
        if reader.begins(_WORD):
            marks = [_WORD.match(option.label) for option in self.options]
            known = [found[0] for found in marks if found and found[0]]
            typed = _WORD.match(reader.text, reader.at)
            nearest = difflib.get_close_matches(typed[0].lower() if typed else "", known, n=1)
            if nearest:
                raise reader.stop(f"Did you mean `{nearest[0]}`?")
        reader.expect_end()
