"""Tell a card's thread what happened: each thing once, in order.

What is to be told is written down in the transaction that records what happened, and posted
afterwards, one card at a time. Slack cannot tell a repeated message from a new one, so a reply
whose answer got lost is not posted again; the card itself says the same.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.cards.card import Card
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
from bot.jobs.queue import Clash, Job, Jobs, Snooze
from bot.metrics import Metric, Metrics
from bot.slack.messenger import Messenger
from bot.store import cards

log = structlog.get_logger()

KIND = "reply"
_PAUSE = timedelta(seconds=10)
"""How long to wait when Slack surely did nothing: it may be down, or the bot's token revoked."""


@dataclass(frozen=True, slots=True)
class Threads:
    """The outbox of thread replies."""

    database: Database
    messenger: Messenger
    jobs: Jobs
    metrics: Metrics

    def register(self) -> None:
        """Name who posts replies."""
        self.jobs.handle(KIND, self.post_next, slots=16)

    async def tell(
        self,
        transaction: Transaction,
        ref: ExecutionRef,
        about: str,
        content: Card,
        person: Person,
    ) -> int:
        """Write down what every card of an execution is told; how many cards there are.

        ``person`` is told directly where a card's thread can no longer be reached.
        """
        shown = await cards.cards_of(transaction, ref.identity)
        await cards.add_replies(transaction, shown, about, content, person)
        for card in shown:
            self.jobs.put(transaction, self._job(card.id), clash=Clash.POKE)
        return len(shown)

    async def resume(self) -> None:
        """Post what was still to be told when the process ended."""
        async with self.database.transaction() as transaction:
            for card_id in await cards.cards_with_waiting_replies(transaction):
                self.jobs.put(transaction, self._job(card_id))

    async def post_next(self, job: Job) -> Snooze | None:
        """Post the first reply that a card's thread was not told yet."""
        card_id = int(job.key)
        async with self.database.snapshot() as transaction:
            reply = await cards.waiting_reply(transaction, card_id)
        if reply is None:
            return None
        try:
            ts = await self._post(reply)
        except SlackBusy as busy:
            return Snooze(timedelta(seconds=busy.seconds), is_firm=True)
        except (ChannelUnreachable, MessageGone):
            await self._unreachable(reply)
            return Snooze(timedelta(0))
        except SlackUnavailable as silent:
            if silent.is_sure:
                return Snooze(_PAUSE)
            self.metrics.count(Metric.REPLY_UNCLEAR)
            log.warning("reply.unclear", card=card_id)
            ts = ""
        async with self.database.transaction() as transaction:
            await cards.posted(transaction, reply.id, ts)
        return Snooze(timedelta(0))

    async def _post(self, reply: cards.Reply) -> str:
        """Post a reply; one whose blocks Slack does not take is said in text."""
        channel, thread_ts = reply.card.channel, reply.card.message_ts
        text, blocks = reply.content.text, reply.content.blocks
        try:
            return await self.messenger.post(channel, text, blocks, thread_ts=thread_ts)
        except BlocksRefused:
            log.error("reply.blocks_refused", chapter="Cards that Slack refuses")  # noqa: TRY400
            return await self.messenger.post(channel, text, (), thread_ts=thread_ts)

    async def _unreachable(self, reply: cards.Reply) -> None:
        """Tell the person directly what the thread cannot be told any more."""
        async with self.database.transaction() as transaction:
            await cards.posted(transaction, reply.id, "")
            await cards.drop_card(transaction, reply.card.id)
        await self.messenger.tell(reply.person, Place(channel=""), reply.content)

    @staticmethod
    def _job(card_id: int) -> Job:
        return Job(KIND, str(card_id), lane=f"card/{card_id}")
