"""The command ``greenlight migrate --to`` moves an installation, whole or not at all."""

import asyncio
import contextlib
import random
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import psycopg
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection, inspect, text, update
from sqlalchemy.engine import make_url

from bot.__main__ import main
from bot.database import Database, metadata
from bot.jobs.table import job
from bot.store import schema
from bot.store.tables import audit, identity
from tests.environment import environment
from tests.postgres import Driver, PostgresDatabase
from tests.store.opened import address_of, opened
from tests.store.rows import NOON, SOME, Content, content_of, fill

T = TypeVar("T")


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Leave the file of a bot that was in use, with rows in every table."""
    path = tmp_path_factory.mktemp("used") / "bot.sqlite3"

    async def leave() -> None:
        async with opened(path) as database:
            await fill(database, random.Random(7))  # noqa: S311 - the same rows each time

    asyncio.run(leave())
    return path


@pytest.fixture
def file(used: Path, tmp_path: Path) -> Path:
    """Have such a file for oneself."""
    return Path(shutil.copy(used, tmp_path))


def address(target: PostgresDatabase, driver: Driver = "asyncpg") -> tuple[str, dict[str, str]]:
    """Write a database's address without its password, and where that is to be found."""
    url = make_url(target.url(driver))
    told = {"PGPASSWORD": url.password} if url.password else {}
    return url.set(password=None).render_as_string(), told


def migrate(
    file: Path, *arguments: str, code: int = 0, variables: Mapping[str, str] = MappingProxyType({})
) -> str:
    """Run the command where the bot's settings are, and read what it says."""
    told = {"GREENLIGHT_DATABASE_URL": f"sqlite:///{file}", **variables}
    with contextlib.chdir(file.parent), environment(told):
        result: Result = CliRunner().invoke(main, ["migrate", *arguments])
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.output


def within(url: str, work: Callable[[Database], Awaitable[T]]) -> T:
    """Do something with a database."""

    async def do() -> T:
        database = Database.open(url)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(do())


async def tables_of(database: Database) -> set[str]:
    """Name the tables that are there."""

    def names(connection: Connection) -> set[str]:
        return set(inspect(connection).get_table_names())

    async with database.snapshot() as transaction:
        return await transaction.connection.run_sync(names)


def after_a_crash(content: Content) -> Content:
    """Tell what a crash leaves of a bot: its jobs are free, tried as often as before."""
    free = {"state": "waiting", "owner": ""}
    jobs = [row | free if row["owner"] else row for row in content["job"]]
    left = content | {"job": sorted(jobs, key=lambda row: int(row["id"])), "process": []}
    assert left["job"] != content["job"]
    return left


def by_number(content: Content) -> Content:
    """Put the jobs in the order of their numbers."""
    return content | {"job": sorted(content["job"], key=lambda row: int(row["id"]))}


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_everything_arrives_as_it_was(
    file: Path, postgres_database: PostgresDatabase, driver: Driver
) -> None:
    """Every row of every table, compared one by one; the file keeps its own."""
    before = within(address_of(file), content_of)
    target, told = address(postgres_database, driver)

    said = migrate(file, "--to", target, variables=told)

    arrived = within(postgres_database.url(), content_of)
    assert by_number(arrived) == after_a_crash(before)
    assert within(address_of(file), content_of) == before
    rows = sum(len(each) for name, each in before.items() if name != "process")
    assert f"Moved and compared: {rows:,} rows in {len(metadata.tables) - 1} tables." in said
    freed = sum(bool(row["owner"]) for row in before["job"])
    assert f"Jobs that were at work when the bot ended, and go on: {freed}." in said
    address_to_set = target.replace("+asyncpg", "")
    assert f"Next: set GREENLIGHT_DATABASE_URL={address_to_set} and start the bot." in said


def test_no_number_is_given_twice(file: Path, postgres_database: PostgresDatabase) -> None:
    """Also not one whose row is gone: an operation may still be pinned to it."""
    target, told = address(postgres_database)
    migrate(file, "--to", target, variables=told)

    async def next_ones(database: Database) -> list[int]:
        row = {"generation": 1, "team": "T", "user": "U", "host": "h", "buddy_id": 1}
        row |= {"buddy_name": "", "sealed_token": "", "linked_at": NOON}
        async with database.transaction() as transaction:
            added = identity.insert().values(**row).returning(identity.c.id)
            numbers = [(await transaction.run(added)).scalar_one()]
            for name in ("click", "card", "reply", "audit", "job"):
                query = text(f"SELECT nextval(pg_get_serial_sequence('{name}', 'id'))")
                numbers.append((await transaction.run(query)).scalar_one())
        return numbers

    assert within(postgres_database.url(), next_ones) == [SOME + 1] * 4 + [1101, SOME + 1]


async def fill_a_little(database: Database) -> None:
    """Bring the tables up, and let a bot have started once."""
    await schema.upgrade(database)
    async with database.transaction() as transaction:
        await transaction.run(text("INSERT INTO installation VALUES (1, 'other')"))


async def one_version_back(database: Database) -> None:
    """Leave the tables of an older version."""
    await schema.upgrade(database, "0001")


async def from_the_future(database: Database) -> None:
    """Leave the tables of a version that nobody knows here."""
    await schema.upgrade(database)
    async with database.transaction() as transaction:
        await transaction.run(text("UPDATE alembic_version SET version_num = '9999'"))


async def somebody_elses(database: Database) -> None:
    """Leave a table that is called like one of ours."""
    async with database.transaction() as transaction:
        await transaction.run(text("CREATE TABLE card (colour TEXT)"))


@pytest.mark.parametrize(
    ("prepare", "says"),
    [
        (fill_a_little, "the database is not empty: there are rows in installation"),
        (one_version_back, "of another version (0001;"),
        (from_the_future, "of another version (9999;"),
        (somebody_elses, "nothing was stored: the database refuses"),
    ],
)
def test_a_database_that_is_in_use_is_left_alone(
    file: Path,
    postgres_database: PostgresDatabase,
    prepare: Callable[[Database], Awaitable[None]],
    says: str,
) -> None:
    """Whatever stands there stands there afterwards, and nothing else."""
    within(postgres_database.url(), prepare)
    before = within(postgres_database.url(), tables_of)
    target, told = address(postgres_database)

    assert says in migrate(file, "--to", target, code=1, variables=told)

    assert within(postgres_database.url(), tables_of) == before


def test_what_cannot_move_is_said(file: Path, postgres_database: PostgresDatabase) -> None:
    """The file is taken, missing, old or none at all; or the new database cannot be reached."""
    target, told = address(postgres_database)
    holder = Database.open(address_of(file))
    try:
        assert "a bot works on this SQLite file" in migrate(
            file, "--to", target, code=1, variables=told
        )
    finally:
        asyncio.run(holder.close())
    missing = file.with_name("none.sqlite3")
    assert "there is no file none.sqlite3" in migrate(
        missing, "--to", target, code=1, variables=told
    )
    assert not missing.exists()
    here = {"GREENLIGHT_DATABASE_URL": target, **told}
    within(postgres_database.url(), schema.upgrade)
    assert "a PostgreSQL already" in migrate(file, "--to", target, code=1, variables=here)
    nowhere = f"{target}_that_is_not_there"
    said = migrate(file, "--to", nowhere, code=1, variables=told)
    assert "there is no database of this name. Nothing was stored." in said


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://bot:pLaNtEd@db/bot", "must hold no password"),  # pragma: allowlist secret
        ("postgresql://bot@db/bot?password=pLaNtEd", "must hold no password"),
        ("postgresql://bot@db", "must name a database"),
        ("sqlite:///pLaNtEd.sqlite3", "is not a URL like postgresql://"),
        ("pLaNtEd", "is not a URL like postgresql://"),
    ],
)
def test_a_password_does_not_belong_on_a_command_line(file: Path, url: str, says: str) -> None:
    """It is refused with where it belongs, and never repeated."""
    said = migrate(file, "--to", url, code=2)

    assert says in " ".join(said.split())
    assert "pLaNtEd" not in said


@pytest.mark.parametrize(
    "values", [{"gate": "x" * 256}, {"operation": "one\0two"}], ids=["too long", "no text"]
)
def test_a_row_that_postgresql_refuses_is_said(
    file: Path, postgres_database: PostgresDatabase, values: dict[str, Any]
) -> None:
    """SQLite takes any text; the table is named, no value is shown, and nothing arrived."""

    async def spoil(database: Database) -> None:
        async with database.transaction() as transaction:
            await transaction.run(update(audit).where(audit.c.id == 1000).values(**values))

    within(address_of(file), spoil)
    target, told = address(postgres_database)

    said = migrate(file, "--to", target, code=1, variables=told)

    assert "Nothing was stored. audit: a row is refused (" in said
    assert within(postgres_database.url(), tables_of) == set()


def test_a_table_that_nobody_knows_is_not_left_behind(
    file: Path, postgres_database: PostgresDatabase
) -> None:
    """What stands in the file and in no code is no reason to lose it silently."""

    async def add(database: Database) -> None:
        async with database.transaction() as transaction:
            await transaction.run(text("CREATE TABLE notes (about TEXT)"))

    within(address_of(file), add)
    target, told = address(postgres_database)

    said = migrate(file, "--to", target, code=1, variables=told)

    assert "Nothing was stored. notes: no such table is known." in said
    assert within(postgres_database.url(), tables_of) == set()


def test_what_arrives_otherwise_is_noticed(file: Path, postgres_database: PostgresDatabase) -> None:
    """Whatever changes a row on its way, here a trigger: nothing is stored."""

    async def lay_a_trap(database: Database) -> None:
        await schema.upgrade(database)
        async with database.transaction() as transaction:
            for statement in _TRAP:
                await transaction.run(text(statement))

    within(postgres_database.url(), lay_a_trap)
    target, told = address(postgres_database)

    said = migrate(file, "--to", target, code=1, variables=told)

    assert "Nothing was stored. card: what arrived is not what was sent." in said
    assert not any(within(postgres_database.url(), content_of).values())


_TRAP = (
    (
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN IF NEW.id = 3 THEN NEW.digest := 'other'; END IF; RETURN NEW; END $$"
    ),
    "CREATE TRIGGER trap BEFORE INSERT ON card FOR EACH ROW EXECUTE FUNCTION spoil()",
)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_kill_in_the_middle_leaves_nothing(
    file: Path, postgres_database: PostgresDatabase
) -> None:
    """The last table waits for a lock of ours, and there the process is killed."""
    within(postgres_database.url(), schema.upgrade)
    target, told = address(postgres_database)
    last = metadata.sorted_tables[-1].name
    plain = make_url(postgres_database.url()).set(drivername="postgresql")
    with psycopg.connect(plain.render_as_string(hide_password=False)) as other:
        other.execute(f'LOCK TABLE "{last}" IN SHARE MODE')
        with subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "bot", "migrate", "--to", target],
            cwd=Path(__file__).parents[2],
            env={"GREENLIGHT_DATABASE_URL": f"sqlite:///{file}", **told},
            stderr=subprocess.PIPE,
        ) as mover:
            waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
            while other.execute(waits, [last]).fetchone() != (1,):
                assert mover.poll() is None, mover.communicate()
                other.execute("SELECT pg_sleep(0.01)")
            mover.kill()
    left = within(postgres_database.url(), content_of)
    assert not any(left.values())

    migrate(file, "--to", target, variables=told)
    arrived = within(postgres_database.url(), content_of)
    assert {row["state"] for row in arrived["job"]} == {"waiting", "dead"}
    assert len(arrived[job.name]) == SOME - 3
