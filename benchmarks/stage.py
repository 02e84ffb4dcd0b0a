"""The setting every measured server shares: one core, one kind of event loop, one way to start.

A server's process prints one line of JSON, the ``Ready``, and serves until its standard input is
closed, which also happens when the process that started it dies. A line that comes before is an
order; the answer is another line of JSON.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import asdict, dataclass, field
from typing import Any

import uvloop
from aiohttp import web

from benchmarks.slack import SECRET

HOST = "127.0.0.1"
PATH = "/slack/events"


@dataclass(frozen=True, slots=True)
class Ready:
    """Where a server listens, how requests to it are signed, and what to send."""

    port: int
    pid: int
    """The process that serves, whose processor time counts."""
    secret: str = field(repr=False)
    path: str = PATH
    bodies: dict[str, str] = field(default_factory=dict)
    """Form bodies by the name of what they ask; `slack.UNIQUE` differs in every request."""
    routes: int = 0
    """How many listeners the server would have if each of its routes were one."""


def pin(core: int, pid: int = 0) -> None:
    """Keep a process on one core where the system can do that; below 0 leaves it free."""
    if core >= 0 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(pid, {core})


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run on the kind of event loop that the bot uses too."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


async def serve_app(app: web.Application) -> None:
    """Serve a peer's app on a free port of this machine until told to stop."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, 0).start()
    await serve_until_told(Ready(port=runner.addresses[0][1], pid=os.getpid(), secret=SECRET))
    await runner.cleanup()


async def serve_until_told(
    ready: Ready, obey: Callable[[str], Awaitable[object]] | None = None
) -> None:
    """Tell the measuring process where to send; obey it, and return when it is done."""
    print(json.dumps(asdict(ready)), flush=True)
    while order := await asyncio.to_thread(sys.stdin.readline):
        assert obey is not None, "this server takes no orders"
        print(json.dumps(await obey(order.strip())), flush=True)
