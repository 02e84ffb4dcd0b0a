"""A clock that moves when told, or at a chosen rate.

At rate 0 time stands still: ``advance`` moves it, and a ``sleep`` moves it by itself to the
sleeper's moment, so that a short wait inside one piece of work never needs a push. ``wait``, a
scheduler's idle wait, does not move it. At a rate above 0 it runs that many times as fast as real
time.
"""

import asyncio
import contextlib
import time
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


RATES = {"slow": 1.0, "normal": 5.0, "fast": 30.0}
"""How many times as fast as real time the sandbox runs while somebody plays."""


def wall_time() -> int:
    """Tell the machine's own time in whole seconds: signatures are checked against it."""
    return int(time.time())


async def hold_up(duration: timedelta) -> None:
    """Wait in real time, whatever the simulated clock says: faults must hit real deadlines."""
    await asyncio.sleep(duration.total_seconds())


class SandboxClock:
    """Simulated time, shared by the bot and both simulators."""

    is_simulated = True

    def __init__(self, start: datetime = START, rate: float = 0.0) -> None:
        self.rate = rate
        self._origin = start
        self._began = time.monotonic()
        self._moved: set[asyncio.Event] = set()

    def now(self) -> datetime:
        """Tell the simulated time, aware and in UTC."""
        return self._origin + timedelta(seconds=(time.monotonic() - self._began) * self.rate)

    def steady(self) -> float:
        """Tell simulated seconds: what has to happen within some time is judged by them too."""
        return self.now().timestamp()

    def advance(self, duration: timedelta) -> None:
        """Move time forward and wake whoever waits for a moment that has come."""
        self._origin += duration
        for moved in self._moved:
            moved.set()

    def run(self, rate: float) -> None:
        """Change how fast time runs, from now on: what has passed stays as it is."""
        before = self.now()
        self.rate = rate
        self.advance(before - self.now())

    async def sleep(self, duration: timedelta) -> None:
        """Wait inside one piece of work; while time stands still, this moves it."""
        until = self.now() + duration
        if self.rate:
            await asyncio.sleep(duration.total_seconds() / self.rate)
            return
        await asyncio.sleep(0)
        if (left := until - self.now()) > timedelta(0):
            self.advance(left)

    async def wait(self, wake: asyncio.Event, until: datetime | None) -> None:
        """Wait for the event, at the longest until then."""
        moved = asyncio.Event()
        self._moved.add(moved)
        try:
            while not wake.is_set() and (until is None or self.now() < until):
                moved.clear()
                await self._first_of(wake, moved, until)
        finally:
            self._moved.discard(moved)

    async def _first_of(
        self, wake: asyncio.Event, moved: asyncio.Event, until: datetime | None
    ) -> None:
        seconds = None
        if until is not None and self.rate:
            seconds = max(0.0, (until - self.now()).total_seconds() / self.rate)
        async with asyncio.TaskGroup() as tasks:
            waiters = [tasks.create_task(event.wait()) for event in (wake, moved)]
            with contextlib.suppress(TimeoutError):
                await asyncio.wait(waiters, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            for waiter in waiters:
                waiter.cancel()
