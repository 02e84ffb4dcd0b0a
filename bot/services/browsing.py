"""Answer what people ask privately: lists, the state in one glance, the end of a log.

Also what a command that was not exact needs before it can be carried out: a choice among several
things of that name, and a look at the latest execution before it is operated on. Everything is read
with the person's own token, and nothing is sent to Buddy.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

import structlog

from bot.cards.aliases import default_note
from bot.cards.answers import note_card, with_note
from bot.cards.card import Card
from bot.cards.confirm import confirm_card
from bot.cards.execution import state_of, title_of
from bot.cards.lists import (
    choice_card,
    status_card,
)
from bot.cards.log import log_card, no_log_card
from bot.cards.text import link
from bot.database import Database
from bot.domain import rules
from bot.domain.actions import meant
from bot.domain.alias import Alias
from bot.domain.click import Place
from bot.domain.command import (
    Executions,
    Finding,
    Inbox,
    Logs,
    Operate,
    Pipelines,
    Projects,
    Show,
    ShowStatus,
    Why,
)
from bot.domain.execution import Execution, ExecutionRef
from bot.domain.logtext import tidy
from bot.domain.person import Person
from bot.domain.reference import ExecutionName, PipelineLink
from bot.domain.values import typed
from bot.errors import (
    AmbiguousName,
    BuddyError,
    BuddyForbids,
    BuddyRateLimited,
    BuddyUnavailable,
    ForeignHost,
    NotFoundInBuddy,
    NothingRunYet,
)
from bot.services.explaining import Explaining
from bot.services.finding.aliases import Aliases, exact
from bot.services.finding.lists import Lists, Part
from bot.services.finding.reading import Reading
from bot.services.following import executions
from bot.services.identity import Actor, Identities
from bot.services.inbox import Inboxes
from bot.services.operating.drafts import Drafts
from bot.slack.messenger import Messenger
from bot.slack.people import People
from bot.store import cards, names

log = structlog.get_logger()

TAIL = 20
"""Lines of a log that are shown."""

MAX_STATUS = 10
"""Executions whose state is told at once: each is read, and each is a paragraph."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that somebody asked, by typing it or by pressing a button of an answer."""

    person: Person
    place: Place
    command: Finding
    answer_url: str = field(repr=False)
    page: int = 1
    in_place: bool = False
    """Whether the answer takes the place of the private message whose button was pressed."""


@dataclass(frozen=True, slots=True)
class Browsing:
    """Answers questions, each to the one who asked."""

    database: Database
    people: People
    identities: Identities
    lists: Lists
    reading: Reading
    shower: executions.Executions
    explaining: Explaining
    aliases: Aliases
    inbox: Inboxes
    messenger: Messenger
    drafts: Drafts
    installation: str
    command: str

    async def answer(self, asked: Question) -> None:
        """Answer privately; several things of one name are offered as buttons.

        Raises:
            PersonRefused, LinkError: the person may not, or is not linked.
            InputError, OperationError, BuddyError: what is asked for is not there, or not possible.
        """
        await self.people.admit(asked.person)
        actor = await self.identities.actor(asked.person)
        command, default = await self.aliases.applied(
            asked.person, asked.place.channel, asked.command
        )
        asked = replace(asked, command=command)
        try:
            card = await self._card(actor, asked)
        except AmbiguousName as ambiguous:
            command = asked.command.bare if isinstance(asked.command, Operate) else asked.command
            card = choice_card(command, ambiguous, asked.person.user)
        if card is None:
            return
        if default is not None:
            card = with_note(card, default_note(default, self.command))
        if asked.in_place:
            await self.put(asked.person, asked.place, card, asked.answer_url)
        else:
            await self.messenger.tell(asked.person, asked.place, card, asked.answer_url)

    async def bring(self, person: Person, place: Place, ref: ExecutionRef, answer_url: str) -> None:
        """Put an execution's card into the channel; where it has one, tell privately where it is.

        Raises:
            BotError: the person may not, is not linked, or it cannot be read or shown.
        """
        await self.people.admit(person)
        actor = await self.identities.actor(person)
        if ref.host != self.identities.buddy.host:
            raise ForeignHost
        async with self.database.snapshot() as transaction:
            known = await cards.cards_of(transaction, ref.identity)
        here = [one for one in known if one.channel == place.channel]
        if not here:
            exact = PipelineLink(ref.host, ref.workspace, ref.project, ref.pipeline)
            name = ExecutionName(exact, ref.execution)
            await self.shower.show(person, actor, name, place.channel)
            return
        page = await self.messenger.permalink(place.channel, here[-1].message_ts)
        it = link(page, f"The card of #{ref.execution}")
        told = note_card(f":point_right: {it} is in this channel already.")
        await self.messenger.tell(person, place, told, answer_url)

    async def put(self, person: Person, place: Place, card: Card, answer_url: str) -> None:
        """Put a card in the place of the private message whose button was pressed."""
        await self.messenger.replace(person, place, card, answer_url)

    async def _card(self, actor: Actor, asked: Question) -> Card | None:
        match asked.command:
            case Projects() | Pipelines() | Executions():
                part = Part(asked.command, asked.person.user, asked.page)
                return await self.lists.card(actor, part)
            case Show():
                return await self._show(actor, asked, asked.command)
            case ShowStatus():
                return await self._status(actor, asked, asked.command)
            case Logs():
                return await self._logs(actor, asked.command)
            case Inbox() | Why():
                return await self._about_oneself(actor, asked, asked.command)
            case Operate():
                return await self._confirm(actor, asked.person, asked.command)
        assert_never(asked.command)

    async def _about_oneself(self, actor: Actor, asked: Question, command: Inbox | Why) -> Card:
        if isinstance(command, Inbox):
            return await self.inbox.card(actor, asked.page)
        execution = await self.reading.find(actor, command.execution)
        return await self.explaining.card(actor, execution)

    async def _show(self, actor: Actor, asked: Question, command: Show) -> Card | None:
        """Put the card into the channel; only who chose it among several is told so."""
        execution = await self.shower.show(
            asked.person, actor, command.execution, asked.place.channel
        )
        if not asked.in_place:
            return None
        return note_card(f":white_check_mark: {title_of(execution)} is in this channel now.")

    async def _status(self, actor: Actor, asked: Question, command: ShowStatus) -> Card:
        if command.execution is not None:
            return status_card([await self.reading.find(actor, command.execution)], 0)
        host = self.identities.buddy.host
        async with self.database.snapshot(heavy=True) as transaction:
            found = await names.open_in(transaction, asked.person.team, asked.place.channel, host)
        default = await self.aliases.default(asked.person, asked.place.channel)
        shown = await self._readable(actor, found[:MAX_STATUS])
        if default is not None:
            shown = await self._with_latest(actor, default, shown)
        if shown:
            return status_card(shown, len(found) - len(found[:MAX_STATUS]))
        return note_card(
            "Nothing that has a card in this channel is open, as far as your Buddy account sees. "
            "Name a pipeline or an execution to see how it stands."
        )

    async def _with_latest(
        self, actor: Actor, default: Alias, shown: list[Execution]
    ) -> list[Execution]:
        """Begin with the latest execution of the channel's default pipeline, if it can be read."""
        try:
            latest = await self.reading.find(actor, ExecutionName(exact(default)))
        except (NothingRunYet, NotFoundInBuddy, BuddyForbids):
            return shown
        return [latest, *(one for one in shown if one.ref.identity != latest.ref.identity)]

    async def _readable(self, actor: Actor, refs: Sequence[ExecutionRef]) -> list[Execution]:
        """Read what the person may see; the rest is none of their business."""
        found = []
        for ref in refs:
            try:
                found.append(await self.reading.execution(actor, ref))
            except (BuddyUnavailable, BuddyRateLimited):
                raise
            except BuddyError as hidden:
                log.info("status.left_out", code=hidden.code)
        return found

    async def _logs(self, actor: Actor, command: Logs) -> Card:
        execution = await self.reading.find(actor, command.execution)
        action = meant(execution, command.action)
        if action is None or not action.id:
            return no_log_card(execution, action)
        lines = await actor.buddy.action_log(execution.ref, action.id, tail=TAIL)
        return log_card(execution, action, tidy(lines))

    async def _confirm(self, actor: Actor, person: Person, command: Operate) -> Card:
        """Show what a command without a number would mean; nothing is sent."""
        execution = await self.reading.find(actor, command.execution)
        async with self.database.snapshot() as transaction:
            retries = await cards.retries_of(transaction, execution.ref)
        options = [
            (operation, replace(binding, installation=self.installation))
            for operation, binding in rules.options(
                command.meant, execution, retries, state_of(execution)
            )
        ]
        if command.variables:
            entries = typed(command.variables)
            self.drafts.keep(person, execution.ref, execution.gates, entries)
        return confirm_card(execution, options, command.reason, person.user)
