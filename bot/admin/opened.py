"""Open the database beside running bots, and turn every foreseen failure into a sentence."""

import contextlib
from collections.abc import AsyncIterator

from bot.database import Database, DatabaseMissing, StorageUnavailable
from bot.store import schema
from bot.store.schema import Standing

_SCHEMA = {
    Standing.EMPTY: "The database has no tables yet. Start the bot once: greenlight serve.",
    Standing.OLDER: (
        "The database has the tables of an older version. Start this version of the bot once, "
        "which brings them up: greenlight serve."
    ),
    Standing.NEWER: (
        "The database has the tables of a newer version. Use the greenlight of that version."
    ),
}


class Refused(Exception):
    """A command that was not carried out; says why and what to do."""


@contextlib.asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """Open the database for as long as one command takes.

    Raises:
        Refused: it is not there, does not answer, or is of another version.
    """
    async with contextlib.AsyncExitStack() as stack:
        try:
            database = Database.open(url, alone=False)
            stack.push_async_callback(database.close)
            standing = await schema.standing(database)
            if standing is not Standing.CURRENT:
                raise Refused(_SCHEMA[standing])
            yield database
        except DatabaseMissing as missing:
            raise Refused(
                f"GREENLIGHT_DATABASE_URL: there is no file {missing} yet. Start the bot once "
                "(greenlight serve), or run this where it runs."
            ) from None
        except (OSError, StorageUnavailable) as failure:
            raise Refused(
                "GREENLIGHT_DATABASE_URL: the database does not answer "
                f"({type(failure).__name__}). Nothing is lost: run the same command again once it "
                "does."
            ) from None
