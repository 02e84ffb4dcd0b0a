"""One list of a pipeline's executions for all of them that are followed.

A token's calls are spread over what it follows. As long as that leaves each execution a read of
its own in time, each is read by itself, which tells more: the list has no actions in it, and so may
not show a gate while something else still runs. Only where calls are scarce, the list says which
executions moved on.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary, WeakValueDictionary

from bot.buddy.ledger import Ledger
from bot.clock import Clock
from bot.domain.execution import Execution, ExecutionRef
from bot.services.identity import Actor

IN_TIME = timedelta(seconds=5)
"""How often each execution should be looked at."""

KEPT = timedelta(seconds=4)
"""How long a list holds: those who follow the same pipeline come within moments."""

FORGOTTEN = timedelta(minutes=3)
"""After this long without a look, an execution counts as followed no more."""

COUNTED_EVERY = timedelta(seconds=5)
PER_PAGE = 100
BY_ITSELF = 2
"""Reads of their own take at most every second call of a token's."""

_Pipeline = tuple[str, int]


def standing(execution: Execution) -> str:
    """Write down how an execution stands, as far as the short form in a list tells it too."""
    return f"{execution.status_text}|{execution.started_at}|{execution.finished_at}"


@dataclass(frozen=True, slots=True)
class Shared:
    """What a pipeline's list says of one execution, and of the newest."""

    standing: str
    """How it stands; empty where it is not on the list."""

    executions: tuple[Execution, ...]


@dataclass(slots=True)
class _Page:
    began: datetime
    executions: tuple[Execution, ...]
    standings: Mapping[int, str]


@dataclass(slots=True)
class _Followed:
    """What is followed with one token."""

    looks: dict[_Pipeline, dict[int, datetime]] = field(default_factory=dict)
    pages: dict[_Pipeline, _Page] = field(default_factory=dict)
    count: int = 0
    counted_at: datetime | None = None


@dataclass(slots=True)
class Sharing:
    """Shares lists among those who follow the same pipeline with the same token."""

    clock: Clock
    processes: Callable[[], int]
    """How many processes follow, each for itself."""

    _tokens: WeakKeyDictionary[Ledger, _Followed] = field(default_factory=WeakKeyDictionary)
    _reading: WeakValueDictionary[tuple[int, _Pipeline], asyncio.Lock] = field(
        default_factory=WeakValueDictionary
    )

    def note(self, actor: Actor, ref: ExecutionRef) -> None:
        """Count an execution among those that are followed with this token."""
        if not actor.buddy.ledger.is_limited:
            return
        followed = self._followed(actor)
        now = self.clock.now()
        followed.looks.setdefault((ref.host, ref.pipeline), {})[ref.execution] = now
        if followed.counted_at is None or now - followed.counted_at > COUNTED_EVERY:
            _count(followed, now)

    def is_scarce(self, actor: Actor, ref: ExecutionRef) -> bool:
        """Whether this execution and its sisters cannot each be read by itself in time."""
        if not actor.buddy.ledger.is_limited:
            return False
        followed = self._followed(actor)
        sisters = len(followed.looks.get((ref.host, ref.pipeline), ()))
        return sisters > 1 and self._round(actor, followed) > IN_TIME

    def has_its_turn(self, actor: Actor, age: timedelta) -> bool:
        """Whether an execution that was last read by itself so long ago may be read so again."""
        if actor.buddy.ledger.lead(self.clock.now()):
            return False
        return age >= BY_ITSELF * self._round(actor, self._followed(actor))

    async def look(self, actor: Actor, ref: ExecutionRef) -> Shared | timedelta:
        """Look at the pipeline's list, or tell how long to wait for it."""
        followed, pipeline = self._followed(actor), (ref.host, ref.pipeline)
        key = (id(actor.buddy.ledger), pipeline)
        async with self._reading.setdefault(key, asyncio.Lock()):
            page = followed.pages.get(pipeline)
            now = self.clock.now()
            if page is None or now - page.began > KEPT:
                if wait := actor.buddy.ledger.lead(now):
                    return wait
                actor.buddy.ledger.reserve(now, now, sharers=self.processes())
                page = followed.pages[pipeline] = await self._read(actor, ref, now)
        return Shared(page.standings.get(ref.execution, ""), page.executions)

    def next_look(self, actor: Actor, ref: ExecutionRef, pause: timedelta) -> timedelta:
        """Plan the next look: after a pause, or later where the token's calls must last longer."""
        if not actor.buddy.ledger.is_limited or self.is_scarce(actor, ref):
            # The list is planned for, when it is read.
            return pause
        now = self.clock.now()
        planned = actor.buddy.ledger.reserve(now, now + pause, sharers=self.processes())
        return planned - now

    def _followed(self, actor: Actor) -> _Followed:
        ledger = actor.buddy.ledger
        followed = self._tokens.get(ledger)
        if followed is None:
            followed = self._tokens[ledger] = _Followed()
        return followed

    def _round(self, actor: Actor, followed: _Followed) -> timedelta:
        """Tell how long it takes to read each execution of this token once, at its pace."""
        pace = actor.buddy.ledger.pace(self.clock.now())
        return pace * max(1, followed.count) * self.processes()

    async def _read(self, actor: Actor, ref: ExecutionRef, now: datetime) -> _Page:
        page = await actor.buddy.executions(
            ref.workspace, ref.project, ref.pipeline, per_page=PER_PAGE
        )
        standings = {one.ref.execution: standing(one) for one in page.executions}
        return _Page(now, page.executions, standings)


def _count(followed: _Followed, now: datetime) -> None:
    """Count what is followed, and forget what is not any more."""
    for pipeline, looks in list(followed.looks.items()):
        for number in [number for number, at in looks.items() if now - at > FORGOTTEN]:
            del looks[number]
        if not looks:
            del followed.looks[pipeline]
            followed.pages.pop(pipeline, None)
    followed.count = sum(map(len, followed.looks.values()))
    followed.counted_at = now
