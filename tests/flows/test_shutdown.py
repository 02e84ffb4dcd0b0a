"""The bot ends in the middle of something: what was acknowledged is done, once, and told."""

import asyncio
import contextlib
import json
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from cryptography.fernet import Fernet
from structlog.testing import capture_logs

from bot.app import running
from sandbox.buddy import Execution, Gate, SimulatedBuddy, Step
from sandbox.buddy import Person as Colleague
from sandbox.clock import SandboxClock, hold_up
from sandbox.faults import Fault, Moment
from sandbox.slack import Channel, Message, Person, SimulatedSlack
from sandbox.stage import settings_for, simulators
from tests.flows.acts import struck
from tests.world import TOKEN_FIELD

ROOT = Path(__file__).parents[2]
LOG = "greenlight.log"
AWHILE = timedelta(milliseconds=700)
"""Real time in which a call is held up: long enough to end the bot meanwhile."""

TOLD = ":white_check_mark: @maya approved Ship it. The execution is running."

_Found = TypeVar("_Found")


async def until(look: Callable[[], _Found | None]) -> _Found:
    """Look until there is something to see."""
    async with asyncio.timeout(60):
        while (found := look()) is None:
            await hold_up(timedelta(milliseconds=10))
    return found


@dataclass(slots=True)
class Street:
    """A Slack and a Buddy beside which bots come and go, and somebody who uses them."""

    slack: SimulatedSlack
    buddy: SimulatedBuddy
    channel: Channel
    maya: Person
    colleague: Colleague
    run: Execution

    async def card(self) -> Message:
        """Connect Maya's account, and let her show the run that waits."""
        await self.maya.says("/buddy connect", in_=self.channel)
        await until(lambda: self.maya.modal)
        await self.maya.submits({TOKEN_FIELD: self.colleague.token})
        await until(lambda: self.connected)
        await self.maya.closes_modal()
        await self.maya.says("/buddy show shop/go#1", in_=self.channel)
        return await until(lambda: self.shown)

    @property
    def connected(self) -> bool | None:
        """Whether the form says that the account is connected; None until then."""
        modal = self.maya.modal
        return True if modal and "now acts in Buddy as" in modal.reads else None

    @property
    def shown(self) -> Message | None:
        """The last card that can be approved."""
        return next((one for one in self.channel.messages[::-1] if "Approve" in one.buttons), None)

    async def approves_slowly(self, card: Message, fault: Fault) -> None:
        """Press Approve; return while Buddy works on the request."""
        self.buddy.faults.order(fault)
        await self.maya.clicks(card, "Approve")
        await struck(self.buddy.faults, fault)

    def is_done_once(self, card: Message) -> bool:
        """Tell whether the approval had one effect, the thread was told and the card shows it."""
        return (
            [effect.who for effect in self.run.history] == ["Maya"]
            and [reply.reads for reply in card.thread] == [TOLD]
            and "Approved by @maya" in card.reads
            and card.buttons == ["Cancel"]
        )


@contextlib.asynccontextmanager
async def street(clock: SandboxClock) -> AsyncIterator[Street]:
    """Build a street with a run that waits at its gate."""
    async with simulators(clock) as (slack, buddy):
        buddy.workspace("acme")
        buddy.project("acme", "shop")
        steps = (Gate("Ship it"), Step("Deploy", seconds=600))
        pipeline = buddy.pipeline("acme", "shop", "Go", identifier="go", actions=steps)
        channel = slack.channel("deployments")
        maya, colleague = slack.person("maya"), buddy.person("Maya", workspaces=["acme"])
        maya.joins(channel)
        run = pipeline.push(by=colleague, message="Fix")
        yield Street(slack, buddy, channel, maya, colleague, run)


async def test_a_stop_finishes_what_was_acknowledged(tmp_path: Path) -> None:
    """A command is being answered and an approval is on its way: both come to their end."""
    clock = SandboxClock()
    async with street(clock) as here:
        settings = settings_for(here.slack, here.buddy, tmp_path / "greenlight.sqlite3")
        with capture_logs() as log:
            async with running(settings, clock) as bot:
                here.slack.deliver_to(f"{bot.url}/slack/events")
                card = await here.card()
                await bot.settled()
                await here.approves_slowly(card, Fault("PATCH", delay=AWHILE))
                slow = Fault("GET", delay=AWHILE)
                here.buddy.faults.order(slow)
                await here.maya.says("/buddy show shop/go#1", in_=here.channel)
                await struck(here.buddy.faults, slow)

        assert here.is_done_once(card)
        (_, second) = here.channel.messages
        assert "shop / Go #1" in second.reads
        assert not [line for line in log if line["log_level"] in {"error", "critical"}]
        assert not here.slack.lost


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """Set a bot of this checkout up that keeps its database in the test's folder."""
    return {
        "PYTHONPATH": str(ROOT),
        "GREENLIGHT_DATABASE_URL": f"sqlite:///{tmp_path}/greenlight.sqlite3",
        "GREENLIGHT_TOKEN_KEYS": Fernet.generate_key().decode(),
        "GREENLIGHT_LISTEN": "127.0.0.1:0",
        "GREENLIGHT_BUDDY_TIMEOUT": "1.5s",
    }


@contextlib.asynccontextmanager
async def serving(here: Street, variables: dict[str, str], folder: Path) -> AsyncIterator[Process]:
    """Serve in a process of its own, as an operator does, once it takes Slack's requests."""
    told = {
        "GREENLIGHT_SLACK_BOT_TOKEN": here.slack.bot_token,
        "GREENLIGHT_SLACK_SIGNING_SECRET": here.slack.signing_secret,
        "GREENLIGHT_SLACK_API_URL": here.slack.api_url,
        "GREENLIGHT_BUDDY_API_URL": here.buddy.url,
        "GREENLIGHT_BUDDY_APP_URL": here.buddy.url,
    }
    with (folder / LOG).open("wb") as log:
        bot = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "serve"),
            cwd=folder,
            env=variables | told,
            stdin=DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        here.slack.deliver_to(f"{await until(lambda: ready(folder))}/slack/events")
        yield bot
    finally:
        if bot.returncode is None:
            bot.kill()
        await bot.wait()


def ready(folder: Path) -> str | None:
    """Read in the log where the bot listens; None until it does."""
    return next((line["url"] for line in logged(folder) if line["event"] == "bot.ready"), None)


def logged(folder: Path) -> list[dict[str, str]]:
    """Read the log; its last line may be half written."""
    lines = (folder / LOG).read_text().split("\n")[:-1]
    return [json.loads(line) for line in lines]


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_sigterm_in_the_middle_of_an_operation(
    variables: dict[str, str], tmp_path: Path
) -> None:
    """The process ends well, with the operation done, the thread told and the card painted."""
    async with (
        street(SandboxClock(rate=1.0)) as here,
        serving(here, variables, tmp_path) as bot,
    ):
        card = await here.card()
        await here.approves_slowly(card, Fault("PATCH", delay=AWHILE))

        bot.send_signal(signal.SIGTERM)

        assert await asyncio.wait_for(bot.wait(), 50) == 0
        assert here.is_done_once(card)
        assert len(here.buddy.journal.select("PATCH")) == 1
        assert [line["event"] for line in logged(tmp_path) if line["level"] == "error"] == []


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("fault", "requests"),
    [
        pytest.param(Fault("PATCH", moment=Moment.AFTER, delay=AWHILE), 1, id="done"),
        pytest.param(Fault("PATCH", drop=True, delay=AWHILE), 2, id="not done"),
    ],
)
async def test_sigkill_in_the_middle_of_an_operation(
    variables: dict[str, str], tmp_path: Path, fault: Fault, requests: int
) -> None:
    """The next process finds out by reading; only what surely was not done is sent again."""
    async with street(SandboxClock(rate=1.0)) as here:
        async with serving(here, variables, tmp_path) as bot:
            card = await here.card()
            await here.approves_slowly(card, fault)
            bot.kill()
            assert await bot.wait() == -signal.SIGKILL
        assert not card.thread

        async with serving(here, variables, tmp_path):
            await until(lambda: here.is_done_once(card) or None)

        assert len(here.buddy.journal.select("PATCH")) == requests
        assert here.is_done_once(card)
