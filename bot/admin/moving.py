"""``greenlight migrate --to``: move a whole installation from its SQLite file to PostgreSQL.

Everything in one transaction there, the tables included: whatever breaks in the middle, nothing of
it stands there. The keys that values are sealed with are not needed, since nothing is opened.
"""

import contextlib
from collections.abc import AsyncIterator

from bot.admin.opened import Refused, opened
from bot.admin.table import written
from bot.database import Database, StatementRefused, StorageUnavailable, Transaction, explain
from bot.database.copying import Content, CopyFailed, copy, filled
from bot.jobs import census
from bot.jobs.table import process
from bot.store import schema, tables
from bot.store.schema import Standing

LEFT = (process,)
"""Who was running on the file does not run on the new database."""

MOVED = [each for each in tables.installation.metadata.sorted_tables if each not in LEFT]
"""All others, each after those that it refers to."""

_MAYBE_STORED = (
    "Run the same command again: if all of it was stored after all, it says that the database is "
    "not empty."
)
_COLUMNS = ("table", "rows", "digest")
_DIGITS = 12
"""Digits of a digest that are shown; all are compared."""


async def move(url: str, target: str) -> str:
    """Copy everything to an empty database, compare, and say what to set next.

    ``target`` holds no password.

    Raises:
        Refused: a bot works on the file, one of both is not as it must be, or does not answer.
    """
    async with opened(url, alone=True) as old:
        if old.is_shared:
            raise Refused(
                "GREENLIGHT_DATABASE_URL names a PostgreSQL already. Let it name the SQLite file "
                "that shall move."
            )
        async with _entered(target) as new, new.transaction() as writing:
            await _prepare(writing)
            async with old.snapshot() as reading:
                moved = await copy(reading, writing, MOVED, but=LEFT)
            freed = await census.rescue(writing)
    return "\n".join(_said(moved, freed, target))


@contextlib.asynccontextmanager
async def _entered(target: str) -> AsyncIterator[Database]:
    """Open the new database, and turn every foreseen failure there into a sentence."""
    database = Database.open(target)
    try:
        yield database
    except CopyFailed as failed:
        raise Refused(f"Nothing was stored. {failed}.") from None
    except StatementRefused as refused:
        raise Refused(
            f"--to: nothing was stored: the database refuses ({refused}). Name an empty one in "
            "which the role may create tables."
        ) from None
    except (OSError, StorageUnavailable) as failure:
        is_sure = isinstance(failure, StorageUnavailable) and failure.is_sure
        raise Refused(
            f"--to: the database cannot be used: {explain(failure)}. "
            f"{'Nothing was stored.' if is_sure else _MAYBE_STORED}"
        ) from None
    finally:
        await database.close()


async def _prepare(transaction: Transaction) -> None:
    """Lay the tables where there are none; refuse what is not empty or not of this version."""
    await schema.hold(transaction)
    found = await schema.revision_of(transaction)
    match schema.compare(found):
        case Standing.EMPTY:
            await schema.bring_up(transaction)
        case Standing.OLDER | Standing.NEWER:
            raise Refused(
                f"--to: the database has the tables of another version ({found}; this one needs "
                f"{schema.newest()}). Name an empty database."
            )
        case Standing.CURRENT:
            pass
    if full := await filled(transaction, [*MOVED, *LEFT]):
        raise Refused(
            f"--to: the database is not empty: there are rows in {', '.join(full)}. Name an "
            "empty one; no bot may have started on it."
        )


def _said(moved: list[Content], freed: int, target: str) -> list[str]:
    rows = [
        (each.table, f"{each.rows:,}", each.digest[:_DIGITS] if each.rows else "-")
        for each in moved
    ]
    total = sum(each.rows for each in moved)
    lines = [*written([_COLUMNS, *rows]), ""]
    lines.append(f"Moved and compared: {total:,} rows in {len(moved)} tables.")
    if freed:
        lines.append(f"Jobs that were at work when the bot ended, and go on: {freed}.")
    lines.append(
        "The SQLite file is left as it is. Keep it until you trust the move, and start no bot on "
        "it: both would do the same work."
    )
    address = target.replace("postgresql+asyncpg:", "postgresql:", 1)
    lines.append(f"Next: set GREENLIGHT_DATABASE_URL={address} and start the bot.")
    return lines
