"""Work that nobody waits for, or that goes on when nobody waits any more: one owner, one end.

Only reading belongs here: it may be cut off at any moment, and nothing is lost.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

import structlog

from bot.errors import BotError, BuddyUnavailable

log = structlog.get_logger()

T = TypeVar("T")


class Background:
    """Owner of tasks that read."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def count(self) -> int:
        """How many are at work now."""
        return len(self._tasks)

    def start(self, work: Callable[[], Awaitable[T]], within: timedelta) -> asyncio.Task[T]:
        """Begin some work, which is given up after a while.

        The task raises ``BuddyUnavailable`` then. Wait for it with ``asyncio.shield``: others may
        wait for it too. What it raises is told, whether somebody waits or not.
        """
        task = asyncio.get_running_loop().create_task(_limited(work, within))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def idle(self) -> None:
        """Return once nothing is at work."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Cut off what is at work."""
        for task in self._tasks:
            task.cancel()
        await self.idle()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, BotError):
            log.info("reading.failed", code=error.code)
            return
        task.get_loop().call_exception_handler(
            {"message": "A task in the background died", "exception": error, "task": task}
        )


async def _limited(work: Callable[[], Awaitable[T]], within: timedelta) -> T:
    try:
        async with asyncio.timeout(within.total_seconds()):
            return await work()
    except TimeoutError:
        raise BuddyUnavailable from None
