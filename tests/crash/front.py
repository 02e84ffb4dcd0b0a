"""The load balancer in front of the replicas, as an operator would have one.

It sends to a replica only while its ``/readyz`` is well, each in its turn, and to any where none
is. A connection that is refused was surely not heard, so the next replica is tried; nothing else is
ever sent twice.
"""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.clock import hold_up

LOOK_EVERY = timedelta(milliseconds=100)
_LOOK_WITHIN = aiohttp.ClientTimeout(total=2)
_ANSWER_WITHIN = aiohttp.ClientTimeout(total=5)


@dataclass(slots=True)
class Front:
    """Where Slack's requests arrive."""

    session: aiohttp.ClientSession
    url: str = ""
    behind: dict[str, str] = field(default_factory=dict)
    """Each replica's address, by its name."""

    well: set[str] = field(default_factory=set)
    _turn: Iterator[int] = field(default_factory=itertools.count)

    def add(self, name: str, url: str) -> None:
        """Send to a replica from now on, which has said that it is ready."""
        self.behind[name] = url
        self.well.add(name)

    def remove(self, name: str) -> None:
        """Send nothing to a replica any more."""
        self.behind.pop(name, None)
        self.well.discard(name)

    async def pass_on(self, request: web.Request) -> web.Response:
        """Let one replica answer."""
        body = await request.read()
        names = sorted(self.well or self.behind)
        start = next(self._turn)
        for place in range(len(names)):
            url = self.behind.get(names[(start + place) % len(names)])
            if url is None:
                continue
            try:
                return await self._ask(f"{url}{request.path}", request.headers, body)
            except aiohttp.ClientConnectorError:
                continue
            except (aiohttp.ClientError, TimeoutError):
                return web.Response(status=502)
        return web.Response(status=503)

    async def _ask(self, url: str, headers: Any, body: bytes) -> web.Response:  # noqa: ANN401
        kept = {name: value for name, value in headers.items() if name.lower() not in _HOPS}
        async with self.session.post(
            url, data=body, headers=kept, timeout=_ANSWER_WITHIN
        ) as response:
            content_type = response.headers.get("content-type")
            return web.Response(
                status=response.status,
                body=await response.read(),
                headers={"content-type": content_type} if content_type else None,
            )

    async def watch(self) -> None:
        """Look how the replicas are, until cancelled."""
        while True:
            async with asyncio.TaskGroup() as tasks:
                for name, url in self.behind.items():
                    tasks.create_task(self._look(name, url))
            self.well &= self.behind.keys()
            await hold_up(LOOK_EVERY)

    async def _look(self, name: str, url: str) -> None:
        (self.well.add if await self._is_well(url) else self.well.discard)(name)

    async def _is_well(self, url: str) -> bool:
        try:
            async with self.session.get(f"{url}/readyz", timeout=_LOOK_WITHIN) as response:
                return response.ok
        except (aiohttp.ClientError, TimeoutError):
            return False


_HOPS = frozenset({"host", "content-length", "connection", "accept-encoding", "user-agent"})


@contextlib.asynccontextmanager
async def front() -> AsyncIterator[Front]:
    """Open a front on loopback."""
    async with aiohttp.ClientSession(
        # A connection of its own for each request: a replica may be replaced between two.
        connector=aiohttp.TCPConnector(force_close=True)
    ) as session:
        made = Front(session)
        application = web.Application()
        application.router.add_post("/{path:.*}", made.pass_on)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        watching = asyncio.get_running_loop().create_task(made.watch())
        try:
            yield made
        finally:
            watching.cancel()
            await asyncio.wait({watching})
            await runner.cleanup()
