"""Explain to somebody what they may do with an execution, and what stands against it.

Everything is looked up at that moment, with the person's own token; nothing is sent to Buddy.
"""

from dataclasses import dataclass

import structlog

from bot.buddy.client import BuddyClient
from bot.cards.card import Card
from bot.cards.facts import Pending
from bot.cards.why import Circumstances, LastRefusal, why_card
from bot.clock import Clock
from bot.database import Database
from bot.domain.account import TokenFacts
from bot.domain.execution import Execution
from bot.domain.person import Person
from bot.errors import BuddyError, BuddyRateLimited, BuddyUnavailable, TokenRejected
from bot.services.finding.messages import Messages, Spot
from bot.services.finding.standing import is_listed
from bot.services.following.facts import Facts
from bot.services.identity import Actor, Identities
from bot.slack.messenger import Messenger
from bot.slack.people import People
from bot.store import audit, cards, clicks

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Explaining:
    """Answers «why can't I?»."""

    database: Database
    people: People
    identities: Identities
    messages: Messages
    facts: Facts
    messenger: Messenger
    clock: Clock

    async def answer(self, person: Person, spot: Spot, answer_url: str) -> None:
        """Tell privately how it is with the execution that a message is about.

        Raises:
            PersonRefused, LinkError: the first thing that stands against it.
            InputError, BuddyError: it is about no execution, or it cannot be read.
        """
        await self.people.admit(person)
        actor = await self.identities.actor(person)
        meant = await self.messages.execution(actor, spot)
        card = await self.card(actor, meant.execution)
        await self.messenger.tell(person, spot.place, card, answer_url)

    async def card(self, actor: Actor, execution: Execution) -> Card:
        """Explain how it is with an execution that this person was just shown."""
        person, ref = actor.link.person, execution.ref
        token = await _token(actor.buddy)
        async with self.database.snapshot() as transaction:
            follow = await cards.get_follow(transaction, ref.identity)
            sent = await clicks.pending(transaction, ref)
            refused = await audit.last_refusal(transaction, person, ref)
        pending = Pending(sent.person.mention, sent.operation) if sent else None
        facts = await self.facts.gather(execution, actor.buddy, person.team, follow, pending)
        questions = await self.facts.asked(execution, actor.buddy)
        listed = {gate: await is_listed(actor, execution, told) for gate, told in questions.items()}
        last = LastRefusal(*refused) if refused is not None else None
        about = Circumstances(
            facts=facts,
            buddy_id=actor.link.buddy.id,
            name=actor.link.buddy.name,
            token=token,
            questions=questions,
            listed=listed,
            last=last,
            now=self.clock.now(),
        )
        return why_card(about)


async def _token(buddy: BuddyClient) -> TokenFacts | None:
    try:
        return await buddy.token_facts()
    except (TokenRejected, BuddyUnavailable, BuddyRateLimited):
        raise
    except BuddyError as untold:
        log.info("token.not_described", code=untold.code)
        return None
