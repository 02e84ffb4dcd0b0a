"""Time, handed in: the real clock here, a simulated one in the sandbox and in tests."""

import asyncio
import contextlib
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

_STEADY: int | None = getattr(time, "CLOCK_BOOTTIME", None)


class Clock(Protocol):
    """What the bot asks of time. Two implementations: the system's and the sandbox's."""

    @property
    def is_simulated(self) -> bool:
        """Whether this clock counts alone, and no database is asked for its own."""
        ...

    def now(self) -> datetime:
        """Tell the time, aware and in UTC."""
        ...

    def steady(self) -> float:
        """Tell seconds that never jump and go on while the process or the machine is stopped."""
        ...

    async def sleep(self, duration: timedelta) -> None:
        """Wait inside one piece of work, for example between two tries."""
        ...

    async def wait(self, wake: asyncio.Event, until: datetime | None) -> None:
        """Wait for the event, at the longest until then; a scheduler's idle wait."""
        ...


class SystemClock:
    """The machine's own clock."""

    is_simulated = False

    def now(self) -> datetime:
        """Tell the time, aware and in UTC."""
        return datetime.now(UTC)

    def steady(self) -> float:
        """Tell seconds that never jump, the machine's sleep included where the system counts it."""
        return time.clock_gettime(_STEADY) if _STEADY is not None else time.monotonic()

    async def sleep(self, duration: timedelta) -> None:
        """Wait inside one piece of work."""
        await asyncio.sleep(duration.total_seconds())

    async def wait(self, wake: asyncio.Event, until: datetime | None) -> None:
        """Wait for the event, at the longest until then."""
        seconds = None if until is None else max(0.0, (until - self.now()).total_seconds())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await wake.wait()
