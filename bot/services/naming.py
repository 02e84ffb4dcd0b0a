"""Give pipelines short names, take them back, list them.

A name is stored before anybody is told. One for a channel is told in that channel, where it changes
what everybody's commands mean; one for the whole team is told to the one who gave it.
"""

from dataclasses import dataclass, field

import structlog

from bot.cards.aliases import aliases_card, given_card, taken_back_card
from bot.cards.answers import note_card
from bot.cards.card import Card
from bot.cards.text import code, escape
from bot.clock import Clock
from bot.database import Database
from bot.domain import alias as names
from bot.domain.click import Place
from bot.domain.command import Alias as AliasCommand
from bot.domain.person import Person
from bot.domain.reference import AnyPipeline, ProjectName
from bot.errors import (
    AliasOfTeam,
    AmbiguousName,
    BuddyError,
    SlackError,
    TooManyAliases,
    UnknownAlias,
    UnknownName,
)
from bot.services.finding.aliases import Aliases
from bot.services.finding.reading import Reading
from bot.services.identity import Actor, Identities
from bot.slack.messenger import Messenger
from bot.slack.people import People
from bot.store import aliases

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class NameQuestion:
    """Something about names that somebody typed."""

    person: Person
    place: Place
    command: AliasCommand
    answer_url: str = field(repr=False)

    @property
    def channel(self) -> str:
        """Where the name holds; empty for the whole team."""
        return names.TEAM_WIDE if self.command.for_team else self.place.channel


@dataclass(frozen=True, slots=True)
class Naming:
    """Keeps the short names of pipelines."""

    database: Database
    people: People
    identities: Identities
    reading: Reading
    aliases: Aliases
    messenger: Messenger
    clock: Clock
    command: str

    async def answer(self, asked: NameQuestion) -> None:
        """List the names, give one, or take one back.

        Raises:
            PersonRefused, LinkError: only linked people of our team name things.
            InputError, BuddyError: the pipeline is not found, or not exact.
        """
        await self.people.admit(asked.person)
        actor = await self.identities.actor(asked.person)
        command = asked.command
        if not command.name:
            await self._list(asked)
        elif command.pipeline is None:
            await self._take(asked)
        else:
            await self._give(actor, asked, command.pipeline)

    async def _list(self, asked: NameQuestion) -> None:
        async with self.database.snapshot() as transaction:
            known = await aliases.listed(transaction, asked.person.team, asked.place.channel)
        await self._tell(asked, aliases_card(known, self.command))

    async def _give(self, actor: Actor, asked: NameQuestion, named: AnyPipeline) -> None:
        person, name = asked.person, asked.command.name
        exact = await self.aliases.pipeline(person, asked.place.channel, named)
        found = await self.reading.catalog.pipeline(actor, exact)
        at, pipeline = await self.reading.pipeline(actor, found)
        given = names.Alias(asked.channel, name, at, pipeline.name, person, self.clock.now())
        async with self.database.transaction() as transaction:
            before = await aliases.own(transaction, person.team, asked.channel, name)
            if before is None:
                held = await aliases.count(transaction, person.team, asked.channel)
                if held >= names.MOST:
                    raise TooManyAliases
            await aliases.put(transaction, given)
        log.info("alias.given", pipeline=at.pipeline, for_team=given.is_team_wide)
        notes = await self._collisions(actor, asked)
        if before is not None and before.pipeline.pipeline != at.pipeline:
            notes.append(f"It meant *{escape(before.pipeline_name, 80)}* before.")
        await self._announce(asked, given_card(given, notes))

    async def _take(self, asked: NameQuestion) -> None:
        person, name = asked.person, asked.command.name
        async with self.database.transaction() as transaction:
            before = await aliases.own(transaction, person.team, asked.channel, name)
            if before is not None:
                await aliases.take(transaction, person.team, asked.channel, name)
        if before is None:
            if not asked.command.for_team and await self._is_of_team(asked):
                raise AliasOfTeam(name)
            raise UnknownAlias(name)
        log.info("alias.taken_back", for_team=before.is_team_wide)
        await self._announce(asked, taken_back_card(before, person.mention))

    async def _is_of_team(self, asked: NameQuestion) -> bool:
        async with self.database.snapshot() as transaction:
            found = await aliases.own(
                transaction, asked.person.team, names.TEAM_WIDE, asked.command.name
            )
        return found is not None

    async def _collisions(self, actor: Actor, asked: NameQuestion) -> list[str]:
        """Say once that a name goes before a project that begins like it."""
        name = asked.command.name
        try:
            places = await self.reading.catalog.places.fitting(actor, ProjectName("", name))
        except (UnknownName, AmbiguousName, BuddyError):
            return []
        project = escape(places[0].project.display_name, 60)
        alone = f"alone, {code(name, 60)} means the pipeline."
        return [f"There is also the project *{project}*: {alone}"]

    async def _announce(self, asked: NameQuestion, card: Card) -> None:
        """Tell those whom it concerns; where the bot cannot post, the one who did it."""
        if asked.command.for_team:
            await self._tell(asked, card)
            return
        try:
            await self.messenger.post(asked.place.channel, card.text, card.blocks)
        except SlackError as untold:
            log.info("alias.not_announced", code=untold.code)
            alone = "I cannot post here, so nobody else was told. Invite me, if they should be."
            await self._tell(asked, note_card(f"{card.text}\n{alone}"))

    async def _tell(self, asked: NameQuestion, card: Card) -> None:
        await self.messenger.tell(asked.person, asked.place, card, asked.answer_url)
