"""Fixtures for the tests of the page: one Chromium, and a world for each test."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.page.browser import NEEDED, chromium_path, is_needed, started
from tests.page.desk import Desk, desk_of


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Start Chromium once; without one the tests that need it are skipped."""
    path = chromium_path()
    if path is None and is_needed():
        pytest.fail(f"{NEEDED} is set, and there is no Chromium on PATH")
    if path is None:
        pytest.skip("no Chromium on PATH; on Debian: apt-get install chromium")
    async with started(path) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def desk(chromium: Browser, tmp_path: Path) -> AsyncIterator[Desk]:
    """Give a test the sandbox with its page; in the end no window may have met an error."""
    # A task of its own: what is entered in one task must be left in it, and fixtures are not.
    opened: list[Desk] = []
    ready, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        try:
            async with desk_of(chromium, tmp_path) as made:
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
