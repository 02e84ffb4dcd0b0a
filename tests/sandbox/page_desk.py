"""The sandbox's page without a browser: windows of people, over real HTTP."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from bot.log import configure
from sandbox.clock import SandboxClock
from sandbox.page import Page, page_for
from sandbox.shop import Shop, build_world
from sandbox.slack import Person
from sandbox.stage import OPEN, Stage, stage
from tests.environment import logging_restored

Json = dict[str, Any]

PATIENCE = timedelta(seconds=8)
"""In real time, on a busy machine."""


@dataclass(slots=True, repr=False)
class Window:
    """One person's page: what it fetched, and what the stream brought since."""

    http: aiohttp.ClientSession
    page: Page
    person: Person
    world: str = ""
    seq: int = 0
    last_id: str = ""
    events: list[tuple[str, Json]] = field(default_factory=list)
    _stream: aiohttp.ClientResponse | None = None

    async def gets(self, path: str, **query: str) -> Json:
        """Fetch something."""
        url = f"{self.page.url}api/{path}"
        async with self.http.get(url, params={"as": self.person.id, **query}) as answer:
            told: Json = await answer.json()
            return told

    async def opens(self) -> Json:
        """Fetch the snapshot, and follow from there."""
        snapshot = await self.gets("snapshot")
        self.world, self.seq = snapshot["world"], snapshot["seq"]
        await self.follows()
        return snapshot

    async def follows(self, **query: str) -> None:
        """Open the stream, as a browser that comes back does if it had one before."""
        headers = {"Last-Event-ID": self.last_id} if self.last_id else {}
        told = {"as": self.person.id, "world": self.world, "from": str(self.seq), **query}
        url = f"{self.page.url}api/stream"
        self._stream = await self.http.get(url, params=told, headers=headers)

    async def hears(self, name: str, **told: object) -> Json:
        """Wait for an event that says this, and read it."""
        async with asyncio.timeout(PATIENCE.total_seconds()):
            while True:
                heard, data = await self._next()
                if heard == name and told.items() <= data.items():
                    return data

    async def ends(self) -> bool:
        """Read to the end of the stream; whether there is one."""
        assert self._stream is not None
        async with asyncio.timeout(PATIENCE.total_seconds()):
            while not self._stream.content.at_eof():
                await self._stream.content.readline()
        return True

    async def posts(self, path: str, **body: object) -> Json:
        """Do something; the answer with its HTTP status."""
        headers = {"Origin": self.page.url.rstrip("/"), "X-Greenlight-Sandbox": "1"}
        url, who = f"{self.page.url}api/{path}", {"as": self.person.id}
        async with self.http.post(url, params=who, json=body, headers=headers) as answer:
            return {"status": answer.status, **await answer.json()}

    async def _next(self) -> tuple[str, Json]:
        assert self._stream is not None
        said: dict[str, str] = {}
        while "data" not in said:
            line = (await self._stream.content.readline()).decode()
            assert line, "the stream ended"
            name, _, value = line.strip().partition(": ")
            if name in {"id", "event", "data"}:
                said[name] = value
        event = said["event"], json.loads(said["data"])
        self.last_id = said["id"]
        self.events.append(event)
        return event


@dataclass(slots=True, repr=False)
class Desk:
    """The shop, the page beside it, and windows to it."""

    shop: Shop
    page: Page
    http: aiohttp.ClientSession

    @property
    def stage(self) -> Stage:
        """The bot between both simulators."""
        return self.shop.stage

    def window(self, name: str) -> Window:
        """Give somebody a window."""
        return Window(self.http, self.page, self.shop.players[name].person)

    async def waiting_card(self) -> Json:
        """Let a deployment come to its gate, with its card in the channel."""
        ben = self.shop.players["ben"].colleague
        run = self.shop.deploy.push(by=ben, message="Fix <b>the</b> login")
        maya = self.shop.players["maya"].person
        await maya.says(f"/buddy show shop/deploy#{run.id}", in_=self.shop.channel)
        await self.stage.settled()
        await self.stage.passes(40)
        return {"channel": self.shop.channel.id, "ts": self.shop.channel.messages[-1].ts}


@asynccontextmanager
async def page_desk() -> AsyncIterator[Desk]:
    """Set everything up; maya has connected her account already, and time stands still."""
    with logging_restored(), tempfile.TemporaryDirectory() as folder:
        configure("error", "text")
        async with stage(Path(folder) / "greenlight.sqlite3", SandboxClock(), **OPEN) as ready:
            shop = build_world(ready)
            await shop.connect("maya")
            async with aiohttp.ClientSession() as http, page_for(shop) as page:
                yield Desk(shop, page, http)


def button(blocks: list[Json], text: str) -> Json:
    """Find a button by its text, as a POST names it."""
    for block in blocks:
        for element in block.get("elements", []):
            if element["type"] == "button" and element["text"]["text"] == text:
                return {"block_id": block["block_id"], "action_id": element["action_id"]}
    raise LookupError(text)
