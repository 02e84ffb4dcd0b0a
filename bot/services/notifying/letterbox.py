"""Take what Buddy sends: check who calls, and store it with its job before Buddy is answered.

What was told before costs no write, but one a minute that the address works; so neither a flood of
repeats nor of wrong secrets keeps anybody waiting for the database. What comes at the same moment
is stored together.
"""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.database import Database, StatementRefused, StorageUnavailable, Transaction
from bot.domain.catalog import PipelineRef
from bot.domain.event import Event, Source
from bot.jobs.queue import Clash, Jobs
from bot.metrics import Delivered, Metrics
from bot.services.notifying.jobs import notice_job
from bot.store import cards, deliveries, hooks, subscriptions
from bot.store.hooks import Hook, HookKind

log = structlog.get_logger()

PATIENCE = timedelta(seconds=2)
"""How long a caller waits for the database."""

TOGETHER = 200
"""Deliveries that are stored in one transaction, at most."""

SLOT = timedelta(seconds=5)
"""Calls of a step that does not say which run of it calls count as one within so long."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody sent to one of our addresses."""

    kind: HookKind
    hook_id: str = field(repr=False)
    secret: str = field(repr=False)
    event: Event | None


@dataclass(eq=False, slots=True)
class _Waiting:
    """Something that waits to be stored, and what became of it."""

    hook: Hook
    event: Event
    at: datetime
    is_done: bool = False
    failure: StorageUnavailable | None = None


@dataclass(slots=True)
class Letterbox:
    """The door for what Buddy sends."""

    database: Database
    jobs: Jobs
    clock: Clock
    metrics: Metrics
    _waiting: list[_Waiting] = field(default_factory=list)
    _storing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def take(self, letter: Letter) -> Delivered:
        """Take a letter; it is stored, if it is news, once this returns.

        Raises:
            StorageUnavailable: the database did not take it: Buddy must not be told that it did.
        """
        receipt = await self._take(letter)
        self.metrics.delivered(letter.kind.value, receipt)
        return receipt

    async def _take(self, letter: Letter) -> Delivered:
        now = self.clock.now()
        event = letter.event and self._distinct(letter.event, now)
        async with self.database.snapshot() as transaction:
            hook = await hooks.get(transaction, letter.hook_id)
            is_right = hooks.is_secret(hook, letter.secret, now)
            if hook is None or not is_right or hook.kind is not letter.kind:
                log.info("delivery.refused", source=letter.kind.value)
                return Delivered.REFUSED
            if event is None:
                is_step = hook.kind is HookKind.STEP
                return Delivered.UNREADABLE if is_step else Delivered.UNWANTED
            is_known = await deliveries.is_known(transaction, hook.host, event)
            is_wanted = is_known or await _is_wanted(transaction, hook, event)
        if is_known or not is_wanted:
            # The same may be told at several addresses: each of them works.
            await self._note_call(hook, now)
            return Delivered.REPEATED if is_known else Delivered.UNWANTED
        await self._store(_Waiting(hook, event, now))
        return Delivered.NEW

    @staticmethod
    def _distinct(event: Event, now: datetime) -> Event:
        """Tell calls of a step apart that say the same for every gate: by their moment."""
        if event.source is not Source.STEP or event.hint:
            return event
        return replace(event, hint=f"@{now.timestamp() // SLOT.total_seconds():.0f}")

    async def _note_call(self, hook: Hook, now: datetime) -> None:
        """Note that the address is called, so that its pipelines need not be asked for so often."""
        if hook.last_delivery_at is None or now - hook.last_delivery_at > hooks.NOTED_EVERY:
            async with self.database.transaction(PATIENCE) as transaction:
                await hooks.note_delivery(transaction, hook.id, now)

    async def _store(self, one: _Waiting) -> None:
        """Store it with all that wait meanwhile: whoever is first in the queue does it for them."""
        self._waiting.append(one)
        async with self._storing:
            if not one.is_done:
                together, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
                await self._settle(together)
        if one.failure is not None:
            raise one.failure

    async def _settle(self, together: list[_Waiting]) -> None:
        """Store several, and note what came of it; whatever that is, nobody waits any more."""
        failure = await self._tried(together)
        if failure is not None and failure.is_sure:
            # Jobs that are poked together may cross the way of whoever works on them.
            failure = await self._tried(together)
        for each in together:
            each.is_done, each.failure = True, failure

    async def _tried(self, together: list[_Waiting]) -> StorageUnavailable | None:
        try:
            await self._write(together)
        except StorageUnavailable as unavailable:
            return unavailable
        except StatementRefused as refused:
            log.exception("delivery.refused_by_database", chapter="Incidents")
            return StorageUnavailable(str(refused), is_sure=False)
        return None

    async def _write(self, together: list[_Waiting]) -> None:
        async with self.database.transaction(PATIENCE) as transaction:
            # Jobs before rows, as everywhere, and in the order of their keys.
            told = {(one.hook.host, one.event.pipeline, one.event.named): one for one in together}
            for _, one in sorted(told.items(), key=lambda item: item[0]):
                job = notice_job(_place(one.hook, one.event), one.event.named)
                await self.jobs.put(transaction, job, clash=Clash.POKE)
            for one in sorted(together, key=lambda one: (one.event.pipeline, one.event.named)):
                await deliveries.take(transaction, one.hook.team, one.hook.host, one.event, one.at)
            for hook_id in sorted({one.hook.id for one in together}):
                await hooks.note_delivery(transaction, hook_id, together[0].at)


async def _is_wanted(transaction: Transaction, hook: Hook, event: Event) -> bool:
    """Tell whether any channel is told of a pipeline, or shows this execution."""
    if await subscriptions.covers(transaction, _place(hook, event)):
        return True
    if not event.project:
        # Nobody said which project it is, so it may be any that somebody wants to hear of.
        count = subscriptions.count_in(transaction, hook.team, hook.host, hook.workspace)
        return await count > 0
    if event.execution is None:
        return False
    identity = (hook.host, event.pipeline, event.execution)
    return await cards.get_follow(transaction, identity) is not None


def _place(hook: Hook, event: Event) -> PipelineRef:
    return PipelineRef(hook.host, event.workspace or hook.workspace, event.project, event.pipeline)
