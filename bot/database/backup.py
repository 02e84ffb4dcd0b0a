"""Copy a SQLite file while bots work on it, so that the copy is whole and on the disk."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.engine import make_url

from bot.database.engines import PATIENCE, find_file


class NoFile(Exception):
    """The address is not that of a SQLite file."""


class CopyBroken(Exception):
    """The copy is not whole."""


def back_up(url: str, copy: Path) -> int:
    """Copy the file behind an address; the bytes of the copy, which only its owner may read.

    It shows one moment, and nobody who writes meanwhile is kept waiting. It is of this moment only:
    nothing of the log beside the file (WAL) is missing in it.

    Raises:
        NoFile: the address names no SQLite file.
        DatabaseMissing: there is no such file yet.
        FileExistsError: something stands where the copy should be.
        CopyBroken: the copy was made, and does not hold what it should; it is removed.
        OSError: the copy cannot be written there.
        sqlite3.Error: the file cannot be read, or there is no room for the copy.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise NoFile
    find_file(parsed)
    original = Path(str(parsed.database))
    # SQLite fills an empty file that is there: so nobody else can read it at any time.
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode=0o600))
    try:
        with _opened(original) as connection:
            connection.execute("VACUUM INTO ?", [str(copy)])
        _check(copy)
        _keep(copy)
        _keep(copy.absolute().parent)
    except BaseException:
        copy.unlink()
        raise
    return copy.stat().st_size


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file that is there; none is made."""
    address = f"file:{quote(str(path.absolute()))}?mode=rw"
    connection = sqlite3.connect(address, uri=True, timeout=PATIENCE.total_seconds())
    with contextlib.closing(connection):
        yield connection


def _check(copy: Path) -> None:
    with _opened(copy) as connection:
        (found,) = connection.execute("PRAGMA integrity_check").fetchone()
    if found != "ok":
        raise CopyBroken


def _keep(path: Path) -> None:
    """Have the disk keep it; VACUUM INTO leaves that open. Source: SQLite, «VACUUM INTO»."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
