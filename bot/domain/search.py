"""Find things by what people type of their names. Pure.

Of the names of a thing its id comes first. Everything is folded once, when the list is made, so
that looking through thousands while somebody types takes milliseconds.
"""

import difflib
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import Generic, TypeVar

T = TypeVar("T")

_BREAK = "\n"
"""Stands around names that are looked through as one text; no name has it."""

_GAPS = " -_./"


class Likeness(IntEnum):
    """How well a name fits what was typed so far; the best first."""

    WHOLE = 0
    BEGINNING = 1
    WORD = 2
    PART = 3


class Names(Generic[T]):
    """A list of things that have names."""

    __slots__ = ("_all", "_folded", "_ids", "things")

    def __init__(self, things: Iterable[T] = (), *, by: Callable[[T], Sequence[str]]) -> None:
        self.things = tuple(things)
        named = [by(thing) for thing in self.things]
        self._ids = [names[0] for names in named]
        self._folded = [_BREAK.join(("", *map(_fold, names), "")) for names in named]
        # One look at the whole list tells whether any of its names holds a text.
        self._all = "".join(self._folded)

    def __len__(self) -> int:
        return len(self.things)

    def fitting(self, name: str) -> tuple[list[T], bool]:
        """Find by the exact id, then by any name, then by its beginning; and whether it was that.

        The first way that finds something decides.
        """
        if exact := [one for one, id_ in zip(self.things, self._ids, strict=True) if id_ == name]:
            return exact, False
        wanted = self.like(name)
        whole = [thing for likeness, thing in wanted if likeness is Likeness.WHOLE]
        begun = [thing for likeness, thing in wanted if likeness is Likeness.BEGINNING]
        return whole or begun, not whole

    def nearest(self, name: str) -> str:
        """Guess the id that was meant; empty if none resembles it."""
        return next(iter(difflib.get_close_matches(name, self._ids, n=1, cutoff=0.6)), "")

    def like(self, text: str) -> list[tuple[Likeness, T]]:
        """Find everything that has the text in one of its names, in the order of the list."""
        wanted = _fold(text)
        if wanted not in self._all:
            return []
        return [
            (_likeness(wanted, names), thing)
            for names, thing in zip(self._folded, self.things, strict=True)
            if wanted in names
        ]


def _fold(name: str) -> str:
    return " ".join(name.casefold().split())


def _likeness(wanted: str, names: str) -> Likeness:
    if f"{_BREAK}{wanted}" in names:
        is_whole = f"{_BREAK}{wanted}{_BREAK}" in names
        return Likeness.WHOLE if is_whole else Likeness.BEGINNING
    return Likeness.WORD if any(f"{gap}{wanted}" in names for gap in _GAPS) else Likeness.PART
