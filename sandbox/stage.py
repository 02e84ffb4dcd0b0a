"""The stage: the real bot between a simulated Slack and a simulated Buddy, on loopback.

The demo, the tests and the benchmarks all stand on it. Together with ``demo.py`` it is the only
module of the sandbox that knows the bot.
"""

import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from bot.app import Bot, running
from bot.settings import Settings
from sandbox.buddy import SimulatedBuddy
from sandbox.clock import SandboxClock
from sandbox.slack import SimulatedSlack

OPEN: dict[str, Any] = {"show_in_shared_channels": True, "is_public": True}
"""How the sandbox's own world is staged: Buddy can call the bot, and somebody of another company,
who is in it, may read everything."""

HOST = "127.0.0.1"
STEP = timedelta(seconds=5)
"""How far time moves at once: everything that becomes due is done before it moves on."""


@dataclass(slots=True, repr=False)
class Stage:
    """Both simulators, the bot between them, and the time they share."""

    clock: SandboxClock
    slack: SimulatedSlack
    buddy: SimulatedBuddy
    bot: Bot
    settings: Settings
    """What the bot was started with."""

    async def settled(self) -> None:
        """Wait until the bot has nothing left to do at this moment, and Buddy nothing to tell."""
        # Not what is sent here alone: it sends by itself, too.
        seen = -1
        while seen != self.buddy.deliveries.sent:
            seen = self.buddy.deliveries.sent
            await self.bot.settled()
            await self.buddy.deliveries.send()

    async def passes(self, seconds: float) -> None:
        """Let time pass, a step at a time."""
        left = timedelta(seconds=seconds)
        while left > timedelta(0):
            step = min(STEP, left)
            self.clock.advance(step)
            left -= step
            await self.settled()


@contextlib.asynccontextmanager
async def simulators(clock: SandboxClock) -> AsyncIterator[tuple[SimulatedSlack, SimulatedBuddy]]:
    """Start a Slack and a Buddy on loopback."""
    slack, buddy = SimulatedSlack(clock), SimulatedBuddy(clock)
    await slack.start()
    await buddy.start()
    try:
        yield slack, buddy
    finally:
        await buddy.stop()
        await slack.stop()


def settings_for(
    slack: SimulatedSlack, buddy: SimulatedBuddy, database: Path | str, **others: Any
) -> Settings:
    """Make the settings of a bot that lives between these two.

    ``database`` is a SQLite file, or the address of another database.
    """
    told: dict[str, Any] = {
        "slack_bot_token": slack.bot_token,
        "slack_signing_secret": slack.signing_secret,
        "slack_api_url": slack.api_url,
        "buddy_api_url": buddy.url,
        "buddy_app_url": buddy.url,
        "database_url": f"sqlite:///{database}" if isinstance(database, Path) else database,
        "token_keys": [Fernet.generate_key().decode()],
        "listen": f"{HOST}:0",
    }
    return Settings(**{**told, **others})


def _free_port() -> int:
    """Find a port that nobody listens on right now: the address is known before the bot starts."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def stage(
    database: Path | str,
    clock: SandboxClock,
    *,
    by_socket: bool = False,
    is_public: bool = False,
    **others: Any,
) -> AsyncIterator[Stage]:
    """Start everything, and stop it in order; Slack's requests come by HTTP or by Socket Mode.

    ``is_public``: Buddy knows an address at which it reaches the bot.
    """
    if is_public:
        where = f"{HOST}:{_free_port()}"
        others = {"listen": where, "public_url": f"http://{where}", **others}
    async with simulators(clock) as (slack, buddy):
        if by_socket:
            slack.deliver_by_socket()
            others = {"slack_app_token": slack.app_token, **others}
        settings = settings_for(slack, buddy, database, **others)
        async with running(settings, clock) as bot:
            if not by_socket:
                slack.deliver_to(f"{bot.url}/slack/events")
            yield Stage(clock, slack, buddy, bot, settings)
