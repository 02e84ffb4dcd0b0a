"""The other door: Socket Mode, for a bot that nobody can reach from outside.

Two connections are open at any time. When Slack asks to renew one, its successor is opened first,
and the old one is read and answered until Slack closes it; so no click falls between two sockets.
An answer whose connection broke goes out on another one, as the SDK does.

Slack gives each envelope to any one connection of the app. That is how replicas share the clicks; a
process that belongs to another installation takes part of them too, and Slack's hello, which counts
all connections, is where that shows.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.metrics import Metrics
from bot.slack.answers import NO_ANSWER
from handlers.connection import Connection, End, NotOpened
from handlers.envelopes import Answers, Envelope, Frame
from handlers.inflight import Inflight

log = structlog.get_logger()

CONNECTIONS = 2
"""Per process; Slack allows an app ten. Source: Slack, «Using Socket Mode»."""

WATCH_EVERY = timedelta(seconds=10)
"""How often each connection is looked at, in case it broke without a word."""

LINGER = timedelta(seconds=30)
"""How long a connection that Slack renews is still read; Slack closes it after about 10 s."""

STEADY = timedelta(minutes=1)
"""A connection that lived so long was a good one; the next is opened without a pause."""

LONGEST_PAUSE = timedelta(minutes=1)
"""Between two tries, and after what only an operator can mend."""

ACK_WITHIN = timedelta(seconds=3)
"""How long Slack waits for an answer: what is not answered by then need not be waited for."""

WARN_AGAIN = timedelta(days=1)
"""How long it is not repeated that others hold the app token."""

GHOSTS_FOR = timedelta(minutes=1)
"""How long Slack may go on counting a connection that broke."""

_LEAVES_SOON = frozenset({End.WARNING, End.REFRESH})
_IN_VAIN = frozenset({End.LINK_DISABLED, End.TOO_MANY})
_PASSING = frozenset(
    {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)
"""Refusals that pass by themselves. Source: Slack, apps.connections.open, «Errors»."""

_NOW = timedelta(0)


class Sockets:
    """Keeps the connections open and answers what arrives.

    In order: ``open`` once, ``close`` once. ``keeper`` ends only with the bot.
    """

    keeper: asyncio.Task[None]

    def __init__(
        self,
        app: AsyncApp,
        client: AsyncWebClient,
        app_token: str,
        clock: Clock,
        metrics: Metrics,
        replicas: Callable[[], int] = lambda: 1,
    ) -> None:
        self._replicas = replicas
        """How many processes of this installation live."""
        self.work = Inflight()
        """Envelopes on their way to an answer."""
        self._answers = Answers(app, clock)
        self._client = client
        self._app_token = app_token
        self._clock = clock
        self._metrics = metrics
        self._open: set[Connection] = set()
        """Every connection that is not closed yet, also those that are being opened or left."""
        self._ghosts: deque[datetime] = deque()
        self._warned: datetime | None = None
        self._is_closing = False
        self._never = asyncio.Event()
        """What a pause waits for beside its time."""

    async def open(self) -> None:
        """Open the first connections; one that Slack has no time for is tried again later.

        Raises:
            NotOpened: Slack refuses the app token, or the app has no Socket Mode.
        """
        first = [await self._try() for _ in range(CONNECTIONS)]
        for opened in first:
            if isinstance(opened, NotOpened) and opened.is_refused:
                await self._leave_all()
                raise opened
        keeping = self._keep_all(first)
        self.keeper = asyncio.get_running_loop().create_task(keeping, name="sockets")

    async def is_connected(self) -> bool:
        """Tell whether clicks can arrive."""
        arrivable = [one for one in self._open if not one.gone.is_set()]
        return any([await one.is_connected() for one in arrivable])

    @property
    def count(self) -> int:
        """How many connections are open."""
        return sum(one.is_open for one in self._open)

    async def close(self) -> None:
        """Answer what arrives until nothing is at work, then close at once.

        Slack goes on sending until it hears that a connection closes. What is on its way in that
        moment is left unanswered: Slack tells people that it was not taken, and repeats events.
        """
        self.keeper.cancel()
        await asyncio.wait({self.keeper})
        await self.work.drain(ACK_WITHIN)
        self._is_closing = True
        await self._leave_all()
        if not self.keeper.cancelled():
            self.keeper.result()

    async def _keep_all(self, first: list[Connection | NotOpened]) -> None:
        async with asyncio.TaskGroup() as tasks:
            for opened in first:
                tasks.create_task(self._keep(tasks, opened))

    async def _keep(self, tasks: asyncio.TaskGroup, opened: Connection | NotOpened) -> None:
        """Keep one connection open: when it ends, or could not be opened, open the next."""
        tries = 0
        while True:
            if isinstance(opened, NotOpened):
                wait = opened.wait
            else:
                end = await self._watch(opened)
                wait = LONGEST_PAUSE if end in _IN_VAIN else _NOW
                if self._clock.now() - opened.since >= STEADY:
                    tries = 0
                tasks.create_task(self._let_go(opened))
            pause = max(wait, _backoff(tries))
            await self._clock.wait(self._never, self._clock.now() + pause)
            tries += 1
            opened = await self._try()

    async def _watch(self, connection: Connection) -> End:
        """Wait until a connection ends; look now and then whether it did so without a word."""
        while not connection.ended.is_set():
            await self._clock.wait(connection.ended, self._clock.now() + WATCH_EVERY)
            if not connection.ended.is_set() and not await connection.is_connected():
                connection.over(End.LOST)
        end = connection.end or End.LOST
        if end is End.LINK_DISABLED:
            log.error("socket.ended", reason=end.value, chapter="Socket Mode refused")
        elif end in _LEAVES_SOON:
            log.info("socket.ended", reason=end.value)
        else:
            log.warning("socket.ended", reason=end.value)
        return end

    async def _let_go(self, connection: Connection) -> None:
        """Leave a connection; one that Slack renews is read until Slack closes it."""
        if connection.end in _LEAVES_SOON:
            await self._clock.wait(connection.gone, self._clock.now() + LINGER)
        if connection.end is End.LOST:
            self._ghosts.append(self._clock.now() + GHOSTS_FOR)
        await connection.leave()
        self._open.discard(connection)

    async def _try(self) -> Connection | NotOpened:
        """Open a connection, or say why there is none."""
        try:
            opened: Connection | NotOpened = await self._connect()
        except NotOpened as failed:
            opened = failed
        if isinstance(opened, Connection):
            log.info("socket.opened", connections=opened.total)
            self._count(opened.total)
        elif opened.is_refused:
            log.error("socket.not_opened", code=opened.code, chapter="Socket Mode refused")
        else:
            log.warning("socket.not_opened", code=opened.code)
        return opened

    async def _connect(self) -> Connection:
        try:
            answer = await self._client.apps_connections_open(app_token=self._app_token)
        except SlackApiError as error:
            raise _not_opened(error) from None
        except (SlackClientError, *NO_ANSWER):
            raise NotOpened("no_answer") from None
        connection = Connection(self._client, self._app_token, self._clock.now(), self._take)
        self._open.add(connection)
        try:
            await connection.enter(str(answer.get("url")))
        except BaseException:
            await connection.leave()
            self._open.discard(connection)
            raise
        return connection

    def _take(self, connection: Connection, frame: Frame) -> None:
        envelope = Envelope.parse(frame)
        if envelope is not None and not self._is_closing:
            began = asyncio.get_running_loop().time()
            self.work.start(self._answer(connection, envelope, began), name="envelope")

    async def _answer(self, connection: Connection, envelope: Envelope, began: float) -> None:
        frame = await self._answers.find(envelope)
        for each in (connection, *(self._open - {connection})):
            if await each.answer(frame):
                self._metrics.acknowledged("socket", asyncio.get_running_loop().time() - began)
                return
        log.warning("envelope.answer_lost")

    def _count(self, total: int) -> None:
        """Warn when the app has connections that are not ours."""
        now = self._clock.now()
        while self._ghosts and self._ghosts[0] <= now:
            self._ghosts.popleft()
        # A connection that is being opened or left may be counted already, or no more. Other
        # replicas may have twice as many for a moment, while Slack renews them.
        theirs = 2 * CONNECTIONS * (self._replicas() - 1)
        others = total - len(self._open) - len(self._ghosts) - theirs
        if others <= 0:
            return
        if self._warned is None or now - self._warned >= WARN_AGAIN:
            self._warned = now
            log.warning(
                "socket.shared",
                others=others,
                risk="another process with this app token takes part of the clicks",
                chapter="Clicks that go elsewhere",
            )

    async def _leave_all(self) -> None:
        await asyncio.gather(*(connection.leave() for connection in self._open))
        self._open.clear()


def _not_opened(error: SlackApiError) -> NotOpened:
    code = str(error.response.get("error"))
    if error.response.status_code >= 500 or code in _PASSING:  # noqa: PLR2004 - HTTP: its own fault
        asked = str(error.response.headers.get("Retry-After", ""))
        return NotOpened(code, timedelta(seconds=int(asked) if asked.isdecimal() else 0))
    return NotOpened(code, LONGEST_PAUSE, is_refused=True)


def _backoff(tries: int) -> timedelta:
    """Wait not at all, then twice as long each time, spread so that not all come back at once."""
    if tries == 0:
        return _NOW
    longest = min(LONGEST_PAUSE, timedelta(seconds=2 ** min(tries, 10)))
    spread = random.uniform(0.5, 1)  # noqa: S311 - spreads load, guards nothing
    return longest * spread
