"""Tell somebody privately what came of what they asked, whatever crashes in between.

What is to be said is put, as a job, into the transaction that records what happened. The ways to
say it are the messenger's; the response URL stays sealed in the job, and only as long as Slack
takes it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog
from pydantic import BaseModel

from bot.cards.card import Block, Card
from bot.clock import Clock
from bot.database import Transaction
from bot.domain.click import Place
from bot.domain.person import Person
from bot.errors import LinkUnreadable, SlackBusy, SlackError, SlackUnavailable
from bot.jobs.queue import Again, Job, Jobs, Outcome
from bot.slack.messenger import ANSWER_LIFE, Messenger
from bot.store import keys
from bot.vault import Vault

log = structlog.get_logger()

KIND = "answer"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who is answered, and how they can be reached."""

    key: str
    """What they asked with: unique, and what the response URL is sealed for."""

    person: Person
    place: Place
    asked_at: datetime
    sealed_url: str = ""

    @property
    def owner(self) -> str:
        """Name what the sealed response URL belongs to."""
        return keys.answer_owner(self.key)


class _Told(BaseModel):
    """What a job's data holds."""

    v: Literal[1] = 1
    owner: str
    team: str
    user: str
    channel: str
    thread_ts: str
    text: str
    blocks: list[Block]


@dataclass(frozen=True, slots=True)
class Answers:
    """The outbox of private answers."""

    messenger: Messenger
    vault: Vault
    jobs: Jobs
    clock: Clock

    def register(self) -> None:
        """Name who says them."""
        self.jobs.handle(KIND, self.say, slots=16, give_up=self.give_up)

    async def put(self, transaction: Transaction, asker: Asker, about: str, card: Card) -> None:
        """Write down what somebody is told; ``about`` keeps one thing from being told twice."""
        left = asker.asked_at + ANSWER_LIFE - self.clock.now()
        told = _Told(
            owner=asker.owner,
            team=asker.person.team,
            user=asker.person.user,
            channel=asker.place.channel,
            thread_ts=asker.place.thread_ts,
            text=card.text,
            blocks=list(card.blocks),
        )
        job = Job(
            KIND,
            f"{asker.key}/{about}"[-255:],
            data=told.model_dump_json(),
            sealed=asker.sealed_url if left.total_seconds() > 0 else "",
        )
        await self.jobs.put(transaction, job, sealed_for=left)

    async def tell(self, asker: Asker, card: Card) -> None:
        """Say something now, which need not survive a crash."""
        is_open = self.clock.now() - asker.asked_at < ANSWER_LIFE
        url = self._open(asker.sealed_url, asker.owner) if is_open else ""
        await self.messenger.tell(asker.person, asker.place, card, url)

    async def say(self, job: Job) -> Outcome:
        """Say what was written down, by whichever way works; later, if Slack does not answer."""
        told = _Told.model_validate_json(job.data)
        person, place = Person(told.team, told.user), Place(told.channel, thread_ts=told.thread_ts)
        card = Card(told.text, tuple(told.blocks))
        url = self._open(job.sealed, told.owner)
        match await self.messenger.climb(person, place, card, url):
            case SlackBusy() as busy:
                return Again(busy.code, timedelta(seconds=busy.seconds))
            case SlackUnavailable() as silent:
                return Again(silent.code)
            case SlackError():
                self.messenger.lose(person)
            case None:
                pass
        return None

    async def give_up(self, job: Job) -> None:
        """Count what no way could bring."""
        told = _Told.model_validate_json(job.data)
        self.messenger.lose(Person(told.team, told.user))

    def _open(self, sealed: str, owner: str) -> str:
        """Open a response URL; without it there are other ways."""
        if not sealed:
            return ""
        try:
            return self.vault.open(sealed, owner)
        except LinkUnreadable:
            log.warning("answer.sealed_with_lost_key")
            return ""
