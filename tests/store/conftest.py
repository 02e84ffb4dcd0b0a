"""The stores speak the same SQL to every kind of database."""

import pytest

from bot.database import Database


@pytest.fixture
def database(any_database: Database) -> Database:
    """Open a fresh database of each kind, in turn."""
    return any_database
