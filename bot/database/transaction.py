"""What store and jobs share: the metadata of all tables, and the transaction they write in."""

import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import (
    CursorResult,
    DateTime,
    Dialect,
    Executable,
    MetaData,
    RowMapping,
    Table,
    TypeDecorator,
    literal,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert
from typing_extensions import override

from bot.database.hand import Hand

T = TypeVar("T")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite forgets the zone, so it is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    @override
    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class Transaction:
    """One transaction, handed from service to store and jobs without naming the database."""

    def __init__(self, connection: AsyncConnection | Hand) -> None:
        self.connection = connection
        self.committed: list[Callable[[], None]] = []

    async def run(
        self,
        statement: Executable,
        values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> CursorResult[Any]:
        """Execute a statement; once for each of several ``values``."""
        return await self.connection.execute(statement, values)

    async def batches(
        self, statement: Executable, size: int
    ) -> AsyncIterator[Sequence[RowMapping]]:
        """Read many rows, so many at a time."""
        if isinstance(self.connection, Hand):
            async for rows in self.connection.batches(statement, size):
                yield rows
            return
        async with self.connection.stream(statement) as result:
            async for rows in result.mappings().partitions(size):
                yield rows

    async def insert_once(self, table: Table, values: Mapping[str, Any]) -> bool:
        """Insert a row unless its key is there; tell whether it was inserted."""
        return (await self.run(_insert_once(table), values)).first() is not None

    async def insert_numbered(self, table: Table, values: Mapping[str, Any]) -> int | None:
        """Insert a row unless its key is there; its ``id``, or None if it was there."""
        found: int | None = (await self.run(_insert_numbered(table), values)).scalar_one_or_none()
        return found

    def after_commit(self, act: Callable[[], None]) -> None:
        """Do something once, only when everything of this transaction is stored."""
        self.committed.append(act)


def filled(keys: Sequence[T]) -> list[T]:
    """Repeat the last key until there is a power of two of them.

    A database knows a statement again only if its lists are as long as before.
    """
    size = 1 << (len(keys) - 1).bit_length()
    return [*keys, *(keys[-1] for _ in range(size - len(keys)))]


fence: ContextVar[Callable[[Transaction], Awaitable[None]] | None] = ContextVar(
    "fence", default=None
)
"""Runs first in every transaction of a piece of work, and raises once that is not ours."""


# Built once for each table: building a statement costs more than running it. SQLite took its ON
# CONFLICT from PostgreSQL, so that one statement serves both.


@functools.cache
def _insert_once(table: Table) -> ReturningInsert[tuple[int]]:
    # Not the row count: not every driver tells it of an insert.
    return postgresql.insert(table).on_conflict_do_nothing().returning(literal(1))


@functools.cache
def _insert_numbered(table: Table) -> ReturningInsert[tuple[int]]:
    return postgresql.insert(table).on_conflict_do_nothing().returning(table.c.id)
