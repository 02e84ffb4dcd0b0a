"""Follow an execution until it ends; the only painter of its cards.

One job per execution reads it, paints every card that shows something else, and sleeps until it is
due or poked. A read that was begun before an operation was sent is dropped: it would show the past.
While an operation is on its way, the card shows no buttons and says whose it is.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.buddy.client import BuddyClient
from bot.cards.answers import out_of_sight_card
from bot.cards.card import Card
from bot.cards.execution import Pending, execution_card
from bot.clock import Clock
from bot.database import Database, Transaction
from bot.domain.execution import Execution, ExecutionRef
from bot.domain.person import Person
from bot.errors import (
    BotError,
    BuddyError,
    BuddyRateLimited,
    BuddyUnavailable,
    ChannelUnreachable,
    LinkError,
    MessageGone,
    SlackBusy,
    SlackError,
)
from bot.jobs.queue import Clash, Job, Jobs, Outcome, Snooze
from bot.services.facts import Facts
from bot.services.identity import Identities
from bot.services.posting import Posting
from bot.services.reading import Reading
from bot.services.threads import Threads
from bot.store import cards, clicks
from bot.store.cards import Follow, StoredCard

log = structlog.get_logger()

KIND = "follow"
_CADENCE = (
    (timedelta(minutes=5), timedelta(seconds=5)),
    (timedelta(minutes=30), timedelta(seconds=10)),
)
_SLOWEST = timedelta(seconds=30)
_SOON = timedelta(seconds=2)
_AGAIN = timedelta(seconds=1)
_LATER = timedelta(seconds=5)
"""When to try again what Buddy or Slack did not answer: a card is true again within 15 seconds."""


@dataclass(slots=True)
class Tracker:
    """Keeps the cards of an execution true."""

    database: Database
    identities: Identities
    reading: Reading
    facts: Facts
    posting: Posting
    threads: Threads
    jobs: Jobs
    clock: Clock

    def register(self) -> None:
        """Name who follows executions."""
        self.jobs.handle(KIND, self.follow, slots=256, give_up=self.give_up)

    async def begin(self, transaction: Transaction, ref: ExecutionRef) -> None:
        """Follow an execution from now on, or look at it at once."""
        await self.jobs.put(transaction, _job(ref), clash=Clash.POKE)

    async def begin_later(self, transaction: Transaction, ref: ExecutionRef) -> None:
        """Look at an execution in a while, if nothing says so before.

        An operation was sent: within three seconds its card must show that it is on its way.
        """
        await self.jobs.put(transaction, _job(ref), clash=Clash.POKE, after=_SOON)

    async def poke(self, transaction: Transaction, ref: ExecutionRef) -> None:
        """Look at an execution that is followed: something happened to it."""
        await self.jobs.poke(transaction, KIND, _job(ref).key)

    async def follow(self, job: Job) -> Outcome:
        """Read an execution once and paint the cards that show something else."""
        async with self.database.snapshot() as transaction:
            before = await cards.get_follow(transaction, _identity(job))
            shown = await cards.cards_of(transaction, _identity(job))
        if before is None or not shown:
            return None
        try:
            execution, buddy = await self._read(before)
        except BuddyRateLimited as limited:
            return Snooze(max(_AGAIN, limited.retry_at - self.clock.now()), is_firm=True)
        except BuddyUnavailable:
            return Snooze(_LATER)
        except (BuddyError, LinkError) as lost:
            log.warning("follow.out_of_sight", code=lost.code)
            await self._lose_sight(before)
            return None
        return await self._show(job, before, shown, execution, buddy)

    async def give_up(self, job: Job) -> None:
        """Say in the thread that nobody looks any more."""
        async with self.database.snapshot() as transaction:
            follow = await cards.get_follow(transaction, _identity(job))
        if follow is not None:
            await self._lose_sight(follow)

    async def _show(
        self,
        job: Job,
        before: Follow,
        shown: list[StoredCard],
        execution: Execution,
        buddy: BuddyClient,
    ) -> Snooze | None:
        """Paint what was read, unless an operation was sent since the read began."""
        async with self.database.snapshot() as transaction:
            now = await cards.get_follow(transaction, _identity(job))
            pending = await clicks.pending(transaction, before.ref)
        if now is None or now.mark != before.mark:
            return Snooze(timedelta(0))
        if execution.pipeline_name not in {"", before.pipeline_name}:
            async with self.database.transaction() as transaction:
                renamed = {"pipeline_name": execution.pipeline_name}
                await cards.change_follow(transaction, execution.ref, **renamed)
        facts = await self.facts.gather(execution, buddy, before.asker.team, now, _pending(pending))
        card = execution_card(facts)
        painted, wait = await self._paint(shown, card)
        is_over = wait is None and execution.status.is_final and pending is None
        await self._note(before.ref, painted, card.digest, closes=is_over)
        if wait is not None:
            return wait
        return None if is_over else Snooze(self._cadence(before))

    async def _read(self, follow: Follow) -> tuple[Execution, BuddyClient]:
        """Read with the token of who asked for the card, else of who acted last."""
        readers = [follow.asker]
        if follow.last_act and follow.last_act.person not in readers:
            readers.append(follow.last_act.person)
        failure: BotError | None = None
        for reader in readers:
            try:
                return await self._read_as(reader, follow.ref)
            except (BuddyRateLimited, BuddyUnavailable):
                raise
            except (BuddyError, LinkError) as refused:
                failure = failure or refused
        assert failure is not None  # noqa: S101 - there is at least one reader
        raise failure

    async def _read_as(self, reader: Person, ref: ExecutionRef) -> tuple[Execution, BuddyClient]:
        actor = await self.identities.actor(reader)
        return await self.reading.execution(actor, ref), actor.buddy

    async def _paint(self, shown: list[StoredCard], card: Card) -> tuple[list[int], Snooze | None]:
        """Paint what differs; what was, and when to try again if Slack did not take all of it."""
        painted: list[int] = []
        again = None
        for stored in shown:
            if stored.digest == card.digest:
                continue
            try:
                await self.posting.repaint(stored.team, stored.channel, stored.message_ts, card)
            except SlackBusy as busy:
                return painted, Snooze(timedelta(seconds=busy.seconds), is_firm=True)
            except (ChannelUnreachable, MessageGone) as gone:
                log.info("card.dropped", card=stored.id, code=gone.code)
                async with self.database.transaction() as transaction:
                    await cards.drop_card(transaction, stored.id)
            except SlackError as error:
                log.warning("card.not_painted", card=stored.id, code=error.code)
                again = Snooze(_LATER)
            else:
                painted.append(stored.id)
        return painted, again

    async def _note(
        self, ref: ExecutionRef, painted: list[int], digest: str, *, closes: bool
    ) -> None:
        """Note what the cards show now, and that nothing more will happen.

        Whoever crashes before that paints once more, which changes nothing.
        """
        if not painted and not closes:
            return
        async with self.database.transaction() as transaction:
            for card_id in painted:
                await cards.painted(transaction, card_id, digest)
            if closes:
                await cards.change_follow(transaction, ref, is_open=False)

    async def _lose_sight(self, follow: Follow) -> None:
        """Say in the thread that the card may be out of date from now on, and how to mend it."""
        async with self.database.transaction() as transaction:
            about = f"out-of-sight/{follow.mark}"
            told = out_of_sight_card(follow.asker.mention)
            await self.threads.tell(transaction, follow.ref, about, told, follow.asker)
            await cards.change_follow(transaction, follow.ref, is_open=False)

    def _cadence(self, follow: Follow) -> timedelta:
        age = self.clock.now() - follow.since
        return next((pause for limit, pause in _CADENCE if age < limit), _SLOWEST)


def _pending(found: clicks.StoredClick | None) -> Pending | None:
    return Pending(found.person.mention, found.operation) if found else None


def _job(ref: ExecutionRef) -> Job:
    host, pipeline, number = ref.identity
    # No lane: the key alone keeps an execution from being painted twice at the same time.
    return Job(KIND, f"{host}/{pipeline}/{number}")


def _identity(job: Job) -> tuple[str, int, int]:
    host, pipeline, number = job.key.rsplit("/", 2)
    return host, int(pipeline), int(number)
