"""Forget what has had its time: sealed secrets that nobody asked for any more."""

from dataclasses import dataclass
from datetime import timedelta

from bot.clock import Clock
from bot.database import Database
from bot.jobs.queue import Job, Jobs, Outcome, Snooze
from bot.services.running.checking import VALUES_FOR
from bot.services.running.memory import KEPT_FOR
from bot.slack.messenger import ANSWER_LIFE
from bot.store import (
    announcements,
    budgets,
    deliveries,
    habits,
    run_memory,
    runs,
    streaks,
    wiping,
)

KIND = "upkeep"
EVERY = timedelta(minutes=1)
DEAD_FOR = timedelta(days=30)
"""How long a job that was given up is kept for whoever may want to try it again."""

UNUSED_FOR = timedelta(hours=1)
"""How long a limit of Slack's is remembered that nobody comes near."""

DELIVERY_KEPT = timedelta(days=7)
"""How long it is known what Buddy told, so that a repeat of it is none."""

UNSEEN_KEPT = DEAD_FOR + DELIVERY_KEPT
"""How long what nobody looked at: longer than its job, which may be tried again after all."""

ANNOUNCED_KEPT = timedelta(days=180)
"""How long it is known which channel was told of an execution."""


TOLD_FOR = timedelta(days=30)
"""How long it is remembered what people were told directly."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Tidies up, once a minute, wherever it runs."""

    database: Database
    jobs: Jobs
    clock: Clock

    def register(self) -> None:
        """Name who tidies up."""
        self.jobs.handle(KIND, self.tidy, slots=1, attempts=1_000_000)

    async def begin(self) -> None:
        """See to it that somebody tidies up from now on."""
        async with self.database.transaction() as transaction:
            await self.jobs.put(transaction, Job(KIND, "all"))

    async def tidy(self, _job: Job) -> Outcome:
        """Wipe what was sealed for a time that is over, and forget what died long ago."""
        async with self.database.transaction(heavy=True) as transaction:
            await self.jobs.wipe_expired(transaction)
            await self.jobs.forget_dead(transaction, DEAD_FOR)
            now = self.clock.now()
            await wiping.forget_answer_urls(transaction, now - ANSWER_LIFE)
            await wiping.forget_values(transaction, now)
            await runs.forget(transaction, values_of=now - VALUES_FOR, urls_of=now - ANSWER_LIFE)
            await habits.forget(transaction, now - TOLD_FOR)
            await streaks.forget(transaction, now - TOLD_FOR)
            await run_memory.forget_old(transaction, now - KEPT_FOR)
            await budgets.forget(transaction, (now - UNUSED_FOR).timestamp())
            await deliveries.forget(
                transaction, seen_before=now - DELIVERY_KEPT, any_before=now - UNSEEN_KEPT
            )
            await announcements.forget(transaction, now - ANNOUNCED_KEPT)
        return Snooze(EVERY)
