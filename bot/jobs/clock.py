"""The clock that all processes share: the database's, as each heartbeat compares ours with it."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.clock import Clock
from bot.jobs.pulse import Pulse


@dataclass(frozen=True, slots=True)
class SharedClock:
    """Tells the time by which what one process stored is judged by another."""

    own: Clock
    pulse: Pulse

    @property
    def is_simulated(self) -> bool:
        """Whether this clock counts alone."""
        return self.own.is_simulated

    def now(self) -> datetime:
        """Tell the time, aware and in UTC."""
        return datetime.fromtimestamp(self.pulse.now(), UTC)

    def steady(self) -> float:
        """Tell seconds that never jump."""
        return self.own.steady()

    async def sleep(self, duration: timedelta) -> None:
        """Wait inside one piece of work."""
        await self.own.sleep(duration)

    async def wait(self, wake: asyncio.Event, until: datetime | None) -> None:
        """Wait for the event, at the longest until then."""
        there = None if until is None else self.own.now() + (until - self.now())
        await self.own.wait(wake, there)
