"""A Slack and a Buddy with many pipelines, each told of in channels of its own, and the real bot.

Time runs as on the wall: the bot is a process of its own, and starts again whenever it is killed.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from benchmarks import stage
from benchmarks.greenlight import PLENTY, BotFailed, environment, free_port
from bot.app import Bot, running
from bot.clock import SystemClock
from bot.domain.person import Person as Subscriber
from bot.domain.subscription import Scope, Wish
from bot.settings import ListenAddress, Settings
from bot.store import hooks, subscriptions
from bot.store.hooks import HookKind, Issued
from bot.store.subscriptions import Asked
from sandbox.buddy import Execution, Pipeline, SimulatedBuddy, Step
from sandbox.buddy import Person as Colleague
from sandbox.clock import SandboxClock
from sandbox.slack import Channel, Message, Person, SimulatedSlack
from sandbox.stage import simulators

WORKSPACE, PROJECT = "acme", "shop"
READY_WITHIN = 60
STEP_SECONDS = 1.0
HISTORY = {"channels:history", "groups:history"}


@dataclass(slots=True, repr=False)
class Town:
    """Everything there is. ``bots`` counts how often the bot was started."""

    slack: SimulatedSlack
    buddy: SimulatedBuddy
    folder: Path
    settings: dict[str, str]
    url: str
    colleague: Colleague
    maya: Person
    places: dict[Pipeline, Sequence[Channel]] = field(default_factory=dict)
    hook: Issued | None = None
    process: asyncio.subprocess.Process | None = None
    bots: int = 0
    program: Sequence[str] = ("bot", "serve")
    """What takes the deliveries: a module, and what it is told."""

    core: int = -1
    """Where it runs; below 0 anywhere."""

    @property
    def hook_url(self) -> str:
        """Where Buddy sends."""
        assert self.hook is not None
        return self.hook.url(self.url)

    async def build(self, pipelines: int, channels: int) -> None:
        """Make pipelines, each told of in so many channels; the bot's own code writes the rows."""
        for number in range(pipelines):
            pipeline = self.buddy.pipeline(
                WORKSPACE,
                PROJECT,
                f"p{number:03}",
                actions=[Step("Build", seconds=STEP_SECONDS)],
                concurrent=True,
            )
            self.places[pipeline] = [
                self.slack.channel(f"c{number}-{each}", [self.maya]) for each in range(channels)
            ]
        async with running(self._own_settings(), SystemClock()) as bot:
            self.slack.deliver_to(f"{bot.url}/slack/events")
            await self._connect()
            await self._subscribe(bot)

    async def start(self) -> None:
        """Start the bot, and wait until it takes requests."""
        log = self.folder / f"bot-{self.bots}.log"
        self.bots += 1
        with log.open("wb") as lines:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", *self.program),
                cwd=self.folder,
                env=self.settings,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=lines,
                stderr=lines,
            )
        stage.pin(self.core, self.process.pid)
        async with aiohttp.ClientSession() as session:
            for _ in range(READY_WITHIN * 20):
                with contextlib.suppress(aiohttp.ClientConnectionError):
                    async with session.get(f"{self.url}/readyz") as response:
                        if response.ok:
                            return
                await asyncio.sleep(0.05)
        raise BotFailed(log.read_text("utf-8")[-2000:])

    @staticmethod
    async def rests(seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)

    @staticmethod
    async def until(look: Callable[[], bool], seconds: float = READY_WITHIN) -> bool:
        """Wait until something holds; False if it does not in time."""
        for _ in range(int(seconds * 2)):
            if look():
                return True
            await asyncio.sleep(0.5)
        return look()

    async def kill(self) -> None:
        """Kill the bot, and start it again."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()
        await self.start()

    async def stop(self) -> None:
        """Stop the bot, if it runs."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def measured(self) -> dict[str, float]:
        """Read the bot's own counters of deliveries, by their result."""
        found: dict[str, float] = {}
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.url}/metrics") as response,
        ):
            for line in (await response.text()).splitlines():
                name, _, value = line.rpartition(" ")
                if name.startswith("greenlight_") and not line.startswith("#"):
                    found[name] = float(value)
        return found

    def cards(self, run: Execution, channel: Channel) -> list[Message]:
        """List the cards of a run in a channel."""
        name = f"{run.pipeline.name} #{run.id}:"
        return [one for one in channel.messages if name in one.text]

    def _own_settings(self) -> Settings:
        """Read the same settings as the process does, with a free port."""
        told = {
            name.removeprefix("GREENLIGHT_").lower(): value
            for name, value in self.settings.items()
            if name.startswith("GREENLIGHT_")
        }
        keys = (SecretStr(told.pop("token_keys")),)
        told.pop("listen")
        return Settings(**told, token_keys=keys, listen=ListenAddress(stage.HOST, 0))

    async def _connect(self) -> None:
        await self.maya.says("/buddy connect", in_=next(iter(self.places.values()))[0])
        await self._eventually(lambda: self.maya.modal)
        await self.maya.submits({"Personal access token": self.colleague.token})
        await self._eventually(
            lambda: self.maya.modal and "now acts" in self.maya.modal.reads,
        )

    @staticmethod
    async def _eventually(look: Callable[[], object]) -> None:
        for _ in range(1_000):
            if look():
                return
            await asyncio.sleep(0.02)
        raise BotFailed("nobody answered")

    async def _subscribe(self, bot: Bot) -> None:
        owner, now = Subscriber(self.slack.team, self.maya.id), datetime.now(UTC)
        async with bot.database.transaction() as transaction:
            for pipeline, channels in self.places.items():
                scope = Scope(self.buddy.host, WORKSPACE, PROJECT, pipeline.id)
                for channel in channels:
                    asked = Asked(channel.id, scope, PROJECT, pipeline.name, Wish(), owner)
                    await subscriptions.save(transaction, asked, now)
            self.hook = await hooks.issue(
                transaction, HookKind.WEBHOOK, owner, self.buddy.host, WORKSPACE, now
            )


@contextlib.asynccontextmanager
async def opened(
    folder: Path, pipelines: int, channels: int, *, core: int = -1, is_plain: bool = False
) -> AsyncIterator[Town]:
    """Build a town, start the bot in it, or the plain script, and stop everything in the end."""
    async with simulators(SandboxClock(datetime.now(UTC), rate=1.0)) as (slack, buddy):
        slack.rate_limits, buddy.rate_limit = False, PLENTY
        slack.scopes.update(HISTORY)
        buddy.workspace(WORKSPACE)
        colleague = buddy.person("Maya Lindt", workspaces=[WORKSPACE])
        buddy.project(WORKSPACE, PROJECT)
        port = free_port()
        database = f"sqlite:///{folder / 'notify.sqlite3'}"
        settings = environment(slack, buddy, port, database)
        settings |= {
            "GREENLIGHT_SLACK_EDITS_PER_MINUTE": "0",
            "GREENLIGHT_BUDDY_CALLS_PER_HOUR": "0",
            "GREENLIGHT_LOG_LEVEL": "warning",
        }
        url = f"http://{stage.HOST}:{port}"
        town = Town(slack, buddy, folder, settings, url, colleague, slack.person("maya"))
        town.core = core
        await town.build(pipelines, channels)
        if is_plain:
            town.program = ("benchmarks.notify.plain", str(_told(town)))
            town.settings["PYTHONPATH"] = str(Path(__file__).parents[2])
        await town.start()
        try:
            yield town
        finally:
            await town.stop()


def _told(town: Town) -> Path:
    """Write down for the plain script what somebody would write into it."""
    assert town.hook is not None
    channels = {each.name: rooms[0].id for each, rooms in town.places.items()}
    path = town.folder / "plain.json"
    path.write_text(json.dumps({"channels": channels, "secret": town.hook.secret}), "utf-8")
    return path


def headers(town: Town) -> dict[str, str]:
    """Sign a delivery as Buddy does."""
    assert town.hook is not None
    return {"Content-Type": "application/json", "secret_key": town.hook.secret}


def body_of(town: Town, run: Execution, event: str) -> str:
    """Write what Buddy would tell of a run."""
    return json.dumps(json.loads(town.buddy.deliveries.letter(run, event)))
