"""Slack's limits, kept by all processes together."""

import asyncio

from bot.database import Database
from bot.domain.allowance import Window
from bot.store import budgets

MINUTE = Window(calls=5, seconds=60)


async def take(
    database: Database, now: float, *, kept_free: int = 0, is_forced: bool = False
) -> float:
    """Take one call in a transaction of its own."""
    async with database.transaction() as transaction:
        return await budgets.take(
            transaction, "T1/edits", MINUTE, now, kept_free=kept_free, is_forced=is_forced
        )


async def test_nobody_takes_more_than_there_are(any_database: Database) -> None:
    """Ten ask at the same moment: five are let through, the others are told until when."""
    waits = await asyncio.gather(*(take(any_database, 100.0) for _ in range(10)))

    assert sorted(waits) == [0.0] * 5 + [60.0] * 5
    assert await take(any_database, 159.9) > 0
    assert await take(any_database, 160.0) == 0.0


async def test_what_can_wait_leaves_room_for_what_cannot(any_database: Database) -> None:
    """The last calls of a minute are for gates and ends."""
    assert [await take(any_database, 100.0, kept_free=3) for _ in range(3)] == [0.0, 0.0, 60.0]
    assert [await take(any_database, 100.0) for _ in range(4)] == [0.0, 0.0, 0.0, 60.0]


async def test_what_is_made_anyhow_is_counted(any_database: Database) -> None:
    """A card that a person asked for is posted, and those who can wait do so."""
    assert [await take(any_database, 100.0, is_forced=True) for _ in range(7)] == [0.0] * 7
    assert await take(any_database, 100.0) == 60.0


async def test_a_limit_is_closed_for_as_long_as_slack_says(any_database: Database) -> None:
    """Whichever process heard it, all of them wait; afterwards the row is forgotten."""
    async with any_database.transaction() as transaction:
        await budgets.close(transaction, "T1/edits", 130.0)

    assert await take(any_database, 100.0) == 30.0
    assert await take(any_database, 130.0) == 0.0
    async with any_database.transaction() as transaction:
        await budgets.forget(transaction, 131.0)
    assert await take(any_database, 131.0) == 0.0
