"""Start the real bot, as an operator would, between a simulated Slack and a simulated Buddy.

The bot is a process of its own on the servers' core; the simulators stay with the load on the other
core. Somebody connects an account, shows a card and approves; the requests that Slack sent for that
become the bodies to measure with, made unique by new trigger ids and action times. Then the
simulators answer at once, or late, as they are told.
"""

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import urlencode

import aiohttp
import click
from cryptography.fernet import Fernet

from benchmarks import stage
from benchmarks.gates import GATE, PROJECT, WORKSPACE, Gates
from benchmarks.peers.bolt_one import bare_app
from benchmarks.slack import COMMAND, UNIQUE
from bot.cards.actions import decode
from bot.services import Services
from bot.slack.messenger import Messenger
from handlers import register
from sandbox.buddy import Gate, SimulatedBuddy
from sandbox.clock import SandboxClock
from sandbox.faults import Fault
from sandbox.slack import Ack, Message, SimulatedSlack
from sandbox.stage import simulators

LOG = "greenlight.log"
"""The bot's log, in the storage folder."""

PATIENCE_SECONDS = 20
PLENTY = 1_000_000

_Found = TypeVar("_Found")


class BotFailed(Exception):
    """The bot did not do its part; says the end of its log."""


@dataclass(frozen=True, slots=True)
class Story:
    """The people and simulators of the run, and the bot's log."""

    slack: SimulatedSlack
    buddy: SimulatedBuddy
    log: Path
    bot_url: str
    """Where the bot takes Slack's requests."""

    async def play(self) -> tuple[dict[str, str], Gates]:
        """Play until an approval was taken.

        What Slack sent for help and approval comes back, and the gates of the same people.
        """
        self.slack.deliver_to(self.bot_url)
        self.buddy.workspace(WORKSPACE)
        colleague = self.buddy.person("Maya Lindt", workspaces=[WORKSPACE])
        self.buddy.project(WORKSPACE, PROJECT)
        deploy = self.buddy.pipeline(WORKSPACE, PROJECT, "Deploy", actions=[Gate(GATE)])
        maya = self.slack.person("maya")
        channel = self.slack.channel("deployments", [maya])
        run = deploy.push(by=colleague, message="Fix the login of returning customers")
        await maya.says(f"{COMMAND} connect", in_=channel)
        await self.eventually(lambda: maya.modal)
        await maya.submits({"Personal access token": colleague.token})
        await self.eventually(
            lambda: maya.modal if maya.modal and "now acts" in maya.modal.reads else None
        )
        await maya.says(f"{COMMAND} show shop/deploy#{run.id}", in_=channel)

        def card() -> Message | None:
            return next((one for one in channel.messages if "Approve" in one.buttons), None)

        shown = await self.eventually(card)
        installation = decode(shown.button("Approve").value).installation
        approved = await maya.clicks(shown, "Approve")
        await self.eventually(lambda: None if run.is_waiting else run)
        helped = await maya.says(f"{COMMAND} help", in_=channel)
        bodies = {"help": command_body(helped), "approve": click_body(approved)}
        people, places = (maya, colleague), (self.bot_url, self.log)
        return bodies, Gates(self.slack, self.buddy, *people, installation, *places)

    def answers_after(self, seconds: str) -> None:
        """Let every answer of Slack's and Buddy's APIs take that long from now on."""
        late = timedelta(seconds=float(seconds))
        for faults in (self.slack.faults, self.buddy.faults):
            faults.clear()
            if late:
                faults.order(Fault(times=PLENTY, delay=late))

    async def eventually(self, look: Callable[[], _Found | None]) -> _Found:
        """Look until there is something to see.

        Raises:
            BotFailed: nothing came in time.
        """
        for _ in range(PATIENCE_SECONDS * 100):
            if (found := look()) is not None:
                return found
            await asyncio.sleep(0.01)
        raise self.failure()

    async def until_ready(self, url: str) -> None:
        """Wait until the bot takes requests."""
        async with aiohttp.ClientSession() as session:
            for _ in range(PATIENCE_SECONDS * 20):
                with contextlib.suppress(aiohttp.ClientConnectionError):
                    async with session.get(f"{url}/readyz") as response:
                        if response.ok:
                            return
                await asyncio.sleep(0.05)
        raise self.failure()

    def failure(self) -> BotFailed:
        """Quote the end of the log."""
        return BotFailed("\n".join(self.log.read_text().splitlines()[-20:]))


def command_body(ack: Ack) -> str:
    """Make the body of a command that was sent into a template for many more."""
    assert ack.request is not None
    return urlencode({**ack.request.payload, "trigger_id": f"1.2.{UNIQUE}"})


def click_body(ack: Ack) -> str:
    """Make the body of a click that was sent into a template for many more."""
    assert ack.request is not None
    payload = ack.request.payload
    actions = [{**action, "action_ts": f"1795446200.{UNIQUE}"} for action in payload["actions"]]
    fresh = {**payload, "trigger_id": f"1.2.{UNIQUE}", "actions": actions}
    return urlencode({"payload": json.dumps(fresh)})


def count_routes() -> int:
    """Count what the bot answers; naming the routes calls no service, so none is there."""
    routes = register(bare_app(), cast("Services", None), cast("Messenger", None), COMMAND)
    return len(routes.commands) + len(routes.actions) + len(routes.forms)


def free_port() -> int:
    """Find a port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind((stage.HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def environment(
    slack: SimulatedSlack, buddy: SimulatedBuddy, port: int, database: str
) -> dict[str, str]:
    """Set the bot up; what this machine's own Greenlight is set to stays out."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("GREENLIGHT_")}
    return inherited | {
        "GREENLIGHT_SLACK_BOT_TOKEN": slack.bot_token,
        "GREENLIGHT_SLACK_SIGNING_SECRET": slack.signing_secret,
        "GREENLIGHT_SLACK_API_URL": slack.api_url,
        "GREENLIGHT_BUDDY_API_URL": buddy.url,
        "GREENLIGHT_BUDDY_APP_URL": buddy.url,
        "GREENLIGHT_DATABASE_URL": database,
        "GREENLIGHT_TOKEN_KEYS": Fernet.generate_key().decode(),
        "GREENLIGHT_LISTEN": f"{stage.HOST}:{port}",
        "GREENLIGHT_COMMAND": COMMAND,
    }


@contextlib.asynccontextmanager
async def bot(settings: dict[str, str], core: int, log: Path) -> AsyncIterator[int]:
    """Run ``greenlight serve`` in the folder of its log; give its process id."""
    with log.open("wb") as lines:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "serve"),
            cwd=log.parent,
            env=settings,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=lines,
            stderr=lines,
        )
        stage.pin(core, process.pid)
        try:
            yield process.pid
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def serve(core: int, storage: Path, database: str) -> None:
    """Serve until told to stop."""
    async with simulators(SandboxClock(rate=1.0)) as (slack, buddy):
        # What the far sides would allow in an hour is not what is measured.
        slack.rate_limits, buddy.rate_limit = False, PLENTY
        port = free_port()
        url = f"http://{stage.HOST}:{port}"
        story = Story(slack, buddy, storage / LOG, f"{url}{stage.PATH}")
        settings = environment(slack, buddy, port, database)
        async with bot(settings, core, story.log) as pid:
            await story.until_ready(url)
            bodies, gates = await story.play()

            async def obey(order: str) -> object:
                match order.split():
                    case ["late", seconds]:
                        story.answers_after(seconds)
                    case ["gates", count]:
                        return [asdict(request) for request in await gates.open(int(count))]
                    case ["seen"]:
                        return gates.seen().write()
                    case _:
                        raise ValueError(order)
                return None

            secret, routes = slack.signing_secret, count_routes()
            ready = stage.Ready(port, pid, secret, bodies=bodies, routes=routes)
            await stage.serve_until_told(ready, obey)


@click.command()
@click.option("--core", default=-1)
@click.option("--storage", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--database", default="sqlite:///greenlight.sqlite3")
def main(core: int, storage: Path, database: str) -> None:
    """Start the bot on the core; its log, and a SQLite file, are in the storage folder."""
    stage.run(serve(core, storage, database))


if __name__ == "__main__":
    main()
