"""The PostgreSQL that tests are given: real, gone in the end, and never silently missing."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.postgres import (
    Driver,
    Mode,
    NoPostgres,
    OwnServer,
    PostgresDatabase,
    Server,
    lent,
    server,
)
from tests.postgres.cluster import ROLE
from tests.postgres.programs import FIX, NEEDED, VARIABLE, Account, Places

ROOT = Path(__file__).parents[1]

HOLD = """
import sys
from tests.postgres.cluster import running
with running() as cluster:
    print(cluster.folder, cluster.data, cluster.port, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def own() -> Iterator[OwnServer]:
    """Run a server that these tests may stop."""
    with server() as made:
        yield made


async def ask(url: str, *statements: str) -> list[object]:
    """Execute statements in one transaction, and answer what the last one finds."""
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            results = [await connection.execute(text(each)) for each in statements]
            return list(results[-1].scalars()) if results[-1].returns_rows else []
    finally:
        await engine.dispose()


async def with_a_card(url: str) -> None:
    """Prepare a template of one row."""
    await ask(url, "CREATE TABLE card (name text)", "INSERT INTO card VALUES ('first')")


@pytest.mark.parametrize("turn", ["first", "second"])
async def test_a_test_finds_its_database_empty(
    postgres_database: PostgresDatabase, turn: str
) -> None:
    """What one test leaves, the other does not find."""
    url = postgres_database.url()

    found = await ask(url, "SELECT relname FROM pg_class WHERE relname LIKE 'left_by_%'")
    await ask(url, f"CREATE TABLE left_by_{turn} (id int)")

    assert found == []


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
async def test_a_copy_of_a_template_is_complete_and_apart(postgres: Server, driver: Driver) -> None:
    """Each copy has what the template has, through either driver, and what one adds stays there."""
    template = await asyncio.to_thread(postgres.template, with_a_card)
    with postgres.fresh(template) as one, postgres.fresh(template) as other:
        await ask(one.url(driver), "INSERT INTO card VALUES ('second')")

        assert await ask(one.url(driver), "SELECT name FROM card") == ["first", "second"]
        assert await ask(other.url(driver), "SELECT name FROM card") == ["first"]


async def test_a_template_is_prepared_once(postgres: Server) -> None:
    """Whoever asks for the same preparation gets the same template."""
    first = await asyncio.to_thread(postgres.template, with_a_card)
    again = await asyncio.to_thread(postgres.template, with_a_card)

    assert first == again


async def test_a_database_goes_though_somebody_is_connected(postgres: Server) -> None:
    """A test that failed in the middle of a transaction does not keep its database."""
    with postgres.fresh() as database:
        engine = create_async_engine(database.url("psycopg"))
        connection = await engine.connect()
        await connection.execute(text("SELECT 1"))

    names = await ask(postgres.url(), "SELECT datname FROM pg_database")
    await connection.invalidate()
    await connection.close()
    await engine.dispose()
    assert database.name not in names


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_what_was_committed_outlives_a_restart(own: OwnServer, mode: Mode) -> None:
    """A stop or a crash of the server loses nothing, and its address stays the same."""
    with own.fresh() as database:
        await with_a_card(database.url())

        await asyncio.to_thread(own.restart, mode)

        assert await ask(database.url(), "SELECT name FROM card") == ["first"]


def test_a_stopped_server_refuses_and_a_started_one_answers(own: OwnServer) -> None:
    """A suite can look at the time in between."""
    address = own.url().replace("+asyncpg", "")

    own.stop()
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(address)
    own.start()

    with psycopg.connect(address) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("off",)


def test_a_durable_server_waits_for_the_disk() -> None:
    """What a crash suite counts is not flattered by a cache."""
    with (
        server(durable=True) as durable,
        psycopg.connect(durable.url().replace("+asyncpg", "")) as connection,
    ):
        assert connection.execute("SHOW fsync").fetchone() == ("on",)


def test_a_killed_run_leaves_no_server_behind() -> None:
    """The guard stops the server and removes its folders when the tests cannot."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", HOLD], cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True
    ) as tests:
        assert tests.stdout
        *folders, port = tests.stdout.readline().split()
        assert all(Path(each).is_dir() for each in folders)

        tests.kill()
        said = tests.communicate()  # ends when the guard has, which holds the standard error

    assert said == ("", "")
    assert not any(Path(each).exists() for each in folders)
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(host="127.0.0.1", port=port, user=ROLE, dbname="postgres")


def test_a_lent_server_keeps_nothing_of_ours(own: OwnServer) -> None:
    """What was made on somebody's server is removed, templates included."""
    with psycopg.connect(own.url().replace("+asyncpg", "")) as connection:
        names = "SELECT datname FROM pg_database ORDER BY 1"
        before = connection.execute(names).fetchall()
        with lent(own.url()) as used:
            used.create("greenlight_test_forgotten")
            used.template(with_a_card)
            assert len(connection.execute(names).fetchall()) == len(before) + 2

        assert connection.execute(names).fetchall() == before


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("postgresql://maya:hush-hush@127.0.0.1:1/postgres", "Connection refused"),
        ("sqlite:///greenlight.sqlite3", "is not the address of a PostgreSQL"),
        ("hush-hush", "is not the address of a PostgreSQL"),
    ],
)
def test_a_lent_server_that_does_not_answer_fails_the_test(address: str, why: str) -> None:
    """A server that was named is not replaced in silence; its password stays untold."""
    with pytest.raises(NoPostgres) as failed, lent(address):
        pass

    assert f"{VARIABLE}: " in str(failed.value)
    assert why in str(failed.value)
    assert "hush-hush" not in str(failed.value)


def install(folder: Path, version: int | None, *programs: str) -> None:
    """Write programs that know their version, or fail to start."""
    folder.mkdir(parents=True)
    says = "exit 1" if version is None else f"echo 'postgres (PostgreSQL) {version}.1'"
    for name in programs:
        (folder / name).write_text(f"#!/bin/sh\n{says}\n")
        (folder / name).chmod(0o755)


INSTALLED: dict[str, tuple[str, int | None, tuple[str, ...]]] = {
    "path": ("path", 15, NEEDED),
    "old path": ("path", 9, NEEDED),
    "broken path": ("path", None, NEEDED),
    "half a path": ("path", 15, ("pg_ctl",)),
    "debian 14": ("debian/14/bin", 14, NEEDED),
    "debian 9": ("debian/9/bin", 9, NEEDED),
    "wheel 16": ("wheel/pginstall/bin", 16, NEEDED),
    "wheel 18": ("wheel/pginstall18/bin", 18, NEEDED),
}


def places(folder: Path, *installed: str) -> Places:
    """Install what a machine may have."""
    for name in installed:
        where, version, programs = INSTALLED[name]
        install(folder / where, version, *programs)
    return Places(str(folder / "path"), folder / "debian", folder / "wheel", Account())


@pytest.mark.parametrize(
    ("installed", "chosen"),
    [
        (["path", "debian 14", "wheel 18"], "path"),
        (["debian 9", "debian 14", "wheel 18"], "debian/14/bin"),
        (["old path", "debian 14"], "debian/14/bin"),
        (["broken path", "debian 9", "wheel 16", "wheel 18"], "wheel/pginstall18/bin"),
        (["half a path", "wheel 16"], "wheel/pginstall/bin"),
    ],
)
def test_the_first_programs_that_will_do_are_used(
    installed: list[str], chosen: str, tmp_path: Path
) -> None:
    """The PATH is asked first, then Debian's folders, then the wheel."""
    assert places(tmp_path, *installed).find(tmp_path) == tmp_path / chosen


@pytest.mark.parametrize(
    ("installed", "tried"),
    [
        ([], [f"{VARIABLE}: is not set", "PATH: no initdb and no pg_ctl", "wheel"]),
        (["half a path"], ["PATH: no initdb and no postgres"]),
        (["old path"], ["PATH: postgres (PostgreSQL) 9.1 is older than 14"]),
        (["broken path"], ["postgres does not run: ", "returned non-zero exit status 1"]),
    ],
)
def test_a_machine_without_postgresql_fails_the_test_with_the_fix(
    installed: list[str], tried: list[str], tmp_path: Path
) -> None:
    """Never a skip: the failure says what was tried, and what to do."""
    with pytest.raises(NoPostgres) as failed:
        places(tmp_path, *installed).find(tmp_path)

    assert [each for each in tried if each not in str(failed.value)] == []
    assert str(failed.value).endswith(FIX)
