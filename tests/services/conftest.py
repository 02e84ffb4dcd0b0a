"""What services need that need nothing of Slack and Buddy."""

import pytest

from bot.database import Database
from sandbox.clock import SandboxClock


@pytest.fixture
def database(any_database: Database) -> Database:
    """Open a fresh database of each kind, in turn."""
    return any_database


@pytest.fixture
def clock() -> SandboxClock:
    """Let time stand still."""
    return SandboxClock()
