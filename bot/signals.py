"""How an operator or an orchestrator tells the bot to stop."""

import asyncio
import contextlib
import signal
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class StopSignals:
    """SIGTERM asks to stop; a second one, or Ctrl-C, asks to hurry."""

    told: asyncio.Event = field(default_factory=asyncio.Event)
    hurried: asyncio.Event = field(default_factory=asyncio.Event)

    def listen(self) -> None:
        """Hear signals from now on."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stop)
        loop.add_signal_handler(signal.SIGINT, self._hurry)

    async def linger(self, duration: timedelta) -> None:
        """Wait, unless somebody is in a hurry."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(duration.total_seconds()):
                await self.hurried.wait()

    def _stop(self) -> None:
        (self.hurried if self.told.is_set() else self.told).set()

    def _hurry(self) -> None:
        self.told.set()
        self.hurried.set()
