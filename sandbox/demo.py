"""Run the sandbox: the real bot between a simulated Slack and a simulated Buddy."""

import asyncio
import tempfile
from pathlib import Path

from bot.log import configure
from sandbox.clock import SandboxClock
from sandbox.stage import stage
from sandbox.story import Story
from sandbox.teller import Teller


def main(*, story: bool) -> int:
    """Play the main story; the exit code is 1 if a promise was broken."""
    teller = Teller()
    if not story:
        teller.write(
            "The sandbox plays the main story: the real bot, over real HTTP, between a simulated\n"
            "Slack and a simulated Buddy. Nothing leaves this machine.\n"
        )
    configure("error", "text")
    return asyncio.run(_play(teller))


async def _play(teller: Teller) -> int:
    with tempfile.TemporaryDirectory(prefix="greenlight-") as folder:
        async with stage(Path(folder) / "greenlight.sqlite3", SandboxClock()) as ready:
            return await Story(ready, teller).play()
