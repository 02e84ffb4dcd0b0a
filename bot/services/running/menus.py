"""Fill the menus of the form while somebody types, in the time that a menu waits.

Whatever happens there is an answer: what is known by then, or an option that says why there is
none.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.cards import menus
from bot.cards.card import Block
from bot.cards.topic_menu import MAX_PROJECTS, topic_options
from bot.domain.catalog import PipelineRef
from bot.domain.person import Person
from bot.errors import BotError
from bot.services.finding.suggesting import Suggesting
from bot.services.identity import Actor, Identities
from bot.slack.people import People

log = structlog.get_logger()

WITHIN = timedelta(seconds=2.5)
"""How long everything may take; Slack waits three seconds, the way there and back included."""


@dataclass(frozen=True, slots=True)
class RunMenus:
    """Answers for the menus of forms."""

    people: People
    identities: Identities
    suggesting: Suggesting
    command: str

    async def pipelines(self, person: Person, typed: str) -> list[Block]:
        """Offer pipelines that the person may see."""

        async def offer(actor: Actor) -> list[Block]:
            found = await self.suggesting.pipelines(actor, typed, menus.LIMIT)
            return menus.pipeline_options(found)

        return await self._answer(person, offer)

    async def refs(self, person: Person, at: PipelineRef | None, typed: str) -> list[Block]:
        """Offer branches of the pipeline's repository, and what was typed as it is."""
        if at is None:
            return menus.unchosen_options()

        async def offer(actor: Actor) -> list[Block]:
            found = await self.suggesting.branches(actor, at, typed, menus.LIMIT)
            return menus.ref_options(typed, found)

        return await self._answer(person, offer)

    async def topics(self, person: Person, typed: str) -> list[Block]:
        """Offer projects and pipelines that the person may see."""

        async def offer(actor: Actor) -> list[Block]:
            projects, pipelines = await asyncio.gather(
                self.suggesting.projects(actor, typed, MAX_PROJECTS),
                self.suggesting.pipelines(actor, typed, menus.LIMIT - MAX_PROJECTS),
            )
            return topic_options(projects, pipelines)

        return await self._answer(person, offer)

    async def _answer(
        self, person: Person, offer: Callable[[Actor], Awaitable[list[Block]]]
    ) -> list[Block]:
        try:
            async with asyncio.timeout(WITHIN.total_seconds()):
                await self.people.admit(person)
                return await offer(await self.identities.actor(person))
        except TimeoutError:
            log.info("suggestions.late")
            return [menus.slow_option()]
        except BotError as refused:
            log.info("suggestions.refused", code=refused.code)
            return [menus.problem_option(refused, self.command)]
