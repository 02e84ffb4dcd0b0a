"""Look at what a pipeline wants to be told before it runs, and keep it while a form may be open.

What is kept only helps people at once; whether a run may be sent is decided by what Buddy says
then.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.domain.catalog import Pipeline, PipelineRef, VariableField
from bot.errors import BuddyForbids, BuddyRefuses, NotFoundInBuddy, TokenRejected
from bot.services.finding.listing import Listing
from bot.services.finding.reading import Reading
from bot.services.finding.shelves import Kind
from bot.services.identity import Actor

log = structlog.get_logger()

KEPT = timedelta(minutes=30)
"""How long it is kept that a pipeline was looked at for somebody."""

MAX_KEPT = 1_000
_HIDDEN = (BuddyForbids, BuddyRefuses, NotFoundInBuddy, TokenRejected)
"""Answers of a Buddy that does not show its variables to this person, or knows no such call."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a pipeline wants, as one person sees it."""

    at: PipelineRef
    """Where it lives now."""

    pipeline: Pipeline
    inputs: tuple[VariableField, ...]
    project: str
    """What people call its project, as far as that is known."""

    hides_inputs: bool = False
    """Whether the person's token may not see which variables there are."""

    @property
    def name(self) -> str:
        """Name it as people know it; foreign text."""
        return f"{self.project} / {self.pipeline.name or self.pipeline.id}"


@dataclass(slots=True)
class Looking:
    """Looks at pipelines with the person's own token."""

    reading: Reading
    listing: Listing
    clock: Clock
    _kept: OrderedDict[tuple[int, int, int], tuple[datetime, Looked]] = field(
        default_factory=OrderedDict
    )

    async def look(self, actor: Actor, at: PipelineRef) -> Looked:
        """Read what a pipeline wants, wherever it lives now.

        Raises:
            BuddyError: it cannot be read.
        """
        # Side by side: somebody waits, and a pipeline that moved is rare.
        read, listed = await asyncio.gather(
            self.reading.pipeline(actor, at), self._inputs(actor, at), return_exceptions=True
        )
        if isinstance(read, BaseException):
            raise read
        now, pipeline = read
        if now != at:
            listed = await self._inputs(actor, now)
        if isinstance(listed, BaseException):
            raise listed
        looked = Looked(
            now,
            pipeline,
            listed or (),
            self._project(actor, now),
            hides_inputs=listed is None,
        )
        self._keep(actor, looked)
        return looked

    def known(self, actor: Actor, at: PipelineRef | None) -> Looked | None:
        """Tell what was seen of a pipeline when the form was opened, if it was here."""
        if at is None:
            return None
        kept = self._kept.get(_key(actor, at))
        if kept is None or self.clock.now() - kept[0] > KEPT:
            return None
        return kept[1]

    async def _inputs(self, actor: Actor, at: PipelineRef) -> tuple[VariableField, ...] | None:
        """List what can be set; None where the person's token may not see it."""
        try:
            return await actor.buddy.inputs(at)
        except _HIDDEN as hidden:
            log.info("run.inputs_hidden", code=hidden.code)
            return None

    def _project(self, actor: Actor, at: PipelineRef) -> str:
        known = self.listing.known(actor, Kind.PROJECTS, at.workspace)
        found = (one for one in known.things if one.name == at.project) if known else ()
        return next((one.display_name for one in found), at.project)

    def _keep(self, actor: Actor, looked: Looked) -> None:
        key = _key(actor, looked.at)
        self._kept.pop(key, None)
        while len(self._kept) >= MAX_KEPT:
            self._kept.popitem(last=False)
        self._kept[key] = (self.clock.now(), looked)


def _key(actor: Actor, at: PipelineRef) -> tuple[int, int, int]:
    return actor.link.id, actor.link.generation, at.pipeline
