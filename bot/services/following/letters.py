"""Tell a person directly, once, that something failed which they started; unless they mind.

What is told is written down in the transaction that learns of the failure. A message whose answer
got lost is looked for before it is sent again; where that is not possible it is not sent again: the
card and its thread say the same. What comes in quiet hours waits until they end: ``hush.py``.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import structlog
from pydantic import AwareDatetime, BaseModel

from bot.cards.card import Block, Card
from bot.clock import Clock
from bot.database import Database, Transaction
from bot.domain.execution import ExecutionRef
from bot.domain.person import Person
from bot.errors import ChannelUnreachable, SlackBusy, SlackError, SlackUnavailable
from bot.jobs.queue import Again, Job, Jobs, Outcome, Snooze
from bot.metrics import Metric
from bot.services.following.hush import Hush, Word
from bot.slack.messenger import Messenger
from bot.store import habits

log = structlog.get_logger()

KIND = "letter"


class _Failed(BaseModel):
    """What failed, and since when that was known."""

    host: str
    workspace: str
    project: str
    pipeline: int
    execution: int
    at: AwareDatetime

    @property
    def ref(self) -> ExecutionRef:
        return ExecutionRef(self.host, self.workspace, self.project, self.pipeline, self.execution)


class _Told(BaseModel):
    v: Literal[1] = 1
    team: str
    user: str
    text: str
    blocks: list[Block]
    failed: _Failed | None = None
    """What waits for the end of quiet hours, and is looked at again then."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a person is told directly; ``about`` tells it from everything else."""

    person: Person
    ref: ExecutionRef
    about: str
    content: Card


@dataclass(frozen=True, slots=True)
class Letters:
    """The outbox of direct messages that nobody asked for."""

    database: Database
    messenger: Messenger
    jobs: Jobs
    clock: Clock
    hush: Hush
    installation: str

    def register(self) -> None:
        """Name who says them."""
        self.jobs.handle(KIND, self.say, slots=4)

    async def put(self, transaction: Transaction, letter: Letter) -> None:
        """Write down that somebody is told of a failure, if they want to be and were not."""
        if not await habits.tells_failures(transaction, letter.person):
            return
        ref, now = letter.ref, self.clock.now()
        host, pipeline, execution = ref.identity
        about = f"{host}/{pipeline}/{execution}/{letter.about}"
        if not await habits.note(transaction, letter.person, about, now):
            return
        failed = _Failed(
            host=host,
            workspace=ref.workspace,
            project=ref.project,
            pipeline=pipeline,
            execution=execution,
            at=now,
        )
        await self._send(transaction, letter.person, about, letter.content, failed)

    async def send(
        self, transaction: Transaction, person: Person, about: str, content: Card
    ) -> None:
        """Write down a direct message; ``about`` tells it from every other."""
        await self._send(transaction, person, about, content, None)

    async def _send(
        self,
        transaction: Transaction,
        person: Person,
        about: str,
        content: Card,
        failed: _Failed | None,
    ) -> None:
        told = _Told(
            team=person.team,
            user=person.user,
            text=content.text,
            blocks=list(content.blocks),
            failed=failed,
        )
        named = f"{person.team}/{person.user}/{about}"
        key = hashlib.sha256(named.encode()).hexdigest()
        await self.jobs.put(transaction, Job(KIND, key, data=told.model_dump_json()))

    async def say(self, job: Job) -> Outcome:
        """Send one, unless it may stand there already and nobody can tell, or it is quiet."""
        told = _Told.model_validate_json(job.data)
        person, card = Person(told.team, told.user), Card(told.text, tuple(told.blocks))
        mark = f"{self.installation}/letter/{job.key}"
        try:
            channel = await self.messenger.direct_channel(person)
            if job.attempt > 1 and await self._may_stand(channel, mark):
                return None
            if told.failed is not None:
                word = await self.hush.judge(person, channel, told.failed.ref, told.failed.at)
                if word is not Word.SAY:
                    return Snooze(word) if isinstance(word, timedelta) else None
            await self.messenger.post(channel, card.text, card.blocks, mark=mark)
        except SlackBusy as busy:
            pause = timedelta(seconds=busy.seconds)
            return Again(busy.code, pause) if job.attempt > 1 else Snooze(pause, is_firm=True)
        except SlackUnavailable as silent:
            return Again(silent.code)
        except SlackError as refused:
            log.info("letter.refused", code=refused.code)
        return None

    async def _may_stand(self, channel: str, mark: str) -> bool:
        """Look for a message that may stand there already."""
        try:
            return bool(await self.messenger.find_message(channel, mark))
        except (ChannelUnreachable, SlackUnavailable) as refused:
            if isinstance(refused, SlackUnavailable) and not refused.is_sure:
                raise
            self.messenger.metrics.count(Metric.REPLY_UNCLEAR)
            return True
