"""Show an execution: put its live card into a channel and follow it from then on."""

from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from bot.cards.card import Card
from bot.cards.execution import execution_card
from bot.clock import Clock
from bot.database import Database
from bot.domain.execution import Execution
from bot.domain.person import Person
from bot.domain.reference import ExecutionName
from bot.errors import SlackBusy, SlackError
from bot.services.finding.reading import Reading
from bot.services.following.budgets import SlackBudgets
from bot.services.following.posting import Posting
from bot.services.following.story import Shown, Storyteller
from bot.services.following.tracker import Tracker
from bot.services.identity import Actor
from bot.slack.channels import Channels
from bot.store import cards

log = structlog.get_logger()

TURN = timedelta(seconds=20)
"""How long somebody's card may wait for its turn, where many are posted into a channel at once."""


@dataclass(frozen=True, slots=True)
class Mark:
    """By what a card is found again among the messages of its channel."""

    id: str
    may_stand_there: bool
    """Whether somebody may have posted it before."""


@dataclass(frozen=True, slots=True)
class Executions:
    """Finds executions and puts their cards into channels."""

    database: Database
    reading: Reading
    posting: Posting
    channels: Channels
    budgets: SlackBudgets
    storyteller: Storyteller
    tracker: Tracker
    clock: Clock

    async def show(
        self, person: Person, actor: Actor, name: ExecutionName, channel: str
    ) -> Execution:
        """Put the live card of an execution into the channel.

        Raises:
            InputError, BuddyError: the execution is not found or cannot be read.
            SlackError: the card cannot be posted there, or its turn is too far off.
        """
        execution = await self.reading.find(actor, name)
        await self.post_card(person, actor, execution, channel, in_turn=True)
        ref = execution.ref
        log.info("execution.shown", pipeline=ref.pipeline, execution=ref.execution)
        return execution

    async def post_card(  # noqa: PLR0913 - what a card is for, and how it is posted
        self,
        person: Person,
        actor: Actor,
        execution: Execution,
        channel: str,
        untold: str = "",
        mark: Mark | None = None,
        *,
        in_turn: bool = False,
    ) -> str:
        """Post the card of an execution that was read just now; its ``ts``.

        Its thread is told what happens from now on, and ``untold``, a tale that holds already. A
        card that may stand there already is looked for by its ``mark``. Whoever cannot try again
        waits, ``in_turn``, until the channel takes one more message.
        """
        ref = execution.ref
        async with self.database.snapshot() as transaction:
            known = await cards.get_follow(transaction, ref.identity)
        facts = await self.tracker.facts.gather(execution, actor.buddy, person.team, known)
        is_discreet = await self.channels.is_discreet(channel)
        card = execution_card(replace(facts, is_discreet=is_discreet))
        digest = ""
        ts = await self._found(channel, mark.id) if mark and mark.may_stand_there else ""
        if not ts:
            digest = card.digest
            if in_turn:
                ts = await self._post_in_turn(person.team, channel, card)
            else:
                await self.budgets.post(person.team, channel, is_awaited=True)
                marked = mark.id if mark else ""
                ts = await self.posting.post(person.team, channel, card, mark=marked)
        async with self.database.transaction() as transaction:
            await self.tracker.begin(transaction, ref)
            now = self.clock.now()
            shown = Shown(cards.Message(person.team, channel, ts), digest, untold)
            await self.storyteller.begin(transaction, execution, person, now, shown)
        return ts

    async def _post_in_turn(self, team: str, channel: str, card: Card) -> str:
        """Post once the channel takes one more message; whoever asked is told that it takes longer.

        Raises:
            SlackBusy: that would be too long.
            SlackError: it cannot be posted there.
        """
        until = self.clock.now() + TURN
        while True:
            wait = await self.budgets.post(team, channel)
            if not wait:
                try:
                    return await self.posting.post(team, channel, card)
                except SlackBusy as busy:
                    wait = timedelta(seconds=busy.seconds)
            if self.clock.now() + wait > until:
                raise SlackBusy(wait.total_seconds())
            await self.clock.sleep(wait)

    async def _found(self, channel: str, mark: str) -> str:
        """Look for a card that may stand there already; where Slack does not tell, it does not."""
        try:
            return await self.posting.messenger.find_message(channel, mark)
        except SlackError as error:
            log.info("card.not_looked_for", code=error.code)
            return ""
