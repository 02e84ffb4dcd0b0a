"""Count, find and replace the sealed values of one column.

A value begins with the name of its key and a colon; an empty one holds nothing. Nothing here opens
a value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, func, literal_column, select, update

from bot.database.transaction import Transaction
from bot.domain.sealed import Sealed


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed values, in a table whose rows have an ``id``."""

    what: str
    """What an operator calls one row."""

    table: Table
    column: str
    owner: Callable[..., str]
    """Names whom a value is sealed for, from what stands in ``owner_columns``."""

    owner_columns: tuple[str, ...]

    async def uses(self, transaction: Transaction) -> dict[str, int]:
        """Count the values by how they begin: the key's name and a colon, if they are whole."""
        begins = self._begins().label("begins")
        counted = select(begins, func.count().label("values"))
        rows = await transaction.run(counted.where(self._value() != "").group_by(begins))
        return {row["begins"]: row["values"] for row in rows.mappings()}

    async def not_sealed_with(
        self, transaction: Transaction, name: str, after: int, limit: int
    ) -> list[Sealed]:
        """List values that another key sealed, in the order of their rows, behind a row."""
        owner = [self.table.c[each] for each in self.owner_columns]
        statement = (
            select(self.table.c.id, self._value(), *owner)
            .where(self._value() != "", self._begins() != f"{name}:", self.table.c.id > after)
            .order_by(self.table.c.id)
            .limit(limit)
        )
        rows = await transaction.run(statement)
        return [
            Sealed(
                row["id"],
                row[self.column],
                self.owner(*(row[each] for each in self.owner_columns)),
            )
            for row in rows.mappings()
        ]

    async def replace(self, transaction: Transaction, fresh: Mapping[Sealed, str]) -> int:
        """Put new values where the old ones still stand; tell how many.

        What somebody else is writing at this moment is passed over: nobody waits in a circle.
        """
        numbers = [old.id for old in fresh]
        free = (
            select(self.table.c.id)
            .where(self.table.c.id.in_(numbers))
            .with_for_update(skip_locked=True)
        )
        ours = set((await transaction.run(free)).scalars())
        replaced = 0
        for old, value in fresh.items():
            if old.id in ours:
                is_same = (self.table.c.id == old.id, self._value() == old.value)
                statement = update(self.table).where(*is_same).values({self.column: value})
                replaced += (await transaction.run(statement)).rowcount
        return replaced

    def _value(self) -> ColumnElement[str]:
        return self.table.c[self.column]

    def _begins(self) -> ColumnElement[str]:
        # Written out, not bound: PostgreSQL must see that what is grouped by is what is selected.
        return func.substr(self._value(), literal_column("1"), literal_column("9"))
