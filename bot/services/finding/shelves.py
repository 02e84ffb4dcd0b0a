"""Remember people's lists within bounds: whose were used last stay longest."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Any

from bot.domain.search import Names

MAX_ENTRIES = 22_000
"""Entries of all lists of one person, which is 20,000 pipelines with their projects; what was not
used for the longest time goes first."""

MAX_ALL_ENTRIES = 5 * MAX_ENTRIES
"""Entries of all people's lists; some 50 MB."""

MAX_PEOPLE = 2_000


class Kind(Enum):
    """What is listed."""

    WORKSPACES = auto()
    PROJECTS = auto()
    PIPELINES = auto()
    BRANCHES = auto()


Key = tuple[Kind, str, str]
"""What is listed, of which workspace, and of which project."""

Whose = tuple[int, int]
"""A link, and its generation: a token that was replaced may see something else."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One list."""

    names: Names[Any]
    read_at: datetime
    """When its reading began."""

    turn: int
    """The how manieth reading it is from."""

    @property
    def size(self) -> int:
        """How much it counts; an empty list takes room, too."""
        return len(self.names) + 1


@dataclass(slots=True)
class Shelf:
    """The lists of one person, the one used last at the end."""

    lists: OrderedDict[Key, Kept] = field(default_factory=OrderedDict)
    parts: dict[Key, Names[Any]] = field(default_factory=dict)
    """What has come so far of those that are being read."""

    readings: dict[Key, tuple[int, asyncio.Task[Names[Any]]]] = field(default_factory=dict)
    doubts: dict[Kind, int] = field(default_factory=dict)
    """Lists whose reading began no later than this turn are not believed."""

    doubted_at: datetime | None = None
    entries: int = 0

    def believes(self, key: Key, turn: int) -> bool:
        """Whether what began in some turn still counts."""
        return turn > self.doubts.get(key[0], -1)

    def put(self, key: Key, told: Kept) -> None:
        """Keep a list, unless a newer one is there, and let others go for it."""
        kept = self.lists.get(key)
        if kept is not None and kept.turn > told.turn:
            return
        self.drop(key)
        self.lists[key] = told
        self.entries += told.size
        while self.entries > MAX_ENTRIES and len(self.lists) > 1:
            self.drop(next(iter(self.lists)))

    def drop(self, key: Key) -> None:
        """Let a list go."""
        if (gone := self.lists.pop(key, None)) is not None:
            self.entries -= gone.size


@dataclass(slots=True)
class Shelves:
    """The lists of all people, who asked last at the end."""

    _of: OrderedDict[Whose, Shelf] = field(default_factory=OrderedDict)

    def of(self, whose: Whose) -> Shelf:
        """Find somebody's lists."""
        shelf = self._of.get(whose)
        if shelf is None:
            shelf = self._of[whose] = Shelf()
        self._of.move_to_end(whose)
        return shelf

    def make_room(self) -> None:
        """Let go of those who asked for nothing for the longest time; never of the last one."""
        entries = sum(shelf.entries for shelf in self._of.values())
        while len(self._of) > 1 and (entries > MAX_ALL_ENTRIES or len(self._of) > MAX_PEOPLE):
            _, gone = self._of.popitem(last=False)
            entries -= gone.entries
