"""What is asked again and again is found by an index, however much is stored by then."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from bot.database import Database, Transaction
from bot.domain.person import Person
from bot.store import announcements, clicks, follows
from tests.store.opened import opened

HOST = "api.buddy.works"
IDENTITY = (HOST, 7, 12)
PEOPLE = (Person("T1", "MAYA"), Person("T1", "TOM"), Person("T1", "ANNA"))
MANY = tuple((HOST, 7, number) for number in range(600))

WHOLE = re.compile(
    r"SCAN (?!CONSTANT|\d+ CONSTANT|anon_)"
    r"|SEARCH \w+ USING (?!INDEX ix_follow_open).+ \((host|team)=\?\)$"
)
"""A table that is read from end to end, or all that belongs to the one Buddy or Slack there is.

What is open is little, and has an index of its own.
"""

Asked = Callable[[Transaction], Awaitable[object]]


ASKED: dict[str, Asked] = {
    "one execution": lambda transaction: follows.known(transaction, [IDENTITY], HOST),
    "three executions": lambda transaction: follows.known(transaction, MANY[:3], HOST),
    "a crowd": lambda transaction: follows.known(transaction, MANY, HOST),
    "accounts": lambda transaction: follows.links_of(transaction, PEOPLE, HOST),
    "who acted": lambda transaction: follows.acted(transaction, IDENTITY),
    "out of sight": lambda transaction: follows.out_of_sight(transaction, "T1", 200),
    "open": lambda transaction: follows.open_of(transaction, "T1", HOST, 31),
    "how many are open": lambda transaction: follows.count_open(transaction, "T1", 40),
    "where it was told": lambda transaction: announcements.of_execution(transaction, IDENTITY),
    "operations under way": clicks.all_pending,
}


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Open a fresh SQLite file: it plans without knowing how many rows there are."""
    async with opened(tmp_path / "greenlight.sqlite3") as fresh:
        yield fresh


async def plans(database: Database, asked: Asked) -> list[str]:
    """Tell how SQLite finds what is asked, step by step."""
    statements: list[tuple[str, Any]] = []

    def note(*told: Any) -> None:
        statements.append(told[2:4])

    async with database.snapshot() as transaction:
        event.listen(database.engine, "before_cursor_execute", note)
        await asked(transaction)
        event.remove(database.engine, "before_cursor_execute", note)
        assert statements
        explained = [(f"EXPLAIN QUERY PLAN {one}", values) for one, values in statements]
        connection = transaction.connection
        return [
            str(step[3])
            for statement, values in explained
            for step in await connection.run_sync(_explain, statement, values)
        ]


def _explain(connection: Any, statement: str, values: Sequence[object]) -> list[Any]:  # noqa: ANN401
    return list(connection.exec_driver_sql(statement, values))


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
async def test_nothing_reads_a_whole_table(database: Database, asked: Asked) -> None:
    """The loop waits for it, so it must not take longer from month to month."""
    assert [step for step in await plans(database, asked) if WHOLE.match(step)] == []


@pytest.mark.parametrize("condition", ["", " WHERE host = 'api.buddy.works'"])
async def test_a_whole_table_would_be_told(database: Database, condition: str) -> None:
    """The look at plans sees what it is there for."""

    async def read(transaction: Transaction) -> object:
        return await transaction.run(text(f"SELECT * FROM follow{condition}"))  # noqa: S608 - ours

    assert [step for step in await plans(database, read) if WHOLE.match(step)]
