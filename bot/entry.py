"""Open the database and begin to live among the processes that share it.

In order: ``open_database``, ``own_id``, ``sign_in``. The caller's stack closes what is opened.
"""

import contextlib

import structlog

from bot.clock import Clock
from bot.database import Database, DatabaseInUse, StorageUnavailable
from bot.jobs.pulse import Pulse
from bot.services.keyring import Keyring, KeysRefused
from bot.settings import Settings
from bot.store import installation, schema
from bot.vault import Vault

log = structlog.get_logger()


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
    except (OSError, StorageUnavailable) as failure:
        raise StartFailed(
            f"GREENLIGHT_DATABASE_URL: the database cannot be opened ({type(failure).__name__}). "
            "Check that its folder exists and may be written."
        ) from None
    return database


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
