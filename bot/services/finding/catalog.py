"""Find what people name: workspace, project and pipeline, among what the person may see.

Of the names of a thing its id is looked at first, then every other name and number in any case,
then the beginning of each; the first way that finds something decides. Names only find things: what
is kept is the number, by which a pipeline that was renamed is found again.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.buddy.client import BuddyApi
from bot.database import Database, StorageUnavailable
from bot.domain.catalog import Pipeline, PipelineRef
from bot.domain.reference import AnyPipeline, PipelineLink, PipelineName, ProjectName
from bot.domain.search import Names
from bot.errors import (
    AmbiguousName,
    BotError,
    BuddyError,
    ForeignLink,
    NotFoundInBuddy,
    UnknownName,
)
from bot.services.finding.listing import CLOSED
from bot.services.finding.places import Place, Places, better
from bot.services.finding.shelves import Kind
from bot.services.identity import Actor
from bot.store import names

log = structlog.get_logger()

MAX_SEARCHED = 10
"""Projects of one workspace whose pipelines are looked through for one name."""

MAX_SOUGHT = 25
"""Projects whose pipelines are read to find one number."""

_ABSENT = timedelta(minutes=5)
"""How long a number that was nowhere is not looked for again."""

_MAX_KEPT = 2_000
_MISSING = (UnknownName, NotFoundInBuddy)


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

    places: Places
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
        since = self.places.listing.turn
        try:
            found = await self._named(actor, name)
        except _MISSING as missing:
            return await self._elsewhere(actor, name, missing, since)
        await self._remember(name, found)
        return found

    async def pipelines(self, actor: Actor, place: Place) -> Names[Pipeline]:
        """List the pipelines of a project that the person may see."""
        return await self.places.listing.pipelines(
            actor, place.workspace.domain, place.project.name
        )

    async def relocate(self, actor: Actor, pipeline: PipelineRef) -> PipelineRef | None:
        """Find a pipeline that Buddy does not find where it was; None if it is still there.

        Also None if it is nowhere that the person may see.
        """
        if pipeline.host != self.buddy.host or self._is_absent(actor, pipeline.pipeline):
            return None
        try:
            await actor.buddy.pipeline(pipeline.workspace, pipeline.project, pipeline.pipeline)
        except NotFoundInBuddy:
            # Whatever has another name is read anew; pipelines keep their numbers.
            kinds = (Kind.WORKSPACES, Kind.PROJECTS)
            self.places.listing.doubt(actor, *kinds, since=self.places.listing.turn)
            self.places.listing.drop(actor, pipeline.workspace, pipeline.project)
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
        places = await self._fitting(actor, name)
        if len(places) > MAX_SEARCHED:
            names_of_all = (one.name for one in places)
            exact = (PipelineName(p.workspace, p.project, name.pipeline) for p in names_of_all)
            raise AmbiguousName("pipeline", str(name), tuple(map(str, exact)))
        for place in places:
            try:
                found += await self._pipelines_in(actor, place, name.pipeline)
            except UnknownName as unknown:
                missing = better(missing, unknown)
            except CLOSED as error:
                closed = closed or error
        if not found and (failure := missing or closed):
            raise failure
        best = [one for one in found if not one.is_guessed] or found
        if len(best) > 1:
            raise AmbiguousName("pipeline", str(name), tuple(one.written for one in best))
        return self._at(best[0].place, best[0].pipeline.id)

    async def _elsewhere(
        self, actor: Actor, name: PipelineName, missing: BotError, since: int
    ) -> PipelineRef:
        """Look again: in lists that are new, then for what the name led to before."""
        if await self._may_be_new(actor, name, missing, since):
            try:
                return await self._named(actor, name)
            except _MISSING as still:
                missing = still
        async with self.database.snapshot() as transaction:
            numbers = await names.known(transaction, self.buddy.host, name)
        found = [await self._by_number(actor, number, name.workspace) for number in numbers]
        now = [pipeline for pipeline in found if pipeline is not None]
        if not now:
            raise missing
        if len(now) > 1:
            choices = (PipelineName(p.workspace, p.project, str(p.pipeline)) for p in now)
            raise AmbiguousName("pipeline", str(name), tuple(map(str, choices)))
        return now[0]

    async def _may_be_new(
        self, actor: Actor, name: PipelineName, missing: BotError, since: int
    ) -> bool:
        """Tell whether to look again in newer lists; projects were looked for twice already."""
        kinds = {Kind.PIPELINES}
        if not isinstance(missing, UnknownName):
            # A project of the list is gone.
            kinds = {Kind.PROJECTS}
        elif missing.kind != "pipeline":
            return False
        elif any(place.is_guessed for place in await self._fitting(actor, name)):
            # It may belong to a new project, whose name is the beginning of others.
            kinds.add(Kind.PROJECTS)
        return self.places.listing.may_be_new(actor, *kinds, since=since)

    async def _fitting(self, actor: Actor, name: PipelineName) -> list[Place]:
        return await self.places.fitting(actor, ProjectName(name.workspace, name.project))

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
        places = await self.places.fitting(actor)
        known = {place.name: self._known(actor, place) for place in places}
        for place in places:
            if number in known[place.name]:
                return self._at(place, number)
        # What was never read is more likely to be new.
        places.sort(key=lambda one: (bool(known[one.name]), one.workspace.domain != near))
        for place in places[:MAX_SOUGHT]:
            try:
                pipelines = await self.pipelines(actor, place)
            except CLOSED:
                continue
            if any(pipeline.id == number for pipeline in pipelines.things):
                return self._at(place, number)
        while len(self._absent) >= _MAX_KEPT:
            del self._absent[next(iter(self._absent))]
        self._absent[actor.link.id, number] = self.places.listing.clock.now()
        return None

    def _is_absent(self, actor: Actor, number: int) -> bool:
        """Tell whether a pipeline was looked for in vain a moment ago."""
        since = self._absent.get((actor.link.id, number))
        return since is not None and self.places.listing.clock.now() - since <= _ABSENT

    async def _pipelines_in(self, actor: Actor, place: Place, name: str) -> list[_Found]:
        pipelines = await self.pipelines(actor, place)
        fitting, is_guessed = pipelines.fitting(name)
        if not fitting:
            raise UnknownName("pipeline", name, pipelines.nearest(name))
        return [_Found(place, pipeline, is_guessed) for pipeline in fitting]

    def _known(self, actor: Actor, place: Place) -> set[int]:
        """Name the pipelines of a project that were listed before."""
        listing, domain, project = self.places.listing, place.workspace.domain, place.project.name
        pipelines = listing.known(actor, Kind.PIPELINES, domain, project)
        return {pipeline.id for pipeline in pipelines.things} if pipelines else set()

    def _at(self, place: Place, number: int) -> PipelineRef:
        domain, project = place.workspace.domain, place.project.name
        return PipelineRef(self.buddy.host, domain, project, number)
