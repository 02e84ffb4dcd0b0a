"""A process that holds an app token and opens one socket, as a colleague's laptop may do.

It knows neither the bot nor Slack's SDK: it answers each envelope as it is told to.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SimulatedSlack

Frame = dict[str, Any]


def plainly(envelope: Frame) -> Frame | None:
    """Answer an envelope without saying anything."""
    return {"envelope_id": envelope["envelope_id"]}


def silently(_envelope: Frame) -> Frame | None:
    """Leave an envelope without an answer."""
    return None


class Laptop:
    """One socket, and everything that came through it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.answer: Callable[[Frame], Frame | None] = plainly
        self.hello: Frame = {}
        self.envelopes: list[Frame] = []
        self.goodbyes: list[Frame] = []
        self.greeted = asyncio.Event()
        self.is_closed = False

    async def live(self) -> None:
        """Read and answer until the connection ends."""
        async for message in self.socket:
            await self._take(json.loads(message.data))
        self.is_closed = True
        self.greeted.set()

    async def says(self, frame: Frame | str) -> None:
        """Send a frame, or any other text."""
        await self.socket.send_str(frame if isinstance(frame, str) else json.dumps(frame))

    async def _take(self, frame: Frame) -> None:
        match frame["type"]:
            case "hello":
                self.hello = frame
            case "disconnect":
                self.goodbyes.append(frame)
            case _:
                self.envelopes.append(frame)
                if (answer := self.answer(frame)) is not None:
                    await self.says(answer)
        self.greeted.set()


async def address_of(slack: SimulatedSlack) -> str:
    """Ask Slack for the address of one socket."""
    client = AsyncWebClient(base_url=slack.api_url)
    return str((await client.apps_connections_open(app_token=slack.app_token))["url"])


@asynccontextmanager
async def laptop(slack: SimulatedSlack) -> AsyncIterator[Laptop]:
    """Let somebody connect, and disconnect at the end."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(await address_of(slack)) as socket,
        asyncio.TaskGroup() as tasks,
    ):
        opened = Laptop(socket)
        living = tasks.create_task(opened.live())
        await opened.greeted.wait()
        try:
            yield opened
        finally:
            await socket.close()
            await living
