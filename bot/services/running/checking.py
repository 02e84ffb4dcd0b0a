"""Before anything is sent: who asks, which pipeline, where the card goes, and what is missing."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

import structlog

from bot.clock import Clock
from bot.domain.catalog import Pipeline, PipelineRef, VariableField
from bot.domain.command import Assignment, Run
from bot.domain.person import Person
from bot.domain.run import Lack, PipelineOff, RunRequest, Wanted, effective, lacks, next_time
from bot.errors import (
    BuddyError,
    BuddyForbids,
    BuddyRefuses,
    LinkUnreadable,
    NoPlaceForCard,
    NotFoundInBuddy,
    PipelineSwitchedOff,
    SlackError,
    TokenRejected,
    ValuesForgotten,
)
from bot.services.finding.aliases import Aliases, exact
from bot.services.finding.reading import Reading
from bot.services.identity import Actor, Identities
from bot.slack.channels import Channels
from bot.slack.messenger import Messenger
from bot.slack.people import People
from bot.store import keys
from bot.store.runs import StoredRun
from bot.vault import Vault

log = structlog.get_logger()

VALUES_FOR = timedelta(minutes=10)
"""How long the values of variables are kept at most, sealed."""

_NOT_FOR_US = (BuddyForbids, BuddyRefuses, NotFoundInBuddy, TokenRejected)
"""Answers of a Buddy that does not show its variables to this person, or knows no such call."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A run that can be sent."""

    actor: Actor
    request: RunRequest
    pipeline: Pipeline
    inputs: tuple[VariableField, ...] = ()
    """What the pipeline asks for, as far as the person may see it."""


class Lacking(Exception):
    """Something is missing that the person can say; nothing was sent."""

    def __init__(self, wanted: Wanted, lacking: Sequence[Lack]) -> None:
        super().__init__("lacking")
        self.wanted = wanted
        """What was said, with its values, which are never stored or logged."""

        self.lacks = tuple(lacking)


@dataclass(frozen=True, slots=True)
class Checking:
    """Holds what somebody wants against the world as it is now."""

    people: People
    identities: Identities
    reading: Reading
    aliases: Aliases
    channels: Channels
    messenger: Messenger
    vault: Vault
    clock: Clock

    async def check(self, asked: StoredRun) -> Checked:
        """Find out what exactly is to be sent.

        Raises:
            BotError: it must not be sent, or cannot; says why.
            Lacking: something is missing.
        """
        await self.people.admit(asked.person)
        actor = await self.identities.actor(asked.person)
        wanted = self._with_values(asked)
        await self._check_place(asked)
        wanted = await self.without_alias(asked, wanted)
        named = await self._located(actor, wanted)
        at, pipeline = await self.reading.pipeline(actor, named)
        inputs = await self._inputs(actor, at)
        request = self._request(asked, wanted, at)
        found = lacks(request, pipeline, inputs, asked.taken_at)
        if found and isinstance(off := found[0], PipelineOff):
            name = pipeline.name or str(pipeline.id)
            raise PipelineSwitchedOff(name, off.reason, off.is_paused)
        if found:
            raise Lacking(wanted, found)
        request = replace(request, variables=effective(request, inputs))
        if request.delay_until is not None and request.delay_until <= self.clock.now():
            # Its moment came while it was checked.
            request = replace(request, delay_until=None)
        return Checked(actor, request, pipeline, inputs)

    async def with_default(self, person: Person, channel: str, typed: Run) -> Run:
        """Let what names no pipeline be about the channel's default one, if it has one."""
        default = await self.aliases.default(person, channel)
        if typed.pipeline is not None or default is None:
            return typed
        return replace(typed, pipeline=exact(default))

    async def without_alias(self, asked: StoredRun, wanted: Wanted) -> Wanted:
        """Put what a short name stands for in its place."""
        if isinstance(wanted, RunRequest) or wanted.pipeline is None:
            return wanted
        channel = asked.place.channel
        pipeline = await self.aliases.pipeline(asked.person, channel, wanted.pipeline)
        return replace(wanted, pipeline=pipeline)

    async def inputs(self, actor: Actor, at: PipelineRef) -> tuple[VariableField, ...]:
        """List the variables of a pipeline that are meant to be set for a run."""
        return await self._inputs(actor, at)

    def seal(self, wanted: Wanted, key: str) -> str:
        """Seal the values of variables for the row of a run; empty, if there are none."""
        values = [one.value for one in wanted.variables]
        return self.vault.seal(json.dumps(values), keys.values_owner(key)) if values else ""

    def _with_values(self, asked: StoredRun) -> Wanted:
        """Put the values back that stand sealed beside what is wanted.

        Raises:
            ValuesForgotten: they are gone, or their time is over.
        """
        wanted = asked.wanted
        if not wanted.variables:
            return wanted
        is_over = self.clock.now() - asked.taken_at >= VALUES_FOR
        if is_over or not asked.sealed_values:
            raise ValuesForgotten
        try:
            opened = self.vault.open(asked.sealed_values, keys.values_owner(asked.key))
        except LinkUnreadable:
            raise ValuesForgotten from None
        given = zip(wanted.variables, json.loads(opened), strict=True)
        filled = tuple(Assignment(one.key, value, one.is_encrypted) for one, value in given)
        return replace(wanted, variables=filled)

    async def _check_place(self, asked: StoredRun) -> None:
        """Refuse what would start without anybody here seeing it.

        Raises:
            NoPlaceForCard: Slack surely takes no card of ours there.
        """
        channel = asked.place.channel
        is_direct = channel.startswith("D")
        if is_direct:
            try:
                is_closed = await self.messenger.direct_channel(asked.person) != channel
            except SlackError as error:
                log.info("run.place_not_told", code=error.code)
                return
        else:
            is_closed = await self.channels.is_closed(channel)
        if is_closed:
            raise NoPlaceForCard(is_direct)

    async def _located(self, actor: Actor, wanted: Wanted) -> PipelineRef:
        if isinstance(wanted, RunRequest):
            return wanted.pipeline
        assert wanted.pipeline is not None  # noqa: S101 - asked for before
        return await self.reading.catalog.pipeline(actor, wanted.pipeline)

    async def _inputs(self, actor: Actor, at: PipelineRef) -> tuple[VariableField, ...]:
        """Read what a run may set; a token that may not see variables knows of none."""
        try:
            return await actor.buddy.inputs(at)
        except _NOT_FOR_US as hidden:
            log.info("run.inputs_hidden", code=hidden.code)
        except BuddyError as failure:
            log.info("run.inputs_not_read", code=failure.code)
            raise
        return ()

    def _request(self, asked: StoredRun, wanted: Wanted, at: PipelineRef) -> RunRequest:
        """Say it for one pipeline, and for the moment that a clock of the person's means."""
        if isinstance(wanted, RunRequest):
            return replace(wanted, pipeline=at)
        return request_of(wanted, at, asked.taken_at, self.people.zone_of(asked.person))


def request_of(typed: Run, at: PipelineRef, now: datetime, zone: tzinfo) -> RunRequest:
    """Turn what was typed into a request."""
    return RunRequest(
        pipeline=at,
        ref=typed.ref,
        revision=typed.revision,
        variables=typed.variables,
        comment=typed.comment,
        from_scratch=typed.from_scratch,
        clear_cache=typed.clear_cache,
        priority=typed.priority,
        delay_until=None if typed.at is None else next_time(typed.at, now, zone),
    )
