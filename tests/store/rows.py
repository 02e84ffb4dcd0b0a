"""Rows for every table, made up from what the tables say of their columns."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    Integer,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
)

from bot.database import Database, Moment
from bot.jobs.table import job
from bot.store.tables import audit, vault_key

TABLES = audit.metadata.sorted_tables
MANY = 1100
"""Rows of the largest table: more than are copied at once."""

SOME = 23
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LETTERS = "abc019-/:#@<>&'\"\\%_ \t\näßЖ漢🖐\u202e"
CHOICES: dict[str, tuple[str, ...]] = {
    "click.step": ("taken", "sent", "patched", "told", "refused", "void"),
    "job.kind": ("operation", "follow", "reply", "answer", "link", "upkeep"),
    "job.state": ("waiting", "held", "running", "dead"),
}
"""Columns whose values the rest of a row depends on."""

Content = dict[str, list[dict[str, Any]]]


async def fill(database: Database, chance: random.Random) -> None:
    """Put rows into every table, and take the last ones away again where they are numbered."""
    async with database.transaction() as transaction:
        parents: dict[str, list[Any]] = {}
        for table in TABLES:
            count = MANY if table is audit else SOME
            rows = [_row(table, number, parents, chance) for number in range(1, count + 1)]
            await transaction.run(insert(table), rows)
            parents[table.name] = [row.get("id") for row in rows]
        for table in TABLES[::-1]:
            if table.autoincrement_column is not None:
                await transaction.run(delete(table).where(table.c.id > _kept(table)))


def _kept(table: Table) -> int:
    return MANY - 3 if table is audit else SOME - 3


async def content_of(database: Database) -> Content:
    """Read all rows of all tables, in an order that no database chooses."""
    async with database.snapshot() as transaction:
        return {
            table.name: sorted(
                [dict(row) for row in (await transaction.run(select(table))).mappings()],
                key=lambda row: json.dumps(row, default=str, sort_keys=True),
            )
            for table in TABLES
        }


def _row(
    table: Table, number: int, parents: dict[str, list[Any]], chance: random.Random
) -> dict[str, Any]:
    row = {column.name: _value(column, number, parents, chance) for column in table.columns}
    if table is job:
        row["owner"] = f"owner{number}" if row["state"] in {"held", "running"} else ""
    if table is vault_key:
        row["state"] = "sealing" if number == 1 else "retired"
    return row


def _value(
    column: Column[Any], number: int, parents: dict[str, list[Any]], chance: random.Random
) -> Any:  # noqa: ANN401 - whatever the column holds
    choices = CHOICES.get(str(column))
    if choices is not None:
        return choices[number % len(choices)]
    if column.foreign_keys:
        # Of those that stay: rows may be taken away together with what belongs to them.
        [key] = column.foreign_keys
        return chance.choice(parents[key.column.table.name][: SOME - 3])
    if column.primary_key and isinstance(column.type, Integer):
        return number
    if column.nullable and chance.random() < 0.3:
        return None
    return _made_up(column, number, chance)


def _made_up(column: Column[Any], number: int, chance: random.Random) -> Any:  # noqa: ANN401 - the same
    make = next(make for kind, make in _MADE if isinstance(column.type, kind))
    return make(column.type, number, chance)


def _text(longest: int, chance: random.Random) -> str:
    return "".join(chance.choices(LETTERS, k=chance.randrange(longest)))


def _section(chance: random.Random) -> list[dict[str, Any]]:
    return [{"type": "section", "text": {"text": _text(30, chance), "n": [1, 2.5, None, True]}}]


_MADE: tuple[tuple[type[Any], Callable[[Any, int, random.Random], Any]], ...] = (
    (Boolean, lambda _type, _number, chance: chance.random() < 0.5),
    (
        Moment,
        lambda _type, _number, chance: NOON + timedelta(microseconds=chance.randrange(10**12)),
    ),
    (JSON, lambda _type, _number, chance: _section(chance)),
    (Double, lambda _type, _number, chance: 1_800_000_000 + chance.random()),
    (BigInteger, lambda _type, number, _chance: (1 << 40) + number),
    (Integer, lambda _type, _number, chance: chance.randrange(1 << 31)),
    (Text, lambda _type, _number, chance: _text(300, chance)),
    (
        String,
        lambda type_, number, chance: f"{number}.{_text(type_.length, chance)}"[: type_.length],
    ),
)
"""How a value of each kind is made up; a kind comes before those it is also of."""
