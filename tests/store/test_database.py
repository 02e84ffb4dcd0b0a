"""What was committed stays, what was not is gone, and one process has the file."""

import asyncio
import sqlite3
import stat
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from bot.database import Database, DatabaseInUse, Moment, StorageUnavailable, Transaction
from bot.store.tables import audit, slack_team
from sandbox.clock import hold_up
from tests.store.opened import address_of, opened

SHORT = timedelta(milliseconds=50)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Open a fresh SQLite file: what this file says is said of SQLite."""
    async with opened(tmp_path / "greenlight.sqlite3") as fresh:
        yield fresh


async def teams(database: Database) -> set[str]:
    """Read which teams are stored."""
    async with database.snapshot() as transaction:
        return set((await transaction.run(slack_team.select())).scalars())


async def add(transaction: Transaction, team: str) -> bool:
    """Store a team."""
    return await transaction.insert_once(slack_team, {"team": team, "lacks_plan": True})


def modes_in(folder: Path) -> dict[str, int]:
    """Read who may do what with the files of a folder."""
    return {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}


@contextmanager
def locked_by_another(path: Path) -> Iterator[None]:
    """Hold SQLite's write lock, as a backup tool might."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)],
)
async def test_every_connection_is_prepared(database: Database, pragma: str, value: object) -> None:
    """A commit survives a power cut, rows cannot dangle, and deleted tokens are overwritten."""
    for open_one in (database.transaction, database.snapshot):
        async with open_one() as transaction:
            assert (await transaction.run(text(f"PRAGMA {pragma}"))).scalar() == value


async def test_only_the_owner_may_read_the_files(tmp_path: Path) -> None:
    """Also if a file was there before with wider rights."""
    path = tmp_path / "greenlight.sqlite3"
    path.touch(mode=0o644)

    async with opened(path) as database, database.snapshot() as transaction:
        await transaction.run(slack_team.select())
        modes = modes_in(tmp_path)

    assert set(modes) >= {path.name, f"{path.name}-wal", f"{path.name}.lock"}
    assert set(modes.values()) == {0o600}


async def test_a_second_bot_on_the_same_file_is_refused(tmp_path: Path) -> None:
    """Two processes would carry out the same click; after the first is closed, the next may."""
    address = address_of(tmp_path / "greenlight.sqlite3")
    first = Database.open(address)

    with pytest.raises(DatabaseInUse, match=r"greenlight\.sqlite3"):
        Database.open(address)

    await first.close()
    await Database.open(address).close()


async def test_another_process_on_the_same_file_is_refused(tmp_path: Path) -> None:
    """The lock holds between processes, and dies with its process."""
    address = address_of(tmp_path / "greenlight.sqlite3")
    program = (
        "import sys; from bot.database import Database; held = Database.open(sys.argv[1]); "
        "print('open', flush=True); sys.stdin.read()"
    )
    other = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        address,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert other.stdout is not None
    assert await other.stdout.readline() == b"open\n"

    with pytest.raises(DatabaseInUse):
        Database.open(address)
    other.kill()
    await other.communicate()

    await Database.open(address).close()


async def test_a_database_in_memory_needs_no_lock() -> None:
    """Nobody else can see it."""
    for address in ("sqlite://", "sqlite:///:memory:"):
        database = Database.open(address)
        assert await database.is_ready()
        await database.close()


async def test_what_was_committed_is_there_after_the_next_start(tmp_path: Path) -> None:
    """Stored means stored."""
    path = tmp_path / "greenlight.sqlite3"
    async with opened(path) as database, database.transaction() as transaction:
        await add(transaction, "T1")

    async with opened(path) as database:
        assert await teams(database) == {"T1"}


async def test_a_failure_takes_everything_of_its_transaction_back(database: Database) -> None:
    """Everything is stored together, or nothing is; and nothing follows from it."""
    acts: list[str] = []

    async def fail() -> None:
        async with database.transaction() as transaction:
            await add(transaction, "T1")
            transaction.after_commit(lambda: acts.append("T1"))
            raise LookupError

    with pytest.raises(LookupError):
        await fail()

    assert await teams(database) == set()
    assert acts == []
    async with database.transaction() as transaction:
        assert await add(transaction, "T2")


async def test_what_follows_from_a_commit_follows_once_and_after_it(database: Database) -> None:
    """Whoever is woken finds what was stored."""
    path = str(database.engine.url.database)
    seen: list[object] = []

    def look() -> None:
        with closing(sqlite3.connect(path)) as other:
            seen.append(other.execute("SELECT team FROM slack_team").fetchall())

    async with database.transaction() as transaction:
        await add(transaction, "T1")
        transaction.after_commit(look)
        assert seen == []

    assert seen == [[("T1",)]]


async def test_a_snapshot_stores_nothing(database: Database) -> None:
    """It only reads."""
    async with database.snapshot() as transaction:
        await add(transaction, "T1")

    assert await teams(database) == set()


async def test_a_snapshot_waits_for_no_writer(database: Database) -> None:
    """It sees what was committed before it began, as long as it lasts."""
    async with database.transaction() as writing:
        await add(writing, "T1")
        assert await teams(database) == set()

    async with database.snapshot() as reading:
        assert set((await reading.run(slack_team.select())).scalars()) == {"T1"}
        async with database.transaction() as writing:
            await add(writing, "T2")
        assert set((await reading.run(slack_team.select())).scalars()) == {"T1"}


async def test_writers_of_this_process_take_turns(database: Database) -> None:
    """The second waits in line instead of asking SQLite again and again."""
    told: list[str] = []
    inside, may_end = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with database.transaction() as transaction:
            inside.set()
            await may_end.wait()
            told.append(f"first {await add(transaction, 'T1')}")

    async def second() -> None:
        await inside.wait()
        may_end.set()
        async with database.transaction() as transaction:
            told.append(f"second {await add(transaction, 'T1')}")

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(second())
        tasks.create_task(first())

    assert told == ["first True", "second False"]


async def test_a_writer_whose_turn_does_not_come_gives_up(database: Database) -> None:
    """In time to say that nothing was taken."""
    async with database.transaction():
        with pytest.raises(StorageUnavailable):
            async with database.transaction(SHORT):
                pytest.fail("there was no turn to take")

    async with database.transaction() as transaction:
        assert await add(transaction, "T1")


async def test_a_crowd_of_our_own_writers_is_no_failure(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has its turn, though the last waits for longer than the database may take to answer."""
    monkeypatch.setattr("bot.database.PATIENCE", SHORT)

    async def write(number: int) -> None:
        async with database.transaction() as transaction:
            await add(transaction, f"T{number}")
            await hold_up(SHORT / 5)

    async with asyncio.TaskGroup() as tasks:
        for number in range(20):
            tasks.create_task(write(number))

    assert len(await teams(database)) == 20


async def test_a_writer_that_is_cancelled_gives_its_turn_back(database: Database) -> None:
    """The next one neither waits nor sees what was begun."""
    inside = asyncio.Event()

    async def begin() -> None:
        async with database.transaction() as transaction:
            await add(transaction, "T1")
            inside.set()
            await asyncio.Event().wait()

    writer = asyncio.get_running_loop().create_task(begin())
    await inside.wait()
    writer.cancel()
    await asyncio.wait([writer])

    async with database.transaction() as transaction:
        assert await add(transaction, "T1")


async def test_whoever_is_cancelled_while_a_transaction_begins_leaves_nothing_begun(
    database: Database, tmp_path: Path
) -> None:
    """Its connection's thread begins all the same, and nobody could ever write again."""

    async def write(team: str, patience: timedelta) -> None:
        async with database.transaction(patience) as transaction:
            await add(transaction, team)

    with locked_by_another(tmp_path / "greenlight.sqlite3"), pytest.raises(TimeoutError):
        await asyncio.wait_for(write("T1", 8 * SHORT), SHORT.total_seconds())

    for team in ("T2", "T3"):
        await write(team, 100 * SHORT)
    assert await teams(database) == {"T2", "T3"}


COUNTING = text(
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 3000000)"
    " SELECT count(*) FROM numbers"
)
"""Takes some hundred milliseconds."""


async def test_a_writer_cancelled_in_a_statement_lets_go_of_the_file(database: Database) -> None:
    """Also while somebody still holds its exception, and thereby what its statement was reading."""

    async def write() -> None:
        async with database.transaction(heavy=True) as transaction:
            await add(transaction, "T1")
            await transaction.run(COUNTING)

    writer = asyncio.get_running_loop().create_task(write())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(writer, SHORT.total_seconds())

    path = Path(str(database.engine.url.database))
    with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert writer.cancelled()


async def test_a_lock_held_by_another_program_is_told(database: Database) -> None:
    """Nothing of the transaction is stored, and reading goes on."""
    path = Path(str(database.engine.url.database))

    with locked_by_another(path):
        with pytest.raises(StorageUnavailable, match="OperationalError"):
            async with database.transaction(SHORT) as transaction:
                await add(transaction, "T1")
        assert await database.is_ready()

    async with database.transaction() as transaction:
        assert await add(transaction, "T1")


async def test_a_broken_file_is_told(tmp_path: Path) -> None:
    """The health check sees it, and the failure names no contents."""
    path = tmp_path / "greenlight.sqlite3"
    path.write_bytes(b"no database at all " * 100)
    database = Database.open(address_of(path))

    assert not await database.is_ready()
    with pytest.raises(StorageUnavailable):
        async with database.transaction() as transaction:
            await add(transaction, "T1")

    await database.close()


async def test_a_row_is_inserted_once(database: Database) -> None:
    """The key decides who was first."""
    row = {"team": "T1", "lacks_plan": True}
    async with database.transaction() as transaction:
        assert await transaction.insert_once(slack_team, row)
        assert not await transaction.insert_once(slack_team, row)


LISBON = datetime(2026, 11, 23, 13, 0, tzinfo=timezone(timedelta(hours=1)))
ROW = dict.fromkeys(("team", "user", "way", "operation", "host", "gate", "event", "detail"), "x")


async def test_a_moment_comes_back_in_utc(database: Database) -> None:
    """SQLite forgets the zone; a moment without one would be read in any."""
    async with database.transaction() as transaction:
        values = {**ROW, "at": LISBON, "pipeline": 1, "execution": 2}
        assert await transaction.insert_numbered(audit, values) == 1
        assert await transaction.insert_numbered(audit, {**values, "id": 1}) is None

    async with database.snapshot() as transaction:
        (at,) = (await transaction.run(audit.select().with_only_columns(audit.c.at))).scalars()

    assert at == LISBON
    assert at.tzinfo is UTC


def test_a_database_that_knows_zones_is_believed() -> None:
    """Only a missing zone is put back, and nothing stays nothing."""
    moment, dialect = Moment(), sqlite.dialect()

    assert moment.process_result_value(LISBON, dialect) is LISBON
    assert moment.process_result_value(None, dialect) is None
    assert moment.process_bind_param(None, dialect) is None
