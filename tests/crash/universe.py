"""A small world of its own: a Slack, a Buddy, a database, and the replicas between them."""

import asyncio
import contextlib
import itertools
import json
import signal
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from cryptography.fernet import Fernet

from bot.clock import SystemClock
from sandbox.buddy import Execution, SimulatedBuddy
from sandbox.buddy import Person as Colleague
from sandbox.buddy.people import DEFAULT_SCOPES
from sandbox.clock import SandboxClock, hold_up
from sandbox.slack import Channel, Person, SimulatedSlack
from sandbox.stage import simulators
from tests.crash.boundaries import PLAN, TRACE
from tests.crash.front import Front, front
from tests.crash.victim import LOG
from tests.crash.zygote import Replica, Zygote
from tests.postgres import OwnServer
from tests.world import TOKEN_FIELD

START_WITHIN = 30
"""Seconds in which a bot must be ready; one takes a fraction of one by itself."""

STARTS = 5
"""How often a bot is started until one is ready."""

LINGER = 6.0
"""Seconds in which an execution goes on after its run."""

_LOOK = timedelta(milliseconds=10)
_T = TypeVar("_T")


async def until(look: Callable[[], _T | None], seconds: float) -> _T | None:
    """Look until there is something to see; None once the time is up."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (found := look()) is None:
                await hold_up(_LOOK)
            return found
    return None


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient the bots are; their settings, in seconds."""

    dead_after: float = 1
    buddy_timeout: float = 1

    @property
    def settling(self) -> float:
        """How long it takes at the most until reading tells what became of a PATCH."""
        return self.buddy_timeout + 2


QUICK = Pace()


@dataclass(slots=True, repr=False)
class Universe:
    """What lives in it. A replica that ends is replaced when ``replace`` is called."""

    name: str
    folder: Path
    zygote: Zygote
    slack: SimulatedSlack
    buddy: SimulatedBuddy
    front: Front
    database: str
    server: OwnServer | None
    """The database server, which may be restarted; None for a SQLite file."""

    pace: Pace
    by_socket: bool = False
    key: str = field(default_factory=lambda: Fernet.generate_key().decode())
    replicas: list[Replica] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    colleagues: dict[str, Colleague] = field(default_factory=dict)
    _left: deque[tuple[float, Execution]] = field(default_factory=deque)
    _names: Iterator[int] = field(default_factory=itertools.count)

    @property
    def is_shared(self) -> bool:
        """Whether several replicas work on the database."""
        return self.server is not None

    def settings(self) -> dict[str, Any]:
        """Write down what an operator would set."""
        told = {
            "slack_bot_token": self.slack.bot_token,
            "slack_signing_secret": self.slack.signing_secret,
            "slack_api_url": self.slack.api_url,
            "buddy_api_url": self.buddy.url,
            "buddy_app_url": self.buddy.url,
            "database_url": self.database,
            "token_keys": self.key,
            "listen": "127.0.0.1:0",
            "public_url": self.front.url,
            "dead_after": f"{self.pace.dead_after}s",
            "buddy_timeout": f"{self.pace.buddy_timeout}s",
            # Nobody counts calls here: a minute holds hundreds of cards, and all of them are read
            # with the same token.
            "slack_edits_per_minute": "0",
            "buddy_calls_per_hour": "0",
            # Ten looks of the front's, which may be late on a busy machine.
            "leave_for": "1s",
        }
        return {**told, "slack_app_token": self.slack.app_token} if self.by_socket else told

    async def start(self) -> Replica:
        """Start a bot, and send it its part once it is ready.

        One that ends while it starts is started again, as by a supervisor: on a busy machine the
        others may take it for dead within the suite's short times.

        Raises:
            AssertionError: it did not start.
        """
        for _ in range(STARTS):
            name = f"{self.name}-{next(self._names)}"
            replica = self.zygote.start(name, self.folder, self.settings())
            self.replicas.append(replica)
            ready = await until(lambda it=replica: _outcome(it), START_WITHIN)  # type: ignore[misc]
            if ready:
                self.front.add(name, ready["url"])
                return replica
            assert ready is not None, f"{name} does not become ready"
            self.replicas.remove(replica)
        message = f"{self.name}: {STARTS} bots ended while they started"
        raise AssertionError(message)

    async def end(self, replica: Replica, number: signal.Signals = signal.SIGKILL) -> None:
        """End a bot, stopped or not."""
        if number == signal.SIGKILL:
            self.front.remove(replica.name)
        replica.signal(number)
        await replica.ended.wait()
        self.front.remove(replica.name)
        self.replicas.remove(replica)

    @property
    def wanted(self) -> int:
        """How many replicas there are when all is well."""
        return 2 if self.is_shared else 1

    async def complete(self) -> None:
        """Have as many replicas as there should be, and none that ended or stands still."""
        for replica in list(self.replicas):
            if replica.ended.is_set() or replica.stopped.is_set():
                await self.end(replica)
        while len(self.replicas) < self.wanted:
            await self.start()

    def leave(self, run: Execution) -> None:
        """Let an execution end some time after its run, so that it is not followed for ever.

        Until then an effect that comes late, and twice, still shows.
        """
        now = time.monotonic()
        self._left.append((now + LINGER, run))
        while self._left[0][0] < now:
            self._left.popleft()[1].force_status("SUCCESSFUL")

    def plan(self, boundary: str) -> None:
        """Let the first bot that comes to a boundary halt there; an empty one calls it off."""
        (self.folder / PLAN).unlink(missing_ok=True)
        if boundary:
            made = self.folder / f"{PLAN}.new"
            made.write_text(boundary, "utf-8")
            made.rename(self.folder / PLAN)

    def traced(self, begin: int = 0, end: int | None = None) -> list[tuple[str, str]]:
        """Read who came to which boundary, from a place in the trace to another, or to its end."""
        told = (self.folder / TRACE).read_bytes()[begin:end].decode()
        return [(name, what) for name, _, what in (s.partition("\t") for s in told.splitlines())]

    @property
    def trace_size(self) -> int:
        """Where the trace ends now."""
        return (self.folder / TRACE).stat().st_size

    # People

    async def admit(self, name: str, *, connected: bool = True) -> Person:
        """Let somebody in, by default with their Buddy account connected."""
        person = self.people[name] = self.slack.person(name)
        # Whoever comes first is the workspace's admin.
        scopes = (*DEFAULT_SCOPES, "WEBHOOK_MANAGE")
        colleague = self.buddy.person(name.title(), workspaces=["acme"], scopes=scopes)
        self.colleagues[name] = colleague
        if connected:
            await self.connect(person, self.slack.channel(f"{name}-desk", [person]))
        return person

    async def connect(self, person: Person, where: Channel) -> None:
        """Link a person's account through the form."""
        await person.says("/buddy connect", in_=where)
        assert await until(lambda: person.modal, START_WITHIN)
        await person.submits({TOKEN_FIELD: self.colleagues[person.name].token})
        assert await until(lambda: is_connected(person) or None, START_WITHIN)
        await person.closes_modal()


def is_connected(person: Person) -> bool:
    """Tell whether the open form says that the account is connected."""
    return person.modal is not None and "now acts in Buddy as" in person.modal.reads


def logged(replica: Replica) -> list[dict[str, Any]]:
    """Read a bot's log; its last line may be half written, a traceback is no line of it."""
    path = replica.folder / f"{replica.name}.{LOG}"
    lines = path.read_text("utf-8").split("\n")[:-1] if path.exists() else []
    return [json.loads(line) for line in lines if line.startswith("{")]


def _outcome(replica: Replica) -> dict[str, Any] | None:
    """Tell how a start went: what a bot said when it was ready, empty if it ended, None so far."""
    if replica.ended.is_set():
        return {}
    return next((line for line in logged(replica) if line.get("event") == "bot.ready"), None)


HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
"""The scopes with which the bot may look whether a reply stands in its thread already."""


@contextlib.asynccontextmanager
async def universe(
    name: str,
    folder: Path,
    zygote: Zygote,
    *,
    server: OwnServer | None = None,
    pace: Pace = QUICK,
    may_read: bool = True,
    by_socket: bool = False,
) -> AsyncIterator[Universe]:
    """Open a universe with all its replicas running; end them all."""
    clock = SandboxClock(SystemClock().now(), rate=1.0)
    async with contextlib.AsyncExitStack() as stack:
        slack, buddy = await stack.enter_async_context(simulators(clock))
        slack.rate_limits, buddy.rate_limit = False, 1_000_000
        if may_read:
            slack.scopes.update(HISTORY)
        # Whatever Buddy tells by itself, scenes send.
        buddy.deliveries.mishaps.is_cut = True
        buddy.workspace("acme")
        buddy.project("acme", "shop")
        entrance = await stack.enter_async_context(front())
        database = f"sqlite:///{folder}/greenlight.sqlite3"
        if server is not None:
            fresh = await asyncio.to_thread(stack.enter_context, server.fresh())
            database = fresh.url()
        made = Universe(
            name, folder, zygote, slack, buddy, entrance, database, server, pace, by_socket
        )
        if by_socket:
            slack.deliver_by_socket()
        else:
            slack.deliver_to(f"{entrance.url}/slack/events")
        stack.push_async_callback(_end_all, made)
        await made.complete()
        yield made


async def _end_all(made: Universe) -> None:
    for replica in list(made.replicas):
        await made.end(replica)
