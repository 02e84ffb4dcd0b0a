"""Which key seals is one answer for all, and sealed values are replaced only where they stand."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from bot.database import Database, StatementRefused, Transaction
from bot.database.sealed import SealedColumn
from bot.domain.sealed import Sealed
from bot.jobs import secrets
from bot.jobs.table import process
from bot.store import keys, schema
from bot.store.clicks import SealedValues
from bot.store.keys import State
from bot.store.schema import Standing
from bot.store.tables import identity, vault_key
from tests.domain.samples import NOON
from tests.sealed_rows import COLUMNS, put_account, put_click, put_job
from tests.store.opened import opened

OLD, NEW = "1a2b3c4d", "5e6f7a8b"
ACCOUNTS, CLICKS, FORMS, *_, JOBS = COLUMNS


async def test_the_first_key_that_is_claimed_seals(database: Database) -> None:
    """Replicas that start together agree, whatever comes first in their settings."""
    async with database.transaction() as transaction:
        assert await keys.sealing(transaction) is None
        await keys.claim(transaction, OLD)
        await keys.claim(transaction, NEW)
        await keys.claim(transaction, OLD)

        assert await keys.sealing(transaction) == OLD
        assert await keys.states(transaction) == {OLD: State.SEALING}


async def test_no_two_keys_seal(database: Database) -> None:
    """Not even if somebody writes the rows by hand."""
    rows = [{"name": name, "state": State.SEALING.value} for name in (OLD, NEW)]

    with pytest.raises(StatementRefused, match="IntegrityError"):
        async with database.transaction() as transaction:
            await transaction.run(insert(vault_key), rows)


async def test_a_key_is_promoted_only_in_place_of_the_one_that_seals(database: Database) -> None:
    """Of two promotions at once the second finds that its premise is gone."""
    async with database.transaction() as transaction:
        await keys.claim(transaction, OLD)
        assert await keys.promote(transaction, OLD, NEW)
        assert not await keys.promote(transaction, OLD, "99aabbcc")

        assert await keys.sealing(transaction, held=True) == NEW


async def test_a_retired_key_does_not_seal_again(database: Database) -> None:
    """Claiming it changes nothing; the one that seals cannot be retired."""
    async with database.transaction() as transaction:
        await keys.retire(transaction, OLD, State.LOST)
        await keys.retire(transaction, OLD, State.RETIRED)
        await keys.claim(transaction, OLD)
        assert await keys.sealing(transaction) is None

        await keys.claim(transaction, NEW)
        await keys.retire(transaction, NEW, State.RETIRED)
        assert await keys.states(transaction) == {OLD: State.RETIRED, NEW: State.SEALING}


async def test_values_are_counted_by_their_keys(database: Database) -> None:
    """What is empty needs no key."""
    async with database.transaction() as transaction:
        await put_account(transaction, "MAYA", f"{OLD}:x")
        await put_account(transaction, "TOM", f"{NEW}:x")
        await put_account(transaction, "ANNA", f"{NEW}:y")
        await put_account(transaction, "JO", "damaged")
        values = SealedValues(f"{OLD}:y", NOON, "id-of-a")
        await put_click(transaction, "a/1", f"{OLD}:x", values)
        await put_click(transaction, "a/2", "")
        await put_job(transaction, "view/1", "", "")

        assert await ACCOUNTS.uses(transaction) == {f"{OLD}:": 1, f"{NEW}:": 2, "damaged": 1}
        assert await CLICKS.uses(transaction) == {f"{OLD}:": 1}
        assert await FORMS.uses(transaction) == {f"{OLD}:": 1}
        assert await JOBS.uses(transaction) == {}


async def found(transaction: Transaction, column: SealedColumn, size: int = 10) -> list[Sealed]:
    """List, page by page, what another key than the new one sealed."""
    listed: list[Sealed] = []
    while page := await column.not_sealed_with(
        transaction, NEW, listed[-1].id if listed else 0, size
    ):
        assert len(page) <= size
        listed += page
    return listed


@pytest.mark.parametrize("size", [1, 2, 10])
async def test_what_other_keys_sealed_is_listed_page_by_page(database: Database, size: int) -> None:
    """Each value comes with whom it is sealed for."""
    async with database.transaction() as transaction:
        for number in range(5):
            await put_account(transaction, f"U{number}", f"{OLD if number % 2 else NEW}:x{number}")
        await put_click(transaction, "a/1", f"{OLD}:x")
        await put_job(transaction, "view/1", f"{OLD}:x", '{"v": 1, "owner": "link/7"}')

        accounts = await found(transaction, ACCOUNTS, size)
        assert [(each.value, each.owner) for each in accounts] == [
            (f"{OLD}:x1", "api.buddy.works/T1/U1"),
            (f"{OLD}:x3", "api.buddy.works/T1/U3"),
        ]
        assert [each.owner for each in await found(transaction, CLICKS, size)] == ["click/a/1"]
        assert [each.owner for each in await found(transaction, JOBS, size)] == ["link/7"]


@pytest.mark.parametrize("data", ["", "{", "[]", "7", '{"v": 1}'])
def test_a_job_that_names_no_owner_has_none(data: str) -> None:
    """Its secret then opens for nobody, instead of ending the change of keys."""
    assert secrets.secret_owner(data) == ""


async def test_a_value_is_replaced_only_where_the_old_one_stands(database: Database) -> None:
    """Who connected again meanwhile keeps the new token; who disconnected gets no row back."""
    async with database.transaction() as transaction:
        for user in ("MAYA", "TOM", "ANNA"):
            await put_account(transaction, user, f"{OLD}:{user}")
        fresh = {old: f"{NEW}:{old.value[9:]}" for old in await found(transaction, ACCOUNTS)}
        of = identity.c.user
        await transaction.run(
            update(identity).where(of == "TOM").values(sealed_token=f"{OLD}:other")
        )
        await transaction.run(identity.delete().where(of == "ANNA"))

        assert await ACCOUNTS.replace(transaction, fresh) == 1
        assert await ACCOUNTS.replace(transaction, fresh) == 0
        assert await ACCOUNTS.replace(transaction, {}) == 0
        rows = await transaction.run(select(identity.c.sealed_token).order_by(identity.c.id))
        assert list(rows.scalars()) == [f"{NEW}:MAYA", f"{OLD}:other"]


async def test_running_processes_tell_their_keys(database: Database) -> None:
    """Those that were silent for too long are not asked."""
    common = {"name": "replica", "sealing_key": OLD}
    rows = [
        {"id": "b", "started_at": 1.0, "beat_at": 100.0, "keys": f"{OLD},{NEW}", **common},
        {"id": "a", "started_at": 2.0, "beat_at": 101.0, "keys": "", **common},
        {"id": "c", "started_at": 0.0, "beat_at": 99.0, "keys": OLD, **common},
    ]
    async with database.transaction() as transaction:
        await transaction.run(insert(process), rows)
        running = await secrets.running(transaction, since=100.0)

    assert [(each.id, each.keys) for each in running] == [("b", {OLD, NEW}), ("a", frozenset())]
    assert running[0].sealing_key == OLD


async def test_a_sealed_row_does_not_show_its_value() -> None:
    """It ends up in tracebacks by accident."""
    assert "secret" not in repr(Sealed(1, "secret", "click/1"))


async def test_the_schema_is_looked_at_without_being_changed(tmp_path: Path) -> None:
    """A command beside a bot of another version must not upgrade under its feet."""
    async with opened(tmp_path / "one", "0001") as database:
        assert await schema.standing(database) is Standing.OLDER
        await schema.upgrade(database)
        assert await schema.standing(database) is Standing.CURRENT
        async with database.transaction() as transaction:
            await transaction.connection.exec_driver_sql(
                "UPDATE alembic_version SET version_num = '9999'"
            )
        assert await schema.standing(database) is Standing.NEWER
        await asyncio.gather(*(schema.standing(database) for _ in range(3)))
