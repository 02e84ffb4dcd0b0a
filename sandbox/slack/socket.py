"""Socket Mode, Slack's side: WebSockets that the app opens, envelopes, and their answers.

Source: Slack, «Using Socket Mode». What it leaves open is chosen strictly: an answer counts only on
the connection that carried the envelope, and only what a person does is never sent again.
"""

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.clock import hold_up
from sandbox.journal import Call, Journal
from sandbox.slack.core import Core
from sandbox.slack.delivery import Ack, Kind, Outgoing

MOST_CONNECTIONS = 10
LIFE_SECONDS = 18_060
"""What a hello says about the connection's life. Source: Slack's sample of a hello."""

NOTICE = timedelta(milliseconds=200)
"""Between asking an app to reconnect and closing: about ten seconds at Slack's, in real time."""

_ANSWERS = frozenset({"view_submission", "block_suggestion"})
"""Interactions whose answer may say something. Source: Slack, «Using Socket Mode», «Responding»."""


class Reason(StrEnum):
    """Why Slack asks an app to leave a connection."""

    WARNING = "warning"
    REFRESH = "refresh_requested"
    LINK_DISABLED = "link_disabled"
    TOO_MANY = "too_many_websockets"


class Mishap(StrEnum):
    """How the connection breaks that carries the next envelope."""

    AFTER_SENDING = "right after the envelope was sent"
    BEFORE_READING = "when its answer arrives, before it is read"


@dataclass(slots=True, eq=False)
class Connection:
    """One WebSocket of the app's."""

    host: str
    stream: web.WebSocketResponse
    transport: asyncio.Transport
    is_leaving: bool = False
    """Whether it was told to reconnect: new envelopes go elsewhere if they can."""
    waiting: defaultdict[str, deque[asyncio.Future[dict[str, Any] | None]]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    """Envelopes without an answer; the same one may have been sent twice."""

    def drop(self) -> None:
        """Break the connection as a network does: without a closing frame."""
        self.transport.close()
        self.forget()

    def forget(self) -> None:
        """Give up on every answer that has not come."""
        for futures in self.waiting.values():
            for future in futures:
                if not future.done():
                    future.set_result(None)
        self.waiting.clear()


class SocketMode:
    """All connections of the app, and the carrier that sends through them."""

    def __init__(self, core: Core, journal: Journal) -> None:
        self.connections: list[Connection] = []
        self.mishap: Mishap | None = None
        """What happens to the next envelope; then it is over."""
        self.strays: list[str] = []
        """Envelopes that were answered too late, or on another connection."""
        self._core = core
        self._journal = journal
        self._opened = 0
        self._turn = 0

    # The app's side

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one WebSocket from its hello to its end."""
        transport = request.transport
        if transport is None or not self._core.tickets.use_socket(request.query.get("ticket", "")):
            # Slack documents no answer to a used ticket: refusing is chosen.
            return web.Response(status=403)
        stream = web.WebSocketResponse()
        await stream.prepare(request)
        self._opened += 1
        connection = Connection(f"applink-{self._opened}", stream, transport)
        if len(self.connections) >= MOST_CONNECTIONS:
            await _say(connection, _disconnect(connection, Reason.TOO_MANY))
            await stream.close()
            return stream
        self.connections.append(connection)
        try:
            await _say(connection, self._hello(connection))
            async for message in stream:
                self._read(connection, message.data if message.type is WSMsgType.TEXT else "")
        finally:
            self.connections.remove(connection)
            connection.forget()
        return stream

    async def carry(self, request: Outgoing, deadline: timedelta) -> Ack:
        """Send the request through any one connection, and wait for its answer."""
        ack, began = Ack(request=request), time.monotonic()
        connection = self._next()
        if connection is None:
            ack.problem = "no_connection"
            return ack
        answered = asyncio.get_running_loop().create_future()
        connection.waiting[request.envelope_id].append(answered)
        if not await _say(connection, _envelope(request)):
            ack.problem = "connection_failed"
            return ack
        if self._suffers(Mishap.AFTER_SENDING):
            connection.drop()
        try:
            async with asyncio.timeout(deadline.total_seconds()):
                answer = await answered
        except TimeoutError:
            ack.timed_out, ack.problem = True, "timeout"
            connection.waiting[request.envelope_id].remove(answered)
        else:
            self._take(ack, answer)
        ack.elapsed = time.monotonic() - began
        return ack

    # What happens to the connections

    def drop(self, *of: Connection) -> None:
        """Break these connections, or all of them."""
        for connection in of or tuple(self.connections):
            connection.drop()

    async def warn(self) -> None:
        """Announce that every connection will be renewed."""
        await self._ask(Reason.WARNING)

    async def refresh(self, of: Sequence[Connection] = (), notice: timedelta = NOTICE) -> None:
        """Ask the app to renew these connections, or all of them; then close the old ones."""
        asked = await self._ask(Reason.REFRESH, of)
        await hold_up(notice)
        for connection in asked:
            await connection.stream.close()

    async def disable(self) -> None:
        """Switch Socket Mode off in the app's settings."""
        self._core.installation.has_socket_mode = False
        for connection in await self._ask(Reason.LINK_DISABLED):
            await connection.stream.close()

    def enable(self) -> None:
        """Switch Socket Mode on again."""
        self._core.installation.has_socket_mode = True

    async def close(self) -> None:
        """Close every connection."""
        for connection in tuple(self.connections):
            await connection.stream.close()

    async def _ask(self, reason: Reason, of: Sequence[Connection] = ()) -> tuple[Connection, ...]:
        asked = tuple(of or self.connections)
        for connection in asked:
            connection.is_leaving = connection.is_leaving or reason is not Reason.WARNING
            await _say(connection, _disconnect(connection, reason))
        return asked

    def _next(self) -> Connection | None:
        """Choose a connection, each in its turn."""
        staying = [each for each in self.connections if not each.is_leaving] or self.connections
        if not staying:
            return None
        self._turn += 1
        return staying[self._turn % len(staying)]

    def _suffers(self, mishap: Mishap) -> bool:
        if self.mishap is not mishap:
            return False
        self.mishap = None
        return True

    def _read(self, connection: Connection, text: str) -> None:
        """Read one frame of the app's: an answer names its envelope and may hold a payload."""
        try:
            frame = json.loads(text)
        except json.JSONDecodeError:
            frame = None
        match frame:
            case {"envelope_id": str(key), **more} if more.keys() <= {"payload"}:
                if self._suffers(Mishap.BEFORE_READING):
                    connection.drop()
                elif futures := connection.waiting.get(key):
                    futures.popleft().set_result(frame)
                else:
                    self.strays.append(key)
            case _:
                self._refuse("invalid_frame")

    def _take(self, ack: Ack, answer: dict[str, Any] | None) -> None:
        if answer is None:
            ack.problem = "connection_failed"
            return
        ack.status = 200
        if "payload" not in answer:
            return
        assert ack.request is not None  # noqa: S101 - what was sent stands in its answer
        if _accepts(ack.request) and isinstance(answer["payload"], dict):
            ack.body = answer["payload"]
        else:
            ack.problem = "payload_not_accepted"
            self._refuse(ack.problem)

    def _refuse(self, error: str) -> None:
        """Note what Slack could not use; it answers nothing."""
        at = self._core.clock.now()
        self._journal.add(Call(at, "SOCKET", "socket", "app", {"error": error}, 0))

    def _hello(self, connection: Connection) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "connection_info": {"app_id": self._core.space.app_id},
            "debug_info": {
                "host": connection.host,
                "build_number": 54,
                "approximate_connection_time": LIFE_SECONDS,
            },
        }


def _disconnect(connection: Connection, reason: Reason) -> dict[str, Any]:
    host = {"host": connection.host}
    return {"type": "disconnect", "reason": reason.value, "debug_info": host}


def _envelope(request: Outgoing) -> dict[str, Any]:
    written: dict[str, Any] = {
        "envelope_id": request.envelope_id,
        "type": request.kind.value,
        "accepts_response_payload": _accepts(request),
        "payload": request.payload,
    }
    if request.kind is Kind.EVENT:
        # The first try counts as attempt 0. Source: envelopes in the tests of Slack's Python SDK.
        written["retry_attempt"] = request.retry.attempt if request.retry else 0
        written["retry_reason"] = request.retry.reason if request.retry else ""
    return written


def _accepts(request: Outgoing) -> bool:
    """Tell whether an answer may carry a payload."""
    return request.kind is Kind.COMMAND or request.payload.get("type") in _ANSWERS


async def _say(connection: Connection, frame: dict[str, Any]) -> bool:
    """Send a frame; False if the connection is gone."""
    try:
        await connection.stream.send_str(json.dumps(frame))
    except ConnectionError:
        connection.forget()
        return False
    return True
