"""Fill a database with executions that are followed, as a bot would have left them at its stop.

Each has a card that shows how it stands, and a job that is due.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TypeVar

import aiohttp

from benchmarks.follow.followed import CHANNELS, PEOPLE, TEAM, executions, settings, token, user
from bot.app import running
from bot.buddy.client import BuddyApi
from bot.cards.execution import execution_card
from bot.clock import Clock, SystemClock
from bot.database import Database
from bot.domain.account import BuddyUser
from bot.domain.execution import Execution
from bot.domain.person import Person
from bot.jobs.pulse import Pulse
from bot.jobs.queue import Job, Jobs
from bot.services.tracker import KIND
from bot.store import cards
from bot.store.cards import Message

_AT_ONCE = 500
"""Executions of one transaction."""

_PATIENCE = timedelta(seconds=10)

T = TypeVar("T")


async def fill(database: str, far: str, count: int) -> None:
    """Make the tables, and put so many followed executions into them."""
    told, clock = settings(database, far), SystemClock()
    async with running(told, clock) as bot:
        # A card is rendered by the very code that will look at it.
        tracker = bot.services.operations.checking.tracker
        identities = tracker.sight.identities
        async with bot.database.transaction() as transaction:
            for number in range(PEOPLE):
                buddy_user = BuddyUser(number + 1, f"Person {number + 1}")
                person = Person(TEAM, user(number))
                await identities.link(transaction, person, buddy_user, token(number))
        found: list[tuple[Execution, str]] = []
        async with aiohttp.ClientSession() as session:
            buddy = BuddyApi(session, far, clock, _PATIENCE).acting_as(token(0))
            for ref in executions(identities.buddy.host, count):
                execution = await buddy.execution(ref)
                facts = await tracker.facts.gather(execution, buddy, TEAM)
                found.append((execution, execution_card(facts).digest))
    opened = Database.open(told.database_url.get_secret_value())
    try:
        await _store(opened, found, clock)
    finally:
        await opened.close()


async def _store(database: Database, found: list[tuple[Execution, str]], clock: Clock) -> None:
    jobs = Jobs(clock, Pulse(database, clock, _PATIENCE))
    for some in _portions(list(enumerate(found))):
        async with database.transaction() as transaction:
            for number, (execution, digest) in some:
                ref = execution.ref
                message = Message(TEAM, f"C{number % CHANNELS:09d}", f"1795446200.{number:06d}")
                await jobs.put(transaction, Job(KIND, "/".join(map(str, ref.identity))))
                asker = Person(TEAM, user(number % PEOPLE))
                await cards.begin_follow(transaction, execution, asker, clock.now())
                await cards.add_card(transaction, ref, message, digest)


def _portions(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
