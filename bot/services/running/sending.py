"""Send a run once, and find out what became of it.

send    the POST leaves; its answer is the execution, says refused, or is lost
seek    the answer was lost: the run is looked for by its mark, and never asked for again
"""

import math
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from bot.cards.running import not_found_card, seeking_card
from bot.clock import Clock
from bot.database import Database
from bot.domain.execution import Execution
from bot.domain.mark import marked
from bot.errors import (
    AnswerLost,
    BotError,
    BuddyError,
    BuddyRateLimited,
    BuddyRefuses,
    BuddyUnavailable,
    RunRefused,
)
from bot.jobs.queue import Snooze
from bot.services.finding.reading import Reading
from bot.services.identity import Actor, Identities
from bot.services.running.checking import Checked
from bot.services.running.endings import Endings
from bot.services.running.memory import RunMemory
from bot.store import runs
from bot.store.audit import Event, append_run
from bot.store.runs import Step, StoredRun

log = structlog.get_logger()

UNCLEAR_AFTER = timedelta(seconds=10)
"""How long it is looked for in silence, after the POST's own deadline."""

SOUGHT_FOR = timedelta(minutes=10)
"""How long it is looked for after that; a Buddy that was down is back by then, or is not."""

_SLOWEST = timedelta(seconds=15)
_QUICKEST = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Sending:
    """Starts runs, and looks for those whose answer was lost."""

    database: Database
    identities: Identities
    reading: Reading
    endings: Endings
    memory: RunMemory
    clock: Clock
    deadline: timedelta
    """How long a POST may take at the most, its waiting for rate limits included."""

    async def claim(self, asked: StoredRun, checked: Checked) -> StoredRun | None:
        """Record that it is sent now; the values of its variables are gone from storage.

        None, if it was sent or ended while it was checked.

        Raises:
            LinkChanged: the person's account changed since the check.
        """
        at, link, now = checked.request.pipeline, checked.actor.link, self.clock.now()
        sent = replace(
            asked,
            step=Step.SENT,
            pipeline=at,
            identity_id=link.id,
            identity_generation=link.generation,
            sent_at=now,
            sealed_values="",
        )
        async with self.database.transaction() as transaction:
            await self.identities.pin(transaction, checked.actor)
            told = {
                "host": at.host,
                "workspace": at.workspace,
                "project": at.project,
                "pipeline": at.pipeline,
                "identity_id": link.id,
                "identity_generation": link.generation,
                "sent_at": now,
            }
            if not await runs.claim(transaction, asked.id, **told):
                return None
            await append_run(transaction, sent, Event.SENT, now)
            await self.memory.keep(transaction, sent, checked.request.variables, checked.inputs)
        return sent

    async def send(self, sent: StoredRun, checked: Checked) -> Snooze | None:
        """Ask Buddy for the run that was recorded as sent just now."""
        request = checked.request
        comment = marked(request.comment, sent.mark)
        try:
            execution = await checked.actor.buddy.run(replace(request, comment=comment))
        except AnswerLost:
            log.warning("run.answer_lost", pipeline=request.pipeline.pipeline)
            return Snooze(timedelta(0))
        except BuddyRefuses as refused:
            told = RunRefused(refused.status, refused.message)
            await self.endings.refuse(sent, told)
            return None
        except BuddyError as refused:
            await self.endings.refuse(sent, refused)
            return None
        await self._started(sent, execution)
        return Snooze(timedelta(0))

    async def seek(self, sent: StoredRun) -> Snooze | None:
        """Look whether a run was started whose answer was lost."""
        assert sent.sent_at is not None  # noqa: S101 - recorded with the step
        waited = self.clock.now() - sent.sent_at
        is_late = waited >= self.deadline + UNCLEAR_AFTER
        try:
            actor = await self._pinned(sent)
            found = await self.reading.marked(actor, sent.pipeline, sent.mark, sent.sent_at)
        except BuddyRateLimited as limited:
            return Snooze(max(_QUICKEST, limited.retry_at - self.clock.now()), is_firm=True)
        except BuddyUnavailable:
            found = None
        except BotError as error:
            log.warning("run.out_of_sight", code=error.code)
            if is_late:
                # Nobody can look with the account that it was sent with.
                await self.endings.lose_sight(sent, error.code)
                return None
            found = None
        if found is not None:
            log.info("run.found", pipeline=sent.pipeline.pipeline, waited_s=waited.total_seconds())
            await self._started(sent, found)
            return Snooze(timedelta(0))
        if waited >= self.deadline + UNCLEAR_AFTER + SOUGHT_FOR:
            await self._lost(sent)
            return None
        if is_late and sent.step is Step.SENT:
            await self._unclear(sent)
        rest = self.deadline + UNCLEAR_AFTER - waited
        return Snooze(_pause(waited) if is_late else max(_QUICKEST, min(_pause(waited), rest)))

    async def _started(self, sent: StoredRun, execution: Execution) -> None:
        """Record which execution it became: from here on only its card is missing."""
        ref = execution.ref
        told = {
            "workspace": ref.workspace,
            "project": ref.project,
            "execution": ref.execution,
        }
        async with self.database.transaction() as transaction:
            await runs.move(transaction, sent.id, Step.STARTED, **told)
            started = replace(sent, execution=ref.execution)
            await append_run(transaction, started, Event.DONE, self.clock.now())
        log.info("run.started", pipeline=ref.pipeline, execution=ref.execution)

    async def _unclear(self, sent: StoredRun) -> None:
        """Say that nobody knows, and go on looking."""
        minutes = math.ceil(SOUGHT_FOR.total_seconds() / 60)
        name, url = self.endings.place_of(sent)
        card = seeking_card(name, url, sent.person.mention, minutes, sent.mark)
        async with self.database.transaction() as transaction:
            await self.endings.answer(transaction, sent, card, "unclear")
            await runs.move(transaction, sent.id, Step.SOUGHT)
            await append_run(transaction, sent, Event.UNCLEAR, self.clock.now())

    async def _lost(self, sent: StoredRun) -> None:
        """End a run that did not appear in all that time."""
        name, url = self.endings.place_of(sent)
        card = not_found_card(name, url, sent.person.mention)
        await self.endings.end(sent, Step.UNCLEAR, Event.UNCLEAR.value, card)

    async def _pinned(self, sent: StoredRun) -> Actor:
        """Look as the very account that the run was sent with."""
        number, generation = sent.identity_id, sent.identity_generation
        return await self.identities.pinned(sent.person, number, generation)


def _pause(waited: timedelta) -> timedelta:
    """Look often at first, and seldom in the end."""
    return min(_SLOWEST, max(_QUICKEST, waited / 4))
