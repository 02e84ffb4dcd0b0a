"""Fixtures for every test."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.world import World, world_of

# Examples are judged by what they find, not by how fast a busy machine draws them.
settings.register_profile("greenlight", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("greenlight")


@pytest.fixture
def by_socket() -> bool:
    """Let Slack's requests come by HTTP; a module marked with ``both_doors`` tries both ways."""
    return False


@pytest.fixture
async def world(tmp_path: Path, *, by_socket: bool) -> AsyncIterator[World]:
    """Give a test the usual world, and hold it to account in the end."""
    # Fixtures begin and end in different tasks, but a task group must be left where it was entered,
    # so the world lives in a task of its own.
    opened: list[World] = []
    ready, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        try:
            async with world_of(tmp_path, by_socket=by_socket) as made:
                opened.append(made)
                ready.set()
                await over.wait()
        finally:
            ready.set()

    life = asyncio.get_running_loop().create_task(live())
    await ready.wait()
    if not opened:
        await life
    yield opened[0]
    over.set()
    await life
