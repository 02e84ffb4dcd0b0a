"""Find things by what people type of their names. Pure.

Of the names of a thing its id comes first. Everything is folded once, when the list is made, so
that looking through thousands while somebody types takes milliseconds.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum, auto
from typing import Generic, TypeVar

T = TypeVar("T")

_BREAK = "\n"
"""Stands around names that are looked through as one text; no name has it."""

_GAPS = " -_./"


class Likeness(Enum):
    """How a name fits what was typed so far; each way includes those before it."""

    WHOLE = auto()
    BEGINNING = auto()
    WORD = auto()
    PART = auto()


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
        if whole := list(self.like(name, Likeness.WHOLE)):
            return whole, False
        return list(self.like(name, Likeness.BEGINNING)), True

    def nearest(self, name: str) -> str:
        """Guess the id that was meant; empty if none resembles it."""
        return next(iter(difflib.get_close_matches(name, self._ids, n=1, cutoff=0.6)), "")

    def like(self, text: str, likeness: Likeness) -> Iterator[T]:
        """Find what has a name that is at least so much like the text, in the order of the list."""
        marks = _marks(_fold(text), likeness)
        if any(mark in self._all for mark in marks):
            for names, thing in zip(self._folded, self.things, strict=True):
                if any(map(names.__contains__, marks)):
                    yield thing


def _fold(name: str) -> str:
    return " ".join(name.casefold().split())


def _marks(wanted: str, likeness: Likeness) -> Sequence[str]:
    """Tell what a name that is so much like it holds, with the breaks around it."""
    match likeness:
        case Likeness.WHOLE:
            return (f"{_BREAK}{wanted}{_BREAK}",)
        case Likeness.BEGINNING:
            return (f"{_BREAK}{wanted}",)
        case Likeness.WORD:
            return [f"{gap}{wanted}" for gap in (_BREAK, *_GAPS)]
        case Likeness.PART:
            return (wanted,)
