"""A client on the line to a scripted Buddy."""

from collections.abc import AsyncIterator

import pytest

from tests.buddy.scripted import Line, connected


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """Connect a client with a deadline that no test reaches by accident."""
    async with connected() as line:
        yield line
