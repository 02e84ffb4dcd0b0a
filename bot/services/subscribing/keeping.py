"""Look after a workspace's webhook once a subscription ended: the jobs that do it.

What served the last subscription is taken away, also where several end at the same moment and each
took the others for needing it. What somebody began to need while it was taken away is made again.
"""

from dataclasses import dataclass
from typing import Literal

import structlog
from pydantic import BaseModel

from bot.cards.answers import note_card
from bot.cards.hooks import left_in_buddy
from bot.database import Database, Transaction
from bot.domain.person import Person
from bot.domain.subscription import Subscription
from bot.errors import AnswerLost, BotError, BuddyRateLimited, BuddyUnavailable
from bot.jobs.queue import Again, Clash, Job, Jobs, Outcome
from bot.services.following.letters import Letters
from bot.services.subscribing.hooks import Hooks, Space
from bot.store import subscriptions

log = structlog.get_logger()

KIND = "webhook"
SLOTS = 4
TRIES = 6
"""How often it is tried to take a webhook away, until somebody is told that it may be left."""

_SILENT = (AnswerLost, BuddyRateLimited, BuddyUnavailable)


class _Task(BaseModel):
    """What a job knows: a subscription that needs a webhook, or a workspace that may need none."""

    v: Literal[1] = 1
    needed_by: int | None = None
    team: str = ""
    host: str = ""
    workspace: str = ""
    user: str = ""
    """Who ended the last subscription."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """Sees to it that there is a webhook exactly where one is needed."""

    database: Database
    hooks: Hooks
    letters: Letters
    jobs: Jobs

    def register(self) -> None:
        """Name who looks after webhooks."""
        self.jobs.handle(KIND, self.keep, slots=SLOTS)

    async def make_again(self, transaction: Transaction, needed_by: Subscription) -> None:
        """Have a webhook made that somebody needs; to be called before other rows."""
        task = _Task(needed_by=needed_by.id)
        await self._put(transaction, f"again/{needed_by.id}", task)

    async def tidy_later(self, transaction: Transaction, space: Space, person: Person) -> None:
        """Have it looked whether anybody needs a workspace's webhook; before other rows."""
        team, host, workspace = space
        task = _Task(team=team, host=host, workspace=workspace, user=person.user)
        await self._put(transaction, f"tidy/{team}/{host}/{workspace}", task)

    async def keep(self, job: Job) -> Outcome:
        """Do one of both; what Buddy does not answer to is tried again."""
        task = _Task.model_validate_json(job.data)
        if task.needed_by is None:
            return await self._tidy(job, task)
        async with self.database.snapshot() as transaction:
            needed_by = await subscriptions.get(transaction, task.needed_by)
        if needed_by is None:
            return None
        try:
            await self.hooks.make_again(needed_by)
        except _SILENT as silent:
            return Again(silent.code)
        except BotError as refused:
            log.info("webhook.not_made", code=refused.code)
        return None

    async def _tidy(self, job: Job, task: _Task) -> Outcome:
        space, person = (task.team, task.host, task.workspace), Person(task.team, task.user)
        is_clean = await self.hooks.tidy(await self.hooks.acting(person), space)
        if is_clean is None:
            return None
        if not is_clean and job.attempt < TRIES:
            return Again("webhook_left")
        async with self.database.transaction() as transaction:
            needed_by = await subscriptions.first_in(transaction, *space)
            if needed_by is not None:
                await self.make_again(transaction, needed_by)
            elif not is_clean:
                # Nobody was told so when the subscription ended: there was another one by then.
                content = note_card(left_in_buddy(task.workspace))
                await self.letters.send(transaction, person, f"left/{job.key}/{job.id}", content)
            await self.hooks.forget(transaction, space, is_needed=needed_by is not None)
        return None

    async def _put(self, transaction: Transaction, key: str, task: _Task) -> None:
        job = Job(KIND, key, data=task.model_dump_json())
        await self.jobs.put(transaction, job, clash=Clash.POKE)
