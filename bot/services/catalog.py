"""Find what people name: workspace, project and pipeline, among what the person may see.

Of the names of a thing its id is looked at first, then every other name and number in any case,
then the beginning of each; the first way that finds something decides. Names only find things: what
is kept is the number, by which a pipeline that was renamed is found again.
"""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import structlog

from bot.buddy.client import BuddyApi
from bot.database import Database, StorageUnavailable
from bot.domain.catalog import Pipeline, PipelineRef, Project, Workspace
from bot.domain.reference import AnyPipeline, PipelineLink, PipelineName, ProjectName
from bot.errors import (
    AmbiguousName,
    ApiDisabled,
    BuddyError,
    BuddyForbids,
    ForeignLink,
    NotFoundInBuddy,
    TokenRejected,
    UnknownName,
    WorkspaceInactive,
)
from bot.services.identity import Actor
from bot.services.listing import KEPT, Listing
from bot.store import names

log = structlog.get_logger()

MAX_SEARCHED = 10
"""Projects of one workspace whose pipelines are looked through for one name."""

MAX_SOUGHT = 50
"""Projects whose pipelines are looked through for one number."""

_MAX_KEPT = 2_000
_CLOSED = (ApiDisabled, WorkspaceInactive, BuddyForbids, NotFoundInBuddy, TokenRejected)
"""Why one of several workspaces may not be looked into; the others still may."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """A project that fits a name, in its workspace."""

    workspace: Workspace
    project: Project
    is_guessed: bool = False
    """Whether only the beginning of its name was given."""

    @property
    def name(self) -> ProjectName:
        """How it is named exactly."""
        return ProjectName(self.workspace.domain, self.project.name)


@dataclass(frozen=True, slots=True)
class _Found:
    place: Place
    pipeline: Pipeline
    is_guessed: bool

    @property
    def written(self) -> str:
        """How it is named exactly: by what is looked at first."""
        place, pipeline = self.place, self.pipeline
        name = pipeline.identifier or str(pipeline.id)
        return str(PipelineName(place.workspace.domain, place.project.name, name))


@dataclass(slots=True)
class Catalog:
    """Finds pipelines and projects by name, and pipelines by number."""

    listing: Listing
    database: Database
    buddy: BuddyApi
    _remembered: set[tuple[PipelineName, PipelineRef]] = field(default_factory=set)
    _absent: dict[tuple[int, int], datetime] = field(default_factory=dict)

    async def pipeline(self, actor: Actor, name: AnyPipeline) -> PipelineRef:
        """Find the pipeline that somebody named or whose link they pasted; it is not read.

        Raises:
            UnknownName: nothing of that name is visible to this person, now or before a renaming.
            AmbiguousName: several fit; the choices are exact.
            ForeignLink: the link leads to another Buddy.
        """
        if isinstance(name, PipelineLink):
            return self._linked(name)
        try:
            found = await self._named(actor, name)
        except UnknownName as unknown:
            return await self._formerly(actor, name, unknown)
        await self._remember(name, found)
        return found

    async def places(self, actor: Actor, name: ProjectName | None = None) -> list[Place]:
        """List the projects that fit a name, or all of them; what fits best goes alone.

        Raises:
            UnknownName: nothing of that name is visible to this person.
        """
        found: list[Place] = []
        missing: UnknownName | None = None
        closed: BuddyError | None = None
        for workspace in await self._workspaces(actor, name.workspace if name else ""):
            try:
                found += await self._places_in(actor, workspace, name.project if name else "")
            except UnknownName as unknown:
                missing = _better(missing, unknown)
            except _CLOSED as error:
                closed = closed or error
        if not found and (failure := missing or closed):
            raise failure
        exact = [place for place in found if not place.is_guessed]
        return exact or found

    async def project(self, actor: Actor, name: ProjectName) -> Place:
        """Find the one project that somebody named.

        Raises:
            UnknownName, AmbiguousName: none fits, or several.
        """
        found = await self.places(actor, name)
        if len(found) > 1:
            choices = tuple(str(place.name) for place in found)
            raise AmbiguousName("project", str(name), choices)
        return found[0]

    async def relocate(self, actor: Actor, pipeline: PipelineRef) -> PipelineRef | None:
        """Find a pipeline that Buddy does not find where it was; None if it is still there.

        Also None if it is nowhere that the person may see.
        """
        if pipeline.host != self.buddy.host or self._is_absent(actor, pipeline.pipeline):
            return None
        try:
            await actor.buddy.pipeline(pipeline.workspace, pipeline.project, pipeline.pipeline)
        except NotFoundInBuddy:
            self.listing.forget(actor)
            return await self._by_number(actor, pipeline.pipeline, pipeline.workspace)
        except BuddyError:
            return None
        return None

    def _linked(self, link: PipelineLink) -> PipelineRef:
        """Take the names of a link into our own Buddy; what they are worth, Buddy says."""
        if not self.buddy.has_page(link.host):
            raise ForeignLink(link.host, self.buddy.page_host)
        return PipelineRef(self.buddy.host, link.workspace, link.project, link.pipeline)

    async def _named(self, actor: Actor, name: PipelineName) -> PipelineRef:
        found: list[_Found] = []
        missing: UnknownName | None = None
        closed: BuddyError | None = None
        places = await self.places(actor, ProjectName(name.workspace, name.project))
        if len(places) > MAX_SEARCHED:
            names_of_all = (one.name for one in places)
            exact = (PipelineName(p.workspace, p.project, name.pipeline) for p in names_of_all)
            raise AmbiguousName("pipeline", str(name), tuple(map(str, exact)))
        for place in places:
            try:
                found += await self._pipelines_in(actor, place, name.pipeline)
            except UnknownName as unknown:
                missing = _better(missing, unknown)
            except _CLOSED as error:
                closed = closed or error
        if not found and (failure := missing or closed):
            raise failure
        best = [one for one in found if not one.is_guessed] or found
        if len(best) > 1:
            raise AmbiguousName("pipeline", str(name), tuple(one.written for one in best))
        place = best[0].place
        return PipelineRef(
            self.buddy.host, place.workspace.domain, place.project.name, best[0].pipeline.id
        )

    async def _formerly(
        self, actor: Actor, name: PipelineName, unknown: UnknownName
    ) -> PipelineRef:
        """Look again: in lists that are new, then for what the name led to before."""
        if self.listing.forget_stale(actor):
            try:
                return await self._named(actor, name)
            except UnknownName as still:
                unknown = still
        async with self.database.snapshot() as transaction:
            numbers = await names.known(transaction, self.buddy.host, name)
        found = [await self._by_number(actor, number, name.workspace) for number in numbers]
        now = [pipeline for pipeline in found if pipeline is not None]
        if not now:
            raise unknown
        if len(now) > 1:
            choices = (PipelineName(p.workspace, p.project, str(p.pipeline)) for p in now)
            raise AmbiguousName("pipeline", str(name), tuple(map(str, choices)))
        return now[0]

    async def _remember(self, name: PipelineName, pipeline: PipelineRef) -> None:
        """Remember where a name led, in case it is renamed; finding does not depend on it."""
        if (name, pipeline) in self._remembered:
            return
        if len(self._remembered) >= _MAX_KEPT:
            self._remembered.clear()
        try:
            async with self.database.transaction() as transaction:
                await names.remember(transaction, name, pipeline)
        except StorageUnavailable:
            log.warning("name.not_remembered")
        else:
            self._remembered.add((name, pipeline))

    async def _by_number(self, actor: Actor, number: int, near: str) -> PipelineRef | None:
        """Find a pipeline by its number, in the workspace where it was first."""
        if self._is_absent(actor, number):
            return None
        places = sorted(await self.places(actor), key=lambda one: one.workspace.domain != near)
        for place in places[:MAX_SOUGHT]:
            try:
                pipelines = await self.listing.pipelines(actor, place.workspace, place.project)
            except _CLOSED:
                continue
            if any(pipeline.id == number for pipeline in pipelines):
                domain, project = place.workspace.domain, place.project.name
                return PipelineRef(self.buddy.host, domain, project, number)
        while len(self._absent) >= _MAX_KEPT:
            del self._absent[next(iter(self._absent))]
        self._absent[actor.link.id, number] = self.listing.clock.now()
        return None

    def _is_absent(self, actor: Actor, number: int) -> bool:
        """Tell whether a pipeline was looked for in vain a moment ago."""
        since = self._absent.get((actor.link.id, number))
        return since is not None and self.listing.clock.now() - since <= KEPT

    async def _workspaces(self, actor: Actor, name: str) -> Sequence[Workspace]:
        mine = await self.listing.workspaces(actor)
        if not name:
            return mine
        fitting, _ = _fitting(mine, name, lambda w: (w.domain, w.name))
        if not fitting:
            raise UnknownName("workspace", name, _nearest(name, [w.domain for w in mine]))
        return fitting

    async def _places_in(self, actor: Actor, workspace: Workspace, name: str) -> list[Place]:
        projects = await self.listing.projects(actor, workspace)
        if not name:
            return [Place(workspace, project) for project in projects]
        fitting, is_guessed = _fitting(projects, name, lambda p: (p.name, p.display_name))
        if not fitting:
            raise UnknownName("project", name, _nearest(name, [p.name for p in projects]))
        return [Place(workspace, project, is_guessed) for project in fitting]

    async def _pipelines_in(self, actor: Actor, place: Place, name: str) -> list[_Found]:
        pipelines = await self.listing.pipelines(actor, place.workspace, place.project)
        fitting, is_guessed = _fitting(pipelines, name, lambda p: (p.identifier, p.name, str(p.id)))
        if not fitting:
            known = [p.identifier or p.name for p in pipelines]
            raise UnknownName("pipeline", name, _nearest(name, known))
        return [_Found(place, pipeline, is_guessed) for pipeline in fitting]


def _fitting(
    things: Sequence[T], name: str, names: Callable[[T], tuple[str, ...]]
) -> tuple[list[T], bool]:
    """Find by the exact id, then by any name, then by its beginning; and whether it was that."""
    if exact := [thing for thing in things if names(thing)[0] == name]:
        return exact, False
    wanted = name.casefold()
    if whole := [one for one in things if wanted in {other.casefold() for other in names(one)}]:
        return whole, False
    begun = [
        one for one in things if any(other.casefold().startswith(wanted) for other in names(one))
    ]
    return begun, True


def _better(known: UnknownName | None, other: UnknownName) -> UnknownName:
    """Keep the one that got further, or that has a guess."""
    if known is None or (known.kind == other.kind and other.nearest):
        return other
    return other if known.kind == "project" and other.kind == "pipeline" else known


def _nearest(name: str, known: list[str]) -> str:
    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.6)), "")
