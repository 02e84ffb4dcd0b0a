"""Find projects: in which of the person's workspaces, by what people call them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.catalog import Project, Workspace
from bot.domain.reference import ProjectName
from bot.errors import AmbiguousName, BuddyError, UnknownName
from bot.services.finding.listing import CLOSED, FRESH, HELD, Listing
from bot.services.finding.shelves import Kind
from bot.services.identity import Actor


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
class Places:
    """Finds projects by name."""

    listing: Listing

    async def fitting(self, actor: Actor, name: ProjectName | None = None) -> list[Place]:
        """List the projects that fit a name, or all of them; what fits best goes alone.

        Raises:
            UnknownName: nothing of that name is visible to this person.
        """
        since = self.listing.turn
        try:
            found = await self._fitting(actor, name, HELD)
        except UnknownName as unknown:
            kinds = [Kind.PROJECTS]
            if unknown.kind == "workspace":
                kinds.append(Kind.WORKSPACES)
            if not self.listing.may_be_new(actor, *kinds, since=since):
                raise
            return await self._fitting(actor, name, HELD)
        is_only = name is None and len(found) == 1
        if is_only or any(place.is_guessed for place in found):
            # A guess must be the best one of today, and so must be what need not be named.
            return await self._fitting(actor, name, FRESH)
        return found

    async def one(self, actor: Actor, name: ProjectName) -> Place:
        """Find the one project that somebody named.

        Raises:
            UnknownName, AmbiguousName: none fits, or several.
        """
        found = await self.fitting(actor, name)
        if len(found) > 1:
            choices = tuple(str(place.name) for place in found)
            raise AmbiguousName("project", str(name), choices)
        return found[0]

    async def _fitting(
        self, actor: Actor, name: ProjectName | None, hold: timedelta
    ) -> list[Place]:
        found: list[Place] = []
        missing: UnknownName | None = None
        closed: BuddyError | None = None
        for workspace in await self._workspaces(actor, name.workspace if name else "", hold):
            try:
                found += await self._in(actor, workspace, name.project if name else "", hold)
            except UnknownName as unknown:
                missing = better(missing, unknown)
            except CLOSED as error:
                closed = closed or error
        if not found and (failure := missing or closed):
            raise failure
        exact = [place for place in found if not place.is_guessed]
        return exact or found

    async def _workspaces(self, actor: Actor, name: str, hold: timedelta) -> Sequence[Workspace]:
        mine = await self.listing.workspaces(actor, hold=hold)
        if not name:
            return mine.things
        fitting, _ = mine.fitting(name)
        if not fitting:
            raise UnknownName("workspace", name, mine.nearest(name))
        return fitting

    async def _in(
        self, actor: Actor, workspace: Workspace, name: str, hold: timedelta
    ) -> list[Place]:
        projects = await self.listing.projects(actor, workspace.domain, hold=hold)
        if not name:
            return [Place(workspace, project) for project in projects.things]
        fitting, is_guessed = projects.fitting(name)
        if not fitting:
            raise UnknownName("project", name, projects.nearest(name))
        return [Place(workspace, project, is_guessed) for project in fitting]


def better(known: UnknownName | None, other: UnknownName) -> UnknownName:
    """Keep the one that got further, or that has a guess."""
    if known is None or (known.kind == other.kind and other.nearest):
        return other
    return other if known.kind == "project" and other.kind == "pipeline" else known
