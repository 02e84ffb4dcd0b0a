"""Time, handed in: the real clock here, a simulated one in the sandbox and in tests."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the bot asks of time. Two implementations: the system's and the sandbox's."""

    def now(self) -> datetime:
        """Tell the time, aware and in UTC."""
        ...

    async def sleep(self, duration: timedelta) -> None:
        """Wait inside one piece of work, for example between two tries."""
        ...

    async def wait(self, wake: asyncio.Event, until: datetime | None) -> None:
        """Wait for the event, at the longest until then; a scheduler's idle wait."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Tell the time, aware and in UTC."""
        return datetime.now(UTC)

    async def sleep(self, duration: timedelta) -> None:
        """Wait inside one piece of work."""
        await asyncio.sleep(duration.total_seconds())

    async def wait(self, wake: asyncio.Event, until: datetime | None) -> None:
        """Wait for the event, at the longest until then."""
        seconds = None if until is None else max(0.0, (until - self.now()).total_seconds())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await wake.wait()
