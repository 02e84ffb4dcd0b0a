"""Listeners still at work: shutdown and tests wait for them, and none dies unnoticed.

A listener goes on after its acknowledgement, when no request waits for it any more. Python's event
loop holds tasks weakly and Bolt keeps no reference, so somebody has to: this module is the one
place of the code base that starts a task outside a task group.
"""

import asyncio
import contextlib
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import structlog

log = structlog.stdlib.get_logger(__name__)


class Inflight:
    """Owner of every listener's task, from its start to its end."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._emptied = asyncio.Event()

    @property
    def count(self) -> int:
        """How many are at work now."""
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> None:
        """Run the work on its own; nobody else has to wait for it or keep it.

        What it raises is handed to the event loop's exception handler at once, not when the task
        happens to be collected.
        """
        # Not a task group: the work outlives the request that started it, and one failure must not
        # cancel its neighbours.
        task = asyncio.create_task(work, name=name)  # noqa: TID251
        self._emptied.clear()
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def idle(self) -> None:
        """Return once nothing is at work."""
        while self._tasks:
            await self._emptied.wait()

    async def drain(self, grace: timedelta) -> int:
        """Wait until nothing is at work, at the longest for the grace time; return what is left.

        Close the doors first: what keeps coming in is waited for as well.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace.total_seconds()):
                await self.idle()
        if self._tasks:
            names = sorted(task.get_name() for task in self._tasks)
            log.error("listeners.unfinished", count=len(names), listeners=names, chapter="Stopping")
        return self.count

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not self._tasks:
            self._emptied.set()
        if task.cancelled():
            log.warning("listener.cancelled", listener=task.get_name())
        elif (error := task.exception()) is not None:
            task.get_loop().call_exception_handler(
                {"message": "A listener's task died", "exception": error, "task": task}
            )
