"""What a database's failure means: it is away, or it refused what it was asked."""

import sqlite3

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as NoConnectionFree

FAILURES = (DBAPIError, NoConnectionFree, OSError, sqlite3.Error)
"""What drivers and the pool raise; a TimeoutError is an OSError.

SQLite's own errors come from the beginning of a transaction, which is no statement of SQLAlchemy's.
"""

_NOT_LET_IN = ("28", "3D")
"""SQLSTATE of a connection that is refused: the user or password, or the database's name."""

_AWAY = ("08", "25P03", "40", "53", "55", "57", "58", *_NOT_LET_IN)
"""SQLSTATE of what passes by itself. Source: PostgreSQL, «PostgreSQL Error Codes»: connection,
an idle transaction ended, rollback for others' sake, resources, locks, operator, system; or until
an operator mends it.
"""

_ABOUT_THE_STATEMENT = (
    DataError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    ProgrammingError,
)
_SURELY_NOT_STORED = ("40", "53", "55", *_NOT_LET_IN)


class StorageUnavailable(Exception):
    """The database did not take the transaction, and may do so later."""

    def __init__(self, reason: str, *, is_sure: bool = True) -> None:
        super().__init__(reason)
        self.is_sure = is_sure
        """Whether surely nothing of it was stored; False if only the answer may be missing."""


def explain(failure: OSError | StorageUnavailable) -> str:
    """Say in a few words why a database cannot be used, as far as it told."""
    said = str(failure) if isinstance(failure, StorageUnavailable) else ""
    if said.startswith("28"):
        return "it does not accept this user or this password"
    if said.startswith("3D"):
        return "there is no database of this name"
    return f"it does not answer, or not as it should ({said or type(failure).__name__})"


class StatementRefused(Exception):
    """The database refused a statement, as it will every time: a mistake of ours.

    It says the kind of mistake only, since what the driver says holds values.
    """


def meaning(failure: Exception, *, is_shared: bool) -> StorageUnavailable | StatementRefused:
    """Tell what a failure of the driver means."""
    kind = type(failure).__name__
    if not isinstance(failure, DBAPIError):
        return StorageUnavailable(kind, is_sure=not is_shared or not _may_have_left(failure))
    code = str(getattr(failure.orig, "sqlstate", None) or "")
    if not is_shared:
        # What is not about the statement is about the file: locked, full, gone, broken.
        is_ours = isinstance(failure, _ABOUT_THE_STATEMENT)
        return StatementRefused(kind) if is_ours else StorageUnavailable(kind)
    if code.startswith(_AWAY):
        return StorageUnavailable(code, is_sure=code.startswith(_SURELY_NOT_STORED))
    if failure.connection_invalidated or (
        not code and isinstance(failure, InterfaceError | OperationalError)
    ):
        return StorageUnavailable(kind, is_sure=False)
    return StatementRefused(f"{kind} {code}".strip())


def _may_have_left(failure: Exception) -> bool:
    """Tell whether a transaction may have been under way; nothing is while one waits to begin."""
    return isinstance(failure, OSError) and not isinstance(failure, TimeoutError)
