"""Lists of what each person may see in Buddy, read with their own token, never shared.

    fresh     believed as it is
    held      served at once, and read anew behind it: names change seldom
    older     read before it is served

Whoever asks for a list that is being read waits for that reading. Buddy's lists have no end that is
told, so a long one takes many calls: what has come so far can be looked at meanwhile.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, TypeVar

from bot.clock import Clock
from bot.domain.catalog import Pipeline, Project, Workspace
from bot.domain.search import Names
from bot.errors import (
    ApiDisabled,
    BuddyForbids,
    NotFoundInBuddy,
    TokenRejected,
    WorkspaceInactive,
)
from bot.services.background import Background
from bot.services.identity import Actor

FRESH = timedelta(minutes=1)
HELD = timedelta(minutes=10)

AGAIN = timedelta(seconds=5)
"""How often a person's lists are doubted because something is not in them."""

MAX_ENTRIES = 20_000
"""Entries of all lists of one person; what was not used for the longest time goes first."""

MAX_ALL_ENTRIES = 100_000
"""Entries of all people's lists; some 60 MB."""

MAX_PEOPLE = 2_000

_DEADLINE = timedelta(minutes=1)
"""How long it may take to read a list with all its pages."""

_HIDDEN = (ApiDisabled, BuddyForbids, NotFoundInBuddy, TokenRejected, WorkspaceInactive)
"""Why the person may not see a list any more."""

T = TypeVar("T")
Hear = Callable[[Sequence[T]], None]


class Kind(Enum):
    """What is listed."""

    WORKSPACES = auto()
    PROJECTS = auto()
    PIPELINES = auto()
    BRANCHES = auto()


Key = tuple[Kind, str, str]


@dataclass(slots=True)
class _List:
    """One list."""

    names: Names[Any]
    read_at: datetime
    turn: int
    """The how manieth reading it is from."""

    @property
    def size(self) -> int:
        """How much it counts; an empty list takes room, too."""
        return len(self.names) + 1


@dataclass(slots=True)
class _Shelf:
    """The lists of one person, the one used last at the end."""

    lists: OrderedDict[Key, _List] = field(default_factory=OrderedDict)
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

    def put(self, key: Key, told: _List) -> None:
        """Keep a list, and let others go for it."""
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
class Listing:
    """Reads lists with the person's own token, and remembers them."""

    clock: Clock
    background: Background
    turn: int = 0
    """Counts readings: what began in a later turn knows more."""

    _shelves: OrderedDict[tuple[int, int], _Shelf] = field(default_factory=OrderedDict)

    async def workspaces(self, actor: Actor, *, hold: timedelta = HELD) -> Names[Workspace]:
        """List the person's workspaces."""
        key = (Kind.WORKSPACES, "", "")

        async def read(_: Hear[Workspace]) -> Sequence[Workspace]:
            return await actor.buddy.workspaces()

        return await self._list(actor, key, hold, read, lambda one: (one.domain, one.name))

    async def projects(
        self, actor: Actor, workspace: str, *, hold: timedelta = HELD
    ) -> Names[Project]:
        """List the open projects of a workspace."""
        return await self._list(
            actor,
            (Kind.PROJECTS, workspace, ""),
            hold,
            lambda hear: actor.buddy.projects(workspace, hear=hear),
            lambda one: (one.name, one.display_name),
        )

    async def pipelines(
        self, actor: Actor, workspace: str, project: str, *, hold: timedelta = FRESH
    ) -> Names[Pipeline]:
        """List the pipelines of a project that the person may see.

        What is decided by their names, and what tells how they stand, must be fresh.
        """
        return await self._list(
            actor,
            (Kind.PIPELINES, workspace, project),
            hold,
            lambda hear: actor.buddy.pipelines(workspace, project, hear=hear),
            lambda one: (one.identifier or str(one.id), one.name, str(one.id)),
        )

    async def branches(self, actor: Actor, workspace: str, project: str) -> Names[str]:
        """List the branches of a project's repository, the default one first."""
        return await self._list(
            actor,
            (Kind.BRANCHES, workspace, project),
            HELD,
            lambda hear: actor.buddy.branches(workspace, project, hear=hear),
            lambda one: (one,),
        )

    def known(
        self, actor: Actor, kind: Kind, workspace: str = "", project: str = ""
    ) -> Names[Any] | None:
        """Look at a list, or at what has come of it so far, without asking anybody."""
        shelf, key = self._shelf(actor), (kind, workspace, project)
        kept = shelf.lists.get(key)
        return kept.names if kept else shelf.parts.get(key)

    def drop(self, actor: Actor, workspace: str, project: str) -> None:
        """Forget the pipelines of a project: one of them is not there."""
        self._shelf(actor).drop((Kind.PIPELINES, workspace, project))

    def doubt(self, actor: Actor, *kinds: Kind, since: int) -> None:
        """Believe no list of these kinds that began to be read in that turn or before."""
        doubts = self._shelf(actor).doubts
        doubts.update({kind: max(since, doubts.get(kind, -1)) for kind in kinds})

    def may_be_new(self, actor: Actor, *kinds: Kind, since: int) -> bool:
        """Doubt the lists in which something is missing, and tell whether to look again.

        At most once in a few seconds, and only where a list was read before that turn.
        """
        shelf, now = self._shelf(actor), self.clock.now()
        if shelf.doubted_at is not None and now - shelf.doubted_at < AGAIN:
            return False
        if not any(key[0] in kinds and kept.turn <= since for key, kept in shelf.lists.items()):
            return False
        shelf.doubted_at = now
        self.doubt(actor, *kinds, since=since)
        return True

    def may_read(self, actor: Actor) -> bool:
        """Whether calls are to spare; the last quarter is for what the person sends."""
        return actor.buddy.ledger.spare(self.clock.now()) != 0

    async def _list(
        self,
        actor: Actor,
        key: Key,
        hold: timedelta,
        ask: Callable[[Hear[T]], Awaitable[Sequence[T]]],
        by: Callable[[T], Sequence[str]],
    ) -> Names[T]:
        shelf, now = self._shelf(actor), self.clock.now()
        kept = shelf.lists.get(key)
        if kept is not None and shelf.believes(key, kept.turn) and now - kept.read_at <= hold:
            shelf.lists.move_to_end(key)
            if now - kept.read_at > FRESH and self.may_read(actor):
                _ = self._reading(shelf, key, ask, by)
            held: Names[T] = kept.names
            return held
        return await asyncio.shield(self._reading(shelf, key, ask, by))

    def _reading(
        self,
        shelf: _Shelf,
        key: Key,
        ask: Callable[[Hear[T]], Awaitable[Sequence[T]]],
        by: Callable[[T], Sequence[str]],
    ) -> asyncio.Task[Names[T]]:
        """Find the reading of a list that is under way, or begin one."""
        under_way = shelf.readings.get(key)
        if under_way is not None and shelf.believes(key, under_way[0]):
            return under_way[1]
        self.turn += 1
        turn, began = self.turn, self.clock.now()

        def hear(so_far: Sequence[T]) -> None:
            shelf.parts[key] = Names(so_far, by=by)

        async def read() -> Names[T]:
            try:
                names = Names(await ask(hear), by=by)
            except _HIDDEN:
                shelf.drop(key)
                raise
            finally:
                if shelf.readings.get(key, (0,))[0] == turn:
                    del shelf.readings[key]
                    shelf.parts.pop(key, None)
            kept = shelf.lists.get(key)
            if kept is None or kept.turn < turn:
                shelf.put(key, _List(names, began, turn))
                self._make_room(shelf)
            return names

        task = self.background.start(read(), _DEADLINE)
        shelf.readings[key] = (turn, task)
        return task

    def _shelf(self, actor: Actor) -> _Shelf:
        # A token that was replaced may see something else.
        whose = actor.link.id, actor.link.generation
        shelf = self._shelves.setdefault(whose, _Shelf())
        self._shelves.move_to_end(whose)
        return shelf

    def _make_room(self, mine: _Shelf) -> None:
        """Let go of those who asked for nothing for the longest time."""
        entries = sum(shelf.entries for shelf in self._shelves.values())
        for whose, shelf in list(self._shelves.items()):
            if entries <= MAX_ALL_ENTRIES and len(self._shelves) <= MAX_PEOPLE:
                return
            if shelf is not mine:
                entries -= shelf.entries
                del self._shelves[whose]
