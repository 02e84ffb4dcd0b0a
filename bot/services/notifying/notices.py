"""Look at an execution that something was told of, and have those channels told that want to know.

Everything that is told of an execution, by a webhook, by a step, by its pipeline's list or by the
job that keeps its cards true, comes to one job. It reads the execution, so in which order and how
often things were told does not matter: what counts is how it stands. Each channel is told once;
from then on its card is kept true by following. While a channel may have to be told of it later,
it is looked at again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.database import Database, Transaction
from bot.domain.catalog import PipelineRef
from bot.domain.event import Event
from bot.domain.execution import Execution, ExecutionRef
from bot.domain.person import Person
from bot.domain.reference import ExecutionName, PipelineLink
from bot.domain.subscription import Subscription
from bot.errors import BotError, BuddyRateLimited
from bot.jobs.queue import Clash, Job, Jobs, Outcome, Snooze
from bot.services.finding.reading import Reading
from bot.services.following.sight import HeldBack
from bot.services.following.tracker import Tracker
from bot.services.notifying.audience import Audience, Due
from bot.services.notifying.glimpses import Glimpses
from bot.services.notifying.hearing import Hearing
from bot.services.notifying.jobs import NOTICE, notice_job, noticed, notify_job
from bot.services.notifying.noise import Noise
from bot.services.notifying.readers import Readers, patience
from bot.services.notifying.renames import Renamed, learn, renamed
from bot.store import announcements, cards, deliveries, follows, subscriptions
from bot.store.announcements import Announcement
from bot.store.cards import Follow
from bot.store.deliveries import Delivery

log = structlog.get_logger()

SLOTS = 32
ATTEMPTS = 60
"""Tries until it is given up: hours, in which the database should have answered once."""

APART = timedelta(seconds=1)
"""How soon an execution is read again, however much is told of it."""

_MANY = 1_000


@dataclass(frozen=True, slots=True)
class _Case:
    """What the rows say of an execution that something was told of."""

    told: Sequence[Delivery]
    subscriptions: Sequence[Subscription]
    announced: Mapping[tuple[str, str], Announcement]
    """By team and channel."""

    follow: Follow | None
    acted: Sequence[Person]

    @property
    def readers(self) -> list[Person]:
        """Whose accounts read, in order."""
        return [*(one.owner for one in self.subscriptions), *self.acted]

    def is_told(self, place: tuple[str, str]) -> bool:
        """Whether a team's channel is told, for a subscription that it still has."""
        known = self.announced.get(place)
        return known is not None and not known.is_left(self.subscriptions)


@dataclass(slots=True)
class Notices:
    """The one stream of what happens to executions."""

    database: Database
    readers: Readers
    reading: Reading
    audience: Audience
    tracker: Tracker
    noise: Noise
    hearing: Hearing
    glimpses: Glimpses
    jobs: Jobs
    clock: Clock
    page_host: str
    """Host of Buddy's web app, for executions that only their link's hash names."""

    _read_at: dict[str, datetime] = field(default_factory=dict)

    def register(self) -> None:
        """Name who looks."""
        self.jobs.handle(NOTICE, self.look, slots=SLOTS, attempts=ATTEMPTS)

    async def look(self, job: Job) -> Outcome:
        """Look at an execution, and have those channels told that want to know."""
        if (wait := self._too_soon(job)) > timedelta(0):
            return Snooze(wait)
        pipeline, named = noticed(job)
        case = await self._case(pipeline, named)
        pipeline = _located(pipeline, case)
        if not pipeline.project or not (case.subscriptions or case.follow):
            return await self._pass_over(case)
        try:
            return await self._look(job, pipeline, named, case)
        except (HeldBack, BotError) as failure:
            if (again := patience(failure, self.clock.now())) is not None:
                return again
            log.warning("notice.out_of_sight", code=getattr(failure, "code", ""))
        return await self._pass_over(case)

    async def _look(self, job: Job, pipeline: PipelineRef, named: str, case: _Case) -> Outcome:
        number, hashed = Event.unnamed(named)
        if number is None:
            return await self._resolve(pipeline, hashed, case)
        ref = pipeline.execution(number)
        if not case.subscriptions:
            return await self._hint(ref, case)
        actor, execution = await self.readers.read(
            case.readers,
            ref.pipeline,
            lambda actor: self.reading.execution(actor, ref),
            is_execution=True,
        )
        self._note_read(job)
        self.glimpses.keep(execution, actor)
        await self.noise.learn(execution)
        hearers = await self.audience.of(case.subscriptions, execution, actor)
        at = PipelineRef.of(execution.ref)
        moved = await renamed(case.subscriptions, at, actor)
        await self._tell(case, execution, hearers.due, moved)
        due = {one.place for one in hearers.due}
        places = ((one, (one.team, one.channel)) for one in hearers.hopeful)
        left = [one for one, place in places if place not in due and not case.is_told(place)]
        further = await self.hearing.next_look(execution, actor, left)
        return further if hearers.unclear is None else self._sooner(further, hearers.unclear)

    def _sooner(self, further: Outcome, unclear: HeldBack | BuddyRateLimited) -> Outcome:
        """Look again for those of whom it could not be told, or before for the others."""
        again = patience(unclear, self.clock.now())
        if isinstance(further, Snooze) and again is not None and further.duration < again.duration:
            return further
        return again

    def _too_soon(self, job: Job) -> timedelta:
        last = self._read_at.get(job.key)
        return timedelta(0) if last is None else last + APART - self.clock.now()

    def _note_read(self, job: Job) -> None:
        now = self.clock.now()
        if len(self._read_at) >= _MANY:
            self._read_at = {key: at for key, at in self._read_at.items() if now - at < APART}
        self._read_at[job.key] = now

    async def _case(self, pipeline: PipelineRef, named: str) -> _Case:
        number, _ = Event.unnamed(named)
        async with self.database.snapshot() as transaction:
            told = await deliveries.waiting(transaction, pipeline.host, pipeline.pipeline, named)
            case = _Case(told, (), {}, None, ())
            if number is not None:
                ref = pipeline.execution(number)
                announced = await announcements.of_execution(transaction, ref.identity)
                case = _Case(
                    told,
                    (),
                    {(one.team, one.channel): one for one in announced},
                    await cards.get_follow(transaction, ref.identity),
                    await follows.acted(transaction, ref.identity),
                )
            found = await subscriptions.covering(transaction, _located(pipeline, case))
        return replace(case, subscriptions=found)

    async def _pass_over(self, case: _Case) -> Outcome:
        """Note that nothing comes of it."""
        if case.told:
            async with self.database.transaction() as transaction:
                await deliveries.seen(transaction, case.told)
        return None

    async def _hint(self, ref: ExecutionRef, case: _Case) -> Outcome:
        """Have the cards looked at: somebody showed this execution, and no channel subscribed."""
        async with self.database.transaction() as transaction:
            await self.tracker.begin(transaction, ref)
            await cards.hinted(transaction, ref)
            await deliveries.seen(transaction, case.told)
        return None

    async def _resolve(self, pipeline: PipelineRef, hashed: str, case: _Case) -> Outcome:
        """Find the number of an execution that was named by its link's hash, and go on there."""
        link = PipelineLink(self.page_host, pipeline.workspace, pipeline.project, pipeline.pipeline)
        _, execution = await self.readers.read(
            case.readers,
            pipeline.pipeline,
            lambda actor: self.reading.find(actor, ExecutionName(link, hash=hashed)),
        )
        ref = execution.ref
        async with self.database.transaction() as transaction:
            job = notice_job(PipelineRef.of(ref), str(ref.execution))
            await self.jobs.put(transaction, job, clash=Clash.POKE)
            await deliveries.seen(transaction, case.told)
        return None

    async def _tell(
        self, case: _Case, execution: Execution, due: Sequence[Due], moved: Sequence[Renamed]
    ) -> None:
        """Write down who is told, and have it done; what was told of it is looked at now."""
        ref = execution.ref
        noticed_at = min((one.received_at for one in case.told), default=self.clock.now())
        async with self.database.transaction() as transaction:
            # Jobs before rows, as everywhere: a job that is at work holds its own and writes rows.
            for one in due:
                if not case.is_told(one.place):
                    await self.jobs.put(transaction, notify_job(*one.place, ref))
            if case.follow is not None and case.told:
                await self.tracker.begin(transaction, ref)
                await cards.hinted(transaction, ref)
            for one in due:
                await _note(transaction, case, ref, one, noticed_at)
            await learn(transaction, case.subscriptions, PipelineRef.of(ref), moved)
            await deliveries.seen(transaction, case.told)


async def _note(
    transaction: Transaction, case: _Case, ref: ExecutionRef, due: Due, noticed_at: datetime
) -> None:
    known = case.announced.get(due.place)
    if known is None:
        await announcements.want(transaction, due.subscription, ref, due.moments, noticed_at)
    elif not case.is_told(due.place):
        await announcements.take_over(transaction, known, due.subscription, due.moments)
    elif not set(due.moments) <= set(known.moments):
        await announcements.note_moments(transaction, known, due.moments)


def _located(pipeline: PipelineRef, case: _Case) -> PipelineRef:
    """Say where a pipeline lives, by whoever told or knows."""
    if pipeline.workspace and pipeline.project:
        return pipeline
    places = [(one.event.workspace, one.event.project) for one in case.told]
    if case.follow is not None:
        places.append((case.follow.ref.workspace, case.follow.ref.project))
    places += [
        (one.scope.workspace, one.scope.project)
        for one in case.subscriptions
        if one.scope.pipeline == pipeline.pipeline
    ]
    for workspace, project in places:
        if workspace and project:
            return replace(pipeline, workspace=workspace, project=project)
    return pipeline
