"""What is followed: so many executions of a hundred pipelines, for fifty people; names and numbers.

All numbers have nine digits, so that one written answer serves for every execution.
"""

import base64

from pydantic import SecretStr

from benchmarks.server import Server
from benchmarks.slack import SECRET
from benchmarks.stage import HOST
from bot.domain.execution import ExecutionRef
from bot.settings import Settings
from bot.settings.parsing import ListenAddress

WORKSPACE, PROJECT = "acme", "shop"
TEAM = "T0ACME0001"
PIPELINES, PEOPLE, CHANNELS = 100, 50, 20
ACTIONS = 9
EVERY_SECONDS = 5
"""How often each is read: the cadence of an execution that began less than five minutes ago."""

FIRST_EXECUTION, FIRST_PIPELINE = 100_000_000, 200_000_000

KEY = base64.urlsafe_b64encode(b"no secret of anybody's, measured").decode()
"""Seals the made-up tokens."""


def executions(host: str, count: int) -> list[ExecutionRef]:
    """Name the executions that are followed."""
    return [
        ExecutionRef(
            *(host, WORKSPACE, PROJECT),
            pipeline=FIRST_PIPELINE + number % PIPELINES,
            execution=FIRST_EXECUTION + number,
        )
        for number in range(count)
    ]


def user(person: int) -> str:
    """Tell the Slack user of a person; their number in Buddy is ``person + 1``."""
    return f"U{person:09d}"


def token(person: int) -> str:
    """Make up a token that looks like Buddy's."""
    return f"00000000-0000-4000-8000-{person:012d}"


def address(far: Server) -> str:
    """Tell where Buddy and Slack are."""
    return f"http://{HOST}:{far.ready.port}"


def settings(database: str, far: str) -> Settings:
    """Set the bot up between the far sides, with no budget of theirs."""
    return Settings(
        slack_bot_token=SecretStr("xoxb-made-up"),
        slack_signing_secret=SecretStr(SECRET),
        slack_api_url=f"{far}/slack/",
        buddy_api_url=far,
        buddy_app_url=far,
        buddy_calls_per_hour=0,
        slack_edits_per_minute=0,
        database_url=SecretStr(database),
        token_keys=(SecretStr(KEY),),
        listen=ListenAddress("127.0.0.1", 0),
    )
