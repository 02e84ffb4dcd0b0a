"""Who writes to a SQLite file while others do is stored together with them, and fails alone."""

import asyncio
import resource
import sqlite3
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
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
from bot.database.hand import Hand
from bot.store.tables import slack_team
from tests.jobs.desk import turn
from tests.store.opened import opened

A_MOMENT = timedelta(milliseconds=10)
REPAIRS = """
import fcntl, os, sys
file = os.open(sys.argv[1], os.O_RDWR)
for place in (120, 122):
    fcntl.lockf(file, fcntl.LOCK_EX, 1, place)
os.pwrite(file, bytes(96), 0)
print("repairs", flush=True)
sys.stdin.read()
"""
"""Leaves what processes share as a crash may, and keeps the locks of who writes and who repairs.

Source: SQLite, «WAL-mode File Format».
"""

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


async def test_who_cannot_be_taken_back_alone_takes_the_others_along(database: Database) -> None:
    """Nothing of a failure is ever stored together with what others wrote."""

    def keep(action: int, way: str | None, *_: object) -> int:
        is_kept = (action, way) == (sqlite3.SQLITE_SAVEPOINT, "ROLLBACK")
        return sqlite3.SQLITE_DENY if is_kept else sqlite3.SQLITE_OK

    async def write(team: str) -> None:
        async with database.transaction() as transaction:
            await add(transaction, team)
            if team == "T2":
                assert isinstance(transaction.connection, Hand)
                transaction.connection.raw.set_authorizer(keep)
                raise LookupError

    ends = await asyncio.gather(*map(write, NAMES[1:5]), return_exceptions=True)

    assert [type(end) for end in ends[:2]] == [StorageUnavailable, LookupError]
    assert stored(database) == {"T3", "T4"}


@pytest.mark.parametrize("urgent", [True, False])
async def test_a_disk_that_does_not_answer_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch, *, urgent: bool
) -> None:
    """Whoever waits for it cannot know what became of it; others know that nothing is taken."""

    def hang(_connection: Connection) -> None:
        assert may_answer.wait(timeout=60)

    async def write(team: str) -> StorageUnavailable | None:
        try:
            async with database.transaction(A_MOMENT, urgent=urgent) as transaction:
                await add(transaction, team)
        except StorageUnavailable as failure:
            return failure
        return None

    may_answer = threading.Event()
    monkeypatch.setattr("bot.database.alone.QUEUE", A_MOMENT)
    event.listen(database.engine, "commit", hang)
    unsure, sure = await write("T1"), await write("T2")
    may_answer.set()
    monkeypatch.undo()

    assert unsure is not None
    assert not unsure.is_sure
    assert sure is not None
    assert sure.is_sure
    async with database.transaction() as transaction:
        await add(transaction, "T3")
    assert stored(database) == {"T1", "T3"}


async def test_what_the_disk_did_not_confirm_may_be_stored(database: Database) -> None:
    """Nobody is told that it surely is not: a crash may bring it back."""

    def break_off(_connection: Connection) -> None:
        # No file may grow any more, so that the commit cannot be written.
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, allowed[1]))

    async def write() -> None:
        try:
            async with database.transaction() as transaction:
                await add(transaction, "T1")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, allowed)

    allowed = resource.getrlimit(resource.RLIMIT_FSIZE)
    event.listen(database.engine, "commit", break_off)
    with pytest.raises(StorageUnavailable) as told:
        await write()

    assert not told.value.is_sure


async def test_who_repairs_the_file_is_waited_for(database: Database) -> None:
    """After a crash in a commit, another process mends what all share before anybody reads it."""

    async def write(team: str) -> None:
        async with database.transaction(timedelta(seconds=60)) as transaction:
            await add(transaction, team)

    await write("T1")
    other = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", REPAIRS, f"{database.engine.url.database}-shm"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert other.stdout is not None
    assert await other.stdout.readline() == b"repairs\n"
    writer = asyncio.get_running_loop().create_task(write("T2"))
    await turn()
    other.kill()
    await other.communicate()
    await writer

    assert stored(database) == {"T1", "T2"}


async def test_who_writes_while_it_is_closed_is_stored(database: Database) -> None:
    """Whoever comes later is refused: the file may be another process's by now."""
    inside, may_end = asyncio.Event(), asyncio.Event()

    async def write(team: str) -> None:
        async with database.transaction() as transaction:
            await add(transaction, team)
            inside.set()
            await may_end.wait()

    loop = asyncio.get_running_loop()
    writers = [loop.create_task(write(team)) for team in ("T1", "T2")]
    await inside.wait()
    closing = loop.create_task(database.close())
    await turn()
    may_end.set()
    await closing
    ends = await asyncio.gather(*writers, return_exceptions=True)

    assert [type(end) for end in ends] == [type(None), StorageUnavailable]
    assert stored(database) == {"T1"}
    assert not await database.is_ready()


async def test_what_does_not_end_is_not_stored_after_the_close(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The close does not wait for it for ever."""

    async def write() -> None:
        async with database.transaction() as transaction:
            await add(transaction, "T1")
            await database.close()

    monkeypatch.setattr("bot.database.alone.PATIENCE", A_MOMENT)
    with pytest.raises(StorageUnavailable, match="closed"):
        await write()

    assert stored(database) == set()


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
