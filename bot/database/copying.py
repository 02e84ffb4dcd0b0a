"""Copy all rows of one database into another, and compare what arrived there.

Rows travel as the values that the code works with, so that each database reads and writes them in
its own way. What arrived is read back and compared in number and in content, by a digest that does
not depend on the order of rows: databases sort texts differently.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, Table, insert, literal, select, text
from sqlalchemy.exc import DBAPIError

from bot.database.failures import StatementRefused, meaning
from bot.database.transaction import Transaction

BATCH = 500
"""Rows that are read and written at once."""

_DIGESTS = 1 << 256

_PRESENT = text(
    "SELECT name FROM sqlite_master WHERE type = 'table'"
    " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> 'alembic_version'"
)
_GIVEN = text("SELECT seq FROM sqlite_sequence WHERE name = :table")
_GIVE = text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)")


@dataclass(frozen=True, slots=True)
class Content:
    """What a table holds."""

    table: str
    rows: int
    digest: str


class CopyFailed(Exception):
    """A table could not be copied; names it, and says why."""


async def filled(transaction: Transaction, tables: Iterable[Table]) -> list[str]:
    """Name the tables that hold a row."""
    found = []
    for table in tables:
        rows = await transaction.run(select(literal(1)).select_from(table).limit(1))
        if rows.first() is not None:
            found.append(table.name)
    return found


async def copy(
    old: Transaction, new: Transaction, tables: Sequence[Table], *, but: Sequence[Table]
) -> list[Content]:
    """Copy all rows of a SQLite file into tables that are empty; ``but`` names what stays behind.

    Raises:
        CopyFailed: a row cannot be read or written, or did not arrive as it was; or there is a
            table of which nothing was said.
    """
    present = set((await old.run(_PRESENT)).scalars())
    if forgotten := present.difference(table.name for table in (*tables, *but)):
        raise CopyFailed(f"{', '.join(sorted(forgotten))}: no such table is known")
    copied = [await _copy(old, new, table) for table in tables]
    await _go_on_counting(old, new, tables)
    return copied


async def _copy(old: Transaction, new: Transaction, table: Table) -> Content:
    sent = _Digest(table)
    async for rows in _batches(old, table):
        sent.add(rows)
        try:
            await new.run(insert(table), [dict(row) for row in rows])
        except DBAPIError as failure:
            if isinstance(refused := meaning(failure, is_shared=True), StatementRefused):
                raise CopyFailed(f"{table.name}: a row is refused ({refused})") from None
            raise refused from None
    arrived = _Digest(table)
    async for rows in _batches(new, table):
        arrived.add(rows)
    if arrived.content != sent.content:
        raise CopyFailed(f"{table.name}: what arrived is not what was sent")
    return sent.content


async def _batches(transaction: Transaction, table: Table) -> AsyncIterator[Sequence[RowMapping]]:
    """Read a table, some rows at a time."""
    try:
        async for batch in transaction.batches(select(table), BATCH):
            yield batch
    except DBAPIError as failure:
        raise CopyFailed(f"{table.name}: cannot be read ({type(failure).__name__})") from None


async def _go_on_counting(old: Transaction, new: Transaction, tables: Iterable[Table]) -> None:
    """Let no number be given that was given before, also to a row that is gone by now."""
    for table in tables:
        column = table.autoincrement_column
        if column is None:
            continue
        last = (await old.run(_GIVEN, {"table": table.name})).scalar_one_or_none()
        if last:
            told = {"table": table.name, "column": column.name, "last": last}
            await new.run(_GIVE, told)


class _Digest:
    """Adds rows up to what tells one content from another."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._rows = 0
        self._sum = 0

    @property
    def content(self) -> Content:
        return Content(self._table.name, self._rows, f"{self._sum:064x}")

    def add(self, rows: Sequence[RowMapping]) -> None:
        for row in rows:
            values = [row[column.name] for column in self._table.columns]
            told = json.dumps(values, default=_written, sort_keys=True).encode()
            self._sum += int.from_bytes(hashlib.sha256(told).digest())
        self._rows += len(rows)
        self._sum %= _DIGESTS


def _written(value: Any) -> str:  # noqa: ANN401 - what JSON does not know
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(type(value).__name__)
