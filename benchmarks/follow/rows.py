"""Fill a database with executions that are followed, as a bot leaves them at its stop.

The rows are written as a shown card writes them, thousands at a time. Then the bot itself looks at
each of them once and paints its card: whatever it remembers of them stands where it looks for it.
"""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TypeVar

import aiohttp

from benchmarks.follow.followed import (
    CHANNELS,
    PEOPLE,
    TEAM,
    address,
    executions,
    settings,
    token,
    user,
)
from benchmarks.server import Server
from bot.app import Bot, running
from bot.buddy.client import BuddyApi
from bot.clock import Clock, SystemClock
from bot.domain.account import BuddyUser
from bot.domain.execution import Execution
from bot.domain.person import Person
from bot.services.identity import Identities
from bot.store import cards
from bot.store.cards import Message

_AT_ONCE = 500
"""Executions of one transaction."""

_PATIENCE = timedelta(seconds=30)
_LONGEST_SECONDS = 300

T = TypeVar("T")


class NotPainted(Exception):
    """The bot did not paint every card."""


async def fill(database: str, far: Server, count: int) -> None:
    """Make the tables, put so many followed executions into them, and let them be looked at."""
    clock = SystemClock()
    before = await far.tell("told")
    async with running(settings(database, address(far)), clock) as bot:
        identities = bot.services.operations.checking.identities
        await _link(bot, identities)
        found = await _read(address(far), identities.buddy.host, count, clock)
        for some in _portions(list(enumerate(found))):
            await _store(bot, some, clock)
        for _ in range(_LONGEST_SECONDS):
            told = await far.tell("told")
            if told["edits"] - before["edits"] >= count:
                return
            await asyncio.sleep(1)
    raise NotPainted(database)


async def _link(bot: Bot, identities: Identities) -> None:
    async with bot.database.transaction() as transaction:
        for number in range(PEOPLE):
            person = Person(TEAM, user(number))
            buddy = BuddyUser(number + 1, f"Person {number + 1}")
            await identities.link(transaction, person, buddy, token(number))


async def _read(far: str, host: str, count: int, clock: Clock) -> list[Execution]:
    async with aiohttp.ClientSession() as session:
        buddy = BuddyApi(session, far, clock, _PATIENCE).acting_as(token(0))
        return [await buddy.execution(ref) for ref in executions(host, count)]


async def _store(bot: Bot, some: Sequence[tuple[int, Execution]], clock: Clock) -> None:
    tracker = bot.services.operations.checking.tracker
    # The bot looks at the first ones already, and all of them write at once.
    async with bot.database.transaction(_PATIENCE) as transaction:
        for number, execution in some:
            asker = Person(TEAM, user(number % PEOPLE))
            message = Message(TEAM, f"C{number % CHANNELS:09d}", f"1795446200.{number:06d}")
            await tracker.begin(transaction, execution.ref)
            await cards.begin_follow(transaction, execution, asker, clock.now())
            await cards.add_card(transaction, execution.ref, message)


def _portions(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
