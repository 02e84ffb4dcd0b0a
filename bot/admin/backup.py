"""``greenlight backup``: copy the SQLite file beside the running bot."""

import asyncio
import sqlite3
from pathlib import Path

from bot.admin.opened import Refused
from bot.database import DatabaseMissing
from bot.database.backup import CopyBroken, NoFile, back_up


async def backup(url: str, copy: Path) -> str:
    """Make a copy that shows one moment; say how large it is.

    Raises:
        Refused: there is no SQLite file, the copy is there already, or it cannot be written.
    """
    try:
        size = await asyncio.to_thread(back_up, url, copy)
    except NoFile:
        raise Refused(
            "GREENLIGHT_DATABASE_URL names a PostgreSQL. Back it up with its own pg_dump: "
            "docs/operations.md, «Backing up»."
        ) from None
    except DatabaseMissing as missing:
        raise Refused(f"GREENLIGHT_DATABASE_URL: there is no file {missing} yet.") from None
    except FileExistsError:
        raise Refused(f"{copy} is there already, and nothing is overwritten.") from None
    except CopyBroken:
        raise Refused(
            "The copy did not pass SQLite's integrity check and was removed. Look at the file "
            "itself: sqlite3 FILE 'PRAGMA integrity_check'"
        ) from None
    except (OSError, sqlite3.Error) as failure:
        raise Refused(f"No copy was made: {failure}.") from None
    return (
        f"{copy}: {size:,} bytes, checked; only you can read it. Keep the keys in "
        "GREENLIGHT_TOKEN_KEYS apart from it: without them its tokens cannot be opened."
    )
