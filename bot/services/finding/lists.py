"""List what a person may see in Buddy, a page at a time; ask which, where several may be meant."""

from dataclasses import dataclass
from typing import assert_never

from bot.cards.card import Card
from bot.cards.lists import PAGE, Page, executions_card, pipelines_card, projects_card
from bot.domain.catalog import PipelineRef
from bot.domain.command import Executions, Pipelines, Projects
from bot.domain.reference import PipelineLink
from bot.services.finding.catalog import Catalog
from bot.services.finding.places import Place
from bot.services.finding.reading import Reading
from bot.services.identity import Actor

Listed = Projects | Pipelines | Executions


@dataclass(frozen=True, slots=True)
class Part:
    """Which page of which list somebody asked for."""

    command: Listed
    user: str
    number: int


@dataclass(frozen=True, slots=True)
class Lists:
    """Makes the cards of lists."""

    catalog: Catalog
    reading: Reading

    async def card(self, actor: Actor, part: Part) -> Card:
        """List what was asked for.

        Raises:
            InputError, BuddyError: it is not found, not exact, or cannot be read.
        """
        match part.command:
            case Projects():
                return await self._projects(actor, part, "")
            case Pipelines():
                return await self._pipelines(actor, part, part.command)
            case Executions():
                return await self._executions(actor, part, part.command)
        assert_never(part.command)

    async def _projects(self, actor: Actor, part: Part, ask: str) -> Card:
        places = await self.catalog.places.fitting(actor)
        page = Page.of(part.command, part.user, part.number, len(places))
        return projects_card([(place.workspace, place.project) for place in places], page, ask)

    async def _pipelines(self, actor: Actor, part: Part, command: Pipelines) -> Card:
        if command.project is None:
            places = await self.catalog.places.fitting(actor)
            if len(places) != 1:
                return await self._projects(actor, part, "Which project?")
            place = places[0]
        else:
            place = await self.catalog.places.one(actor, command.project)
        return await self._pipelines_of(actor, part, place)

    async def _pipelines_of(self, actor: Actor, part: Part, place: Place) -> Card:
        found = (await self.catalog.pipelines(actor, place)).things
        page = Page.of(part.command, part.user, part.number, len(found))
        host = self.catalog.buddy.host
        return pipelines_card((place.workspace, place.project), found, page, host)

    async def _executions(self, actor: Actor, part: Part, command: Executions) -> Card:
        if command.pipeline is not None:
            at = await self.catalog.pipeline(actor, command.pipeline)
            return await self._executions_of(actor, part, at)
        places = await self.catalog.places.fitting(actor)
        if len(places) != 1:
            return await self._projects(actor, part, "Executions of which project?")
        [place] = places
        found = (await self.catalog.pipelines(actor, place)).things
        if len(found) != 1:
            return await self._pipelines_of(actor, part, place)
        host, domain = self.catalog.buddy.host, place.workspace.domain
        only = PipelineRef(host, domain, place.project.name, found[0].id)
        return await self._executions_of(actor, part, only)

    async def _executions_of(self, actor: Actor, part: Part, at: PipelineRef) -> Card:
        at, pipeline = await self.reading.pipeline(actor, at)
        found = await actor.buddy.executions(
            at.workspace, at.project, at.pipeline, page=part.number, per_page=PAGE
        )
        total = found.total_pages
        has_more = part.number < total if total is not None else len(found.executions) >= PAGE
        # The pages to come are asked for by number, so that a new name changes nothing.
        exact = PipelineLink(at.host, at.workspace, at.project, at.pipeline)
        page = Page(Executions(exact), part.user, part.number, total, has_more)
        return executions_card(at, pipeline, found.executions, page)
