"""Read for subscriptions: with the account of who asked for them, else of others, in order.

Whose token reads: of whoever made a subscription, of whoever acted on the execution through the
bot, the read-only service token. One that Buddy refuses is left alone for a while, and the calls
that are kept for people's own clicks are never used.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from pydantic import SecretStr

from bot.clock import Clock
from bot.database import Database
from bot.domain.catalog import PipelineRef
from bot.domain.person import Person
from bot.errors import (
    BotError,
    BuddyError,
    BuddyRateLimited,
    BuddyUnavailable,
    LinkError,
    NotFoundInBuddy,
    NotLinked,
)
from bot.jobs.queue import Snooze
from bot.services.following.sight import REFUSED_FOR, SERVICE, HeldBack
from bot.services.identity import Actor, Identities
from bot.store import follows
from bot.store.identities import Link

log = structlog.get_logger()

LATER = timedelta(seconds=5)
SEEN_FOR = timedelta(minutes=30)
"""How long it is believed that somebody sees a pipeline."""

_SOON = timedelta(seconds=1)
_MOST = 10_000

T = TypeVar("T")
_Key = tuple[int, int, int]


@dataclass(slots=True)
class Readers:
    """Finds somebody who can read, and reads."""

    database: Database
    identities: Identities
    clock: Clock
    service_token: SecretStr | None
    _refused: dict[_Key, tuple[datetime, BotError]] = field(default_factory=dict)
    _seen: dict[_Key, datetime] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """The Buddy whose accounts read."""
        return self.identities.buddy.host

    async def read(
        self,
        people: Sequence[Person],
        pipeline: int,
        read: Callable[[Actor], Awaitable[T]],
        *,
        is_execution: bool = False,
        asks_all: bool = False,
    ) -> tuple[Actor, T]:
        """Read something of a pipeline as the first of these people who can; and who that was.

        That one execution is not found says nothing of its pipeline, and is not remembered. With
        ``asks_all`` those are asked as well who were refused a while ago.

        Raises:
            HeldBack: everybody who could read has no call to spare.
            BuddyRateLimited: the same, by Buddy's own word.
            BuddyUnavailable: Buddy does not answer.
            BuddyError, LinkError: nobody can read it.
        """
        held: HeldBack | BuddyRateLimited | None = None
        failure: BotError | None = None
        for link in await self._links(people):
            if not asks_all and (refused := self._last_refusal(link, pipeline)) is not None:
                failure = failure or refused
                continue
            try:
                actor = self._acting(link)
                self._check_budget(actor)
                found = await read(actor)
            except (HeldBack, BuddyRateLimited) as busy:
                held = held or busy
            except BuddyUnavailable:
                raise
            except (BuddyError, LinkError) as error:
                if not (is_execution and isinstance(error, NotFoundInBuddy)):
                    until = self.clock.now() + REFUSED_FOR
                    self._note(self._refused, link, pipeline, (until, error))
                failure = failure or error
            else:
                self._note(self._seen, link, pipeline, self.clock.now() + SEEN_FOR)
                return actor, found
        raise held or failure or NotLinked()

    async def sees(self, person: Person, at: PipelineRef) -> bool:
        """Tell whether somebody sees a pipeline with their own account; believed for a while.

        Raises:
            HeldBack, BuddyRateLimited, BuddyUnavailable: that cannot be told now.
        """
        if self.service_token is not None:
            # The operator lets an account of the bot's own read for those who cannot.
            return True
        [*links] = await self._links([person])
        if not links:
            return False
        until = self._seen.get(_key(links[0], at.pipeline))
        if until is not None and self.clock.now() < until:
            return True
        try:
            await self.read(
                [person],
                at.pipeline,
                lambda actor: actor.buddy.pipeline(at.workspace, at.project, at.pipeline),
            )
        except (BuddyRateLimited, BuddyUnavailable):
            raise
        except (BuddyError, LinkError):
            return False
        return True

    async def _links(self, people: Sequence[Person]) -> list[Link]:
        async with self.database.snapshot() as transaction:
            known = await follows.links_of(transaction, people, self.host)
        found = [known[person] for person in dict.fromkeys(people) if person in known]
        return found if self.service_token is None else [*found, SERVICE]

    def _acting(self, link: Link) -> Actor:
        if link is not SERVICE:
            return self.identities.acting(link)
        assert self.service_token is not None  # noqa: S101 - else it is not among the links
        token = self.service_token.get_secret_value()
        return Actor(SERVICE, self.identities.buddy.acting_as(token))

    def _check_budget(self, actor: Actor) -> None:
        if wait := actor.buddy.ledger.wait(self.clock.now()):
            raise HeldBack(wait)

    def _last_refusal(self, link: Link, pipeline: int) -> BotError | None:
        found = self._refused.get(_key(link, pipeline))
        return found[1] if found is not None and self.clock.now() < found[0] else None

    @staticmethod
    def _note(kept: dict[_Key, T], link: Link, pipeline: int, value: T) -> None:
        while len(kept) >= _MOST:
            del kept[next(iter(kept))]
        kept[_key(link, pipeline)] = value


def patience(failure: HeldBack | BotError, now: datetime) -> Snooze | None:
    """Tell when to try again what could not be read; None if nobody can read it."""
    match failure:
        case HeldBack(wait=wait):
            return Snooze(wait)
        case BuddyRateLimited(retry_at=at):
            return Snooze(max(_SOON, at - now), is_firm=True)
        case BuddyUnavailable():
            return Snooze(LATER)
        case _:
            return None


def _key(link: Link, pipeline: int) -> _Key:
    # A token that was replaced may see something else.
    return link.id, link.generation, pipeline
