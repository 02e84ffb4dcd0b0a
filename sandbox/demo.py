"""Run the sandbox: the real bot between a simulated Slack and a simulated Buddy."""

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from signal import SIGINT, SIGTERM
from typing import Any

from bot.log import configure
from sandbox.clock import RATES, SandboxClock
from sandbox.page import Page, PortTaken, listen, page_for
from sandbox.shop import Shop, build_world
from sandbox.stage import OPEN, stage
from sandbox.story import Story
from sandbox.teller import Teller

if sys.platform != "win32":  # which has no termios
    from sandbox.terminal.live import has_terminal, live
    from sandbox.terminal.logtail import LogTail


def main(*, story: bool, page: bool = False, port: int | None = None) -> int:
    """Let somebody click and type, or play the main story; 1 if a promise was broken.

    ``page``: serve the page alone, until told to stop. ``port``: where; None for the usual one, or
    a free one if that is taken.
    """
    if page:
        return _run(_serve(port))
    if sys.platform != "win32" and not story and has_terminal():
        return _run(_live(port))
    teller = Teller()
    if not story:
        teller.write(
            "There is no terminal to type in, so the sandbox plays its main story: the real bot,\n"
            "over real HTTP, between a simulated Slack and a simulated Buddy. Nothing leaves this\n"
            "machine. `greenlight sandbox --page` serves the page to click in instead.\n"
        )
    configure("error", "text")
    return asyncio.run(_play(teller))


async def _play(teller: Teller) -> int:
    with tempfile.TemporaryDirectory(prefix="greenlight-") as folder:
        async with stage(Path(folder) / "greenlight.sqlite3", SandboxClock(), **OPEN) as ready:
            return await Story(ready, teller).play()


def _run(sandbox: Coroutine[Any, Any, None]) -> int:
    try:
        asyncio.run(sandbox)
    except KeyboardInterrupt:  # while it starts or stops
        print()
    except PortTaken as taken:
        print(taken, file=sys.stderr)
        return 1
    return 0


async def _live(port: int | None) -> None:
    log = LogTail()
    configure("info", "text", stream=log)
    async with _opened(port) as (shop, page):
        print(f"{page.url}\n\nOpen this link in a browser, or stay here and type.", flush=True)
        await live(shop, log)
        print("Stopping …")


async def _serve(port: int | None) -> None:
    configure("warning", "text")
    told_to_stop = asyncio.Event()
    with contextlib.suppress(NotImplementedError):  # on Windows Ctrl-C interrupts all the same
        for signal in (SIGINT, SIGTERM):
            asyncio.get_running_loop().add_signal_handler(signal, told_to_stop.set)
    async with _opened(port) as (_, page):
        print(page.url, flush=True)
        await told_to_stop.wait()


@contextlib.asynccontextmanager
async def _opened(port: int | None) -> AsyncIterator[tuple[Shop, Page]]:
    """Start everything: maya has connected her account, and time runs."""
    # Before anything else: a port that is taken is told at once.
    listening = listen(port)
    with tempfile.TemporaryDirectory(prefix="greenlight-") as folder, listening:
        async with stage(Path(folder) / "greenlight.sqlite3", SandboxClock(), **OPEN) as ready:
            shop = build_world(ready)
            await shop.connect("maya")
            async with page_for(shop, listening, has_opening=True) as page:
                ready.clock.run(RATES["normal"])
                yield shop, page
