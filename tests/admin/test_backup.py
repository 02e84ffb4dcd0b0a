"""The command ``greenlight backup`` copies the file of a bot that goes on writing."""

import asyncio
import contextlib
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.database import Database
from bot.store import tables
from tests.environment import environment
from tests.store.opened import address_of, opened
from tests.store.rows import content_of, fill


def backup(url: str, copy: Path, code: int = 0) -> str:
    """Run the command; no key is needed."""
    with environment({"GREENLIGHT_DATABASE_URL": url}):
        result = CliRunner().invoke(main, ["backup", str(copy)])
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.output


async def test_a_backup_beside_a_running_bot_is_whole(tmp_path: Path) -> None:
    """What was stored by then is in it, also what is only in the log beside the file."""
    file, copy = tmp_path / "bot.sqlite3", tmp_path / "copy of the bot.sqlite3"
    async with opened(file) as database:
        await fill(database, random.Random(3))  # noqa: S311 - the same rows each time
        before = await content_of(database)
        async with database.transaction() as writing:
            # Not stored yet, so not in it; and the one who writes is not disturbed.
            await writing.run(tables.installation.delete())
            told = await asyncio.to_thread(backup, address_of(file), copy)
    assert f"{copy}: {copy.stat().st_size:,} bytes, checked" in told
    assert copy.stat().st_mode & 0o777 == 0o600
    restored = Database.open(address_of(copy))
    assert await content_of(restored) == before
    await restored.close()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Neither a file that is there nor, through a link, one that it leads to."""
    asyncio.run(_leave(tmp_path / "bot.sqlite3"))
    precious = tmp_path / "precious"
    precious.write_text("precious")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    url = address_of(tmp_path / "bot.sqlite3")

    for name in ("precious", "link", "bot.sqlite3"):
        assert "is there already" in backup(url, tmp_path / name, code=1)

    assert precious.read_text() == "precious"
    assert not (tmp_path / "elsewhere").exists()


async def _leave(path: Path) -> None:
    async with opened(path):
        pass


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://bot@db/bot", "pg_dump"),
        ("sqlite:///none.sqlite3", "there is no file none.sqlite3"),
        ("sqlite:///broken.sqlite3", "No copy was made: file is not a database."),
    ],
)
def test_what_cannot_be_copied_is_said(tmp_path: Path, url: str, says: str) -> None:
    """And no half of a copy is left."""
    with contextlib.chdir(tmp_path):
        Path("broken.sqlite3").write_text("this is no database, however long it is " * 100)
        assert says in backup(url, Path("copy"), code=1)
        assert says in backup(url, Path("copy"), code=1)
        there = "No copy was made: [Errno 2]"
        if "none" in url:
            assert there in backup("sqlite:///broken.sqlite3", Path("none/copy"), code=1)
    assert not (tmp_path / "copy").exists()
