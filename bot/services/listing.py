"""Lists of what each person may see in Buddy, kept for a short while, never shared between people.

People type several commands in a row, so a list holds for a minute; whoever asks for one that is
being read waits for that reading instead of asking Buddy twice.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from bot.clock import Clock
from bot.domain.catalog import Pipeline, Project, Workspace
from bot.services.identity import Actor

KEPT = timedelta(minutes=1)
"""How long a list holds."""

STALE = timedelta(seconds=5)
"""How old a list may be that is believed when it says that something does not exist."""

MAX_KEPT = 2_000
"""Lists remembered at once."""

T = TypeVar("T")
Key = tuple[object, ...]


@dataclass(slots=True)
class Listing:
    """Reads lists with the person's own token, and remembers them."""

    clock: Clock
    _kept: dict[Key, tuple[datetime, Any]] = field(default_factory=dict)
    _reading: WeakValueDictionary[Key, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def workspaces(self, actor: Actor) -> tuple[Workspace, ...]:
        """List the person's workspaces."""
        return await self._list((*_whose(actor), "workspaces"), actor.buddy.workspaces)

    async def projects(self, actor: Actor, workspace: Workspace) -> tuple[Project, ...]:
        """List the open projects of a workspace."""
        return await self._list(
            (*_whose(actor), "projects", workspace.domain),
            lambda: actor.buddy.projects(workspace.domain),
        )

    async def pipelines(
        self, actor: Actor, workspace: Workspace, project: Project
    ) -> tuple[Pipeline, ...]:
        """List the pipelines of a project that the person may see."""
        return await self._list(
            (*_whose(actor), "pipelines", workspace.domain, project.name),
            lambda: actor.buddy.pipelines(workspace.domain, project.name),
        )

    def forget(self, actor: Actor) -> None:
        """Forget the person's lists: something is not where they say."""
        for key in [key for key in self._kept if key[:2] == _whose(actor)]:
            del self._kept[key]

    def forget_stale(self, actor: Actor) -> bool:
        """Forget the person's lists that are not quite new; whether there were any."""
        now, whose = self.clock.now(), _whose(actor)
        stale = [
            key for key, (at, _) in self._kept.items() if key[:2] == whose and now - at > STALE
        ]
        for key in stale:
            del self._kept[key]
        return bool(stale)

    async def _list(self, key: Key, ask: Callable[[], Awaitable[tuple[T, ...]]]) -> tuple[T, ...]:
        reading = self._reading.setdefault(key, asyncio.Lock())
        async with reading:
            kept = self._kept.get(key)
            if kept is not None and self.clock.now() - kept[0] <= KEPT:
                held: tuple[T, ...] = kept[1]
                return held
            began = self.clock.now()
            told = await ask()
            self._kept.pop(key, None)
            while len(self._kept) >= MAX_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = (began, told)
            return told


def _whose(actor: Actor) -> Key:
    # A token that was replaced may see something else.
    return actor.link.id, actor.link.generation
