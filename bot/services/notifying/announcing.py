"""Tell a channel of an execution: post its card, once, and follow it from then on.

Slack cannot tell a repeated message from a new one. So a card that may stand in the channel already
is looked for by its mark before it is posted again. Where the channel cannot be read it is posted
once more, and counted: a card that says the same twice is better than none. One that somebody put
there before is taken for the card.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.cards.card import Card
from bot.cards.execution import execution_card
from bot.cards.facts import CardFacts
from bot.clock import Clock
from bot.database import Database, Transaction
from bot.domain.catalog import PipelineRef
from bot.domain.command import Moment
from bot.domain.subscription import Subscription
from bot.errors import BotError, ChannelUnreachable, SlackBusy, SlackUnavailable
from bot.jobs.queue import Again, Clash, Job, Jobs, Outcome, Snooze
from bot.metrics import Metric
from bot.services.finding.reading import Reading
from bot.services.following.budgets import SlackBudgets
from bot.services.following.posting import Posting
from bot.services.following.sight import HeldBack
from bot.services.following.story import Shown, Storyteller
from bot.services.following.threads import NOT_FOR_US
from bot.services.following.tracker import Tracker
from bot.services.notifying.departures import Departures
from bot.services.notifying.glimpses import Glimpse, Glimpses
from bot.services.notifying.jobs import NOTIFY, notice_job, notified
from bot.services.notifying.noise import Noise
from bot.services.notifying.readers import Readers, patience
from bot.slack.channels import Channels
from bot.store import announcements, cards, subscriptions
from bot.store.announcements import Announcement, State
from bot.store.cards import Follow

log = structlog.get_logger()

SLOTS = 32
ATTEMPTS = 60
"""Tries until a card is given up: hours, in which Slack should have answered once."""

LOOK_AFTER = timedelta(seconds=5)
"""When to look whether a card stands there whose answer got lost."""

PAUSE = timedelta(seconds=10)
"""How long to wait when Slack surely did nothing."""

_BEFORE = timedelta(minutes=1)
"""How much earlier than it was noticed a card may stand in a channel, by Slack's clock."""

URGENT = frozenset(Moment) - {Moment.STARTED}
"""What goes first where a channel has more cards to come than Slack takes at once."""

_OPEN = frozenset({State.WANTED, State.UNCLEAR})


@dataclass(frozen=True, slots=True)
class _Case:
    """What the rows say of a channel that is to be told."""

    known: Announcement
    subscription: Subscription
    card_id: int | None

    @property
    def is_unclear(self) -> bool:
        """Whether a card may stand there that nobody found before the job was given up."""
        return self.known.state is State.UNCLEAR


@dataclass(frozen=True, slots=True)
class Announcing:
    """Posts the cards of notifications."""

    database: Database
    readers: Readers
    reading: Reading
    glimpses: Glimpses
    posting: Posting
    channels: Channels
    budgets: SlackBudgets
    storyteller: Storyteller
    tracker: Tracker
    departures: Departures
    noise: Noise
    jobs: Jobs
    clock: Clock
    installation: str
    """Whose cards they are: several bots of one Slack app may write into a channel."""

    def register(self) -> None:
        """Name who posts cards."""
        self.jobs.handle(
            NOTIFY, self.announce, slots=SLOTS, attempts=ATTEMPTS, give_up=self.give_up
        )

    async def announce(self, job: Job) -> Outcome:
        """Tell a channel of an execution, unless it is told."""
        case = await self._case(job)
        if case is None:
            return None
        try:
            if case.card_id is None:
                await self._put_up(case, is_unclear=job.attempt > 1 or case.is_unclear)
            else:
                await self._adopt(case, case.card_id)
        except (HeldBack, BotError) as failure:
            again = self._again(job, failure)
            if again is None:
                await self._lose(case, failure)
            return again
        return None

    async def give_up(self, job: Job) -> None:
        """Note that a card may stand there: whoever tries again must look first."""
        case = await self._case(job)
        if case is not None:
            await self._change(case.known, state=State.UNCLEAR.value)

    async def _case(self, job: Job) -> _Case | None:
        team, channel, identity = notified(job)
        async with self.database.snapshot() as transaction:
            known = await announcements.get(transaction, team, channel, identity)
            if known is None or known.state not in _OPEN:
                return None
            subscription = await subscriptions.get(transaction, known.subscription_id)
            card_id = await announcements.card_in(transaction, team, channel, identity)
        if subscription is None:
            await self._hand_back(job, known)
            return None
        return _Case(known, subscription, card_id)

    async def _hand_back(self, job: Job, known: Announcement) -> None:
        """Forget what was wanted by nobody but a subscription that is over, or by others too.

        Which of a channel's other subscriptions want it, now or later, a look at the execution
        tells, as for everything that happens. A card that may stand there is not forgotten: for
        whoever wants it then, it is looked for by its mark.
        """
        pipeline = PipelineRef.of(known.ref)
        may_stand = job.attempt > 1 or known.state is State.UNCLEAR
        async with self.database.transaction() as transaction:
            if await subscriptions.covers(transaction, pipeline):
                look = notice_job(pipeline, str(known.ref.execution))
                await self.jobs.put(transaction, look, clash=Clash.POKE)
            # What is wanted again has a job of this name, which must not take this for it.
            await self.jobs.drop(transaction, NOTIFY, job.key)
            if may_stand:
                await announcements.change(transaction, known.id, state=State.UNCLEAR.value)
            else:
                await announcements.remove(transaction, known.id)
        log.info("channel.unsubscribed", announcement=known.id)

    async def _put_up(self, case: _Case, *, is_unclear: bool) -> None:
        known = case.known
        found = await self._found(case) if is_unclear else ""
        if not found:
            # First of all: whoever waits for Slack must not use up what may be asked of Buddy.
            await self._take_turn(known)
        seen = await self._glimpse(case)
        follow, facts = await self._facts(case, seen)
        if not found and await self.noise.told_under_another(known, facts, follow):
            return
        is_discreet = await self.channels.is_discreet(known.channel)
        card = execution_card(replace(facts, is_discreet=is_discreet))
        calls = await self.storyteller.calls(facts, follow, seen.actor.buddy)
        ts = found or await self._post(case, card)
        # What a card shows that was found is not known; it is painted anew.
        message = cards.Message(known.team, known.channel, ts)
        shown = Shown(message, "" if found else card.digest, calls=calls)
        await self._remember(case, facts, follow, shown)

    def _again(self, job: Job, failure: HeldBack | BotError) -> Outcome:
        """Tell when to try again; None if it is of no use."""
        match failure:
            case SlackBusy(seconds=seconds):
                wait: Snooze | None = Snooze(timedelta(seconds=seconds), is_firm=True)
            case SlackUnavailable(is_sure=False):
                return Again(failure.code, LOOK_AFTER)
            case SlackUnavailable():
                wait = Snooze(PAUSE, is_firm=True)
            case _:
                wait = patience(failure, self.clock.now())
        if wait is None or job.attempt == 1:
            return wait
        # Once a card may stand there, that must not be forgotten meanwhile.
        return Again(getattr(failure, "code", "held_back"), wait.duration)

    async def _glimpse(self, case: _Case) -> Glimpse:
        """Look at the execution, unless that was done a moment ago."""
        ref = case.known.ref
        if (seen := self.glimpses.of(ref.identity)) is not None:
            return seen
        actor, execution = await self.readers.read(
            [case.subscription.owner],
            ref.pipeline,
            lambda actor: self.reading.execution(actor, ref),
            is_execution=True,
            # Who cannot read loses the channel its card for good: that is not taken from memory.
            asks_all=True,
        )
        return self.glimpses.keep(execution, actor)

    async def _facts(self, case: _Case, seen: Glimpse) -> tuple[Follow | None, CardFacts]:
        execution = seen.execution
        async with self.database.snapshot() as transaction:
            follow = await cards.get_follow(transaction, execution.ref.identity)
        gather = self.tracker.facts.gather
        return follow, await gather(execution, seen.actor.buddy, case.known.team, follow)

    async def _take_turn(self, known: Announcement) -> None:
        """Take one message of the channel's budget; what merely started leaves some to the rest."""
        is_urgent = bool(URGENT.intersection(known.moments))
        if wait := await self.budgets.post(known.team, known.channel, is_urgent=is_urgent):
            raise SlackBusy(wait.total_seconds())

    async def _post(self, case: _Case, card: Card) -> str:
        team, channel = case.known.team, case.known.channel
        return await self.posting.post(team, channel, card, mark=self._mark(case))

    async def _found(self, case: _Case) -> str:
        """Look for a card that may stand in the channel already; nothing if it does not."""
        since: datetime = case.known.noticed_at - _BEFORE
        try:
            return await self.posting.messenger.find_message(
                case.known.channel, self._mark(case), since
            )
        except ChannelUnreachable:
            return self._cannot_look(case)
        except SlackUnavailable as silent:
            if silent.reason in NOT_FOR_US:
                return self._cannot_look(case)
            raise

    def _cannot_look(self, case: _Case) -> str:
        self.posting.messenger.metrics.count(Metric.CARD_UNCLEAR)
        log.warning("card.unclear", announcement=case.known.id)
        return ""

    async def _adopt(self, case: _Case, card_id: int) -> None:
        """Take the card that somebody put into the channel, or that was posted before a crash."""
        async with self.database.transaction() as transaction:
            await self.tracker.begin(transaction, case.known.ref)
            await self._told(transaction, case, card_id)

    async def _remember(
        self, case: _Case, facts: CardFacts, follow: Follow | None, shown: Shown
    ) -> None:
        """Note that the channel is told, and have the starter told what failed: both or neither."""
        known, execution = case.known, facts.execution
        async with self.database.transaction() as transaction:
            # It was read just now: the first look has time, unless something is told of it.
            await self.tracker.begin_later(transaction, execution.ref)
            owner, now = case.subscription.owner, self.clock.now()
            await self.storyteller.begin(transaction, execution, owner, now, shown)
            card_id = await announcements.card_in(
                transaction, known.team, known.channel, known.ref.identity
            )
            await self._told(transaction, case, card_id)
            if card_id is not None:
                await self.noise.begin(transaction, known, execution, card_id)
            await self.storyteller.write_to_starter(transaction, facts, follow, known.team)
        if case.subscription.told_gone_at is not None:
            await self.departures.back(known.channel)
        seconds = (self.clock.now() - known.noticed_at).total_seconds()
        self.posting.messenger.metrics.notified(seconds)
        log.info("channel.notified", pipeline=known.ref.pipeline, execution=known.ref.execution)

    @staticmethod
    async def _told(transaction: Transaction, case: _Case, card_id: int | None) -> None:
        told = {"card_id": card_id, "state": State.TOLD.value}
        await announcements.change(transaction, case.known.id, **told)

    async def _lose(self, case: _Case, failure: HeldBack | BotError) -> None:
        """Note that a channel cannot be told: it is gone, or nobody can read the execution."""
        code = getattr(failure, "code", "")
        log.warning("channel.not_notified", subscription=case.subscription.id, code=code)
        if isinstance(failure, ChannelUnreachable):
            # Noted before the rest: who is interrupted comes here again, and tells nobody twice.
            await self.departures.gone(case.known.team, case.known.channel)
        await self._change(case.known, state=State.LOST.value)

    async def _change(self, known: Announcement, **values: object) -> None:
        async with self.database.transaction() as transaction:
            await announcements.change(transaction, known.id, **values)

    def _mark(self, case: _Case) -> str:
        return f"{self.installation}/card/{case.known.id}"
