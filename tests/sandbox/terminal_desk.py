"""A desk before the sandbox's terminal, for tests: type lines, read what is printed."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.log import configure
from sandbox.clock import SandboxClock
from sandbox.shop import Shop, build_world
from sandbox.stage import OPEN, Stage, stage
from sandbox.terminal.logtail import LogTail
from sandbox.terminal.screen import Screen
from sandbox.terminal.session import Session
from sandbox.terminal.style import Style
from tests.environment import logging_restored

CONNECTED = "now acts in Buddy as"


@dataclass(slots=True, repr=False)
class Desk:
    """A session whose time stands still until somebody waits."""

    session: Session
    printed: list[str] = field(default_factory=list)

    @property
    def shop(self) -> Shop:
        """Who and what there is."""
        return self.session.shop

    @property
    def stage(self) -> Stage:
        """The bot between both simulators."""
        return self.session.shop.stage

    async def types(self, *lines: str) -> str:
        """Type lines one after the other; read what the last one brought."""
        for line in lines:
            self.printed.clear()
            await self.session.takes(line)
        return "\n".join(self.printed)

    async def waiting(self, name: str = "maya") -> str:
        """Let the deployment come to its gate before somebody who is connected."""
        return await self.types(
            f"as {name}", "push Fix the login", "/buddy show shop/deploy#1", "wait 40"
        )


@asynccontextmanager
async def desk(width: int = 100) -> AsyncIterator[Desk]:
    """Set everything up; maya has connected her account already."""
    log = LogTail()
    with logging_restored(), tempfile.TemporaryDirectory() as folder:
        configure("info", "text", stream=log)
        async with stage(Path(folder) / "greenlight.sqlite3", SandboxClock(), **OPEN) as ready:
            shop = build_world(ready)
            await shop.connect("maya")
            printed: list[str] = []
            screen = Screen(printed.append, Style(has_colours=False), lambda: width)
            yield Desk(Session(shop, screen, log), printed)
