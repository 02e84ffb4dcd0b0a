"""Fixtures for every test."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bot.database import Database
from bot.store import schema
from tests.postgres import EMPTY, OwnServer, PostgresDatabase, Server, any_server, server
from tests.store.opened import furnish, opened
from tests.world import World, world_of

# Examples are judged by what they find, not by how fast a busy machine draws them.
settings.register_profile("greenlight", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("greenlight")


@pytest.fixture
def by_socket() -> bool:
    """Let Slack's requests come by HTTP; a module marked with ``both_doors`` tries both ways."""
    return False


@pytest.fixture
def on_postgresql() -> bool:
    """Keep a story's rows in SQLite; one marked with ``both_databases`` tries both kinds."""
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


async def migrate(url: str) -> None:
    """Bring a database to the tables of this version."""
    made = Database.open(url)
    await schema.upgrade(made)
    await made.close()


@pytest.fixture(scope="session")
def migrated(postgres: Server) -> str:
    """Name a database that has the tables of this version, to copy others from."""
    # In a thread of its own, since it runs a loop and an asynchronous test asks for it in another.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(postgres.template, migrate).result()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Open a fresh SQLite file."""
    async with opened(tmp_path / "greenlight.sqlite3") as fresh:
        yield fresh


@pytest.fixture
async def postgresql(postgres: Server, migrated: str) -> AsyncIterator[Database]:
    """Open a fresh PostgreSQL database."""
    with postgres.fresh(migrated) as copy:
        fresh = Database.open(copy.url("asyncpg"))
        yield fresh
        await fresh.close()


@pytest.fixture(params=["sqlite", "asyncpg", "psycopg"])
async def any_database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """Open a fresh database of each kind, in turn, through each driver."""
    if request.param == "sqlite":
        async with opened(tmp_path / "greenlight.sqlite3") as fresh:
            yield fresh
        return
    server, template = request.getfixturevalue("postgres"), request.getfixturevalue("migrated")
    with server.fresh(template) as copy:
        fresh = Database.open(copy.url(request.param))
        yield fresh
        await fresh.close()


@pytest.fixture
def story_database(
    request: pytest.FixtureRequest, tmp_path: Path, *, on_postgresql: bool
) -> Iterator[Path | str]:
    """Find a place for a story's rows: a folder, or a database of its own."""
    if not on_postgresql:
        furnish(tmp_path / "greenlight.sqlite3")
        yield tmp_path
        return
    server, template = request.getfixturevalue("postgres"), request.getfixturevalue("migrated")
    with server.fresh(template) as copy:
        yield copy.url()


@pytest.fixture
def own_server() -> Iterator[OwnServer]:
    """Start a server that may be stopped in the middle."""
    with server() as own:
        own.create("shop")
        yield own


@pytest.fixture
async def world(story_database: Path | str, *, by_socket: bool) -> AsyncIterator[World]:
    """Give a test the usual world, and hold it to account in the end."""
    # Fixtures begin and end in different tasks, but a task group must be left where it was entered,
    # so the world lives in a task of its own.
    # Time stands still and then jumps: no heart can keep pace with that.
    dead_after = timedelta(minutes=5)
    opened: list[World] = []
    ready, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        try:
            async with world_of(story_database, by_socket=by_socket, dead_after=dead_after) as made:
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
