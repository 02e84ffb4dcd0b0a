"""Keep the word of a failure until nobody wants to be left alone, and drop it if it is mended.

A person's own quiet hours count, which they chose in their conversation with the bot. For whoever
chose none, those of the channels that show the execution do, while it is quiet in all of them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import structlog

from bot.clock import Clock
from bot.database import Database
from bot.domain.execution import ExecutionRef, Status
from bot.domain.person import Person
from bot.errors import BotError
from bot.services.finding.reading import Reading
from bot.services.identity import Identities
from bot.store import cards, habits
from bot.store.habits import ChannelHabits

log = structlog.get_logger()

LATE = timedelta(minutes=5)
"""How old a word may be that is said without another look."""

AGAIN = timedelta(minutes=10)
"""When to look again at what was retried and runs."""

STALE = timedelta(days=1)
"""When a word of what is not over yet is of no use any more."""


class Word(Enum):
    """What to do with the word of a failure."""

    SAY = "say"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Hush:
    """Knows when a failure may be told directly."""

    database: Database
    identities: Identities
    reading: Reading
    clock: Clock

    async def judge(
        self, person: Person, conversation: str, ref: ExecutionRef, since: datetime
    ) -> Word | timedelta:
        """Tell what to do with the word of a failure that was known since a moment.

        A duration is how long to wait. What comes late is looked at again, with the person's own
        account; where that cannot be done it is told all the same.
        """
        now = self.clock.now()
        if (quiet_until := await self._quiet_until(person, conversation, ref, now)) is not None:
            return quiet_until - now
        if now - since < LATE or (status := await self._status(person, ref)) is None:
            return Word.SAY
        if status is Status.FAILED:
            return Word.SAY
        if status.is_final or now - since > STALE:
            log.info("failure.mended_meanwhile", pipeline=ref.pipeline, execution=ref.execution)
            return Word.DROP
        return AGAIN

    async def _quiet_until(
        self, person: Person, conversation: str, ref: ExecutionRef, now: datetime
    ) -> datetime | None:
        own = (person.team, conversation)
        async with self.database.snapshot() as transaction:
            shown = await cards.cards_of(transaction, ref.identity)
            places = {(card.team, card.channel) for card in shown}
            chosen = await habits.of_places(transaction, {own, *places})
        if (quiet := chosen.get(own, ChannelHabits()).quiet) is not None and quiet.is_ever:
            return quiet.end(now)
        ends = [
            quiet.end(now) if (quiet := chosen.get(place, ChannelHabits()).quiet) else None
            for place in places
        ]
        until = [end for end in ends if end is not None]
        return min(until) if until and len(until) == len(ends) else None

    async def _status(self, person: Person, ref: ExecutionRef) -> Status | None:
        """Read how it stands; None where that cannot be told, or no call is to spare."""
        try:
            actor = await self.identities.actor(person)
            if actor.buddy.ledger.wait(self.clock.now()):
                return None
            return (await self.reading.execution(actor, ref)).status
        except BotError as failure:
            log.info("failure.not_looked_at_again", code=failure.code)
            return None
