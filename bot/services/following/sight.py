"""Look at an execution for its cards, with somebody's account, and within everybody's budget.

Whose token reads, in order: of whoever asked for the card, of whoever acted on the execution
through the bot, the read-only service token. One that Buddy refuses is left alone for a while.

Where a token has not enough calls to read each execution by itself, all of a pipeline's are looked
at through one list. It tells of each whether it moved on; whatever moved is then read by itself.
"""

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from pydantic import SecretStr

from bot.clock import Clock
from bot.database import Database
from bot.domain.account import BuddyUser
from bot.domain.execution import Execution
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
from bot.metrics import Metrics, Poll
from bot.services.finding.reading import Reading
from bot.services.following.sharing import Sharing
from bot.services.identity import Actor, Identities
from bot.store import follows
from bot.store.follows import Known
from bot.store.identities import Link

log = structlog.get_logger()

REFUSED_FOR = timedelta(minutes=4)
"""How long a token is not tried again on a pipeline that Buddy did not show it."""

_MAX_REFUSED = 10_000
SERVICE = Link(0, 0, Person("", ""), BuddyUser(0, ""), "", datetime(2000, 1, 1, tzinfo=UTC))
"""Stands where a person's link would: no person has this number."""


seen_at: ContextVar[float | None] = ContextVar("seen_at", default=None)
"""When this piece of work saw its execution, by the clock that never jumps."""


class HeldBack(Exception):
    """No token has a call to spare for following at this moment."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("held back")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class LastRead:
    """When an execution was last read by itself, and how it stood."""

    at: datetime
    standing: str


@dataclass(frozen=True, slots=True)
class Look:
    """What one look brought."""

    execution: Execution | None
    """None where the pipeline's list says that it stands where it stood."""

    actor: Actor
    newest: tuple[Execution, ...] = ()
    """The pipeline's newest executions in short form, where its list was read."""


_Key = tuple[int, int, int, int | None]


@dataclass(slots=True)
class Sight:
    """Finds somebody who can read, and reads."""

    database: Database
    identities: Identities
    reading: Reading
    sharing: Sharing
    clock: Clock
    service_token: SecretStr | None
    metrics: Metrics
    _refused: dict[_Key, tuple[datetime, BotError]] = field(default_factory=dict)

    async def look(self, known: Known, last: LastRead | None, *, is_urgent: bool) -> Look:
        """Look at an execution, which was last read like this; None if never from here.

        What is urgent, since somebody did something to it, uses the calls that are kept for clicks.
        What came of it is counted.

        Raises:
            HeldBack: everybody who could read has no call to spare.
            BuddyRateLimited: the same, by Buddy's own word.
            BuddyUnavailable: Buddy does not answer.
            BuddyError, LinkError: nobody can read it.
        """
        try:
            look = await self._look(known, last, is_urgent=is_urgent)
        except (HeldBack, BotError) as failure:
            self.metrics.polled(_result(failure))
            raise
        seen_at.set(self.clock.steady())
        self.metrics.polled(Poll.SHARED if look.execution is None else Poll.READ)
        return look

    async def _look(self, known: Known, last: LastRead | None, *, is_urgent: bool) -> Look:
        held: HeldBack | BuddyRateLimited | None = None
        failure: BotError | None = None
        for find in (self._asker, self._others):
            for actor in await find(known):
                try:
                    return await self._look_as(actor, known, last, is_urgent=is_urgent)
                except (HeldBack, BuddyRateLimited) as busy:
                    held = held or busy
                except BuddyUnavailable:
                    raise
                except (BuddyError, LinkError) as refused:
                    self._note_refusal(actor, known, refused)
                    failure = failure or refused
        raise held or failure or self._last_refusal(known)

    async def _asker(self, known: Known) -> list[Actor]:
        """Name who asked for the card, who nearly always can read."""
        return self._acting([known.link] if known.link else [], known)

    async def _others(self, known: Known) -> list[Actor]:
        """Name who else may be asked to read, in order."""
        async with self.database.snapshot() as transaction:
            people = await follows.acted(transaction, known.follow.ref.identity)
            host = self.identities.buddy.host
            links = await follows.links_of(transaction, people, host)
        asker = known.link.id if known.link else None
        others = [links[person] for person in people if person in links]
        found = self._acting([link for link in others if link.id != asker], known)
        if self.service_token is not None and not self._is_refused(SERVICE, known):
            buddy = self.identities.buddy
            token = self.service_token.get_secret_value()
            found.append(Actor(SERVICE, buddy.acting_as(token)))
        return found

    def _acting(self, links: Iterable[Link], known: Known) -> list[Actor]:
        """Make the clients that act as people, of those who were not refused a while ago."""
        found = []
        for link in links:
            if self._is_refused(link, known):
                continue
            try:
                found.append(self.identities.acting(link))
            except LinkError as unreadable:
                log.warning("follow.account_unreadable", code=unreadable.code)
        return found

    async def _look_as(
        self, actor: Actor, known: Known, last: LastRead | None, *, is_urgent: bool
    ) -> Look:
        self.sharing.note(actor, known.follow.ref)
        ledger, now = actor.buddy.ledger, self.clock.now()
        ref = known.follow.ref
        newest: tuple[Execution, ...] = ()
        if not is_urgent and (wait := ledger.wait(now)):
            raise HeldBack(wait)
        if last is not None and not is_urgent and self.sharing.is_scarce(actor, ref):
            if self.sharing.has_its_turn(actor, now - last.at):
                ledger.reserve(now, now, sharers=self.sharing.processes())
            else:
                shared = await self.sharing.look(actor, ref)
                if isinstance(shared, timedelta):
                    raise HeldBack(shared)
                newest = shared.executions
                if shared.standing == last.standing:
                    return Look(None, actor, newest)
        return Look(await self.reading.execution(actor, ref), actor, newest)

    def _note_refusal(self, actor: Actor, known: Known, refused: BotError) -> None:
        while len(self._refused) >= _MAX_REFUSED:
            del self._refused[next(iter(self._refused))]
        # That one execution is not found says nothing of the others of its pipeline.
        key = _key(actor.link, known, is_alone=isinstance(refused, NotFoundInBuddy))
        self._refused[key] = (self.clock.now() + REFUSED_FOR, refused)

    def _is_refused(self, link: Link, known: Known) -> bool:
        return self._refusal(link, known) is not None

    def _refusal(self, link: Link, known: Known) -> BotError | None:
        for is_alone in (False, True):
            found = self._refused.get(_key(link, known, is_alone=is_alone))
            if found is not None and self.clock.now() < found[0]:
                return found[1]
        return None

    def _last_refusal(self, known: Known) -> BotError:
        """Say why nobody is asked at all: the asker was refused a while ago, or is not linked."""
        found = self._refusal(known.link, known) if known.link else None
        return found or NotLinked()


def _result(failure: HeldBack | BotError) -> Poll:
    match failure:
        case HeldBack():
            return Poll.HELD_BACK
        case BuddyRateLimited():
            return Poll.RATE_LIMITED
        case BuddyUnavailable():
            return Poll.UNAVAILABLE
        case _:
            return Poll.OUT_OF_SIGHT


def _key(link: Link, known: Known, *, is_alone: bool) -> _Key:
    # A token that was replaced may see something else.
    ref = known.follow.ref
    return link.id, link.generation, ref.pipeline, ref.execution if is_alone else None
