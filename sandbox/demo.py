"""Run the sandbox: the real bot between a simulated Slack and a simulated Buddy."""

import asyncio
import sys
import tempfile
from pathlib import Path

from bot.log import configure
from sandbox.clock import SandboxClock
from sandbox.stage import stage
from sandbox.story import Story
from sandbox.teller import Teller

if sys.platform != "win32":  # which has no termios
    from sandbox.terminal.live import has_terminal, live
    from sandbox.terminal.logtail import LogTail


def main(*, story: bool) -> int:
    """Let somebody type, or play the main story; 1 if a promise was broken."""
    if sys.platform != "win32" and not story and has_terminal():
        return _type()
    teller = Teller()
    if not story:
        teller.write(
            "There is no terminal to type in, so the sandbox plays its main story: the real bot,\n"
            "over real HTTP, between a simulated Slack and a simulated Buddy. Nothing leaves this\n"
            "machine.\n"
        )
    configure("error", "text")
    return asyncio.run(_play(teller))


async def _play(teller: Teller) -> int:
    with tempfile.TemporaryDirectory(prefix="greenlight-") as folder:
        async with stage(Path(folder) / "greenlight.sqlite3", SandboxClock()) as ready:
            return await Story(ready, teller).play()


def _type() -> int:
    try:
        asyncio.run(_live())
    except KeyboardInterrupt:  # while it starts or stops
        print()
    return 0


async def _live() -> None:
    log = LogTail()
    configure("info", "text", stream=log)
    print("Starting the bot, a Slack and a Buddy …")
    with tempfile.TemporaryDirectory(prefix="greenlight-") as folder:
        async with stage(Path(folder) / "greenlight.sqlite3", SandboxClock()) as ready:
            await live(ready, log)
            print("Stopping …")
