"""Tell the threads of an execution's cards its story: each thing once, in order.

What is worth telling follows from how the execution stands (``domain/story.py``). A card says what
holds when it is posted, so that is noted as known; its thread is told what comes later. While an
operation is on its way the story waits: what it does is told by the operation itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from bot.buddy.client import BuddyClient
from bot.cards.card import Card
from bot.cards.facts import CardFacts
from bot.cards.reminders import failure_notice_card
from bot.cards.tales import tale_card
from bot.database import Database, Transaction
from bot.domain.execution import Execution, ExecutionRef, PipelineAction
from bot.domain.logtext import tidy
from bot.domain.person import Person
from bot.domain.story import Bookmark, Kind, Tale, tales
from bot.errors import BuddyError
from bot.services.following.alarms import Alarms
from bot.services.following.history import Histories
from bot.services.following.letters import Letter, Letters
from bot.services.following.threads import Threads
from bot.store import cards, told
from bot.store.cards import Follow, Message

log = structlog.get_logger()

TAIL = 20
"""Lines of a failed action's log that are told."""

_MAX_VALUE_GATES = 5
"""Gates that are asked for values which must not be shown."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """What is told next, with everything that it took to know it."""

    ref: ExecutionRef
    person: Person
    """Who is told directly where a thread cannot be reached."""

    told: tuple[tuple[str, Card], ...]
    """What each thread is told, with its key; whoever knows it already is not told again."""

    known: tuple[str, ...]
    """What nobody is told any more, since it happened before anybody kept account of it."""

    old: Bookmark
    new: Bookmark
    superseded_by: int | None
    execution: Execution
    letter: Letter | None = None
    """What the person who started it is told directly."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message that shows an execution as it stands now."""

    message: Message
    digest: str = ""
    untold: str = ""
    """A tale that holds already, and that its thread is told all the same."""

    calls: tuple[tuple[str, Card], ...] = ()
    """What somebody must do something about: told in its thread although the card says it."""


def as_shown(message: Message | None) -> Shown | None:
    """Take a message for a card whose look is not known."""
    return None if message is None else Shown(message)


@dataclass(frozen=True, slots=True)
class Storyteller:
    """Tells what happened to executions."""

    database: Database
    threads: Threads
    histories: Histories
    alarms: Alarms
    letters: Letters

    async def prepare(self, facts: CardFacts, follow: Follow, buddy: BuddyClient) -> Chapter | None:
        """Gather what is to be told of an execution that was read; None if there is nothing.

        The read must have begun after whatever is known to have been sent (``Follow.mark``).
        """
        if facts.pending is not None:
            return None
        execution, old = facts.execution, follow.bookmark
        mark = old.after(execution)
        holds = tales(execution, mark, facts.superseded_by)
        new = old if mark.is_past(execution) else mark.at(holds)
        if new == old and facts.superseded_by == follow.superseded_by:
            return None
        chapter = Chapter(
            follow.ref, follow.asker, (), (), old, new, facts.superseded_by, execution
        )
        if not old.page:
            return replace(chapter, known=tuple(tale.about for tale in holds))
        news = await self._news(execution.ref, holds)
        return replace(
            chapter,
            told=tuple([(tale.about, await self._card(tale, facts, buddy)) for tale in news]),
            letter=_letter(news, facts, follow.asker.team),
        )

    async def tell(self, transaction: Transaction, chapter: Chapter) -> None:
        """Write down what is told, and how far the story came; to be called before other rows."""
        await self.alarms.follow(
            transaction, chapter.execution, is_overtaken=chapter.superseded_by is not None
        )
        if chapter.told:
            told_now = self.threads.tell_all(transaction, chapter.ref, chapter.told, chapter.person)
            await told_now
        if chapter.known:
            for shown in await cards.cards_of(transaction, chapter.ref.identity):
                await told.know(transaction, shown.id, chapter.known, chapter.person)
        if chapter.letter is not None:
            await self.letters.put(transaction, chapter.letter)
        learnt = {"superseded_by": chapter.superseded_by}
        await cards.turn_page(transaction, chapter.ref, chapter.old, chapter.new, **learnt)

    async def begin(
        self,
        transaction: Transaction,
        execution: Execution,
        asker: Person,
        now: datetime,
        shown: Shown | None,
        *,
        is_clicked: bool = False,
    ) -> None:
        """Remember an execution and a message that shows it as it stands now.

        The message may be new, or a card of ours that was clicked and is not known; one that is
        known stays as it is.
        """
        if not is_clicked:
            await self.alarms.arm(transaction, execution.ref, execution.gates)
        await cards.begin_follow(transaction, execution, asker, now)
        if shown is None:
            return
        number = await cards.add_card(transaction, execution.ref, shown.message, shown.digest)
        follow = await cards.get_follow(transaction, execution.ref.identity)
        if number is None or follow is None:
            return
        mark = follow.bookmark.after(execution)
        holds = tales(execution, mark, follow.superseded_by)
        left = {shown.untold, *(about for about, _ in shown.calls)}
        known = [tale.about for tale in holds if tale.about not in left]
        await told.know(transaction, number, known, asker)
        message = shown.message
        card = cards.StoredCard(number, message.team, message.channel, message.ts, shown.digest)
        for about, content in shown.calls:
            await self.threads.tell_card(transaction, card, about, content, asker)

    async def calls(
        self, facts: CardFacts, follow: Follow | None, buddy: BuddyClient
    ) -> tuple[tuple[str, Card], ...]:
        """Gather what a new card's thread is told at once, to call those who must do something."""
        mark = (follow.bookmark if follow else Bookmark()).after(facts.execution)
        holds = tales(facts.execution, mark, facts.superseded_by)
        calling = [tale for tale in holds if tale.kind in {Kind.REACHED, Kind.FAILED}]
        return tuple([(tale.about, await self._card(tale, facts, buddy)) for tale in calling])

    async def write_to_starter(
        self, transaction: Transaction, facts: CardFacts, follow: Follow | None, team: str
    ) -> None:
        """Tell the person who started what failed, if nobody did."""
        mark = (follow.bookmark if follow else Bookmark()).after(facts.execution)
        letter = _letter(tales(facts.execution, mark), facts, team)
        if letter is not None:
            await self.letters.put(transaction, letter)

    async def _news(self, ref: ExecutionRef, holds: Sequence[Tale]) -> list[Tale]:
        """Leave out what every thread knows: to tell a failure, its log must be read."""
        async with self.database.snapshot() as transaction:
            shown = await cards.cards_of(transaction, ref.identity)
            known = await told.everywhere(transaction, ref, len(shown))
        return [tale for tale in holds if tale.about not in known]

    async def _card(self, tale: Tale, facts: CardFacts, buddy: BuddyClient) -> Card:
        lines = None
        if tale.kind is Kind.FAILED and tale.action is not None and tale.action.id:
            lines = await self._log_end(facts.execution, tale.action, buddy)
        elif tale.kind is Kind.SUCCEEDED:
            facts = replace(facts, usual=await self.histories.usual(facts.execution, buddy))
        return tale_card(tale, facts, lines)

    async def _log_end(
        self, execution: Execution, action: PipelineAction, buddy: BuddyClient
    ) -> tuple[str, ...] | None:
        """Read the last lines of a failed action; None if they, or what is secret, are not told.

        What people passed on the way may stand in the log, and Buddy tells which of it is secret.
        """
        ref = execution.ref
        passed = [
            each.id
            for each in execution.actions
            if each.id and each.is_answered and each.gate_kind and each.gate_kind.needs_values
        ]
        secrets = {secret for each in execution.actions for secret in each.secrets}
        try:
            for number in (*passed[-_MAX_VALUE_GATES:], action.id):
                secrets.update((await buddy.action_execution(ref, number)).secrets)
            return tidy(await buddy.action_log(ref, action.id, tail=TAIL), secrets)
        except BuddyError as error:
            log.info("story.log_not_read", code=error.code)
            return None


def _letter(news: Sequence[Tale], facts: CardFacts, team: str) -> Letter | None:
    """Tell the person who started it that it failed, if they are known in Slack."""
    failed = next((tale for tale in news if tale.kind is Kind.FAILED), None)
    creator = facts.execution.creator
    mention = facts.people.get(creator.id, "") if creator and creator.id is not None else ""
    if failed is None or not mention:
        return None
    person = Person(team, mention.strip("<@>"))
    content = failure_notice_card(facts, failed.action)
    return Letter(person, facts.execution.ref, failed.about, content)
