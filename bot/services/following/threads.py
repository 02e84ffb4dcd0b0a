"""Tell a card's thread what happened: each thing once, in order.

What is to be told is written down in the transaction that records what happened, and posted
afterwards, one card at a time. Slack cannot tell a repeated message from a new one. So a reply that
may stand there already is looked for by its mark before it is posted again; where the thread cannot
be read it is not posted again, and the card itself says the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.cards.card import Card
from bot.cards.tales import called
from bot.database import Database, Transaction
from bot.domain.click import Place
from bot.domain.execution import ExecutionRef
from bot.domain.person import Person
from bot.errors import (
    BlocksRefused,
    ChannelUnreachable,
    MessageGone,
    SlackBusy,
    SlackUnavailable,
)
from bot.jobs.queue import Again, Clash, Job, Jobs, Outcome, Snooze
from bot.metrics import Metric, Metrics
from bot.services.following.budgets import SlackBudgets
from bot.slack.channels import Channels
from bot.slack.messenger import Messenger
from bot.store import cards, habits

log = structlog.get_logger()

KIND = "reply"
AGAIN_FAILED = "again-failed"
BROADCAST = frozenset({"failed", AGAIN_FAILED})
"""What a whole channel may be shown of a thread, by the beginning of its key."""

CALLING = frozenset({"failed", "reached", "remind"})
"""What somebody must do something about, by the beginning of its key."""

NOT_FOR_US = frozenset({"missing_scope", "no_permission", "not_allowed_token_type"})
"""Slack's words for a thread that we may not read. Source: conversations.replies, «Errors»."""

_FRESH = timedelta(minutes=1)
_ATTEMPTS = 60
"""Tries until a reply is given up: hours, in which Slack should have answered once."""

_LOOK_AFTER = timedelta(seconds=5)
"""When to look whether a reply stands there whose answer got lost."""

_PAUSE = timedelta(seconds=10)
"""How long to wait when Slack surely did nothing: it may be down, or the bot's token revoked."""


@dataclass(frozen=True, slots=True)
class Threads:
    """The outbox of thread replies."""

    database: Database
    messenger: Messenger
    budgets: SlackBudgets
    channels: Channels
    jobs: Jobs
    metrics: Metrics
    installation: str
    """Whose replies they are: several bots of one Slack app may write into a channel."""

    def register(self) -> None:
        """Name who posts replies."""
        self.jobs.handle(KIND, self.post_next, slots=16, attempts=_ATTEMPTS)

    async def tell(
        self,
        transaction: Transaction,
        ref: ExecutionRef,
        about: str,
        content: Card,
        person: Person,
    ) -> int:
        """Write down what every card of an execution is told; how many did not know it yet.

        ``person`` is told directly where a card's thread can no longer be reached.
        """
        return await self.tell_all(transaction, ref, [(about, content)], person)

    async def tell_all(
        self,
        transaction: Transaction,
        ref: ExecutionRef,
        told: Sequence[tuple[str, Card]],
        person: Person,
    ) -> int:
        """Write down several things that every card of an execution is told, in their order."""
        shown = await cards.cards_of(transaction, ref.identity)
        # Jobs before rows, as everywhere: a job that is at work holds its own and writes rows.
        for card in shown:
            await self.jobs.put(transaction, Job(KIND, str(card.id)), clash=Clash.POKE)
        news = 0
        for about, content in told:
            news += await cards.add_replies(transaction, shown, about, content, person)
        return news

    async def tell_card(
        self,
        transaction: Transaction,
        card: cards.StoredCard,
        about: str,
        content: Card,
        person: Person,
    ) -> int:
        """Write down what one card's thread is told; 1 if it did not know it yet."""
        await self.hold(transaction, card.id)
        return await cards.add_replies(transaction, [card], about, content, person)

    async def hold(self, transaction: Transaction, card_id: int) -> None:
        """Let nobody else tell a card's thread anything before this transaction is stored.

        To be called before other rows; the thread is looked at then, whatever it is told.
        """
        await self.jobs.put(transaction, Job(KIND, str(card_id)), clash=Clash.POKE)

    async def post_next(self, job: Job) -> Outcome:
        """Post the first reply that a card's thread was not told yet."""
        card_id = int(job.key)
        async with self.database.snapshot() as transaction:
            reply = await cards.waiting_reply(transaction, card_id)
        if reply is None:
            return None
        try:
            ts = await self._found(reply) if job.attempt > 1 else ""
            ts = ts or await self._post(reply)
        except SlackBusy as busy:
            return _wait(job, busy.code, timedelta(seconds=busy.seconds))
        except (ChannelUnreachable, MessageGone):
            await self._unreachable(reply)
            return Snooze(timedelta(0))
        except SlackUnavailable as silent:
            if silent.is_sure:
                return _wait(job, silent.code, _PAUSE)
            return Again(silent.code, _LOOK_AFTER)
        except _Unreadable:
            self.metrics.count(Metric.REPLY_UNCLEAR)
            log.warning("reply.unclear", card=card_id)
            ts = ""
        async with self.database.transaction() as transaction:
            await cards.posted(transaction, reply.id, ts)
            further = await cards.waiting_reply(transaction, card_id)
        return Snooze(timedelta(0)) if further else None

    async def _found(self, reply: cards.Reply) -> str:
        """Look for a reply that may stand in its thread already; nothing if it does not.

        Raises:
            _Unreadable: Slack does not let us look.
            SlackError: it did not answer, or the thread is gone.
        """
        where = reply.card
        try:
            return await self.messenger.find_reply(
                where.channel, where.message_ts, self._mark(reply)
            )
        except ChannelUnreachable:
            raise _Unreadable from None
        except SlackUnavailable as silent:
            if silent.reason in NOT_FOR_US:
                raise _Unreadable from None
            raise

    async def _post(self, reply: cards.Reply) -> str:
        """Post a reply; one whose blocks Slack does not take is said in text."""
        channel, thread_ts = reply.card.channel, reply.card.message_ts
        if wait := await self.budgets.post(reply.card.team, channel):
            raise SlackBusy(wait.total_seconds())
        content = reply.content
        # Looked up now, not when it was written down: somebody may have shared the channel since.
        if content.discreet is not None and await self.channels.is_discreet(channel):
            content = content.discreet
        content, is_broadcast = await self._as_wished(reply, content)
        told = {"thread_ts": thread_ts, "mark": self._mark(reply)}
        try:
            return await self.messenger.post(
                channel, content.text, content.blocks, **told, is_broadcast=is_broadcast
            )
        except BlocksRefused:
            log.error("reply.blocks_refused", chapter="Cards that Slack refuses")  # noqa: TRY400
            return await self.messenger.post(
                channel, content.text, (), **told, is_broadcast=is_broadcast
            )

    async def _as_wished(self, reply: cards.Reply, content: Card) -> tuple[Card, bool]:
        """Call whom the channel wants to be called, and tell whether all of it reads the reply."""
        about = reply.about.partition("/")[0]
        if about not in CALLING | BROADCAST:
            return content, False
        async with self.database.snapshot() as transaction:
            wish = await habits.reply_wish(transaction, reply.card.id)
        posted_at = float(reply.card.message_ts or 0)
        # A card that was posted a moment ago is in front of everybody already.
        is_old = self.budgets.clock.now().timestamp() - posted_at > _FRESH.total_seconds()
        is_broadcast = wish.is_broadcast and about in BROADCAST and is_old
        # Who was called for the first failure is not called for each that follows it.
        return called(content, wish.mentions if about in CALLING else ()), is_broadcast

    async def _unreachable(self, reply: cards.Reply) -> None:
        """Tell the person directly what the thread cannot be told any more."""
        async with self.database.transaction() as transaction:
            await cards.posted(transaction, reply.id, "")
            await cards.drop_card(transaction, reply.card.id)
        await self.messenger.tell(reply.person, Place(channel=""), reply.content)

    def _mark(self, reply: cards.Reply) -> str:
        return f"{self.installation}/reply/{reply.id}"


def _wait(job: Job, code: str, duration: timedelta) -> Outcome:
    """Wait for Slack; once a reply may stand there, that must not be forgotten meanwhile."""
    return Again(code, duration) if job.attempt > 1 else Snooze(duration, is_firm=True)


class _Unreadable(Exception):
    """The thread cannot be read: whether the reply stands there, nobody knows."""
