"""Open the database beside running bots, and turn every foreseen failure into a sentence."""

import contextlib
from collections.abc import AsyncIterator

from bot.database import (
    Database,
    DatabaseInUse,
    DatabaseMissing,
    StorageUnavailable,
    explain,
)
from bot.store import schema
from bot.store.schema import Standing

_SCHEMA = {
    Standing.EMPTY: (
        "The database has no tables yet. Start the bot once, or run greenlight migrate."
    ),
    Standing.OLDER: (
        "The database has the tables of an older version. Start this version of the bot once, or "
        "run greenlight migrate: either brings them up."
    ),
    Standing.NEWER: (
        "The database has the tables of a newer version. Use the greenlight of that version."
    ),
}


class Refused(Exception):
    """A command that was not carried out; says why and what to do."""


@contextlib.asynccontextmanager
async def opened(url: str, *, alone: bool = False) -> AsyncIterator[Database]:
    """Open a database with the tables of this version, for as long as one command takes.

    Raises:
        Refused: it is not there, does not answer, is of another version, or is not free.
    """
    async with reached(url, alone=alone, may_make=False) as database:
        standing = await schema.standing(database)
        if standing is not Standing.CURRENT:
            raise Refused(_SCHEMA[standing])
        yield database


@contextlib.asynccontextmanager
async def reached(
    url: str, *, alone: bool = False, may_make: bool = True
) -> AsyncIterator[Database]:
    """Open a database of whatever version; ``alone``, no bot may work on a SQLite file meanwhile.

    Raises:
        Refused: it is not there, does not answer, or is not free.
    """
    async with contextlib.AsyncExitStack() as stack:
        try:
            database = Database.open(url, alone=alone, may_make=may_make)
            stack.push_async_callback(database.close)
            yield database
        except DatabaseInUse:
            raise Refused(
                "GREENLIGHT_DATABASE_URL: a bot works on this SQLite file. Stop it first."
            ) from None
        except DatabaseMissing as missing:
            raise Refused(
                f"GREENLIGHT_DATABASE_URL: there is no file {missing} yet. Start the bot once "
                "(greenlight serve), or run this where it runs."
            ) from None
        except (OSError, StorageUnavailable) as failure:
            raise Refused(
                f"GREENLIGHT_DATABASE_URL: the database cannot be used: {explain(failure)}. "
                "Nothing is lost: run the same command again once it can."
            ) from None
