"""Keep a channel quiet: what fails again is told under the first failure's card, mended once.

Only where no card was asked for each execution: a channel that is told of starts or gates has one
card for each execution anyway.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.cards.card import Card
from bot.cards.facts import CardFacts
from bot.cards.streaks import failed_again_card, mended_card
from bot.clock import Clock
from bot.database import Database, Transaction
from bot.domain.command import Moment
from bot.domain.execution import Execution, Status
from bot.services.following.story import Storyteller
from bot.services.following.threads import AGAIN_FAILED
from bot.store import announcements, cards, streaks
from bot.store.announcements import Announcement, State
from bot.store.cards import Follow
from bot.store.streaks import Streak

log = structlog.get_logger()

LONGEST = timedelta(days=7)
"""After this long a failure has a card of its own again: the first one is far up by then."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Knows what fails again and again."""

    database: Database
    storyteller: Storyteller
    clock: Clock

    async def told_under_another(
        self, known: Announcement, facts: CardFacts, follow: Follow | None
    ) -> bool:
        """Tell a failure under the card of the first of its streak; False where it has none.

        Whoever started it is told in the same transaction.
        """
        execution = facts.execution
        if not _is_plain_failure(known, execution):
            return False
        async with self.database.transaction() as transaction:
            found = await self._held(transaction, known, execution)
            if found is None or self.clock.now() - found.since > LONGEST:
                return False
            await self._tell(transaction, found, facts)
            told = {"card_id": found.card_id, "state": State.TOLD.value}
            await announcements.change(transaction, known.id, **told)
            await self.storyteller.write_to_starter(transaction, facts, follow, known.team)
        log.info("failure.told_under_another", announcement=known.id)
        return True

    async def begin(
        self, transaction: Transaction, known: Announcement, execution: Execution, card_id: int
    ) -> None:
        """Let a card that was just posted stand for what may fail again."""
        if not _is_plain_failure(known, execution):
            return
        now = self.clock.now()
        old = await streaks.get(transaction, known.team, known.channel, execution)
        if old is not None:
            await streaks.end(transaction, old)
        await streaks.begin(transaction, known.team, known.channel, execution, card_id, now)

    async def learn(self, execution: Execution) -> None:
        """End the streaks that an execution mends, each told once."""
        if execution.status is not Status.SUCCESSFUL:
            return
        async with self.database.snapshot() as transaction:
            found = await streaks.of_branch(transaction, execution)
        number = execution.ref.execution
        for one in (each for each in found if each.last < number):
            async with self.database.transaction() as transaction:
                await self.storyteller.threads.hold(transaction, one.card_id)
                # Another success may be looked at in the same moment: whoever ends it tells of it.
                if await streaks.end(transaction, one):
                    content = mended_card(execution, len(one.told))
                    await self._reply(transaction, one, f"mended/{number}", content)

    async def _held(
        self, transaction: Transaction, known: Announcement, execution: Execution
    ) -> Streak | None:
        """Find the streak that a failure belongs to, and let nobody else count one meanwhile."""
        place = known.team, known.channel
        found = await streaks.get(transaction, *place, execution)
        if found is None:
            return None
        await self.storyteller.threads.hold(transaction, found.card_id)
        return await streaks.get(transaction, *place, execution)

    async def _tell(self, transaction: Transaction, found: Streak, facts: CardFacts) -> None:
        number = facts.execution.ref.execution
        if number in found.told:
            return
        content = failed_again_card(facts, len(found.told) + 1, found.since)
        await self._reply(transaction, found, f"{AGAIN_FAILED}/{number}", content)
        await streaks.grow(transaction, found, number)

    async def _reply(
        self, transaction: Transaction, streak: Streak, about: str, content: Card
    ) -> None:
        stored = await cards.get_card(transaction, streak.card_id)
        if stored is not None:
            shown, asker = stored
            threads = self.storyteller.threads
            await threads.tell_card(transaction, shown, about, content, asker)


def _is_plain_failure(known: Announcement, execution: Execution) -> bool:
    """Whether a channel is told of an execution for no other reason than that it failed."""
    return execution.status is Status.FAILED and set(known.moments) == {Moment.FAILED}
