"""Lists of what each person may see in Buddy, read with their own token, never shared.

    fresh     believed as it is
    held      served at once, and read anew behind it: names change seldom
    older     read before it is served

Whoever asks for a list that is being read waits for that reading. Buddy's lists have no end that is
told, so a long one takes many calls: what has come so far can be looked at meanwhile.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
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
from bot.services.finding.background import Background
from bot.services.finding.shelves import Kept, Key, Kind, Shelf, Shelves
from bot.services.identity import Actor

FRESH = timedelta(minutes=1)
HELD = timedelta(minutes=10)
OFFERED = timedelta(hours=1)
"""How old a list may be that is looked at for want of a newer one."""

AGAIN = timedelta(seconds=5)
"""How often a person's lists are doubted because something is not in them."""

_DEADLINE = timedelta(minutes=1)
"""How long it may take to read a list with all its pages."""

CLOSED = (ApiDisabled, BuddyForbids, NotFoundInBuddy, TokenRejected, WorkspaceInactive)
"""Why something may not be looked into; everything else still may."""

T = TypeVar("T")
Hear = Callable[[Sequence[T]], None]


@dataclass(slots=True)
class Listing:
    """Reads lists with the person's own token, and remembers them."""

    clock: Clock
    background: Background
    turn: int = 0
    """Counts readings: what began in a later turn knows more."""

    _shelves: Shelves = field(default_factory=Shelves)

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
            lambda one: (one.identifier or one.name, one.name, str(one.id)),
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
        if kept is None or self.clock.now() - kept.read_at > OFFERED:
            return shelf.parts.get(key)
        return kept.names

    def is_fresh(self, actor: Actor, kind: Kind, workspace: str, project: str) -> bool:
        """Whether a list is believed as it is."""
        kept = self._shelf(actor).lists.get((kind, workspace, project))
        return kept is not None and self.clock.now() - kept.read_at <= FRESH

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
        shelf: Shelf,
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
            except CLOSED:
                shelf.drop(key)
                raise
            finally:
                if shelf.readings.get(key, (0,))[0] == turn:
                    del shelf.readings[key]
                    shelf.parts.pop(key, None)
            shelf.put(key, Kept(names, began, turn))
            self._shelves.make_room()
            return names

        task = self.background.start(read, _DEADLINE)
        shelf.readings[key] = (turn, task)
        return task

    def _shelf(self, actor: Actor) -> Shelf:
        return self._shelves.of((actor.link.id, actor.link.generation))
