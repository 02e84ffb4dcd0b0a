"""The command ``greenlight migrate`` brings the tables up, and says whether they are."""

import asyncio
import contextlib
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from bot.__main__ import main
from bot.database import Database
from bot.store import schema
from tests.environment import KEY, environment
from tests.postgres import PostgresDatabase
from tests.store.opened import address_of, opened

NEWEST = schema.newest()


def greenlight(url: str, *arguments: str, code: int = 0) -> str:
    """Run a command on a database; no key is needed."""
    told = {"GREENLIGHT_DATABASE_URL": url}
    with environment(told):
        result = CliRunner().invoke(main, arguments)
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.output


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Name an empty database of each kind."""
    if request.param == "sqlite":
        return address_of(tmp_path / "bot.sqlite3")
    database: PostgresDatabase = request.getfixturevalue("postgres_database")
    return database.url()


def at(url: str, revision: str, pretended: str = "") -> None:
    """Bring a database's tables to a revision, or let them pretend to be of another one."""

    async def bring() -> None:
        database = Database.open(url)
        await schema.upgrade(database, revision)
        if pretended:
            async with database.transaction() as transaction:
                change = text("UPDATE alembic_version SET version_num = :name")
                await transaction.run(change, {"name": pretended})
        await database.close()

    asyncio.run(bring())


def test_the_tables_are_brought_up_and_what_was_done_is_said(url: str) -> None:
    """From nothing, from an older version, and when there is nothing to do."""
    assert f"went from none to {NEWEST}." in greenlight(url, "migrate")
    assert "nothing to do" in greenlight(url, "migrate")
    assert f"at {NEWEST}, as this version needs." in greenlight(url, "migrate", "--check")


def test_an_older_version_is_told_and_left_by_a_look(url: str) -> None:
    """A script can ask, and nothing is changed by that."""
    at(url, "0001")
    for _ in range(2):
        told = greenlight(url, "migrate", "--check", code=1)
        assert f"at 0001, and this version needs {NEWEST}" in told
    assert f"went from 0001 to {NEWEST}." in greenlight(url, "migrate")


def test_a_newer_version_is_never_touched(url: str) -> None:
    """Not by the command, and not by a bot that starts: it says what is wrong."""
    at(url, "head", "9999")
    told = greenlight(url, "migrate", code=1)
    assert told == greenlight(url, "migrate", "--check", code=1)
    assert f"at 9999, which this version does not know: it needs {NEWEST}" in told
    variables = {
        "GREENLIGHT_DATABASE_URL": url,
        "GREENLIGHT_TOKEN_KEYS": KEY,
        "GREENLIGHT_SLACK_BOT_TOKEN": "xoxb-1-a",
        "GREENLIGHT_SLACK_SIGNING_SECRET": "0" * 16,
        "GREENLIGHT_LISTEN": "127.0.0.1:0",
    }
    with environment(variables):
        result = CliRunner().invoke(main, ["serve"])
    assert result.exit_code == 1
    assert "the database has the tables of a newer version" in result.output


async def test_a_file_that_a_bot_works_on_is_left_to_it(tmp_path: Path) -> None:
    """A look is possible beside it; its tables it brought up by itself."""
    async with opened(tmp_path / "bot.sqlite3"):
        url = address_of(tmp_path / "bot.sqlite3")
        told = await asyncio.to_thread(greenlight, url, "migrate", code=1)
        assert "a bot works on this SQLite file" in told
        assert "as this version needs" in await asyncio.to_thread(
            greenlight, url, "migrate", "--check"
        )


def test_a_look_makes_no_file(tmp_path: Path) -> None:
    """Where there is nothing, that is said."""
    url = address_of(tmp_path / "none.sqlite3")
    assert "there is no file none.sqlite3" in greenlight(url, "migrate", "--check", code=1)
    assert list(tmp_path.iterdir()) == []
    with contextlib.chdir(tmp_path):
        both = ("migrate", "--check", "--to", "postgresql://bot@db/bot")
        assert "name one of them" in greenlight(url, *both, code=2)
