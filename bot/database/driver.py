"""SQLite's own driver as SQLAlchemy's engine uses it here: in the event loop.

One writer at a time, in WAL mode with full synchronisation, so that what was committed survives a
power cut.

A statement on a row or two takes some ten microseconds; handing it to a thread and waiting for the
answer takes ten times as long, and longer still while the loop is busy. So statements are executed
where they are asked for. What may take long is done beside the loop by whoever asks (``hand.py``).
"""

import sqlite3
from collections import deque
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import QueuePool, StaticPool
from typing_extensions import override

CONNECTIONS = 10
"""Connections of one process; a transaction holds one for a few milliseconds."""

_OPENS_WITHIN_SECONDS = 5.0
"""How long a new connection waits, for example for somebody who repairs the file after a crash."""

_STATEMENTS = 512
"""Statements that each connection keeps prepared: more than there are."""

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    # From here on nobody waits inside SQLite, where the whole loop would wait with them.
    "PRAGMA busy_timeout = 0",
)


class _Cursor(sqlite3.Cursor):
    """Fetches everything at once: a statement that is left in the middle keeps its locks."""

    _rows: deque[Any]

    @override
    def execute(self, *arguments: Any) -> "_Cursor":
        super().execute(*arguments)
        self._rows = deque(super().fetchall() if self.description is not None else ())
        return self

    @override
    def fetchone(self) -> Any:
        return self._rows.popleft() if self._rows else None

    @override
    def fetchmany(self, size: int | None = 1) -> list[Any]:
        return [self._rows.popleft() for _ in range(min(size or 1, len(self._rows)))]

    @override
    def fetchall(self) -> list[Any]:
        rows = list(self._rows)
        self._rows.clear()
        return rows


class Raw(sqlite3.Connection):
    """A connection of the driver's."""

    is_streaming = False
    """Whether rows are left in the file until they are fetched."""

    @override
    def cursor(self, factory: Any = None) -> Any:
        """Make a cursor."""
        return super().cursor(sqlite3.Cursor if self.is_streaming else _Cursor)


def engine_for(url: URL, *, is_file: bool) -> Engine:
    """Make the engine of a SQLite database; nothing is opened yet."""
    pool: dict[str, Any] = {"poolclass": StaticPool}
    if is_file:
        pool = {
            "poolclass": QueuePool,
            "pool_size": CONNECTIONS,
            # Whoever takes one has counted them before: nobody ever waits here.
            "max_overflow": 0,
            "pool_timeout": 0,
            # The one used last has its statements prepared.
            "pool_use_lifo": True,
        }
    engine = create_engine(
        url.set(drivername="sqlite"),
        connect_args={
            "timeout": _OPENS_WITHIN_SECONDS,
            "cached_statements": _STATEMENTS,
            "check_same_thread": False,
            "factory": Raw,
            # Python's sqlite3 would begin transactions by itself, and too late.
            "isolation_level": None,
        },
        hide_parameters=True,
        # Every block of ours ends with a commit or a rollback, so the pool need not roll back.
        pool_reset_on_return=None,
        **pool,
    )
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(raw: Raw, _record: object) -> None:
    for pragma in _PRAGMAS:
        raw.execute(pragma)
