"""Several processes share a PostgreSQL, which may be slow, gone for a moment, or restarted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.clock import SystemClock
from bot.database import Database, StatementRefused, StorageUnavailable
from bot.database.driver import CONNECTIONS
from bot.database.shared import RESERVED
from bot.store import schema
from bot.store.tables import slack_team
from tests.conftest import migrate
from tests.postgres import Driver, OwnServer, PostgresDatabase

DRIVERS: list[Driver] = ["asyncpg", "psycopg"]


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """Open a database, and close it in the end."""
    database = Database.open(url)
    try:
        yield database
    finally:
        await database.close()


async def add(database: Database, team: str) -> None:
    """Store a team in a transaction of its own."""
    async with database.transaction() as transaction:
        await transaction.insert_once(slack_team, {"team": team, "lacks_plan": True})


async def teams(database: Database) -> set[str]:
    """Read which teams are stored."""
    async with database.snapshot() as transaction:
        return set((await transaction.run(slack_team.select())).scalars())


@pytest.mark.parametrize("driver", DRIVERS)
async def test_a_restart_of_the_server_is_got_over(own_server: OwnServer, driver: Driver) -> None:
    """While it is gone a transaction fails in clear words; afterwards the next one works."""
    url = own_server.url(driver, "shop")
    await migrate(url)
    async with opened(url) as database:
        await add(database, "T1")
        await asyncio.to_thread(own_server.stop, "immediate")
        with pytest.raises(StorageUnavailable):
            await add(database, "T2")
        with pytest.raises(StorageUnavailable):
            await teams(database)
        assert not await database.is_ready()
        await asyncio.to_thread(own_server.start)

        assert await database.is_ready()
        await add(database, "T3")

        assert await teams(database) == {"T1", "T3"}


@pytest.mark.parametrize("driver", DRIVERS)
async def test_a_server_that_restarts_inside_a_transaction_stores_nothing_of_it(
    own_server: OwnServer, driver: Driver
) -> None:
    """What stood in it is gone as a whole, and it is said."""
    url = own_server.url(driver, "shop")
    await migrate(url)
    async with opened(url) as database:

        async def interrupted() -> None:
            async with database.transaction() as transaction:
                await transaction.insert_once(slack_team, {"team": "T1", "lacks_plan": True})
                await asyncio.to_thread(own_server.restart, "immediate")

        with pytest.raises(StorageUnavailable):
            await interrupted()

        assert await teams(database) == set()


async def test_several_that_start_together_upgrade_once(
    postgres_database: PostgresDatabase,
) -> None:
    """The first one changes the tables, the others find it done."""
    async with (
        opened(postgres_database.url("asyncpg")) as one,
        opened(postgres_database.url("psycopg")) as two,
        opened(postgres_database.url("asyncpg")) as three,
    ):
        await asyncio.gather(*(schema.upgrade(each) for each in (one, two, three)))

        await add(two, "T1")
        assert await teams(three) == {"T1"}


async def test_a_connection_that_does_not_come_free_is_not_waited_for_long(
    postgresql: Database,
) -> None:
    """A click has its own patience, and connections that no crowd takes from it."""
    ready, over = asyncio.Event(), asyncio.Event()
    held = 0

    async def hold() -> None:
        nonlocal held
        async with postgresql.transaction() as transaction:
            await transaction.run(text("SELECT 1"))
            held += 1
            if held == CONNECTIONS - RESERVED:
                ready.set()
            await over.wait()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(CONNECTIONS):
            tasks.create_task(hold())
        await ready.wait()
        async with postgresql.transaction(timedelta(seconds=1), urgent=True):
            assert held == CONNECTIONS - RESERVED
        began = asyncio.get_running_loop().time()
        with pytest.raises(StorageUnavailable):
            async with postgresql.transaction(timedelta(seconds=0.2)):
                pass
        took = asyncio.get_running_loop().time() - began
        # A heartbeat and a click have connections of their own.
        async with postgresql.transaction(timedelta(seconds=1), urgent=True) as transaction:
            await transaction.run(text("SELECT 1"))
        over.set()

    assert took < 2


async def test_a_snapshot_is_one_view(postgresql: Database) -> None:
    """What others store meanwhile is not seen half."""
    async with postgresql.snapshot() as transaction:
        before = set((await transaction.run(slack_team.select())).scalars())
        await add(postgresql, "T1")
        after = set((await transaction.run(slack_team.select())).scalars())

    assert before == after == set()
    assert await teams(postgresql) == {"T1"}


async def test_the_server_tells_its_own_time(postgresql: Database) -> None:
    """In seconds, going on inside a transaction too."""
    async with postgresql.transaction() as transaction:
        first = await postgresql.time(transaction, SystemClock())
        await transaction.run(text("SELECT pg_sleep(0.01)"))
        second = await postgresql.time(transaction, SystemClock())

    assert 0.01 <= second - first < 5


async def test_no_parameter_stands_in_a_failure(postgresql: Database) -> None:
    """A sealed token or an address of an answer is a parameter of some statement."""
    with pytest.raises(StatementRefused) as raised:
        async with postgresql.transaction() as transaction:
            await transaction.insert_once(slack_team, {"team": "secret" * 20, "lacks_plan": True})

    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None
