"""A tiny bot in place of the real one, for forms and menus that the real one does not have yet."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from aiohttp import web
from playwright.async_api import Response

from tests.page.browser import Window
from tests.page.desk import Desk
from tests.sandbox.slack_bot import TinyBot

Json = dict[str, Any]


@asynccontextmanager
async def tiny_bot(desk: Desk) -> AsyncIterator[TinyBot]:
    """Let Slack deliver to a bot that answers as told and remembers what it received."""
    bot = TinyBot(desk.stage.slack)
    app = web.Application()
    app.router.add_post("/slack/events", bot.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    desk.stage.slack.deliver_to(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    try:
        yield bot
    finally:
        await runner.cleanup()


async def opens(desk: Desk, bot: TinyBot, view: Json) -> Json:
    """Let maya give a command that opens this modal; tell the view as Slack knows it."""
    maya = desk.shop.players["maya"].person
    await maya.says("/buddy form", in_=desk.shop.channel)
    answer = await bot.client.views_open(trigger_id=bot.received.pop()["trigger_id"], view=view)
    await desk.settled()
    opened: Json = answer["view"]
    return opened


def answered(window: Window, what: str) -> AbstractAsyncContextManager[Any]:
    """Wait, at the end of the block, until the server answered what was done in it."""

    def fits(response: Response) -> bool:
        return f"/api/{what}?" in response.url

    return window.page.expect_response(fits)
