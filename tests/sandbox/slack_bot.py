"""A tiny bot for the tests of the simulated Slack: checks signatures and answers as told."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import SandboxClock
from sandbox.slack import Channel, Person, Role, SimulatedSlack

SAMPLES = Path(__file__).parent.parent / "samples" / "slack"


def sample(name: str) -> dict[str, Any]:
    """Read one of Slack's sample payloads."""
    content: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())
    return content


def shape(value: object) -> object:
    """Reduce a payload to its keys, for a comparison with a sample."""
    if isinstance(value, dict):
        return {key: shape(child) for key, child in value.items()}
    if isinstance(value, list):
        return [shape(child) for child in value]
    return None


def button(text: str, **more: object) -> dict[str, Any]:
    """Write a row with one button."""
    label = {"type": "plain_text", "text": text}
    element = {"type": "button", "text": label, "action_id": f"do.{text}", **more}
    return {"type": "actions", "elements": [element]}


def option(text: str) -> dict[str, Any]:
    """Write an option of a menu as Slack gives it back."""
    return {"text": {"type": "plain_text", "text": text, "emoji": True}, "value": text}


def section(text: str) -> dict[str, Any]:
    """Write a paragraph."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def modal(*blocks: dict[str, Any], **more: object) -> dict[str, Any]:
    """Write a modal."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "A form"},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": list(blocks),
        **more,
    }


def text_input(label: str, **element: object) -> dict[str, Any]:
    """Write a required text field."""
    return {
        "type": "input",
        "block_id": label.casefold(),
        "label": {"type": "plain_text", "text": label},
        "element": {"type": "plain_text_input", "action_id": "value", **element},
    }


async def refusal_of(call: Awaitable[object]) -> str:
    """Await a call that Slack refuses; tell its error code."""
    try:
        await call
    except SlackApiError as error:
        return str(error.response["error"])
    return "was not refused"


class TinyBot:
    """Answers requests and remembers them."""

    def __init__(self, slack: SimulatedSlack) -> None:
        self.client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        self.received: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.answer: Callable[[dict[str, Any]], object] = lambda _: None
        self.status = 200
        self.hold: asyncio.Event | None = None
        self._verifier = SignatureVerifier(slack.signing_secret)

    async def take(self, request: web.Request) -> web.Response:
        """Take one request from Slack."""
        body = await request.read()
        if not self._verifier.is_valid_request(body, dict(request.headers)):
            return web.Response(status=401)
        payload = json.loads(body) if body.startswith(b"{") else dict(parse_qsl(body.decode()))
        payload = json.loads(payload["payload"]) if "payload" in payload else payload
        self.received.append(payload)
        self.headers.append(dict(request.headers))
        if self.hold:
            await self.hold.wait()
        answer = self.answer(payload)
        if isinstance(answer, dict):
            return web.json_response(answer, status=self.status)
        return web.Response(text=str(answer or ""), status=self.status)


class World:
    """A workspace with one channel, two people in it, and the bot."""

    def __init__(self, slack: SimulatedSlack, bot: TinyBot) -> None:
        self.slack = slack
        self.bot = bot
        self.client = bot.client
        self.maya: Person = slack.person("maya")
        self.ben: Person = slack.person("ben", Role.ADMIN)
        self.deploys: Channel = slack.channel("deployments", [self.maya, self.ben])

    async def card(self, *blocks: dict[str, Any], **more: object) -> str:
        """Let the bot post a message with these blocks."""
        return str((await self.posts(blocks=blocks, **more))["ts"])

    async def posts(self, **arguments: object) -> dict[str, Any]:
        """Let the bot post into the channel with these arguments."""
        data = {"channel": self.deploys.id, "text": "news", **arguments}
        answer = await self.client.api_call("chat.postMessage", json=data)
        return dict(answer.data) if isinstance(answer.data, dict) else {}

    async def refusal(self, method: str, **arguments: object) -> str:
        """Call a method that Slack refuses; tell its error."""
        return await refusal_of(self.client.api_call(method, json=dict(arguments)))

    async def opens(self, view: dict[str, Any]) -> None:
        """Let maya open this modal with a command."""
        await self.maya.says("/buddy form", self.deploys)
        await self.bot.client.views_open(trigger_id=self.bot.received[-1]["trigger_id"], view=view)


@asynccontextmanager
async def talking() -> AsyncIterator[World]:
    """Start a simulated Slack, with a bot that it delivers to."""
    slack = SimulatedSlack(SandboxClock())
    await slack.start()
    try:
        async with tiny_bot(slack) as bot:
            yield World(slack, bot)
    finally:
        await slack.stop()


@asynccontextmanager
async def tiny_bot(slack: SimulatedSlack) -> AsyncIterator[TinyBot]:
    """Start a bot, and let Slack deliver to it from now on."""
    bot = TinyBot(slack)
    app = web.Application()
    app.router.add_post("/slack/events", bot.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    slack.deliver_to(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    try:
        yield bot
    finally:
        await runner.cleanup()
