"""Show an execution: put its live card into a channel and follow it from then on."""

from dataclasses import dataclass

import structlog

from bot.cards.execution import execution_card
from bot.clock import Clock
from bot.database import Database
from bot.domain.command import ExecutionName
from bot.domain.execution import Execution
from bot.domain.person import Person
from bot.services.catalog import Catalog
from bot.services.identity import Actor, Identities
from bot.services.posting import Posting
from bot.services.tracker import Tracker
from bot.slack.people import People
from bot.store import cards

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Executions:
    """Finds executions and puts their cards into channels."""

    database: Database
    people: People
    identities: Identities
    catalog: Catalog
    posting: Posting
    tracker: Tracker
    clock: Clock

    async def show(self, person: Person, name: ExecutionName, channel: str) -> None:
        """Put the live card of an execution into the channel.

        Raises:
            PersonRefused, LinkError: the person may not, or is not linked.
            InputError, BuddyError: the execution is not found or cannot be read.
            SlackError: the card cannot be posted there.
        """
        await self.people.admit(person)
        actor = await self.identities.actor(person)
        ref = await self.catalog.find(actor, self.identities.buddy.host, name)
        execution = await actor.buddy.execution(ref)
        await self.post_card(person, actor, execution, channel)
        log.info("execution.shown", pipeline=ref.pipeline, execution=ref.execution)

    async def post_card(
        self, person: Person, actor: Actor, execution: Execution, channel: str
    ) -> str:
        """Post the card of an execution that was read just now; its ``ts``."""
        ref = execution.ref
        async with self.database.snapshot() as transaction:
            known = await cards.get_follow(transaction, ref.identity)
        facts = await self.tracker.facts(execution, actor.buddy, person.team, known)
        card = execution_card(facts)
        ts = await self.posting.post(person.team, channel, card)
        async with self.database.transaction() as transaction:
            await cards.begin_follow(transaction, execution, person, self.clock.now())
            shown = cards.Message(person.team, channel, ts)
            await cards.add_card(transaction, ref, shown, card.digest)
            self.tracker.begin(transaction, ref)
        return ts
