"""Decide which channels are told of an execution as it stands, and which may be later."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.database import Database
from bot.domain.catalog import PipelineRef
from bot.domain.command import Moment
from bot.domain.execution import Execution, Status
from bot.domain.person import Person
from bot.domain.subscription import Subscription, moments_of, wanted, was_broken
from bot.errors import BuddyRateLimited
from bot.services.following.sight import HeldBack
from bot.services.identity import Actor
from bot.services.notifying.readers import Readers
from bot.store import follows

LISTED = 20
"""Executions that are looked through for the run before this one."""


@dataclass(frozen=True, slots=True)
class Due:
    """A channel that is told of an execution, and for which moments."""

    subscription: Subscription
    moments: tuple[Moment, ...]

    @property
    def place(self) -> tuple[str, str]:
        """Team and channel."""
        return self.subscription.team, self.subscription.channel


@dataclass(frozen=True, slots=True)
class Hearers:
    """Who hears of an execution: at once, and perhaps later."""

    due: tuple[Due, ...]
    """One entry for each channel, in order."""

    hopeful: tuple[Subscription, ...]
    """Those whose filters fit, whatever comes of it."""

    unclear: HeldBack | BuddyRateLimited | None = None
    """Why it cannot be told yet of some whether they may hear of it."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Knows who wants to hear of what."""

    database: Database
    readers: Readers

    async def of(
        self, several: Sequence[Subscription], execution: Execution, actor: Actor
    ) -> Hearers:
        """Tell who hears of an execution that ``actor`` has just read.

        Raises:
            HeldBack, BuddyError: it cannot be told now.
        """
        numbers = await self._numbers(several)
        fitting = []
        unclear: HeldBack | BuddyRateLimited | None = None
        for one in several:
            if not wanted(one, execution, tuple(Moment), numbers.get(_starter(one))):
                continue
            try:
                if await self._may_read(one, execution, actor):
                    fitting.append(one)
            except (HeldBack, BuddyRateLimited) as busy:
                # The others need not wait for an account that has no call to spare.
                unclear = unclear or busy
        holds = moments_of(execution, was_broken=await _was_broken(fitting, execution, actor))
        found: dict[tuple[str, str], Due] = {}
        for one in fitting:
            moments = wanted(one, execution, holds, numbers.get(_starter(one)))
            if not moments:
                continue
            known = found.get((one.team, one.channel), Due(one, ()))
            both = tuple(dict.fromkeys((*known.moments, *moments)))
            found[known.place] = Due(known.subscription, both)
        return Hearers(tuple(due for _, due in sorted(found.items())), tuple(fitting), unclear)

    async def _may_read(self, one: Subscription, execution: Execution, actor: Actor) -> bool:
        """Tell whether the one who subscribed sees the pipeline, and not only somebody else."""
        if actor.link.person == one.owner:
            return True
        return await self.readers.sees(one.owner, PipelineRef.of(execution.ref))

    async def _numbers(self, several: Sequence[Subscription]) -> dict[Person, int]:
        """Tell the Buddy numbers of those whose executions alone some channel is told of."""
        people = {_starter(one) for one in several if one.wish.by_user}
        if not people:
            return {}
        async with self.database.snapshot() as transaction:
            links = await follows.links_of(transaction, people, self.readers.host)
        return {person: link.buddy.id for person, link in links.items()}


async def _was_broken(several: Sequence[Subscription], execution: Execution, actor: Actor) -> bool:
    """Tell whether an execution mends what was broken, where some channel wants to know."""
    if execution.status is not Status.SUCCESSFUL:
        return False
    if not any(Moment.FIXED in one.wish.moments for one in several):
        return False
    ref = execution.ref
    page = await actor.buddy.executions(ref.workspace, ref.project, ref.pipeline, per_page=LISTED)
    return was_broken(execution, page.executions)


def _starter(one: Subscription) -> Person:
    return Person(one.team, one.wish.by_user)
