"""Who writes to a SQLite file while others do is stored together with them, and fails alone."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text
from structlog.testing import capture_logs

from bot.database import (
    PATIENCE,
    Database,
    StatementRefused,
    StorageUnavailable,
    Transaction,
)
from bot.store.tables import slack_team
from tests.jobs.desk import turn
from tests.store.opened import opened

NAMES = tuple(f"T{number}" for number in range(20))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Open a fresh SQLite file: what this file says is said of SQLite."""
    async with opened(tmp_path / "greenlight.sqlite3") as fresh:
        yield fresh


async def add(transaction: Transaction, team: str) -> None:
    """Store a team."""
    assert await transaction.insert_once(slack_team, {"team": team, "lacks_plan": True})


def stored(database: Database) -> set[str]:
    """Read what another program finds in the file."""
    with closing(sqlite3.connect(str(database.engine.url.database))) as other:
        return {team for (team,) in other.execute("SELECT team FROM slack_team")}


async def test_those_who_wait_share_a_commit(database: Database) -> None:
    """The disk is waited for once, and nobody goes on before it."""

    async def write(team: str) -> None:
        async with database.transaction() as transaction:
            await add(transaction, team)
            transaction.after_commit(lambda: found.append(team in stored(database)))

    found: list[bool] = []
    commits: list[Connection] = []
    event.listen(database.engine, "commit", commits.append)
    await asyncio.gather(*map(write, NAMES))

    assert found == [True] * len(NAMES)
    assert len(commits) == 1


async def test_a_crowd_is_stored_in_parts(database: Database) -> None:
    """The first of a hundred does not wait for the last."""

    async def write(number: int) -> None:
        async with database.transaction() as transaction:
            await add(transaction, f"T{number}")
        told.append(len(stored(database)))

    told: list[int] = []
    await asyncio.gather(*map(write, range(100)))

    assert told[0] < 100
    assert told[-1] == 100


async def test_who_fails_is_taken_back_alone(database: Database) -> None:
    """The first of those who are stored together, one in the middle, and the last."""

    async def write(team: str) -> None:
        async with database.transaction() as transaction:
            await add(transaction, team)
            if team in failing:
                raise LookupError(team)

    failing = {NAMES[0], NAMES[7], NAMES[-1]}
    ends = await asyncio.gather(*map(write, NAMES), return_exceptions=True)

    assert {str(end) for end in ends if end is not None} == failing
    assert stored(database) == set(NAMES) - failing


async def test_a_refused_statement_hurts_nobody_else(database: Database) -> None:
    """A mistake of one is told to that one."""

    async def write(team: str) -> None:
        async with database.transaction() as transaction:
            await transaction.run(slack_team.insert(), {"team": team, "lacks_plan": True})

    ends = await asyncio.gather(write("T1"), write("T1"), write("T2"), return_exceptions=True)

    assert [type(end) for end in ends] == [type(None), StatementRefused, type(None)]
    assert stored(database) == {"T1", "T2"}


async def test_who_is_cancelled_before_the_commit_keeps_nobody_waiting(database: Database) -> None:
    """Also if it is the one who was first."""
    loop = asyncio.get_running_loop()

    async def write(team: str) -> None:
        async with database.transaction() as transaction:
            await add(transaction, team)
            if team == "T2":
                first.cancel()

    first = loop.create_task(write("T1"))
    others = [loop.create_task(write(team)) for team in ("T2", "T3")]
    await asyncio.gather(*others)

    assert first.cancelled()
    assert {"T2", "T3"} <= stored(database)


async def test_who_is_urgent_is_stored_before_those_who_wait(database: Database) -> None:
    """A heartbeat, for example; and if it is cancelled meanwhile, the others are stored too."""
    loop = asyncio.get_running_loop()

    async def write(team: str, *, urgent: bool = False) -> None:
        async with database.transaction(PATIENCE, urgent=urgent) as transaction:
            await add(transaction, team)
            if team == "T0":
                others.extend(loop.create_task(write(each)) for each in NAMES[3:])
                hurried.append(loop.create_task(write("T1", urgent=True)))
                hurried.append(loop.create_task(write("T2", urgent=True)))
                hurried[1].add_done_callback(lambda _: told.append(len(stored(database))))
                # They are in the queue once it was their turn to run.
                await turn()
                loop.call_soon(hurried[0].cancel)

    others: list[asyncio.Task[None]] = []
    hurried: list[asyncio.Task[None]] = []
    told: list[int] = []
    await write("T0")
    await asyncio.gather(*hurried, *others, return_exceptions=True)

    assert told[0] < len(NAMES) - 1
    assert {"T0", "T2", *NAMES[3:]} <= stored(database)


async def test_a_commit_that_fails_is_told_to_all(database: Database) -> None:
    """Nothing of theirs is stored, and the next one is."""

    async def write(team: str) -> None:
        async with database.transaction() as transaction:
            await add(transaction, team)
            # A foreign key that is looked at in the end only: it dangles, so nothing is stored.
            await transaction.run(text("PRAGMA defer_foreign_keys = ON"))
            await transaction.run(text("INSERT INTO dangling VALUES ('nowhere')"))

    async with database.transaction() as transaction:
        await transaction.run(
            text("CREATE TABLE dangling (team VARCHAR REFERENCES slack_team (team))")
        )
    ends = await asyncio.gather(write("T1"), write("T2"), return_exceptions=True)

    assert [type(end) for end in ends] == [StatementRefused, StatementRefused]
    assert stored(database) == set()
    async with database.transaction() as transaction:
        await add(transaction, "T3")
    assert stored(database) == {"T3"}


async def test_a_full_disk_is_told_to_whoever_lost_something(database: Database) -> None:
    """SQLite may take everything back by itself: nobody is told that it is stored and is not."""

    async def write(team: str, size: int) -> None:
        async with database.transaction() as transaction:
            await add(transaction, team)
            if size:
                pages = (await transaction.run(text("PRAGMA page_count"))).scalar_one()
                await transaction.run(text(f"PRAGMA max_page_count = {pages}"))
                await transaction.run(text(f"CREATE TABLE large AS SELECT zeroblob({size}) AS it"))

    teams = {"T1": 0, "T2": 10_000_000, "T3": 0}
    ends = await asyncio.gather(*[write(*each) for each in teams.items()], return_exceptions=True)

    assert isinstance(ends[1], StorageUnavailable)
    told = {team for team, end in zip(teams, ends, strict=True) if end is None}
    assert stored(database) == told


async def test_what_is_heavy_runs_beside_the_loop(database: Database) -> None:
    """Everybody else goes on meanwhile."""
    counting = text(
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 1000000)"
        " SELECT count(*) FROM numbers"
    )

    async def count() -> None:
        async with database.snapshot(heavy=True) as transaction:
            assert (await transaction.run(counting)).scalar_one() == 1_000_000
            told.append("counted")

    async def look() -> None:
        async with database.snapshot() as transaction:
            await transaction.run(slack_team.select())
            told.append("looked")

    told: list[str] = []
    await asyncio.gather(count(), look())

    assert told == ["looked", "counted"]


async def test_what_holds_up_the_loop_names_itself(database: Database) -> None:
    """Also what is done beside it takes long, but holds up nobody."""
    counting = text(
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 5000000)"
        " SELECT count(*) FROM numbers"
    )
    with capture_logs() as logged:
        for heavy in (True, False):
            async with database.snapshot(heavy=heavy) as transaction:
                await transaction.run(counting)

    [slow] = (line for line in logged if line["event"] == "database.slow")
    assert slow["statement"].startswith("WITH RECURSIVE numbers(n)")
    assert slow["milliseconds"] > 100
