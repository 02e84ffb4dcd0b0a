"""Offer what somebody may mean while they type, in time for a menu of Slack's.

What is known is offered at once; for the rest Buddy is asked, for as long as a menu waits. What is
still on its way then arrives all the same, and is there at the next letter. Nobody's 500 projects
are read because of one letter: only a few that begin like this, and those in which somebody named
such a pipeline before; but all of them, where they are few. The last quarter of a person's calls is
left alone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TypeVar

import structlog

from bot.database import Database, StorageUnavailable
from bot.domain.catalog import Choice, Choices, Pipeline, PipelineRef, Project, Workspace
from bot.domain.reference import ProjectName
from bot.domain.search import Likeness, Names
from bot.errors import BuddyError
from bot.services.finding.listing import CLOSED, HELD, Listing
from bot.services.finding.shelves import Kind
from bot.services.identity import Actor
from bot.store import names

log = structlog.get_logger()

WITHIN = timedelta(seconds=2.2)
"""How long Buddy is waited for; Slack waits three seconds for the answer, its way included."""

MAX_READ = 5
"""Projects whose pipelines are read for one text."""

FEW = 20
"""Projects that are so few that the pipelines of all of them are read, once, for any text."""

MAX_WORKSPACES = 10
"""Workspaces whose projects are read for one text."""

T = TypeVar("T")
At = tuple[str, str]
"""A workspace, and the name of a project in it."""

Found = Iterable[tuple[str, T]]
"""What something is called, and what it is."""


@dataclass(frozen=True, slots=True)
class _Typed:
    """One way to understand what was typed so far; what is empty may be anything."""

    workspace: str
    project: str
    name: str

    @classmethod
    def ways(cls, text: str) -> "list[_Typed]":
        """Take ``[[workspace/]project/]name`` apart; the name may not have begun yet."""
        parts = [part.strip(' "“”„') for part in text.split("/", 2)]
        ways = [cls(*["", "", *parts][-3:])]
        if len(parts) <= len(("workspace", "project")):
            ways.append(cls(*["", *parts, ""][-3:]))
        return ways


@dataclass(frozen=True, slots=True)
class Suggesting:
    """Suggests projects, pipelines and branches that a person may see."""

    listing: Listing
    database: Database
    host: str

    async def projects(self, actor: Actor, text: str, limit: int) -> Choices[ProjectName]:
        """Suggest projects, for the beginning of ``[workspace/]project``."""
        begun = _Typed.ways(text)[-1]
        used = await self._used([begun])
        is_whole = await self._in_time(actor, lambda: self._read_projects(actor, used))
        return _best(
            lambda likeness: (
                (project.display_name, ProjectName(*at))
                for at, project in self._fitting(actor, begun, used, likeness)
            ),
            limit,
            is_whole=is_whole,
        )

    async def pipelines(self, actor: Actor, text: str, limit: int) -> Choices[PipelineRef]:
        """Suggest pipelines, by their own names and by those of their projects."""
        ways = _Typed.ways(text)
        used = await self._used(ways)
        is_read = await self._in_time(actor, lambda: self._read_around(actor, ways, used, limit))
        is_whole = is_read and not self._unread(actor, ways, used)
        return _best(
            lambda likeness: self._pipelines(actor, ways, used, likeness), limit, is_whole=is_whole
        )

    async def branches(self, actor: Actor, at: PipelineRef, text: str, limit: int) -> Choices[str]:
        """Suggest branches of the repository that a pipeline belongs to, if there is one."""
        place = at.workspace, at.project
        is_whole = await self._in_time(actor, lambda: self.listing.branches(actor, *place))
        found = self.listing.known(actor, Kind.BRANCHES, *place)
        return _best(
            lambda likeness: ((one, one) for one in found.like(text, likeness)) if found else (),
            limit,
            is_whole=is_whole,
        )

    async def _used(self, ways: list[_Typed]) -> list[At]:
        """Name projects in which somebody named such a pipeline before; they may not be exact."""
        try:
            async with self.database.snapshot() as transaction:
                found = [
                    at
                    for way in ways
                    for at in await names.resembling(transaction, self.host, way.project, way.name)
                ]
        except StorageUnavailable:
            log.warning("names.not_read")
            return []
        return list(dict.fromkeys(found))

    async def _in_time(self, actor: Actor, read: Callable[[], Awaitable[object]]) -> bool:
        """Wait for a reading as long as a menu waits; whether it came to its end."""
        if not self.listing.may_read(actor):
            return False
        try:
            async with asyncio.timeout(WITHIN.total_seconds()):
                await read()
        except CLOSED as hidden:
            log.info("suggestions.hidden", code=hidden.code)
        except (TimeoutError, BuddyError):
            return False
        return True

    async def _read_around(
        self, actor: Actor, ways: list[_Typed], used: list[At], limit: int
    ) -> None:
        """Read the lists of projects, then the pipelines of a few that fit."""

        async def then() -> None:
            await self._read_projects(actor, used)
            found = islice(self._pipelines(actor, ways, used, Likeness.PART), limit)
            if len(list(found)) < limit:
                worth = self._worth_reading(actor, ways, used)[:MAX_READ]
                unread = self._unread(actor, [_Typed("", "", "")], used)
                few = unread if len(unread) <= FEW else []
                await self._read_pipelines(actor, [*dict.fromkeys([*worth, *few])])

        # Where nothing is known yet, what was used before is read at once.
        cold = [at for at in used if not self.listing.known(actor, Kind.PROJECTS, at[0])]
        await _all([then(), self._read_pipelines(actor, cold[:MAX_READ])])

    async def _read_projects(self, actor: Actor, used: list[At]) -> None:
        async def of_workspaces() -> None:
            mine = await self.listing.workspaces(actor)
            domains = [one.domain for one in mine.things[:MAX_WORKSPACES]]
            await _all(self.listing.projects(actor, domain) for domain in domains)

        domains = {workspace for workspace, _ in used[:MAX_WORKSPACES]}
        await _all([of_workspaces(), *(self.listing.projects(actor, one) for one in domains)])

    async def _read_pipelines(self, actor: Actor, places: list[At]) -> None:
        await _all(self.listing.pipelines(actor, *at, hold=HELD) for at in places)

    def _unread(self, actor: Actor, ways: list[_Typed], used: list[At]) -> list[At]:
        """Name projects that fit and whose pipelines nobody read yet."""
        fitting = (at for way in ways for at, _ in self._fitting(actor, way, used, Likeness.PART))
        known = self.listing.known
        return [at for at in dict.fromkeys(fitting) if known(actor, Kind.PIPELINES, *at) is None]

    def _worth_reading(self, actor: Actor, ways: list[_Typed], used: list[At]) -> list[At]:
        """Choose projects whose pipelines are not fresh: those used before, then what begins so."""
        exact = [_Typed(workspace, project, "") for workspace, project in used]
        fitting = (
            at
            for likeness in (Likeness.WHOLE, Likeness.BEGINNING)
            for way in (*exact, *ways)
            for at, _ in self._fitting(actor, way, used, likeness)
            if way.project and not self.listing.is_fresh(actor, Kind.PIPELINES, *at)
        )
        return list(dict.fromkeys(fitting))

    def _fitting(
        self, actor: Actor, typed: _Typed, used: list[At], likeness: Likeness
    ) -> Iterator[tuple[At, Project]]:
        """Find projects among those that are known."""
        mine: Names[Workspace] | None = self.listing.known(actor, Kind.WORKSPACES)
        if mine is not None:
            domains = [one.domain for one in mine.like(typed.workspace, Likeness.PART)]
        else:
            known = dict.fromkeys(workspace for workspace, _ in used)
            domains = [domain for domain in known if typed.workspace.casefold() in domain]
        for domain in domains:
            projects: Names[Project] | None = self.listing.known(actor, Kind.PROJECTS, domain)
            for project in _like(projects, typed.project, likeness):
                yield (domain, project.name), project

    def _pipelines(
        self, actor: Actor, ways: list[_Typed], used: list[At], likeness: Likeness
    ) -> Iterator[tuple[str, PipelineRef]]:
        """Find pipelines among those that are known."""
        for way in ways:
            for at, project in self._fitting(actor, way, used, likeness):
                known: Names[Pipeline] | None = self.listing.known(actor, Kind.PIPELINES, *at)
                for pipeline in _like(known, way.name, likeness):
                    label = f"{project.display_name} / {pipeline.name}"
                    yield label, PipelineRef(self.host, *at, pipeline.id)


def _like(known: Names[T] | None, text: str, likeness: Likeness) -> Iterable[T]:
    """Find by what was typed; everything, where nothing was."""
    if known is None or not text:
        return known.things if known else ()
    return known.like(text, likeness)


async def _all(readings: Iterable[Awaitable[object]]) -> None:
    """Wait for all of them; what one of them may not see hides nothing of the others."""
    for told in await asyncio.gather(*readings, return_exceptions=True):
        if isinstance(told, BaseException) and not isinstance(told, CLOSED):
            raise told


def _best(search: Callable[[Likeness], Found[T]], limit: int, *, is_whole: bool) -> Choices[T]:
    """Take what is most like what was typed; what is alike stays in Buddy's order, by name."""
    best: dict[T, str] = {}
    for likeness in Likeness:
        for label, means in search(likeness):
            if len(best) >= limit:
                break
            best.setdefault(means, label)
    found = tuple(Choice(label, means) for means, label in best.items())
    return Choices(found, is_partial=not is_whole)
