"""Tell Prometheus how the bot is: what was counted, and what is looked up when it asks.

It asks without signing in, so nothing here names a person, a channel, an execution or a token; and
since it costs a look at the database, ``docs/operations.md`` keeps the port behind the proxy.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from bot.buddy.ledger import Ledger
from bot.clock import Clock
from bot.database import StorageUnavailable
from bot.jobs.census import Depth
from bot.metrics import Glance, Metrics, Spare, Work

PATH = "/metrics"

WITHIN = timedelta(seconds=2)
"""How long the database may take; a scrape without it is better than none at all."""


@dataclass(frozen=True, slots=True)
class Scraping:
    """Answers Prometheus."""

    metrics: Metrics
    clock: Clock
    depths: Callable[[], Awaitable[Sequence[Depth]]]
    ledgers: Callable[[], Iterable[Ledger]]
    processes: Callable[[], int]
    sockets: Callable[[], int]

    async def scrape(self, request: web.Request) -> web.Response:
        """Write all metrics down, in the form that is asked for."""
        work = await self._work()
        spare = _spare(self.ledgers(), self.clock.now())
        glance = Glance(work, spare, self.processes(), self.sockets())
        body, content_type = self.metrics.written(request.headers.get("Accept", ""), glance)
        return web.Response(body=body, headers={"Content-Type": content_type})

    def application(self) -> web.Application:
        """Build a web application that does nothing else."""
        application = web.Application()
        self.add_to(application)
        return application

    def add_to(self, application: web.Application) -> None:
        """Answer beside what the application does already."""
        application.router.add_get(PATH, self.scrape)

    async def _work(self) -> list[Work] | None:
        try:
            async with asyncio.timeout(WITHIN.total_seconds()):
                return [_work(depth) for depth in await self.depths()]
        except (TimeoutError, StorageUnavailable):
            return None


def _work(depth: Depth) -> Work:
    jobs = {"waiting": depth.waiting, "running": depth.running, "dead": depth.dead}
    return Work(depth.kind, jobs, depth.lag_seconds)


def _spare(ledgers: Iterable[Ledger], now: datetime) -> Spare:
    """Add the tokens up, so that none can be told from another."""
    counted = [(ledger, left) for ledger in ledgers if (left := ledger.spare(now)) is not None]
    low = sum(ledger.wait(now) > timedelta(0) for ledger, _ in counted)
    return Spare(len(counted), low, min((left for _, left in counted), default=math.nan))
