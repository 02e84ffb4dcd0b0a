"""One WebSocket to Slack: the SDK's client, which says that it ends instead of reopening by itself.

The SDK closes a socket before it opens the next one, tries a one-time address again, waits in real
time, and writes addresses with their tickets into the log. So it carries one connection only, from
its hello to its end, and ``socket.py`` decides what comes after.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient
from typing_extensions import override

from handlers.envelopes import Frame

OPEN_WITHIN = timedelta(seconds=10)
"""How long a connection may take until Slack greets."""

CLOSE_WITHIN = timedelta(seconds=2)
"""How long the closing handshake may take; afterwards the connection is just dropped."""

_SILENT = logging.Logger("socket", logging.CRITICAL + 1)  # noqa: LOG001 - must have no parent
"""The SDK logs frames and addresses; what is worth knowing is logged by ``socket.py``."""


class End(StrEnum):
    """Why a connection is over, in Slack's words; ``lost`` if Slack said nothing."""

    WARNING = "warning"
    REFRESH = "refresh_requested"
    LINK_DISABLED = "link_disabled"
    TOO_MANY = "too_many_websockets"
    UNKNOWN = "unknown"
    LOST = "lost"


class NotOpened(Exception):
    """There is no connection; ``code`` is Slack's, or a word of ours."""

    def __init__(
        self, code: str, wait: timedelta = timedelta(0), *, is_refused: bool = False
    ) -> None:
        super().__init__(code)
        self.code = code
        self.wait = wait
        """How long Slack asks to wait."""
        self.is_refused = is_refused
        """Whether trying again is in vain until an operator changes something."""


class Connection(SocketModeClient):
    """One WebSocket from its hello to its end.

    In order: ``enter`` once, then frames arrive until ``ended``, then ``leave`` once.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        app_token: str,
        since: datetime,
        take: Callable[["Connection", Frame], None],
    ) -> None:
        super().__init__(app_token=app_token, logger=_SILENT, web_client=client)
        self.since = since
        self.total = 0
        """How many connections the app has, as Slack's hello counts them."""
        self.end: End | None = None
        self.ended = asyncio.Event()
        """Set when Slack asks to leave, or the connection is gone."""
        self.gone = asyncio.Event()
        """Set when nothing can arrive any more."""
        self._take = take
        self._greeted = asyncio.Event()

    @property
    def is_open(self) -> bool:
        """Whether Slack greeted, and something may still arrive."""
        return self._greeted.is_set() and not self.gone.is_set()

    async def enter(self, url: str) -> None:
        """Connect to a one-time address and wait for Slack's hello.

        Raises:
            NotOpened: Slack did not greet.
        """
        self.wss_uri = url
        try:
            async with asyncio.timeout(OPEN_WITHIN.total_seconds()):
                await self.connect()  # type: ignore[no-untyped-call]  # the SDK left it so
                await self._greeted.wait()
        except TimeoutError:
            raise NotOpened("no_hello") from None
        if self.end is not None:
            raise NotOpened(self.end.value)

    async def answer(self, frame: Frame) -> bool:
        """Send an answer; False if the connection is gone."""
        if self.current_session is None or self.current_session.closed:
            return False
        try:
            await self.send_message(json.dumps(frame))
        except ConnectionError:
            return False
        return True

    def over(self, end: End) -> None:
        """Note why the connection is over; the first reason stays."""
        self.end = self.end or end
        if end is End.LOST:
            self.gone.set()
        self.ended.set()
        self._greeted.set()

    async def leave(self) -> None:
        """Close the connection and wait for all that belongs to it."""
        self.over(End.LOST)
        self.closed = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_WITHIN.total_seconds()):
                await self.disconnect()  # type: ignore[no-untyped-call]  # the SDK left it so
        await self.close()  # type: ignore[no-untyped-call]  # the SDK left it so
        tasks = (self.message_processor, self.current_session_monitor, self.message_receiver)
        await asyncio.wait([task for task in tasks if task is not None])

    @override
    async def enqueue_message(self, message: str) -> None:
        # Read at once: behind the SDK's queue, the closing frame would overtake its reason.
        try:
            frame = json.loads(message)
        except (ValueError, RecursionError):
            return
        match frame:
            case {"type": "hello"}:
                total = frame.get("num_connections")
                self.total = total if isinstance(total, int) else 0
                self._greeted.set()
            case {"type": "disconnect"}:
                self.over(_end(frame.get("reason")))
            case dict():
                self._take(self, frame)
            case _:
                pass

    @override
    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        # The SDK found the socket closed or stale.
        self.over(End.LOST)


def _end(reason: object) -> End:
    return next((end for end in End if end.value == reason), End.UNKNOWN)
