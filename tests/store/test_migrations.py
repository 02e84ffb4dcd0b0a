"""The schema moves on, step by step, over the rows of a bot that is in use."""

import ast
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from bot.database import Database, metadata
from bot.jobs import table
from bot.store import schema, tables
from tests.store.opened import address_of

SEEDS = Path(__file__).parents[1] / "samples" / "migrations"
VERSIONS = schema.MIGRATIONS / "versions"


def revisions() -> list[str]:
    """List the migrations, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    return [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def differences(connection: Connection) -> list[object]:
    """Compare what the migrations made with what the code expects."""
    assert tables.audit.metadata is table.job.metadata is metadata
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


def count_rows(connection: Connection) -> dict[str, int]:
    """Count the rows of every table."""
    names = set(inspect(connection).get_table_names()) - {"alembic_version"}
    return {
        name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()  # noqa: S608 - names of our own tables
        for name in names
    }


async def seed(database: Database, revision: str) -> dict[str, int]:
    """Fill the tables as a bot of this revision would; tell how many rows they hold now."""
    statements = (SEEDS / f"{revision}.sql").read_text(encoding="utf-8").split(";\n")
    async with database.transaction() as transaction:
        for statement in filter(str.strip, statements):
            await transaction.connection.exec_driver_sql(statement)
        return await transaction.connection.run_sync(count_rows)


async def rows_of(database: Database) -> dict[str, int]:
    """Count the rows of every table."""
    async with database.snapshot() as transaction:
        return await transaction.connection.run_sync(count_rows)


@pytest.fixture(params=["sqlite", "asyncpg", "psycopg"])
async def empty(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """Open a database of each kind without any tables."""
    if request.param == "sqlite":
        url = address_of(tmp_path / "greenlight.sqlite3")
    else:
        url = request.getfixturevalue("postgres_database").url(request.param)
    database = Database.open(url)
    yield database
    await database.close()


async def test_the_migrations_lead_to_the_tables_of_the_code(empty: Database) -> None:
    """Who changes a table and forgets the migration is told here."""
    await schema.upgrade(empty)

    async with empty.snapshot() as transaction:
        assert await transaction.connection.run_sync(differences) == []


@pytest.mark.parametrize("revision", revisions())
async def test_a_bot_in_use_can_go_up_and_down(empty: Database, revision: str) -> None:
    """Its rows survive every step up; a step down and up again works too."""
    await schema.upgrade(empty, revision)
    seeded = await seed(empty, revision)
    assert all(seeded.values()), f"{revision}.sql leaves a table empty"

    await schema.upgrade(empty)
    after = await rows_of(empty)
    await schema.downgrade(empty, revision)
    await schema.downgrade(empty, "base")
    assert await rows_of(empty) == {}
    await schema.upgrade(empty)

    assert {name: after.get(name, count) for name, count in seeded.items()} == seeded
    async with empty.snapshot() as transaction:
        assert await transaction.connection.run_sync(differences) == []


async def test_a_start_with_the_newest_schema_changes_nothing(empty: Database) -> None:
    """Every start brings the schema up; most of them find nothing to do."""
    await schema.upgrade(empty)
    seeded = await seed(empty, revisions()[-1])

    await schema.upgrade(empty)

    assert await rows_of(empty) == seeded


def test_the_migrations_are_one_line() -> None:
    """Two heads would leave open which one a bot is at."""
    names = [path.name.partition("_")[0] for path in sorted(VERSIONS.glob("*.py"))]

    assert names == revisions() == [f"{number:04}" for number in range(1, len(names) + 1)]
    assert {path.stem for path in SEEDS.glob("*.sql")} == set(names)


def columns_in(source: str) -> Iterator[tuple[str, dict[str, ast.expr]]]:
    """Find the columns that a migration adds to a table that is there, or changes in it."""
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        match call.func:
            case ast.Attribute(attr="add_column"):
                column = call.args[-1]
                assert isinstance(column, ast.Call), "a column is written where it is added"
                yield ast.unparse(column.args[0]), _named(column)
            case ast.Attribute(attr="alter_column"):
                yield ast.unparse(call.args[-1]), _named(call)
            case _:
                continue


def _named(call: ast.Call) -> dict[str, ast.expr]:
    return {each.arg: each.value for each in call.keywords if each.arg}


def breaks_running_bots(source: str) -> list[str]:
    """List columns that the version before would not fill: its inserts would fail from then on."""
    return [
        name
        for name, told in columns_in(source)
        if ast.unparse(told.get("nullable", ast.Constant(value=True))) != "True"
        and "server_default" not in told
    ]


@pytest.mark.parametrize("path", sorted(VERSIONS.glob("*.py")), ids=lambda path: path.stem)
def test_a_migration_lets_the_version_before_go_on_writing(path: Path) -> None:
    """Expand, deploy, contract: a new column must be filled without being named."""
    assert breaks_running_bots(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "broken"),
    [
        ('op.add_column("t", sa.Column("a", sa.Text(), nullable=False))', ["'a'"]),
        ('op.add_column("t", sa.Column("a", sa.Text(), nullable=False, server_default=""))', []),
        ('op.add_column("t", sa.Column("a", sa.Text(), nullable=True))', []),
        ('op.add_column("t", sa.Column("a", sa.Text()))', []),
        ('batch.add_column(sa.Column("a", sa.Text(), nullable=False))', ["'a'"]),
        ('batch.alter_column("a", nullable=False)', ["'a'"]),
        ('op.alter_column("t", "a", nullable=False, server_default="")', []),
        ('op.create_table("t", sa.Column("a", sa.Text(), nullable=False))', []),
    ],
)
def test_a_column_that_must_be_filled_needs_a_default(source: str, broken: list[str]) -> None:
    """A new table is nobody's before; a new column in an old one is."""
    assert breaks_running_bots(source) == broken


@pytest.mark.parametrize("path", sorted(VERSIONS.glob("*.py")), ids=lambda path: path.stem)
def test_a_migration_never_imports_the_bot(path: Path) -> None:
    """The code goes on, a migration stays as it was."""
    imported = {
        name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _imported(node)
    }

    assert {name.partition(".")[0] for name in imported} <= {"alembic", "sqlalchemy"}


def _imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module):
            return [module or "."]
        case _:
            return []
