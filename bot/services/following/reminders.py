"""Remind of gates that wait, in the threads of their cards, up each channel's own ladder.

What is due follows from the clock and from what the threads know, so a reminder is told once
however often this runs. Before somebody is called the execution is read again: nobody is reminded
of what was answered a moment ago, or of a run that a newer one has overtaken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from pydantic import ValidationError

from bot.cards.reminders import reminder_card
from bot.clock import Clock
from bot.database import Database, Transaction
from bot.domain.execution import Execution
from bot.domain.ladder import MOST, Due, Ladder, due
from bot.errors import BuddyError, LinkError
from bot.jobs.queue import Job, Jobs, Outcome, Snooze
from bot.services.following.alarms import KIND, Alarm
from bot.services.following.facts import Facts
from bot.services.following.sight import HeldBack, Look, Sight
from bot.services.following.threads import Threads
from bot.services.following.tracker import Tracker
from bot.store import follows, habits, told
from bot.store.cards import StoredCard
from bot.store.follows import Known
from bot.store.habits import ChannelHabits

log = structlog.get_logger()

SLOTS = 8
_LATER = timedelta(minutes=1)
"""When to look again at what could not be read, or is about to change."""

_LATER_BY = 60
"""What part of the time that a gate has waited it may be told late, where it cannot be read."""

_FORGOTTEN = MOST + timedelta(days=1)
"""After how long nobody is reminded of a gate that cannot be read: past the end of any ladder."""


@dataclass(frozen=True, slots=True)
class _Call:
    """One channel that is to be reminded now."""

    card: StoredCard
    about: str
    is_last: bool


@dataclass(frozen=True, slots=True)
class Reminders:
    """Reminds of gates."""

    database: Database
    sight: Sight
    facts: Facts
    threads: Threads
    tracker: Tracker
    jobs: Jobs
    clock: Clock
    ladder: Ladder
    """When people are reminded in channels that did not choose."""

    def register(self) -> None:
        """Name who reminds."""
        self.jobs.handle(KIND, self.remind, slots=SLOTS)

    async def remind(self, job: Job) -> Outcome:
        """Tell the threads whose rung is reached, and sleep until the next one."""
        try:
            alarm = Alarm.model_validate_json(job.data)
        except ValidationError:
            return None
        known = await self._known(alarm)
        if known is None or not known.follow.is_open or known.follow.superseded_by is not None:
            return None
        dues = await self._dues(alarm, known)
        calls = await self._untold(alarm, known, dues)
        if calls:
            if known.pending is not None:
                return Snooze(_LATER)
            try:
                is_told = await self._call(alarm, known, calls)
            except (HeldBack, BuddyError, LinkError) as failure:
                log.info("reminder.later", why=type(failure).__name__)
                return self._later(alarm)
            if not is_told:
                return None
        return self._next(dues)

    async def _known(self, alarm: Alarm) -> Known | None:
        host = self.sight.identities.buddy.host
        async with self.database.snapshot() as transaction:
            found = await follows.known(transaction, [alarm.identity], host)
        return found.get(alarm.identity)

    async def _still_stands(self, transaction: Transaction, alarm: Alarm, known: Known) -> bool:
        """Tell whether nobody did anything to the execution since it was looked at."""
        host = self.sight.identities.buddy.host
        found = await follows.known(transaction, [alarm.identity], host)
        now = found.get(alarm.identity)
        if now is None or now.pending is not None:
            return False
        return now.follow.is_open and now.follow.mark == known.follow.mark

    async def _dues(self, alarm: Alarm, known: Known) -> Mapping[int, tuple[Due, Ladder]]:
        """Tell for each card what its channel's ladder says."""
        # Whoever asked may be of another team than those who read a card of it.
        places = {(card.team, card.channel) for card in known.cards}
        async with self.database.snapshot() as transaction:
            chosen = await habits.of_places(transaction, places)
        now = self.clock.now()
        found = {}
        for card in known.cards:
            own = chosen.get((card.team, card.channel), ChannelHabits())
            ladder = self.ladder if own.ladder is None else own.ladder
            what = due(ladder, alarm.opened_at, now, own.quiet, noticed_at=alarm.noticed_at)
            found[card.id] = (what, ladder)
        return found

    async def _untold(
        self, alarm: Alarm, known: Known, dues: Mapping[int, tuple[Due, Ladder]]
    ) -> list[_Call]:
        """Leave out what a thread was told already."""
        calls = []
        async with self.database.snapshot() as transaction:
            for card in known.cards:
                what, ladder = dues[card.id]
                if what.rung is None:
                    continue
                about = alarm.about(ladder[what.rung])
                if not await told.knows(transaction, card.id, about):
                    calls.append(_Call(card, about, what.rung == len(ladder) - 1))
        return calls

    async def _call(self, alarm: Alarm, known: Known, calls: list[_Call]) -> bool:
        """Tell the threads; False where there is nothing to be reminded of after all.

        Raises:
            HeldBack: somebody did something meanwhile, and what came of it must be seen first.
            BuddyError, LinkError: it cannot be read now.
        """
        look = await self.sight.look(known, None, is_urgent=False)
        execution = look.execution
        assert execution is not None  # noqa: S101 - no list can stand in for the first read
        gate = execution.gate(alarm.gate, alarm.started_at)
        if gate is None:
            return False
        await self._learn(look, execution)
        facts = await self.facts.gather(
            execution, look.actor.buddy, known.follow.asker.team, known.follow
        )
        if facts.superseded_by is not None:
            async with self.database.transaction() as transaction:
                await self.tracker.poke(transaction, execution.ref)
            return False
        waited = _rounded(self.clock.now() - alarm.opened_at)
        async with self.database.transaction() as transaction:
            if not await self._still_stands(transaction, alarm, known):
                raise HeldBack(_LATER)
            for call in calls:
                content = reminder_card(facts, gate, waited, is_last=call.is_last)
                asker = known.follow.asker
                await self.threads.tell_card(transaction, call.card, call.about, content, asker)
        log.info("gate.reminded", cards=len(calls))
        return True

    async def _learn(self, look: Look, execution: Execution) -> None:
        """Read the pipeline's newest runs: one that nobody follows may have overtaken this."""
        ref = execution.ref
        try:
            page = await look.actor.buddy.executions(ref.workspace, ref.project, ref.pipeline)
        except BuddyError as error:
            log.info("reminder.list_not_read", code=error.code)
        else:
            self.facts.histories.learn(page.executions, is_list=True)

    def _later(self, alarm: Alarm) -> Outcome:
        """Tell when to look again at what could not be read; never once nobody would mind."""
        waited = self.clock.now() - alarm.opened_at
        return None if waited > _FORGOTTEN else Snooze(max(_LATER, waited / _LATER_BY))

    def _next(self, dues: Mapping[int, tuple[Due, Ladder]]) -> Outcome:
        moments: list[datetime] = [what.next_at for what, _ in dues.values() if what.next_at]
        if not moments:
            return None
        return Snooze(max(timedelta(seconds=1), min(moments) - self.clock.now()))


def _rounded(waited: timedelta) -> timedelta:
    """Leave seconds out: nobody counts them by then."""
    return timedelta(minutes=max(1, round(waited.total_seconds() / 60)))
