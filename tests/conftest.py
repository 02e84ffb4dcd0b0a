"""Fixtures for every test."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import EMPTY, PostgresDatabase, Server, any_server
from tests.world import World, world_of

# Examples are judged by what they find, not by how fast a busy machine draws them.
settings.register_profile("greenlight", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("greenlight")


@pytest.fixture
def by_socket() -> bool:
    """Let Slack's requests come by HTTP; a module marked with ``both_doors`` tries both ways."""
    return False


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Start a PostgreSQL for the tests of this process, once one of them asks for it."""
    with any_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template() -> str:
    """Name what a test's database is copied from; a folder of tests may have another template."""
    return EMPTY


@pytest.fixture
def postgres_database(postgres: Server, postgres_template: str) -> Iterator[PostgresDatabase]:
    """Give a test a database of its own."""
    with postgres.fresh(postgres_template) as database:
        yield database


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
