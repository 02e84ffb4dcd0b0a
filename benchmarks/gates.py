"""Executions that wait at gates, a card and a click for each, and what the far sides saw of them.

Every execution stands on a branch of its own, so that none overtakes another. Its card is rendered
by the bot's own code and posted in advance; the click is what Slack sends for its button, written
down instead of sent. The bot meets an execution with its click: no waiting gate is polled before.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.buddy import wire
from bot.buddy.client import BuddyApi
from bot.buddy.wire import BuddyOperation
from bot.cards.execution import execution_card
from bot.cards.facts import CardFacts
from bot.clock import SystemClock
from bot.domain.execution import Execution, ExecutionRef
from sandbox.buddy import Gate, SimulatedBuddy
from sandbox.buddy.people import Person as Colleague
from sandbox.journal import Call
from sandbox.slack import SimulatedSlack
from sandbox.slack.person import Person
from sandbox.slack.surfaces import Channel

WORKSPACE, PROJECT = "acme", "shop"
GATE = "Approve production"
NOWHERE = "http://127.0.0.1:9"
"""Port 9 is for what is to be thrown away; nobody listens there. Source: RFC 863."""

_PATIENCE = timedelta(seconds=10)


Span = tuple[float, float]
"""From when to when. Moments are of ``time.perf_counter``, which all processes here share."""


@dataclass(frozen=True, slots=True)
class Request:
    """What approves one execution: a click, or the PATCH that a click leads to."""

    execution: int
    click: str
    """The form body of a press of the card's button."""

    patch: str
    """The PATCH as JSON, for a peer that does nothing else: ``url``, ``token`` and ``body``."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the far sides saw of one click."""

    execution: int
    patched: float | None
    """When the PATCH arrived."""

    told: float | None
    """When the thread was told."""

    painted: float | None
    """When the card was changed for the last time."""

    reads: list[Span]
    """When Buddy was at work on reads of this execution."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What the far sides saw since the gates opened."""

    clicks: list[Seen]
    shared: list[Span]
    """When they were at work on what names no execution, and which only clicks ask for."""

    not_taken: int
    """Clicks that could not be stored in time, whose people were told so."""

    def write(self) -> dict[str, Any]:
        """Write it for another process."""
        return asdict(self)

    @classmethod
    def read(cls, written: dict[str, Any]) -> Self:
        """Read what another process wrote."""
        clicks = [Seen(**seen) for seen in written["clicks"]]
        return cls(clicks, written["shared"], written["not_taken"])


@dataclass(slots=True)
class Gates:
    """Lets executions wait at gates, a batch at a time, and watches what becomes of them."""

    slack: SimulatedSlack
    buddy: SimulatedBuddy
    maya: Person
    colleague: Colleague
    installation: str
    """Whose buttons the cards carry."""

    bot_url: str
    log: Path
    """The bot's log."""

    _batches: int = 0
    _not_taken_before: int = 0
    _cards: dict[int, str] = field(default_factory=dict)
    """The card's ``ts`` by the number of its execution."""

    async def open(self, count: int) -> list[Request]:
        """Let so many executions come to a gate."""
        self._batches += 1
        pipeline = self.buddy.pipeline(
            *(WORKSPACE, PROJECT, f"Deploy {self._batches}"), actions=[Gate(GATE)], concurrent=True
        )
        channel = self.slack.channel(f"deployments-{self._batches}", [self.maya])
        runs = [
            pipeline.push(by=self.colleague, message=f"Fix login {n}", branch=f"fix-{n}")
            for n in range(count)
        ]
        async with aiohttp.ClientSession() as session:
            executions = [await self._read(session, pipeline.id, run.id) for run in runs]
            self._cards = await self._post(session, channel, executions)
        clicks = await self._clicks(channel)
        for journal in (self.slack.journal, self.buddy.journal):
            journal.calls.clear()
        self._not_taken_before = not_taken(self.log)
        return [
            Request(execution.ref.execution, click, self._patch(execution))
            for execution, click in zip(executions, clicks, strict=True)
        ]

    def seen(self) -> Sight:
        """Tell what was seen since the gates opened."""
        asked = [
            *self.buddy.journal.select("GET", "/executions"),
            *self.slack.journal.select("POST", "users.info"),
        ]
        shared = [call for call in asked if call.path.endswith(("/executions", "users.info"))]
        clicks = [self._seen(*card) for card in self._cards.items()]
        return Sight(clicks, _spans(shared), not_taken(self.log) - self._not_taken_before)

    async def _read(self, session: aiohttp.ClientSession, pipeline: int, number: int) -> Execution:
        api = BuddyApi(session, self.buddy.url, SystemClock(), _PATIENCE)
        ref = ExecutionRef(api.host, WORKSPACE, PROJECT, pipeline, number)
        return await api.acting_as(self.colleague.token).execution(ref)

    async def _post(
        self, session: aiohttp.ClientSession, channel: Channel, executions: list[Execution]
    ) -> dict[int, str]:
        client = AsyncWebClient(self.slack.bot_token, self.slack.api_url, session=session)
        posted = {}
        for execution in executions:
            card = execution_card(CardFacts(execution, installation=self.installation))
            answer = await client.chat_postMessage(
                channel=channel.id, text=card.text, blocks=list(card.blocks)
            )
            posted[execution.ref.execution] = str(answer["ts"])
        return posted

    async def _clicks(self, channel: Channel) -> list[str]:
        """Write down what Slack sends when each card's button is pressed."""
        self.slack.deliver_to(NOWHERE)
        pressed = [await self.maya.clicks(card, "Approve") for card in list(channel.messages)]
        self.slack.deliver_to(self.bot_url)
        payloads = [ack.request.payload for ack in pressed if ack.request is not None]
        return [urlencode({"payload": json.dumps(payload)}) for payload in payloads]

    def _patch(self, execution: Execution) -> str:
        gate = execution.gates[0].id.removeprefix("action:")
        request = wire.operate(execution.ref, BuddyOperation.APPLY, gate_wire_id=gate)
        return json.dumps(
            {
                "url": f"{self.buddy.url}{request.path}",
                "token": self.colleague.token,
                "body": request.content.decode(),
            }
        )

    def _seen(self, number: int, ts: str) -> Seen:
        own = self.buddy.journal.select(path=f"/executions/{number}")
        own = [call for call in own if call.path.endswith(f"/{number}")]
        patched = [call.arrived for call in own if call.method == "PATCH"]
        posts = self.slack.journal.select("POST", "chat.postMessage")
        edits = self.slack.journal.select("POST", "chat.update")
        told = [call.answered for call in posts if call.body.get("thread_ts") == ts]
        painted = [call.answered for call in edits if call.body.get("ts") == ts]
        return Seen(
            number,
            min(patched, default=None),
            min(told, default=None),
            max(painted, default=None),
            _spans([call for call in own if call.method == "GET"]),
        )


def not_taken(log: Path) -> int:
    """Count the clicks that the bot could not store in time."""
    return log.read_text("utf-8").count('"click.not_taken"')


def _spans(calls: list[Call]) -> list[Span]:
    return [(call.arrived, call.answered) for call in calls]
