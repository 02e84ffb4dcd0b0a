"""The sandbox with its page, and people who sit before windows of it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from playwright.async_api import Browser
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.buddy import Execution
from sandbox.clock import SandboxClock
from sandbox.page import Page, page_for
from sandbox.shop import Shop, build_world
from sandbox.stage import OPEN, Stage, stage
from tests.page.browser import Window, window


@dataclass(slots=True, repr=False)
class Desk:
    """A shop's Slack and Buddy, the bot, and the page; time stands still."""

    stage: Stage
    shop: Shop
    page: Page
    browser: Browser
    stack: AsyncExitStack
    windows: list[Window] = field(default_factory=list)

    async def window(self, name: str, **options: Any) -> Window:
        """Sit somebody down before a window of their own."""
        person = self.shop.players[name].person
        url = f"{self.page.url}?as={person.id}#{self.shop.channel.id}"
        opened = await self.stack.enter_async_context(window(self.browser, url, **options))
        self.windows.append(opened)
        return opened

    async def settled(self) -> None:
        """Wait until the bot has nothing left to do, and every window shows it."""
        await self.stage.settled()
        self.page.desk.watch.look()
        for one in self.windows:
            await one.reaches(self.page.desk.feed.seq)

    async def passes(self, seconds: float) -> None:
        """Let time pass."""
        await self.stage.passes(seconds)
        await self.settled()

    def pushes(self, message: str = "Fix the login") -> Execution:
        """Let ben push a commit, which Buddy builds."""
        ben = self.shop.players["ben"].colleague
        assert ben is not None
        return self.shop.deploy.push(by=ben, branch="main", message=message)

    async def waiting(self, message: str = "Fix the login") -> Execution:
        """Let a commit come to its gate, with its card in the channel."""
        await self.shop.connect("maya")
        run = self.pushes(message)
        await self.stage.passes(40)
        maya = self.shop.players["maya"].person
        await maya.says(f"/buddy show shop/deploy#{run.id}", in_=self.shop.channel)
        await self.settled()
        return run

    async def posts(self, **message: Any) -> str:
        """Let the app post into the channel, as any app would."""
        slack = self.stage.slack
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        data = {"channel": self.shop.channel.id, "text": "news", **message}
        answer = await client.api_call("chat.postMessage", json=data)
        return str(answer["ts"])


@asynccontextmanager
async def desk_of(browser: Browser, folder: Path) -> AsyncIterator[Desk]:
    """Open everything; in the end no window may have met an error."""
    structlog.configure(processors=[structlog.testing.LogCapture()])
    try:
        async with (
            stage(folder / "greenlight.sqlite3", SandboxClock(), **OPEN) as ready,
            AsyncExitStack() as stack,
        ):
            shop = build_world(ready)
            page = await stack.enter_async_context(page_for(shop))
            desk = Desk(ready, shop, page, browser, stack)
            yield desk
            wrong = [line for one in desk.windows for line in one.wrong]
            assert not wrong, wrong
    finally:
        structlog.reset_defaults()
