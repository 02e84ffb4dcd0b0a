"""Tell who subscribed a channel to a whole project, once, that Buddy does not find it any more.

A project is known by its name alone: Buddy gives it no number. So one that was renamed cannot be
told from one that is gone, or hidden from whoever subscribed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.cards.departures import lost_card
from bot.clock import Clock
from bot.database import Database
from bot.domain.subscription import Subscription
from bot.services.following.letters import Letters
from bot.store import habits

log = structlog.get_logger()

LOST_AFTER = timedelta(minutes=15)
"""How long a project must be missed until somebody is told: it may be back in a moment."""


@dataclass(slots=True)
class Losses:
    """Keeps account of projects that are not found."""

    database: Database
    letters: Letters
    clock: Clock
    command: str
    _since: dict[int, datetime] = field(default_factory=dict)
    """By the number of the subscription."""

    async def missed(self, one: Subscription) -> None:
        """Note that Buddy does not find a project; tell whoever subscribed to it, once."""
        now = self.clock.now()
        if now - self._since.setdefault(one.id, now) < LOST_AFTER:
            return
        async with self.database.transaction() as transaction:
            if not await habits.note_standing(transaction, one.owner, _about(one), now):
                return
            about = f"{_about(one)}/{now.timestamp()}"
            content = lost_card(one, self.command)
            await self.letters.send(transaction, one.owner, about, content)
        log.warning("project.lost", subscription=one.id)

    async def found(self, one: Subscription) -> None:
        """Note that a project is there: should it get lost again, that is told again."""
        self._since.pop(one.id, None)
        async with self.database.snapshot() as transaction:
            was_told = await habits.is_noted(transaction, one.owner, _about(one))
        if was_told:
            async with self.database.transaction() as transaction:
                await habits.unnote(transaction, one.owner, _about(one))

    def keep(self, several: Sequence[Subscription]) -> None:
        """Forget all but these subscriptions."""
        numbers = {one.id for one in several}
        self._since = {number: at for number, at in self._since.items() if number in numbers}


def _about(one: Subscription) -> str:
    return f"lost/{one.id}"
