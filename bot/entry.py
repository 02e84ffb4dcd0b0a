"""Find Slack, open the database, and begin to live among the processes that share it.

In order: ``open_database``, ``who_am_i``, ``sign_in``, ``own_id``. The caller's stack closes what
is opened.
"""

import contextlib
from typing import Final

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.clock import Clock
from bot.database import Database, DatabaseInUse, StorageUnavailable, explain
from bot.jobs.pulse import Pulse
from bot.metrics import Metrics
from bot.services.keyring import Keyring, KeysRefused
from bot.settings import Settings
from bot.slack.answers import NO_ANSWER
from bot.slack.client import CountedClient
from bot.slack.people import Ourselves, Team
from bot.store import installation, schema
from bot.vault import Vault

log = structlog.get_logger()

SLACK_TIMEOUT: Final = aiohttp.ClientTimeout(total=10, sock_connect=5)
"""Seconds for one call to Slack; its client library ignores its own timeout with a session."""

_NO_SLACK: Final = (
    "GREENLIGHT_SLACK_API_URL: no Slack answers there. Check the address and this machine's way "
    "to the internet."
)


class StartFailed(Exception):
    """The bot cannot start; says what is wrong and how to mend it."""


async def open_database(settings: Settings, stack: contextlib.AsyncExitStack) -> Database:
    """Open the database and bring its tables to this version.

    Raises:
        StartFailed: it is taken, does not answer, or may not be written.
    """
    try:
        database = Database.open(settings.database_url.get_secret_value())
        stack.push_async_callback(database.close)
        await schema.upgrade(database)
    except DatabaseInUse:
        raise StartFailed(
            "GREENLIGHT_DATABASE_URL: another Greenlight works on this SQLite file. "
            "Stop it first, or name another file."
        ) from None
    except schema.NewerSchema:
        raise StartFailed(
            "GREENLIGHT_DATABASE_URL: the database has the tables of a newer version. Start that "
            "version; or go back to a backup from before the upgrade."
        ) from None
    except (OSError, StorageUnavailable) as failure:
        raise StartFailed(
            f"GREENLIGHT_DATABASE_URL: the database cannot be opened: {explain(failure)}. Check "
            "that its server can be reached, or that its folder exists and may be written."
        ) from None
    return database


def slack_client(
    settings: Settings, session: aiohttp.ClientSession, metrics: Metrics
) -> CountedClient:
    """Make the client that the whole bot calls Slack with."""
    return CountedClient(
        metrics,
        token=settings.slack_bot_token.get_secret_value(),
        base_url=str(settings.slack_api_url),
        session=session,
        # A repeated chat.postMessage would post twice, so nothing is repeated behind our back.
        retry_handlers=[],
    )


async def who_am_i(client: CountedClient) -> Ourselves:
    """Ask Slack once who the bot is, so that the first click does not have to wait for it.

    Raises:
        StartFailed: Slack does not answer, or does not accept the token.
    """
    try:
        answer = await client.auth_test()
    except SlackApiError as error:
        code = error.response.get("error")
        raise StartFailed(
            f"GREENLIGHT_SLACK_BOT_TOKEN: Slack does not accept it ({code}). "
            "Copy the Bot User OAuth Token from your Slack app's settings, OAuth & Permissions."
        ) from None
    except (SlackClientError, *NO_ANSWER):
        raise StartFailed(_NO_SLACK) from None
    if not answer.get("team_id"):
        # Something answers there, but it is no Slack.
        raise StartFailed(_NO_SLACK)
    team = Team(str(answer["team_id"]), str(answer.get("enterprise_id") or ""))
    log.info("slack.connected", team=team.id)
    return Ourselves(team, str(answer.get("user_id") or ""), str(answer.get("bot_id") or ""))


async def own_id(database: Database) -> str:
    """Tell which installation this is."""
    async with database.transaction() as transaction:
        return await installation.own_id(transaction)


async def sign_in(
    settings: Settings,
    database: Database,
    clock: Clock,
    vault: Vault,
    stack: contextlib.AsyncExitStack,
) -> Pulse:
    """Begin to live among the other processes, and to seal with the key that all of them use.

    Raises:
        StartFailed: a key that is needed is not among the settings' keys.
    """
    keyring = Keyring(database, vault, clock)
    pulse = Pulse(
        database,
        clock,
        settings.dead_after,
        keys=vault.names,
        sealing_key=lambda: vault.sealing_key,
        on_beat=keyring.refresh,
    )
    # Signed in first, so that no key is promoted meanwhile that this process does not know.
    await pulse.begin()
    stack.push_async_callback(_sign_out, pulse)
    try:
        await keyring.begin()
    except KeysRefused as refused:
        raise StartFailed(str(refused)) from None
    return pulse


async def _sign_out(pulse: Pulse) -> None:
    """Give back what was not brought to an end: somebody goes on with it."""
    try:
        await pulse.end()
    except StorageUnavailable:
        log.warning("pulse.not_signed_out")
