"""Read executions for somebody, wherever their pipeline lives today.

A path in Buddy holds the project's name, and names change. So what Buddy does not find where it was
is looked for by its pipeline's number, and what is stored learns the new names.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import structlog

from bot.buddy.readers import ExecutionPage
from bot.clock import Clock
from bot.database import Database, StorageUnavailable
from bot.domain.catalog import Pipeline, PipelineRef
from bot.domain.execution import Execution, ExecutionRef
from bot.domain.reference import ExecutionName, PipelineName
from bot.errors import NotFoundInBuddy, NothingRunYet, NumberUnknown
from bot.services.finding.catalog import Catalog
from bot.services.identity import Actor
from bot.store import names

log = structlog.get_logger()

MAX_PAGES = 10
"""Pages that are looked through for the hash of a link."""

PER_PAGE = 100
TOLERANCE = timedelta(minutes=5)
"""How far a hash's moment may be from the start of its execution, besides later retries."""

_FUTURE = timedelta(days=1)
_EVER = datetime(2000, 1, 1, tzinfo=UTC)
_MAX_KEPT = 10_000

T = TypeVar("T")


@dataclass(slots=True)
class Reading:
    """Reads executions with the person's own token."""

    database: Database
    catalog: Catalog
    clock: Clock
    _numbers: dict[tuple[str, int, str], int] = field(default_factory=dict)

    async def find(self, actor: Actor, name: ExecutionName) -> Execution:
        """Read the execution that somebody named; the latest, where no number says which.

        Raises:
            InputError: nothing fits the name, or several do, or the link is not ours.
            BuddyError: it cannot be read.
        """
        pipeline = await self.catalog.pipeline(actor, name.pipeline)
        if name.number is not None:
            return await self.execution(actor, pipeline.execution(name.number))
        if name.hash:
            number = await self._number_of(actor, pipeline, name.hash)
            return await self.execution(actor, pipeline.execution(number))
        return await self._wherever(actor, pipeline, lambda at: self._latest(actor, at))

    async def execution(self, actor: Actor, ref: ExecutionRef) -> Execution:
        """Read one execution; its ``ref`` tells where it lives now."""
        return await self._wherever(
            actor,
            PipelineRef.of(ref),
            lambda at: actor.buddy.execution(at.execution(ref.execution)),
        )

    async def pipeline(self, actor: Actor, ref: PipelineRef) -> tuple[PipelineRef, Pipeline]:
        """Look at a pipeline; and where it lives now."""

        async def read(at: PipelineRef) -> tuple[PipelineRef, Pipeline]:
            return at, await actor.buddy.pipeline(at.workspace, at.project, at.pipeline)

        return await self._wherever(actor, ref, read)

    async def executions(
        self, actor: Actor, ref: PipelineRef, *, page: int = 1, per_page: int = PER_PAGE
    ) -> tuple[PipelineRef, ExecutionPage]:
        """Read a page of a pipeline's list, newest first; and where it lives now."""

        async def read(at: PipelineRef) -> tuple[PipelineRef, ExecutionPage]:
            where = at.workspace, at.project, at.pipeline
            return at, await actor.buddy.executions(*where, page=page, per_page=per_page)

        return await self._wherever(actor, ref, read)

    async def marked(
        self, actor: Actor, pipeline: PipelineRef, mark: str, since: datetime
    ) -> Execution | None:
        """Find the run that this person started with a mark, not before a moment; None if none.

        Raises:
            BuddyError: the pipeline's executions cannot be read.
        """
        return await self._wherever(
            actor, pipeline, lambda at: self._marked(actor, at, mark, since - TOLERANCE)
        )

    async def _wherever(
        self, actor: Actor, pipeline: PipelineRef, read: Callable[[PipelineRef], Awaitable[T]]
    ) -> T:
        """Read where the pipeline was; if Buddy does not find it there, where it is now."""
        try:
            return await read(pipeline)
        except NotFoundInBuddy:
            moved = await self.catalog.relocate(actor, pipeline)
            if moved is None:
                raise
        told = await read(moved)
        try:
            async with self.database.transaction(heavy=True) as transaction:
                await names.move(transaction, moved)
        except StorageUnavailable:
            # The next one who reads it finds it anew.
            log.warning("pipeline.move_not_stored")
        log.info("pipeline.moved", pipeline=moved.pipeline)
        return told

    @staticmethod
    async def _latest(actor: Actor, at: PipelineRef) -> Execution:
        page = await actor.buddy.executions(at.workspace, at.project, at.pipeline)
        if not page.executions:
            raise NothingRunYet(_written(at))
        number = max(execution.ref.execution for execution in page.executions)
        return await actor.buddy.execution(at.execution(number))

    async def _marked(
        self, actor: Actor, at: PipelineRef, mark: str, oldest: datetime
    ) -> Execution | None:
        for number in range(1, MAX_PAGES + 1):
            page = await actor.buddy.executions(
                at.workspace, at.project, at.pipeline, page=number, per_page=PER_PAGE
            )
            for one in page.executions:
                # A comment can be copied; who started it cannot.
                is_ours = one.creator is None or one.creator.id in {None, actor.link.buddy.id}
                if one.mark == mark and is_ours:
                    return one
            starts = [one.started_at for one in page.executions if one.started_at is not None]
            if not page.executions or min(starts, default=oldest) < oldest:
                return None
            if page.total_pages is not None and number >= page.total_pages:
                return None
        log.info("mark.given_up", pipeline=at.pipeline, pages=MAX_PAGES)
        return None

    async def _number_of(self, actor: Actor, pipeline: PipelineRef, found: str) -> int:
        """Find the number of the execution that a link names by its hash."""
        key = (pipeline.host, pipeline.pipeline, found)
        if key not in self._numbers:
            async with self.database.snapshot() as transaction:
                known = await names.number_of(transaction, pipeline, found)
            if known is not None:
                self._keep(key, known)
            else:
                await self._wherever(actor, pipeline, lambda at: self._page(actor, at, found))
        if key not in self._numbers:
            raise NumberUnknown(_written(pipeline))
        return self._numbers[key]

    async def _page(self, actor: Actor, at: PipelineRef, found: str) -> None:
        """Learn the hashes of executions, newest first, until this one is among them or must be.

        Its first digits are the second it was made in, and nothing starts before it is made: once
        an execution started clearly before that, all further ones were made before it too.
        """
        key = (at.host, at.pipeline, found)
        oldest = self._made(found) - TOLERANCE
        for number in range(1, MAX_PAGES + 1):
            page = await actor.buddy.executions(
                at.workspace, at.project, at.pipeline, page=number, per_page=PER_PAGE
            )
            self._learn(page)
            starts = [one.started_at for one in page.executions if one.started_at is not None]
            if key in self._numbers or not page.executions or min(starts, default=oldest) < oldest:
                return
            if page.total_pages is not None and number >= page.total_pages:
                return
        log.info("hash.given_up", pipeline=at.pipeline, pages=MAX_PAGES)

    def _made(self, found: str) -> datetime:
        """Tell when an execution was made; one of the future is no moment, and stops nothing."""
        made = datetime.fromtimestamp(int(found[:8], 16), UTC)
        return made if made <= self.clock.now() + _FUTURE else _EVER

    def _learn(self, page: ExecutionPage) -> None:
        for execution in page.executions:
            host, pipeline, number = execution.ref.identity
            if execution.hash:
                self._keep((host, pipeline, execution.hash), number)

    def _keep(self, key: tuple[str, int, str], number: int) -> None:
        while len(self._numbers) >= _MAX_KEPT:
            del self._numbers[next(iter(self._numbers))]
        self._numbers[key] = number


def _written(at: PipelineRef) -> str:
    return str(PipelineName(at.workspace, at.project, str(at.pipeline)))
