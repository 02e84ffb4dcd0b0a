"""A far side on loopback that does exactly what a script says, once per line of it."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from bot.buddy.client import BuddyApi, BuddyClient
from bot.buddy.transport import create_session
from bot.domain.execution import ExecutionRef
from sandbox.clock import SandboxClock

TOKEN = "0123abcd-0000-4000-8000-00000000000f"


@dataclass(frozen=True, slots=True)
class Reply:
    """What to do with one request."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs: bool = False
    """Never answer."""

    drops_after: int | None = None
    """Hang up after so many bytes of the body; below 0 before the status line."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Scripted:
    """The far side: its script, and what it heard."""

    replies: list[Reply] = field(default_factory=list)
    heard: list[Received] = field(default_factory=list)
    address: str = ""
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def will(self, *replies: Reply) -> None:
        """Add lines to the script; the last one is repeated."""
        self.replies.extend(replies)

    def says(self, *bodies: object) -> None:
        """Add answers of status 200 with these JSON values."""
        self.will(*(Reply(body=json.dumps(body).encode()) for body in bodies))

    @property
    def targets(self) -> list[str]:
        """Path and query of every request, in order."""
        return [request.target for request in self.heard]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Do what the next line says."""
        body = await request.read()
        self.heard.append(Received(request.method, request.raw_path, request.headers, body))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if reply.hangs:
            await self.closing.wait()
        if reply.drops_after is None:
            return web.Response(status=reply.status, body=reply.body, headers=reply.headers)
        return await _hang_up(request, reply, reply.drops_after)


async def _hang_up(request: web.Request, reply: Reply, after: int) -> web.StreamResponse:
    response = web.StreamResponse(status=reply.status, headers=reply.headers)
    if after >= 0:
        response.content_length = len(reply.body)
        await response.prepare(request)
        await response.write(reply.body[:after])
    if request.transport is not None:
        request.transport.close()
    return response


@asynccontextmanager
async def listening(scripted: Scripted, tls: ssl.SSLContext | None = None) -> AsyncIterator[None]:
    """Open the far side's door on a free port."""
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", scripted.answer)
    runner = web.AppRunner(app, shutdown_timeout=1, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    port = runner.addresses[0][1]
    scripted.address = f"http{'s' if tls else ''}://127.0.0.1:{port}"
    try:
        yield
    finally:
        scripted.closing.set()
        await runner.cleanup()


@dataclass(slots=True)
class Line:
    """The client under test, connected to a scripted far side."""

    far: Scripted
    api: BuddyApi
    clock: SandboxClock

    @property
    def client(self) -> BuddyClient:
        """A client of the person with the token."""
        return self.api.acting_as(TOKEN)

    def ref(self, execution: int = 7) -> ExecutionRef:
        """Name an execution of this far side."""
        return ExecutionRef(self.api.host, "acme", "company-website", 2, execution)


@asynccontextmanager
async def connected(
    *,
    deadline: timedelta = timedelta(seconds=5),
    prefix: str = "",
    tls: ssl.SSLContext | None = None,
    ca_file: Path | None = None,
) -> AsyncIterator[Line]:
    """Connect a client to a far side of its own."""
    far = Scripted()
    clock = SandboxClock()
    async with listening(far, tls), create_session(ca_file) as session:
        yield Line(far, BuddyApi(session, far.address + prefix, clock, deadline), clock)
