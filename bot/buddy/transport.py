"""Carry one request to Buddy and bring its answer back, within a deadline.

No exception of the HTTP library leaves this module: their texts can hold addresses and headers.
"""

import asyncio
import random
import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import aiohttp
import structlog
from yarl import URL

from bot import __version__
from bot.buddy.answers import Answer, failure, unanswered
from bot.buddy.patience import pause
from bot.buddy.wire import Request
from bot.clock import Clock
from bot.errors import BuddyError, BuddyUnavailable
from bot.lease import guard
from bot.metrics import OK, Metrics

log = structlog.get_logger(__name__)

MAX_BODY = 4 * 1024 * 1024
MAX_ERROR_BODY = 64 * 1024
"""Bytes that are read of an answer; what is longer cannot be read and counts as garbage."""


class Outgoing:
    """The body of a write, which knows whether it began to leave.

    It is asked for only once a connection stands. Until then Buddy cannot have done anything.
    """

    def __init__(self, content: bytes) -> None:
        self._chunks = [content]
        self.has_left = False

    def __aiter__(self) -> "Outgoing":
        return self

    async def __anext__(self) -> bytes:
        """Hand the body over."""
        if not self._chunks:
            raise StopAsyncIteration
        self.has_left = True
        return self._chunks.pop()


def create_session(
    ca_file: Path | None = None,
    *,
    connect_timeout: timedelta = timedelta(seconds=5),
    max_connections: int = 100,
    trust_env: bool = False,
) -> aiohttp.ClientSession:
    """Open the session that all people's calls share; its owner closes it.

    It keeps connections warm and cookies never: one person's answer must not colour another's
    request. ``ca_file`` is trusted besides the system's authorities, for a self-hosted Buddy.
    ``trust_env`` takes a proxy from the environment.
    """
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            ssl=context,
            limit=max_connections,
            ttl_dns_cache=300,
            # Below the usual 60 or 75 seconds of servers, so that we hang up first: a write on a
            # connection that the server just closed has an unknown end.
            keepalive_timeout=45,
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept": "application/json", "User-Agent": f"Greenlight/{__version__}"},
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect_timeout.total_seconds()),
        trust_env=trust_env,
    )


class Transport:
    """The way to one Buddy. Knows no token: it is handed one for each call."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        clock: Clock,
        timeout: timedelta,
        metrics: Metrics,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._session = session
        self._base_url = base_url
        self._clock = clock
        self._timeout = timeout
        self._chance = chance
        self._metrics = metrics

    async def send(self, request: Request, token: str, hear: Callable[[Answer], None]) -> Answer:
        """Bring back an answer that means "done"; ``hear`` is told about every answer.

        Raises:
            BuddyError: anything else.
            LeaseLost: it is a write, and the work that it belongs to may be somebody else's.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._timeout.total_seconds()
        attempt = 1
        while True:
            began = loop.time()
            outcome = await self._attempt(request, token, hear, deadline)
            result = OK if isinstance(outcome, Answer) else outcome.code
            self._metrics.buddy_called(request.method, result, loop.time() - began)
            if isinstance(outcome, Answer):
                return outcome
            wait = pause(
                outcome,
                is_write=request.is_write,
                attempt=attempt,
                now=self._clock.now(),
                chance=self._chance(),
            )
            if wait is None or loop.time() + wait.total_seconds() >= deadline:
                raise outcome
            log.warning(
                "buddy.retrying", attempt=attempt, wait_s=wait.total_seconds(), reason=outcome.code
            )
            await self._clock.sleep(wait)
            attempt += 1

    async def _attempt(
        self, request: Request, token: str, hear: Callable[[Answer], None], deadline: float
    ) -> Answer | BuddyError:
        outgoing = Outgoing(request.content)
        if request.is_write:
            guard()
        try:
            async with asyncio.timeout_at(deadline):
                answer = await self._exchange(request, token, outgoing)
        # A TimeoutError is an OSError.
        except (aiohttp.ClientError, OSError) as error:
            log.warning("buddy.no_answer", method=request.method, reason=type(error).__name__)
            return unanswered(request) if outgoing.has_left else BuddyUnavailable()
        hear(answer)
        return failure(answer, request, self._clock.now(), (token,)) or answer

    async def _exchange(self, request: Request, token: str, outgoing: Outgoing) -> Answer:
        headers = {"Authorization": f"Bearer {token}"}
        if request.is_write:
            headers["Content-Type"] = "application/json"
            headers["Content-Length"] = str(len(request.content))
        async with self._session.request(
            request.method,
            # Encoded already, and not to be taken apart and encoded again.
            URL(f"{self._base_url}{request.target}", encoded=True),
            headers=headers,
            data=outgoing if request.is_write else None,
            allow_redirects=False,
        ) as response:
            body = await _read(response.content, MAX_BODY if response.ok else MAX_ERROR_BODY)
            return Answer.parse(response.status, response.headers, body)


async def _read(stream: aiohttp.StreamReader, limit: int) -> bytes:
    body = await stream.readany()
    while len(body) <= limit and (more := await stream.readany()):
        body += more
    return body[:limit]
