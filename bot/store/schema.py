"""Bring the database to the schema of this version, at start, under the database's own lock."""

from enum import Enum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select

from bot.database import Database, Transaction

MIGRATIONS = Path(__file__).parent / "migrations"

_LOCK = 0x677265656E6C6967
"""Any number that nobody else locks in this database: the first letters of our name."""


class Standing(Enum):
    """How a database's schema compares with this version's."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"
    """Of a version that this one does not know."""


class NewerSchema(Exception):
    """The tables are of a version that this one does not know."""


def newest() -> str:
    """Name the revision that this version needs."""
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    assert head is not None  # noqa: S101 - there are migrations, in one line
    return head


async def revision_of(transaction: Transaction) -> str:
    """Name the revision of the tables; empty if there are none."""
    return await transaction.connection.run_sync(_revision) or ""


async def standing(database: Database) -> Standing:
    """Compare the database's schema with this version's, and change nothing."""
    async with database.snapshot() as transaction:
        return compare(await revision_of(transaction))


def compare(revision: str) -> Standing:
    """Compare a revision with the one that this version needs."""
    if not revision:
        return Standing.EMPTY
    known = [each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
    if revision not in known:
        return Standing.NEWER
    return Standing.CURRENT if revision == known[0] else Standing.OLDER


async def upgrade(database: Database, revision: str = "head") -> None:
    """Apply the migrations that are missing.

    Raises:
        NewerSchema: the tables are of a newer version, and are left as they are.
    """
    async with database.transaction() as transaction:
        await hold(transaction)
        await bring_up(transaction, revision)


async def hold(transaction: Transaction) -> None:
    """Let nobody else change the schema before the transaction ends.

    Replicas that start together: one upgrades, the others find it done.
    """
    if transaction.connection.dialect.name == "postgresql":
        await transaction.run(select(func.pg_advisory_xact_lock(_LOCK)))


async def bring_up(transaction: Transaction, revision: str = "head") -> None:
    """Apply the migrations that are missing, in a transaction that holds the schema.

    Raises:
        NewerSchema: the tables are of a newer version.
    """
    if compare(await revision_of(transaction)) is Standing.NEWER:
        raise NewerSchema
    await transaction.connection.run_sync(_upgrade, revision)


async def downgrade(database: Database, revision: str) -> None:
    """Take migrations back, down to ``revision``; data of dropped tables is lost."""
    async with database.transaction() as transaction:
        await transaction.connection.run_sync(_downgrade, revision)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection, revision: str) -> None:
    command.upgrade(_config(connection), revision)


def _downgrade(connection: Connection, revision: str) -> None:
    command.downgrade(_config(connection), revision)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
