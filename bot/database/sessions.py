"""The connections of one process, known to PostgreSQL by a name, so that another one can end them.

A client that stops between two messages of one statement keeps what it has locked: no time limit of
PostgreSQL's counts there. Source: tcop/postgres.c, a cancel request is held off while a message is
read. So whoever takes a process for dead also ends what it has open.
"""

import secrets

from sqlalchemy import text

from bot.database.transaction import Transaction

LENGTH = 16

_END = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE application_name = :name AND usename = current_user"
    " AND application_name <> current_setting('application_name')"
)


def new_session() -> str:
    """Make what tells the connections of this process from all others."""
    return secrets.token_hex(LENGTH // 2)


def application_name(session: str) -> str:
    """Name connections as PostgreSQL's operators see them."""
    return f"greenlight {session}"


async def end_session(transaction: Transaction, session: str) -> None:
    """End the connections of another process, wherever it stands; ours are never ended."""
    await transaction.run(_END, {"name": application_name(session)})
