"""Keys change while bots work: nothing fails, nothing is lost."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from bot.clock import SystemClock
from bot.database import Database
from bot.domain.person import Person
from bot.domain.values import Entries
from bot.errors import LinkUnreadable
from bot.services.keyring import Keyring, KeysRefused
from bot.store import clicks, identities
from bot.store.clicks import SealedValues, Step
from bot.vault import Vault, key_name, key_of
from sandbox.clock import SandboxClock
from tests.domain.samples import NOON
from tests.sealed_rows import HOST, Secrets, put_account, put_click, values_owner
from tests.store.opened import address_of, opened

KEYS = [Fernet.generate_key().decode() for _ in range(4)]
OLD, NEW = key_name(KEYS[0]), key_name(KEYS[1])


SLOTS = 20
"""Operations that a bot carries out at once; more would wait for SQLite longer than it allows."""


async def operate(bot: Keyring, slots: asyncio.Semaphore, number: int) -> None:
    """Do one of many operations as soon as there is a hand for it."""
    async with slots:
        await _operate(bot, number)


async def _operate(bot: Keyring, number: int) -> None:
    """Take a click, act with its person's account, answer at its address."""
    user, key = f"U{number % 20}", f"a/{number}"
    async with bot.database.transaction() as transaction:
        sealed = bot.vault.seal(f"url {number}", f"click/{key}")
        taken = await put_click(transaction, key, sealed)
    async with bot.database.snapshot() as transaction:
        link = await identities.find(transaction, Person("T1", user), HOST)
    assert link is not None
    assert bot.vault.open(link.sealed_token, f"{HOST}/T1/{user}") == f"token of {user}"
    if number % 10 == 0:
        async with bot.database.transaction() as transaction:
            fresh = bot.vault.seal(f"token of {user}", f"{HOST}/T1/{user}")
            await put_account(transaction, user, fresh)
    async with bot.database.transaction() as transaction:
        asked = await clicks.get(transaction, taken)
        assert bot.vault.open(asked.sealed_answer_url, f"click/{key}") == f"url {number}"
        await clicks.change(transaction, taken, step=Step.TOLD, outcome="done")


@contextlib.asynccontextmanager
async def beating(bot: Keyring) -> AsyncIterator[None]:
    """Let the bot's heart beat, quicker than it would."""

    async def beat() -> None:
        while True:
            async with bot.database.transaction() as transaction:
                await bot.refresh(transaction)
            await asyncio.wait({never}, timeout=0.02)

    never = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as tasks:
        heart = tasks.create_task(beat())
        yield
        heart.cancel()


@pytest.mark.slow
async def test_keys_change_while_200_operations_run(tmp_path: Path) -> None:
    """Commands of the operator beside a running bot: none of its operations fails."""
    path = tmp_path / "greenlight.sqlite3"
    async with opened(path) as database:
        beside = Database.open(address_of(path), alone=False)
        bot = Keyring(database, Vault(KEYS[:2]), SystemClock())
        operator = Keyring(beside, Vault(KEYS[:2]), SystemClock())
        await bot.begin()
        async with database.transaction() as transaction:
            for number in range(20):
                owner = f"{HOST}/T1/U{number}"
                await put_account(
                    transaction, f"U{number}", bot.vault.seal(f"token of U{number}", owner)
                )
        stored = Secrets(database)
        await stored.put(bot.vault, *range(1000, 1030))

        slots = asyncio.Semaphore(SLOTS)
        async with beating(bot), asyncio.TaskGroup() as tasks:
            for number in range(50):
                tasks.create_task(operate(bot, slots, number))
            await operator.promote(NEW)
            rotation = tasks.create_task(operator.rotate(batch=5))
            for number in range(50, 200):
                tasks.create_task(operate(bot, slots, number))
                await asyncio.sleep(0)  # noqa: TID251 - gives the loop a turn, waits for nothing
        done = rotation.result()
        while await stored.key_names() != {NEW}:
            done = await operator.rotate()
        await operator.retire(OLD)
        await beside.close()

        assert done.unreadable.total() == 0
        alone = Keyring(database, Vault([KEYS[1]]), SystemClock())
        await alone.begin()
        async with database.snapshot() as transaction:
            for number in range(20):
                link = await identities.find(transaction, Person("T1", f"U{number}"), HOST)
                assert link is not None
                assert key_of(link.sealed_token) == NEW
                alone.vault.open(link.sealed_token, f"{HOST}/T1/U{number}")


async def test_two_rotations_at_once_do_the_work_once(tmp_path: Path) -> None:
    """Whoever is second finds the new value and leaves it."""
    path = tmp_path / "greenlight.sqlite3"
    async with opened(path) as database:
        beside = Database.open(address_of(path), alone=False)
        rings = [Keyring(each, Vault(KEYS[:2]), SandboxClock()) for each in (database, beside)]
        stored = Secrets(database)
        await stored.put(rings[0].vault, *range(40))
        await rings[0].promote(NEW)

        done = await asyncio.gather(*(ring.rotate(batch=3) for ring in rings))
        await beside.close()

        assert sum(each.resealed.total() for each in done) == 120
        assert await stored.key_names() == {NEW}
        assert await stored.opened(rings[1].vault) == {"token": 40, "url": 40, "secret": 40}


class Interrupted(Exception):
    """The operator's machine went away."""


class InterruptingClock(SandboxClock):
    """Lets a rotation be interrupted between two batches."""

    @override
    async def sleep(self, duration: timedelta) -> None:
        raise Interrupted


async def test_an_interrupted_rotation_is_repeated(tmp_path: Path) -> None:
    """What was done is done; the rest still opens."""
    async with opened(tmp_path / "greenlight.sqlite3") as database:
        ring = Keyring(database, Vault(KEYS[:2]), InterruptingClock())
        stored = Secrets(database)
        await stored.put(ring.vault, *range(10))
        await ring.promote(NEW)

        for _ in range(2):
            with pytest.raises(Interrupted):
                await ring.rotate(batch=2)

        assert await stored.key_names() == {OLD, NEW}
        assert await stored.opened(ring.vault) == {"token": 10, "url": 10, "secret": 10}
        ring.clock = SandboxClock()
        done = await ring.rotate(batch=2)
        assert done.resealed == {"account": 6, "click": 10, "job": 10}
        assert await stored.key_names() == {NEW}


STEPS = st.one_of(
    st.just(("new", 0)),
    st.tuples(st.sampled_from(["promote", "retire"]), st.integers(0, 3)),
    st.tuples(st.just("rotate"), st.integers(1, 3)),
    st.just(("put", 0)),
    st.just(("restart", 0)),
)


@pytest.mark.slow
@settings(max_examples=25)
@given(st.lists(STEPS, max_size=12))
def test_whatever_is_done_to_the_keys_everything_opens(steps: list[tuple[str, int]]) -> None:
    """In any order, with refused steps and repeated ones; what may be taken out is taken out."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_story(Path(folder), steps))


async def _story(folder: Path, steps: list[tuple[str, int]]) -> None:
    setting, unused, retired = [KEYS[0]], KEYS[1:], set[str]()
    async with opened(folder / "greenlight.sqlite3") as database:
        stored, count = Secrets(database), 0
        bot = Keyring(database, Vault(setting), SandboxClock())
        await bot.begin()
        for step, number in steps:
            admin = Keyring(database, Vault(setting), SandboxClock())
            name = key_name(KEYS[number]) if number < len(KEYS) else ""
            with contextlib.suppress(KeysRefused):
                match step:
                    case "new" if unused:
                        setting.append(unused.pop(0))
                    case "promote":
                        await admin.promote(name)
                    case "rotate":
                        await admin.rotate(batch=number)
                    case "retire":
                        await admin.retire(name)
                        retired.add(name)
                    case "put":
                        count += 1
                        await stored.put(bot.vault, count)
                    case _:
                        setting = [key for key in setting if key_name(key) not in retired]
            if step in {"new", "restart"}:
                bot = Keyring(database, Vault(setting), SandboxClock())
                await bot.begin()
            async with database.transaction() as transaction:
                await bot.refresh(transaction)
            expected = {"token": count, "url": count, "secret": count} if count else {}
            assert await stored.opened(bot.vault) == expected
            assert bot.vault.sealing_key not in retired


async def test_values_that_wait_are_sealed_anew(database: Database, clock: SandboxClock) -> None:
    """They stay bound to who gave them and to their gate; what was sent holds none any more."""
    ring = Keyring(database, Vault(KEYS[:2]), clock)
    await ring.begin()
    owner, entries = values_owner("a/1"), Entries({"VERSION": "2.1"}, is_typed=True)
    values = SealedValues(ring.vault.seal(entries.write(), owner), NOON, "id-of-a")
    async with database.transaction() as transaction:
        waits = await put_click(transaction, "a/1", "", values)
        sent = await put_click(transaction, "a/2", "", values)
        await clicks.change(transaction, sent, step=Step.SENT)
    await ring.promote(NEW)

    done = await ring.rotate()

    assert done.resealed["form"] == 1
    async with database.snapshot() as transaction:
        sealed = (await clicks.get(transaction, waits)).sealed_values
        assert (await clicks.get(transaction, sent)).sealed_values == ""
    assert key_of(sealed) == NEW
    assert Entries.read(Vault(KEYS[1:2]).open(sealed, owner)) == entries
    with pytest.raises(LinkUnreadable):
        ring.vault.open(sealed, values_owner("a/2"))
    await ring.retire(OLD)
