"""Paint cards: only what differs, only what Slack's budget allows, the weightiest at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.cards.card import Card
from bot.clock import Clock
from bot.database import Database
from bot.errors import ChannelUnreachable, MessageGone, SlackBusy, SlackError
from bot.jobs.queue import Snooze
from bot.metrics import Metrics
from bot.services.following.budgets import SlackBudgets
from bot.services.following.posting import Posting
from bot.services.following.sight import seen_at
from bot.store import cards
from bot.store.cards import StoredCard

log = structlog.get_logger()

LATER = timedelta(seconds=5)
"""When to try again what Slack did not answer: a card is true again within 15 seconds."""


@dataclass(frozen=True, slots=True)
class Painted:
    """What became of the cards of one execution."""

    digests: dict[int, str]
    """What was painted, by the card's number."""

    again: Snooze | None
    """When to try again, if Slack did not take all of it."""

    held_back: timedelta | None = None
    """How long something is left for later, because it can wait."""


@dataclass(frozen=True, slots=True)
class Painting:
    """Keeps messages as they should be."""

    database: Database
    posting: Posting
    budgets: SlackBudgets
    clock: Clock
    metrics: Metrics

    async def paint(
        self, shown: Sequence[StoredCard], content: Callable[[StoredCard], Card], *, is_urgent: bool
    ) -> Painted:
        """Paint the cards that show something else than they should."""
        digests: dict[int, str] = {}
        again = None
        for stored in shown:
            card = content(stored)
            if stored.digest == card.digest:
                self.metrics.unchanged()
                continue
            if wait := await self.budgets.edit(stored.team, is_urgent=is_urgent):
                self.metrics.held_back()
                log.info("card.held_back", card=stored.id, wait_s=round(wait.total_seconds(), 1))
                if is_urgent:
                    return Painted(digests, Snooze(wait))
                return Painted(digests, again, held_back=wait)
            try:
                if await self._repaint(stored, card):
                    digests[stored.id] = card.digest
            except SlackBusy as busy:
                wait = timedelta(seconds=busy.seconds)
                await self.budgets.no_edits(stored.team, wait)
                return Painted(digests, Snooze(wait, is_firm=True))
            except SlackError as error:
                log.warning("card.not_painted", card=stored.id, code=error.code)
                again = Snooze(LATER)
        return Painted(digests, again)

    async def _repaint(self, stored: StoredCard, card: Card) -> bool:
        """Paint one card; one that is gone for good is forgotten."""
        try:
            await self.posting.repaint(stored.team, stored.channel, stored.message_ts, card)
        except (ChannelUnreachable, MessageGone) as gone:
            log.info("card.dropped", card=stored.id, code=gone.code)
            async with self.database.transaction() as transaction:
                await cards.drop_card(transaction, stored.id)
            return False
        seen = seen_at.get()
        self.metrics.painted(None if seen is None else self.clock.steady() - seen)
        return True
