"""What somebody asked about subscriptions, as it is kept until it is carried out."""

from dataclasses import dataclass, field
from typing import Literal

from pydantic import AwareDatetime, BaseModel

from bot.clock import Clock
from bot.database import Transaction
from bot.domain import wishes
from bot.domain.click import Place
from bot.domain.person import Person
from bot.domain.wishes import Deed
from bot.jobs.queue import Held, Job, Jobs
from bot.services.operating.answers import Asker
from bot.services.operating.taking import Taking
from bot.slack.messenger import ANSWER_LIFE
from bot.store import keys
from bot.vault import Vault

KIND = "subscribe"


@dataclass(frozen=True, slots=True)
class Ask:
    """One wish of one person, as it came in."""

    key: str
    """Unique: the same one delivered twice has the same key."""

    person: Person
    place: Place
    deed: Deed
    answer_url: str = field(default="", repr=False)


class Asked(BaseModel):
    """The data of a job that carries one out; the response URL is sealed beside it."""

    v: Literal[1] = 1
    owner: str
    key: str
    team: str
    user: str
    channel: str
    thread_ts: str
    deed: str
    at: AwareDatetime

    @property
    def person(self) -> Person:
        """Who asked."""
        return Person(self.team, self.user)

    def asker(self, sealed_url: str) -> Asker:
        """Tell who is answered, and how."""
        place = Place(self.channel, thread_ts=self.thread_ts)
        return Asker(self.key, self.person, place, self.at, sealed_url)


@dataclass(frozen=True, slots=True)
class Wishing:
    """Stores what is asked, before it is acknowledged."""

    taking: Taking
    vault: Vault
    jobs: Jobs
    clock: Clock

    async def take(self, ask: Ask) -> None:
        """Store it and let its job begin; what is stored already is not stored again.

        Raises:
            NotTaken: it could not be stored in time, and will not be carried out later either.
        """
        owner = keys.answer_owner(ask.key)
        asked = Asked(
            owner=owner,
            key=ask.key,
            team=ask.person.team,
            user=ask.person.user,
            channel=ask.place.channel,
            thread_ts=ask.place.thread_ts,
            deed=wishes.write(ask.deed),
            at=self.clock.now(),
        )
        job = Job(
            KIND,
            ask.key,
            lane=f"subscribe/{ask.person.team}/{ask.place.channel}",
            data=asked.model_dump_json(),
            sealed=self.vault.seal(ask.answer_url, owner) if ask.answer_url else "",
        )

        async def store(transaction: Transaction) -> Held | None:
            return await self.jobs.hold(transaction, job, sealed_for=ANSWER_LIFE)

        async def void(transaction: Transaction) -> None:
            await self.jobs.drop(transaction, KIND, job.key)

        if held := await self.taking.take(store, void):
            held.start()
