"""Short names: what stands for a pipeline in a channel, and which one is meant where none is named.

    of the channel     before    of the team
    alias "default"    before    the only pipeline that the channel is told of

A name leads to host and number, so that it still holds when the pipeline was renamed; whether the
person may see the pipeline, Buddy says.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from bot.database import Database
from bot.domain.alias import Alias
from bot.domain.catalog import PipelineRef
from bot.domain.command import Executions, Finding, pipeline_of, with_pipeline
from bot.domain.person import Person
from bot.domain.reference import DEFAULT, AnyPipeline, PipelineLink, PipelineName
from bot.domain.subscription import Subscription
from bot.errors import NoDefault, UnknownAlias
from bot.store import aliases, subscriptions


@dataclass(frozen=True, slots=True)
class Aliases:
    """Knows what short names stand for."""

    database: Database
    host: str
    """The Buddy whose pipelines can be meant."""

    async def pipeline(self, person: Person, channel: str, name: AnyPipeline) -> AnyPipeline:
        """Put what a short name stands for in its place; any other name stays as it is.

        Raises:
            NoDefault, UnknownAlias: the name stands for nothing here.
        """
        if not isinstance(name, PipelineName) or not name.is_alias:
            return name
        if name.pipeline.casefold() == DEFAULT:
            if (meant := await self.default(person, channel)) is None:
                raise NoDefault
            return exact(meant)
        if (found := await self._found(person, channel, name.pipeline)) is not None:
            return exact(found)
        raise UnknownAlias(name.pipeline, await self._nearest(person, channel, name.pipeline))

    async def named(self, person: Person, channel: str, name: str) -> PipelineLink | None:
        """Tell which pipeline a word is the short name of here; None if it is none."""
        found = await self._found(person, channel, name)
        return None if found is None else exact(found)

    async def default(self, person: Person, channel: str) -> Alias | None:
        """Tell which pipeline is meant in a channel where none is named."""
        named = await self._found(person, channel, DEFAULT)
        if named is not None and not named.is_team_wide:
            return named
        async with self.database.snapshot() as transaction:
            told = await subscriptions.of_channel(transaction, person.team, channel)
        return _only(told, self.host) or named

    async def listed(self, person: Person, channel: str) -> list[Alias]:
        """List the short names that hold in a channel, its own first."""
        async with self.database.snapshot() as transaction:
            return await aliases.listed(transaction, person.team, channel)

    async def applied(
        self, person: Person, channel: str, command: Finding
    ) -> tuple[Finding, Alias | None]:
        """Put pipelines in the place of short names; and which default was used, if one was.

        Raises:
            NoDefault, UnknownAlias: a name stands for nothing here.
        """
        named = pipeline_of(command)
        if named is None:
            used = await self.default(person, channel) if _wants_default(command) else None
            return (with_pipeline(command, exact(used)), used) if used else (command, None)
        pipeline = await self.pipeline(person, channel, named)
        if pipeline == named:
            return command, None
        used = await self.default(person, channel) if str(named) == DEFAULT else None
        return with_pipeline(command, pipeline), used

    async def _found(self, person: Person, channel: str, name: str) -> Alias | None:
        async with self.database.snapshot() as transaction:
            found = await aliases.find(transaction, person.team, channel, name)
        return found if found is not None and found.pipeline.host == self.host else None

    async def _nearest(self, person: Person, channel: str, name: str) -> str:
        names = [one.name for one in await self.listed(person, channel)]
        return next(iter(difflib.get_close_matches(name.casefold(), names, n=1)), "")


def exact(alias: Alias) -> PipelineLink:
    """Name the pipeline of an alias so that it is found by its number."""
    at = alias.pipeline
    return PipelineLink(at.host, at.workspace, at.project, at.pipeline)


def _only(told: Sequence[Subscription], host: str) -> Alias | None:
    """Tell which pipeline a channel is told of, if it is told of one and of nothing else."""
    if len(told) != 1 or told[0].scope.pipeline is None or told[0].scope.host != host:
        return None
    one, scope = told[0], told[0].scope
    at = PipelineRef(scope.host, scope.workspace, scope.project, told[0].scope.pipeline)
    return Alias(one.channel, DEFAULT, at, one.pipeline_shown, one.owner, one.created_at)


def _wants_default(command: Finding) -> bool:
    return isinstance(command, Executions)
