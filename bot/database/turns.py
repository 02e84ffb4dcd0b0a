"""Whose turn it is to write: SQLite has one writer, and a click must not wait behind a crowd."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator


class Turns:
    """A lock that is handed on in order, to the urgent ones first."""

    def __init__(self) -> None:
        self._is_taken = False
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()

    @contextlib.asynccontextmanager
    async def turn(self, seconds: float | None, *, urgent: bool) -> AsyncIterator[None]:
        """Hold the lock inside the block.

        Raises:
            TimeoutError: the turn did not come in time.
        """
        async with asyncio.timeout(seconds):
            await self._take(self._urgent if urgent else self._others)
        try:
            yield
        finally:
            self._hand_on()

    async def _take(self, queue: deque[asyncio.Future[None]]) -> None:
        if not self._is_taken:
            self._is_taken = True
            return
        mine = asyncio.get_running_loop().create_future()
        queue.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if not mine.cancelled():
                # The turn came in the very moment in which it was no longer waited for.
                self._hand_on()
            raise

    def _hand_on(self) -> None:
        for queue in (self._urgent, self._others):
            while queue:
                # One that was cancelled just now has not left its queue yet.
                if not (next_one := queue.popleft()).done():
                    next_one.set_result(None)
                    return
        self._is_taken = False
