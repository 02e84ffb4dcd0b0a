"""The command ``greenlight jobs`` shows what is to be done, and revives what is dead."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, select

from bot.__main__ import main
from bot.database import Database
from bot.jobs.table import job
from tests.environment import KEY, environment
from tests.store.opened import address_of, opened

COLUMNS: dict[str, Any] = {
    "lane": "",
    "data": '{"text": "private"}',
    "put_at": 1795424400.0,
    "due": 1795424400.0,
    "not_before": 0.0,
    "attempt": 0,
    "owner": "",
    "error": "",
    "sealed": "1a2b3c4d:sealed",
}
JOBS = (
    {"id": 1, "kind": "operation", "key": "7", "state": "dead", "error": "KeyError", "attempt": 5},
    {"id": 2, "kind": "reply", "key": "3", "state": "waiting"},
    {"id": 3, "kind": "reply", "key": "4", "state": "dead", "error": "ValueError", "attempt": 60},
    {"id": 4, "kind": "follow", "key": "h/1/2", "state": "running", "owner": "aaaa1111"},
    {"id": 5, "kind": "reply", "key": "3", "state": "dead", "error": "ValueError", "attempt": 60},
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Leave a database with jobs of every state."""

    async def fill() -> None:
        async with opened(tmp_path / "bot.sqlite3") as database, database.transaction() as stored:
            for each in JOBS:
                await stored.run(insert(job).values(**COLUMNS | each))

    asyncio.run(fill())
    return tmp_path / "bot.sqlite3"


def command(file: Path, *arguments: str, code: int = 0) -> str:
    """Run the command where the bot's settings are, and read what it says."""
    told = {"GREENLIGHT_TOKEN_KEYS": KEY, "GREENLIGHT_DATABASE_URL": f"sqlite:///{file}"}
    with contextlib.chdir(file.parent), environment(told):
        result: Result = CliRunner().invoke(main, ["jobs", *arguments])
    assert result.exit_code == code, result.output
    assert "private" not in result.output
    assert "sealed" not in result.output
    return result.output


def states(file: Path) -> dict[int, tuple[str, int]]:
    """Read state and tries of each job."""

    async def read() -> dict[int, tuple[str, int]]:
        database = Database.open(address_of(file))
        async with database.snapshot() as transaction:
            rows = await transaction.run(select(job.c.id, job.c.state, job.c.attempt))
            found = {row.id: (row.state, row.attempt) for row in rows}
        await database.close()
        return found

    return asyncio.run(read())


def test_all_jobs_are_counted_and_listed(file: Path) -> None:
    """How much there is of each kind, then each of them, and the next step."""
    told = command(file, "list").splitlines()

    assert told[0].startswith("jobs.follow waiting=0 running=1 dead=0 lag_s=0.0")
    assert told[1].startswith("jobs.operation waiting=0 running=0 dead=1")
    assert told[2].startswith("jobs.reply waiting=1 running=0 dead=2 lag_s=")
    assert told[4].split() == [
        "id",
        "kind",
        "key",
        "state",
        "tries",
        "error",
        "put",
        "at",
        "due",
        "at",
    ]
    assert told[5].split()[:6] == ["1", "operation", "7", "dead", "5", "KeyError"]
    assert "2026-11-23 09:00:00Z" in told[5]
    assert told[-1] == "Find their errors in the log. Next: greenlight jobs retry 1"


def test_only_the_dead_are_listed_when_asked_for(file: Path) -> None:
    """That is what an operator comes for."""
    told = command(file, "list", "--dead")

    assert [line.split()[0] for line in told.splitlines() if line[:1].isdigit()] == ["1", "3", "5"]


def test_dead_jobs_are_tried_again(file: Path) -> None:
    """From their first attempt; what lives, or has a living successor, is left alone."""
    told = command(file, "retry", "1", "2", "3", "5", "99")

    assert told.splitlines() == [
        "Jobs 1, 3: tried again within a second, if a bot runs.",
        "Jobs 2, 5, 99: left alone; not dead, gone, or replaced by a newer one.",
    ]
    assert states(file) == {
        1: ("waiting", 0),
        2: ("waiting", 0),
        3: ("waiting", 0),
        4: ("running", 0),
        5: ("dead", 60),
    }


def test_nothing_to_try_again_is_said(file: Path) -> None:
    """With what to look at instead."""
    assert "greenlight jobs list --dead" in command(file, "retry", "2", code=1)
    command(file, "retry", code=2)
    command(file, "retry", "one", code=2)


def test_a_database_that_is_not_there_is_said(tmp_path: Path) -> None:
    """No traceback, and no file is made."""
    told = command(tmp_path / "none.sqlite3", "list", code=1)

    assert "there is no file" in told
    assert not (tmp_path / "none.sqlite3").exists()
