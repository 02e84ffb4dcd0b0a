"""Find what a channel is to be told of, and what people call it."""

from dataclasses import dataclass

from bot.domain.catalog import PipelineRef
from bot.domain.command import Topic
from bot.domain.person import Person
from bot.domain.reference import PipelineLink, ProjectName
from bot.domain.subscription import Scope, Subscription
from bot.errors import (
    BuddyError,
    BuddyForbids,
    NotFoundInBuddy,
    NotYours,
    TokenRejected,
    UnknownName,
)
from bot.services.finding.aliases import Aliases
from bot.services.finding.catalog import Catalog
from bot.services.finding.reading import Reading
from bot.services.identity import Actor


@dataclass(frozen=True, slots=True)
class Found:
    """A topic, and the names it is shown by."""

    scope: Scope
    project_shown: str
    pipeline_shown: str = ""


@dataclass(frozen=True, slots=True)
class Topics:
    """Finds topics."""

    catalog: Catalog
    reading: Reading
    aliases: Aliases

    async def meant(self, person: Person, channel: str, topic: Topic) -> Topic:
        """Let one word be the short name that it is here, before a project that is called so."""
        if not isinstance(topic, ProjectName) or topic.workspace:
            return topic
        return await self.aliases.named(person, channel, topic.project) or topic

    async def find(self, actor: Actor, topic: Topic) -> Found:
        """Find the project or the pipeline that somebody named, as far as they may see it.

        Raises:
            InputError: nothing fits, or several do, or the link is not ours.
            BuddyError: it cannot be read.
        """
        host = self.catalog.buddy.host
        if isinstance(topic, ProjectName):
            place = await self.catalog.places.one(actor, topic)
            scope = Scope(host, place.workspace.domain, place.project.name)
            return Found(scope, place.project.display_name)
        ref = await self.catalog.pipeline(actor, topic)
        at, pipeline = await self.reading.pipeline(actor, ref)
        scope = Scope(host, at.workspace, at.project, at.pipeline)
        return Found(scope, await self._shown(actor, scope), pipeline.name)

    async def check_sight(self, actor: Actor, scope: Scope) -> None:
        """Refuse somebody whose own account does not see what a channel is told of.

        Raises:
            NotYours: Buddy does not show it to them.
            BuddyError: it cannot be read.
        """
        try:
            if scope.pipeline is None:
                await actor.buddy.pipelines(scope.workspace, scope.project)
            else:
                ref = PipelineRef(scope.host, scope.workspace, scope.project, scope.pipeline)
                await self.reading.pipeline(actor, ref)
        except (BuddyForbids, NotFoundInBuddy, TokenRejected):
            raise NotYours from None

    async def _shown(self, actor: Actor, scope: Scope) -> str:
        """Name the project of a pipeline as people do; its id, where its list is not to be had."""
        name = ProjectName(scope.workspace, scope.project)
        try:
            return (await self.catalog.places.one(actor, name)).project.display_name
        except (BuddyError, UnknownName):
            return scope.project


def matches(topic: Topic, subscription: Subscription) -> bool:
    """Tell whether a subscription is what somebody named, by the names that are stored."""
    scope = subscription.scope
    if isinstance(topic, PipelineLink):
        return scope.pipeline == topic.pipeline
    if topic.workspace and topic.workspace.casefold() != scope.workspace.casefold():
        return False
    projects = {scope.project.casefold(), subscription.project_shown.casefold()}
    if topic.project.casefold() not in projects:
        return False
    if isinstance(topic, ProjectName):
        return scope.pipeline is None
    names = {subscription.pipeline_shown.casefold(), str(scope.pipeline)}
    return scope.pipeline is not None and topic.pipeline.casefold() in names
