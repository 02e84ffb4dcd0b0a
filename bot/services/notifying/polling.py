"""Look at the lists of subscribed pipelines: often where Buddy does not tell, seldom where it does.

Without an address that Buddy can call, lists are all there is. With one they bring back what got
lost on the way. One list call serves a pipeline, however many channels are told of it. Which
pipelines there are is looked up once a minute; each has a job of its own, so replicas share them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zlib import crc32

import structlog

from bot.clock import Clock
from bot.database import Database, Transaction
from bot.domain.cadence import listing_pause
from bot.domain.catalog import PipelineRef
from bot.domain.command import Moment
from bot.domain.execution import Execution, Status
from bot.domain.subscription import Scope, Subscription, is_older, moments_of, wanted
from bot.errors import BotError, NotFoundInBuddy
from bot.jobs.queue import Clash, Job, Jobs, Outcome, Snooze
from bot.services.finding.reading import Reading
from bot.services.following.history import Histories
from bot.services.following.sharing import standing
from bot.services.following.sight import HeldBack
from bot.services.identity import Actor
from bot.services.notifying.hearing import Hearing, last_change
from bot.services.notifying.jobs import PATROL, POLL, notice_job, poll_job, polled
from bot.services.notifying.losses import Losses
from bot.services.notifying.readers import Readers, patience
from bot.store import announcements, listings, subscriptions
from bot.store.listings import Listing

log = structlog.get_logger()

SLOTS = 8
PER_PAGE = 50
MAX_PAGES = 5
"""Pages that are looked through after a while in which nobody looked."""

PATROL_EVERY = timedelta(minutes=1)
PROJECT_KEPT = timedelta(minutes=10)
"""How long it is believed which pipelines a project has."""

OUT_OF_SIGHT = timedelta(minutes=10)
"""When to look again at a list that nobody can read."""

SPREAD = 15
"""Seconds over which the first looks at pipelines are spread."""

_ENDLESS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Case:
    """What the rows say of a pipeline whose list is looked at."""

    subscriptions: Sequence[Subscription]
    before: Listing | None


@dataclass(slots=True)
class Polling:
    """Looks at lists."""

    database: Database
    readers: Readers
    reading: Reading
    hearing: Hearing
    histories: Histories
    losses: Losses
    jobs: Jobs
    clock: Clock
    _projects: dict[Scope, tuple[datetime, tuple[PipelineRef, ...]]] = field(default_factory=dict)

    def register(self) -> None:
        """Name who looks."""
        self.jobs.handle(PATROL, self.patrol, slots=1, attempts=_ENDLESS)
        self.jobs.handle(POLL, self.poll, slots=SLOTS, attempts=_ENDLESS)

    async def begin(self, transaction: Transaction) -> None:
        """See to it that the lists of all subscribed pipelines are looked at from now on."""
        await self.jobs.put(transaction, Job(PATROL, "all"), clash=Clash.POKE)

    async def resume(self) -> None:
        """See to it at a start, if any channel is told of anything."""
        async with self.database.transaction() as transaction:
            if await subscriptions.everything(transaction):
                await self.begin(transaction)

    async def patrol(self, _job: Job) -> Outcome:
        """See to it that each subscribed pipeline has its job; over once there is none."""
        async with self.database.snapshot(heavy=True) as transaction:
            several = await subscriptions.everything(transaction)
        scopes = {one.scope for one in several}
        self._projects = {scope: kept for scope, kept in self._projects.items() if scope in scopes}
        self.losses.keep(several)
        if not several:
            return None
        pipelines: dict[tuple[str, int], PipelineRef] = {}
        for one in several:
            for each in await self._pipelines(one):
                pipelines.setdefault((each.host, each.pipeline), each)
        async with self.database.transaction(heavy=True) as transaction:
            for _, each in sorted(pipelines.items()):
                apart = timedelta(seconds=crc32(f"{each.pipeline}".encode()) % SPREAD)
                await self.jobs.put(transaction, poll_job(each), after=apart)
        return Snooze(PATROL_EVERY)

    async def poll(self, job: Job) -> Outcome:
        """Look at a pipeline's list, and at each execution of it that moved on."""
        pipeline = polled(job)
        case = await self._case(pipeline)
        if not case.subscriptions:
            await self._forget(pipeline)
            return None
        pipeline = _located(pipeline, case.subscriptions)
        now = self.clock.now()
        try:
            actor, found = await self.readers.read(
                [one.owner for one in case.subscriptions],
                pipeline.pipeline,
                lambda actor: self._listed(actor, pipeline, case.before),
            )
        except (HeldBack, BotError) as failure:
            again = patience(failure, now)
            return Snooze(OUT_OF_SIGHT) if again is None else again
        self.histories.learn(found, is_list=True)
        listing = await self._compare(pipeline, case, found, now)
        return await self._next(actor, pipeline, case, found, listing)

    async def _case(self, pipeline: PipelineRef) -> _Case:
        async with self.database.snapshot() as transaction:
            several = await subscriptions.covering(transaction, pipeline)
            before = await listings.get(transaction, pipeline.host, pipeline.pipeline)
        return _Case(several, before)

    async def _forget(self, pipeline: PipelineRef) -> None:
        async with self.database.transaction() as transaction:
            await listings.forget(transaction, pipeline.host, pipeline.pipeline)

    async def _pipelines(self, one: Subscription) -> tuple[PipelineRef, ...]:
        """List the pipelines of a subscription; those of a project as its owner sees them."""
        scope = one.scope
        if scope.pipeline is not None:
            return (PipelineRef(scope.host, scope.workspace, scope.project, scope.pipeline),)
        kept = self._projects.get(scope)
        if kept is not None and self.clock.now() - kept[0] < PROJECT_KEPT:
            return kept[1]
        try:
            _, found = await self.readers.read(
                [one.owner],
                # No pipeline's number: a refusal is remembered for this project alone.
                -crc32(scope.topic.encode()) - 1,
                lambda actor: actor.buddy.pipelines(scope.workspace, scope.project),
            )
        except (HeldBack, BotError) as failure:
            log.info("patrol.project_not_read", code=getattr(failure, "code", "held_back"))
            if isinstance(failure, NotFoundInBuddy):
                await self.losses.missed(one)
            return kept[1] if kept is not None else ()
        listed = tuple(
            PipelineRef(scope.host, scope.workspace, scope.project, each.id) for each in found
        )
        self._projects[scope] = (self.clock.now(), listed)
        await self.losses.found(one)
        return listed

    async def _listed(
        self, actor: Actor, pipeline: PipelineRef, before: Listing | None
    ) -> tuple[Execution, ...]:
        """Read as many pages as it takes to meet what was seen the last time."""
        found: list[Execution] = []
        for number in range(1, MAX_PAGES + 1):
            pipeline, page = await self.reading.executions(
                actor, pipeline, page=number, per_page=PER_PAGE
            )
            found += page.executions
            numbers = {each.ref.execution for each in page.executions}
            is_last = page.total_pages is not None and number >= page.total_pages
            if before is None or is_last or not numbers or numbers & set(before.standings):
                break
        return tuple(found)

    async def _compare(
        self,
        pipeline: PipelineRef,
        case: _Case,
        found: Sequence[Execution],
        now: datetime,
    ) -> Listing:
        """Have everything looked at that moved on, and remember how it stands."""
        before = case.before.standings if case.before is not None else {}
        moved = [
            each
            for each in found
            if before.get(each.ref.execution) != standing(each)
            and not all(is_older(one, each) for one in case.subscriptions)
        ]
        changed_at = now if moved or case.before is None else case.before.changed_at
        standings = {each.ref.execution: standing(each) for each in found}
        listing = Listing(standings, changed_at, now)
        async with self.database.snapshot() as transaction:
            moved = [each for each in moved if not await _is_told(transaction, case, each)]
        async with self.database.transaction() as transaction:
            for each in sorted(moved, key=lambda one: one.ref.execution):
                job = notice_job(PipelineRef.of(each.ref), str(each.ref.execution))
                await self.jobs.put(transaction, job, clash=Clash.POKE)
            await listings.keep(transaction, pipeline.host, pipeline.pipeline, listing)
        return listing

    async def _next(
        self,
        actor: Actor,
        pipeline: PipelineRef,
        case: _Case,
        found: Sequence[Execution],
        listing: Listing,
    ) -> Outcome:
        """Tell when to look next, within the calls of the account that reads."""
        now = self.clock.now()
        changes = [at for each in found if (at := last_change(each)) is not None]
        latest = max(changes, default=None)
        is_told = await self.hearing.tells(case.subscriptions[0].team, pipeline, latest)
        is_open = any(not each.status.is_final for each in found)
        quiet_for = now - listing.changed_at
        pause = listing_pause(quiet_for, is_told=is_told, is_open=is_open)
        ledger, sharers = actor.buddy.ledger, self.hearing.sharing.processes()
        return Snooze(max(pause, ledger.reserve(now, now + pause, sharers=sharers) - now))


async def _is_told(transaction: Transaction, case: _Case, execution: Execution) -> bool:
    """Tell whether nobody need look at an execution: all who want to know of it were told."""
    announced = await announcements.of_execution(transaction, execution.ref.identity)
    told = {
        (one.team, one.channel): one.moments
        for one in announced
        if not one.is_left(case.subscriptions)
    }
    holds = moments_of(execution)
    for one in case.subscriptions:
        if one.wish.by_user or Moment.FIXED in one.wish.moments:
            return False
        known = told.get((one.team, one.channel))
        if _may_mend(execution, one, known or ()):
            return False
        due = wanted(one, execution, holds, None) if execution.status.is_final else ()
        is_done = execution.status.is_final if known is None else True
        if not is_done or not set(due) <= set(known or ()):
            return False
    return True


def _may_mend(execution: Execution, one: Subscription, told: Sequence[Moment]) -> bool:
    """Tell whether a success that the channel is not told of may end what failed again there."""
    is_success = execution.status is Status.SUCCESSFUL and Moment.SUCCEEDED not in told
    return is_success and Moment.FAILED in one.wish.moments


def _located(pipeline: PipelineRef, several: Sequence[Subscription]) -> PipelineRef:
    """Say where a pipeline lives, by what its own subscriptions learnt since."""
    for one in several:
        if one.scope.pipeline == pipeline.pipeline:
            return replace(pipeline, workspace=one.scope.workspace, project=one.scope.project)
    return pipeline
