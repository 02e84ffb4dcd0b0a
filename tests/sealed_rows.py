"""Rows with sealed values, as bots leave them."""

import json
from dataclasses import dataclass

from sqlalchemy import insert, select

from bot.database import Database, Transaction
from bot.database.sealed import SealedColumn
from bot.domain.account import BuddyUser
from bot.domain.click import Click, Place, Way
from bot.domain.execution import Operation
from bot.domain.person import Person
from bot.errors import LinkUnreadable
from bot.jobs import secrets
from bot.jobs.table import job, process
from bot.store import clicks, identities, keys
from bot.store.clicks import NO_VALUES, SealedValues
from bot.store.tables import click, identity
from bot.vault import Vault
from tests.domain.samples import AT_GATE_BINDING, NOON

HOST = "api.buddy.works"
COLUMNS: tuple[SealedColumn, ...] = (*keys.COLUMNS, secrets.COLUMN)


def values_owner(key: str) -> str:
    """Name what the values of a click belong to, as it is taken here."""
    return keys.gate_owner("T1", "MAYA", key, clicks.written_binding(AT_GATE_BINDING))


async def put_account(transaction: Transaction, user: str, sealed: str) -> None:
    """Link somebody's account."""
    buddy = BuddyUser(11, user)
    await identities.save(transaction, Person("T1", user), HOST, buddy, sealed, NOON)


async def put_click(
    transaction: Transaction, key: str, sealed: str, values: SealedValues = NO_VALUES
) -> int:
    """Take a click, perhaps with values for its gate; its number."""
    asked = Click(
        key=key,
        person=Person("T1", "MAYA"),
        way=Way.BUTTON,
        place=Place("C1"),
        operation=Operation.APPROVE,
        binding=AT_GATE_BINDING,
        reason="",
        answer_url="",
    )
    number = await clicks.take(transaction, asked, sealed, NOON, values)
    assert number is not None
    return number


async def put_job(transaction: Transaction, key: str, sealed: str, data: str) -> None:
    """Put a job that waits."""
    row = {
        "kind": "link",
        "key": key,
        "lane": "",
        "data": data,
        "put_at": 0.0,
        "due": 0.0,
        "not_before": 0.0,
        "attempt": 0,
        "state": "waiting",
        "owner": "",
        "error": "",
        "sealed": sealed,
    }
    await transaction.run(insert(job), row)


async def put_process(
    database: Database, name: str, *known: str, at: float, sealing: str = ""
) -> None:
    """Let another process be running, as its heartbeat would say."""
    row = {
        "id": f"id-of-{name}",
        "name": name,
        "started_at": at,
        "beat_at": at,
        "keys": ",".join(known),
        "sealing_key": sealing or known[0],
    }
    async with database.transaction() as transaction:
        await transaction.run(insert(process), row)


@dataclass(frozen=True, slots=True)
class Secrets:
    """Seals one account, one click and one job for each number, and opens them again."""

    database: Database

    async def put(self, vault: Vault, *numbers: int) -> None:
        """Store them."""
        async with self.database.transaction() as transaction:
            for number in numbers:
                user, key, owner = f"U{number}", f"a/{number}", f"view/{number}"
                token = vault.seal(f"token {number}", f"{HOST}/T1/{user}")
                await put_account(transaction, user, token)
                url = vault.seal(f"url {number}", f"click/{key}")
                await put_click(transaction, key, url)
                data = json.dumps({"v": 1, "owner": owner})
                await put_job(transaction, key, vault.seal(f"secret {number}", owner), data)

    async def opened(self, vault: Vault) -> dict[str, int]:
        """Open everything as its readers do; count what opened by kind, and what did not."""
        async with self.database.snapshot() as transaction:
            tokens = (await transaction.run(select(identity))).mappings().all()
            urls = (await transaction.run(select(click))).mappings().all()
            jobs = (await transaction.run(select(job))).mappings().all()
        told = [
            *(("token", r["sealed_token"], f"{HOST}/T1/{r['user']}", r["user"]) for r in tokens),
            *(("url", r["sealed_answer_url"], f"click/{r['key']}", r["key"]) for r in urls),
            *(("secret", r["sealed"], json.loads(r["data"])["owner"], r["key"]) for r in jobs),
        ]
        counted: dict[str, int] = {}
        for what, sealed, owner, name in told:
            try:
                assert vault.open(sealed, owner) == f"{what} {name.lstrip('Ua/')}"
            except LinkUnreadable:
                counted["closed"] = counted.get("closed", 0) + 1
            else:
                counted[what] = counted.get(what, 0) + 1
        return counted

    async def key_names(self) -> set[str]:
        """Name the keys that sealed values need."""
        async with self.database.snapshot() as transaction:
            return {
                begins.rstrip(":")
                for column in COLUMNS
                for begins in await column.uses(transaction)
            }
