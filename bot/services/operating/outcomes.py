"""How a click ends: refused and told privately, or done and told to the card's thread."""

from dataclasses import dataclass

import structlog

from bot.cards.answers import (
    give_again_card,
    problem_card,
    still_wanted_card,
    told_command_card,
)
from bot.cards.card import Card
from bot.cards.lists import choice_card
from bot.clock import Clock
from bot.database import Database, Transaction
from bot.domain.command import Operate
from bot.domain.execution import Attempt, Binding, Effect, Execution, Operation
from bot.domain.story import Bookmark, about_operation
from bot.errors import (
    AmbiguousName,
    AttemptChanged,
    BotError,
    BuddyError,
    EffectUnclear,
    GateGone,
    LinkError,
    PersonRefused,
    SlackError,
    Superseded,
    ValuesError,
)
from bot.metrics import Metrics
from bot.services.following.executions import Executions
from bot.services.following.story import as_shown
from bot.services.following.threads import Threads
from bot.services.following.tracker import Tracker
from bot.services.identity import Actor
from bot.services.operating.answers import Answers, Asker
from bot.store import cards, clicks
from bot.store.audit import Event, append
from bot.store.clicks import Step, StoredClick
from bot.store.variables import write_names

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ending:
    """What came of a click that was sent."""

    content: Card
    """What the thread of every card is told."""

    event: Event
    is_done: bool = True
    """Whether it was done, by whomever: then the execution's story tells it no second time."""


_MAY_GIVE_AGAIN = (BuddyError, LinkError, ValuesError)
"""What keeps values from being sent though their gate waits on: they are asked for once more."""

GIVEN_UP = "given_up"
"""What a click's row and the audit say where no error of ours does."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Brings clicks to their end."""

    database: Database
    executions: Executions
    tracker: Tracker
    threads: Threads
    answers: Answers
    clock: Clock
    command: str
    metrics: Metrics

    async def refuse(
        self, asked: StoredClick, error: BotError, execution: Execution | None = None
    ) -> None:
        """End a click that had no effect: give its decision back, and say why and what next."""
        binding = asked.binding
        card = await self._refusal(asked, error, execution)
        async with self.database.transaction() as transaction:
            if binding is not None:
                await self.tracker.poke(transaction, binding.ref)
            if execution is not None:
                # It may have counted as decided for a moment.
                alarms = self.tracker.storyteller.alarms
                await alarms.arm(transaction, execution.ref, execution.gates)
            await self.answer(transaction, asked, card)
            await clicks.release(transaction, asked.id)
            await self.end(transaction, asked, Step.REFUSED, error.code)
            if binding is not None:
                now = self.clock.now()
                await append(transaction, asked, binding, Event.REFUSED, now, error.code)
                if asked.operation.effect is Effect.RETRY and asked.step is not Step.TAKEN:
                    await cards.sent(transaction, binding.ref, retries=-1)
            if execution is not None and not isinstance(error, PersonRefused | LinkError):
                await self._adopt(transaction, asked, execution, error)
        log.info("operation.refused", operation=asked.operation.value, code=error.code)

    async def tell(
        self,
        asked: StoredClick,
        binding: Binding,
        execution: Execution,
        ending: Ending,
        actor: Actor | None = None,
    ) -> None:
        """End a click that was sent: record it, and tell the thread of every card."""
        content, event = ending.content, ending.event
        about = f"click/{asked.id}"
        if ending.is_done:
            about = await self._tale(asked, binding, execution)
        is_shown = True
        if asked.way.may_lack_card and actor is not None:
            is_shown = await self._card_in(asked, execution, actor, about)
        now = self.clock.now()
        async with self.database.transaction() as transaction:
            await self.tracker.begin(transaction, binding.ref)
            told = await self.threads.tell(transaction, binding.ref, about, content, asked.person)
            await self.end(transaction, asked, Step.TOLD, event.value)
            await append(transaction, asked, binding, event, now)
            if event is Event.DONE:
                await cards.change_follow(
                    transaction,
                    binding.ref,
                    last_team=asked.person.team,
                    last_user=asked.person.user,
                    last_operation=asked.operation.value,
                    last_at=now,
                    last_reason=asked.reason,
                    last_variables=write_names(asked.variables),
                )
            if not told or not is_shown:
                await self.answer(transaction, asked, content)
            elif asked.way.may_lack_card and event is Event.DONE:
                card = told_command_card(asked.operation, execution)
                await self.answer(transaction, asked, card)
        log.info("operation.told", operation=asked.operation.value, outcome=event.value)

    async def _tale(self, asked: StoredClick, binding: Binding, execution: Execution) -> str:
        """Name what was done as the execution's story does, so that it is told once."""
        async with self.database.snapshot() as transaction:
            follow = await cards.get_follow(transaction, binding.ref.identity)
        mark = follow.bookmark if follow else Bookmark()
        return about_operation(asked.operation, binding, asked.before, execution, mark)

    async def lose_sight(self, asked: StoredClick, code: str) -> None:
        """End a click that was sent and whose execution can no longer be read."""
        await self._leave(asked, code, problem_card(EffectUnclear(), self.command))

    async def give_up(self, asked: StoredClick, card: Card) -> None:
        """End a click that something unforeseen keeps from its end."""
        await self._leave(asked, GIVEN_UP, card)

    async def _leave(self, asked: StoredClick, code: str, card: Card) -> None:
        """End a click without knowing what came of it; what was not sent will not be."""
        binding = asked.binding
        async with self.database.transaction() as transaction:
            if binding is not None:
                await self.tracker.begin(transaction, binding.ref)
            if asked.step is Step.SENT and asked.operation.effect in {Effect.ANSWER, Effect.STOP}:
                # Nobody knows whether it was done, so it must not keep others from deciding: if it
                # was, Buddy refuses them.
                await clicks.release(transaction, asked.id)
            step = Step.REFUSED if asked.step is Step.TAKEN else Step.TOLD
            await self.end(transaction, asked, step, code)
            if binding is not None:
                now = self.clock.now()
                await append(transaction, asked, binding, Event.UNCLEAR, now, code)
            await self.answer(transaction, asked, card)

    async def end(
        self, transaction: Transaction, asked: StoredClick, step: Step, outcome: str
    ) -> None:
        """Write down how a click ended."""
        await clicks.change(transaction, asked.id, step=step, outcome=outcome)
        took = (self.clock.now() - asked.taken_at).total_seconds()
        transaction.after_commit(lambda: self.metrics.told(asked.operation.value, outcome, took))

    async def answer(
        self, transaction: Transaction, asked: StoredClick, card: Card, about: str = "end"
    ) -> None:
        """Let the person who clicked, and only them, be told once the transaction is stored."""
        await self.answers.put(transaction, asker_of(asked), about, card)

    async def _refusal(
        self, asked: StoredClick, error: BotError, execution: Execution | None
    ) -> Card:
        """Say why, and offer what can be chosen instead.

        What would stop a moved execution is offered again, against its new state.
        """
        if isinstance(error, AmbiguousName) and asked.named is not None:
            typed = Operate(asked.operation, asked.named, asked.reason)
            return choice_card(typed, error, asked.person.user)
        if asked.operation is Operation.PROVIDE and isinstance(error, _MAY_GIVE_AGAIN):
            return give_again_card(error, self.command, asked.binding)
        moved = isinstance(error, AttemptChanged | GateGone)
        if not (moved and execution and asked.operation.effect is Effect.STOP):
            return problem_card(error, self.command)
        if not execution.allows(Operation.CANCEL):
            return problem_card(error, self.command)
        async with self.database.snapshot() as transaction:
            retries = await cards.retries_of(transaction, execution.ref)
        attempt = Attempt(execution.started_at, retries)
        fresh = Binding(execution.ref, attempt, installation=self.tracker.facts.installation)
        happened = f"This changed before your {asked.operation.value} had its turn."
        if isinstance(error, GateGone) and error.by:
            happened = f"The gate was answered by {error.by} before you."
        return still_wanted_card(Operation.CANCEL, execution, happened, fresh)

    async def _adopt(
        self,
        transaction: Transaction,
        asked: StoredClick,
        execution: Execution,
        error: BotError,
    ) -> None:
        """Know the clicked card from now on, so that it is repainted like any other."""
        await self.tracker.begin(transaction, execution.ref)
        card = as_shown(clicked_card(asked))
        now = self.clock.now()
        await self.tracker.storyteller.begin(
            transaction, execution, asked.person, now, card, is_clicked=True
        )
        if isinstance(error, Superseded):
            newer = {"superseded_by": error.newer}
            await cards.change_follow(transaction, execution.ref, **newer)

    async def _card_in(
        self, asked: StoredClick, execution: Execution, actor: Actor, about: str
    ) -> bool:
        """Let the channel a command was typed in have a card of the execution; whether it has.

        Its thread is told what the command did (``about``), though the card shows it too.
        """
        async with self.database.snapshot() as transaction:
            shown = await cards.cards_of(transaction, execution.ref.identity)
        if any(card.channel == asked.place.channel for card in shown):
            return True
        try:
            channel = asked.place.channel
            await self.executions.post_card(asked.person, actor, execution, channel, about)
        except SlackError as error:
            log.info("card.not_posted", code=error.code)
            return False
        return True


def asker_of(asked: StoredClick) -> Asker:
    """Tell who is answered."""
    return Asker(asked.key, asked.person, asked.place, asked.taken_at, asked.sealed_answer_url)


def clicked_card(asked: StoredClick) -> cards.Message | None:
    """Name the message whose button was pressed, if everybody in the channel sees it."""
    place = asked.place
    if not place.message_ts or place.is_private:
        return None
    return cards.Message(asked.person.team, place.channel, place.message_ts)
