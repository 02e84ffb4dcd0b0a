"""Sample bodies of Buddy, and what all of them are about."""

import json
from datetime import UTC, datetime
from pathlib import Path

from bot.buddy.links import Links
from bot.buddy.readers import Readers
from bot.domain.execution import ExecutionRef

FOLDER = Path(__file__).parent.parent / "samples" / "buddy"
HOST = "api.buddy.works"
READERS = Readers(HOST, Links.beside(f"https://{HOST}"))
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def sample(name: str) -> object:
    """Load a sample as parsed JSON."""
    return json.loads(sample_bytes(name))


def sample_bytes(name: str) -> bytes:
    """Load a sample as it comes from the network."""
    return (FOLDER / f"{name}.json").read_bytes()


def ref(execution: int = 7) -> ExecutionRef:
    """Name an execution of the samples."""
    return ExecutionRef(HOST, "acme", "company-website", 2, execution)
