"""A change of keys goes step by step, and no step is taken before it is safe."""

from collections import Counter

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, update
from structlog.testing import capture_logs

from bot.database import Database
from bot.jobs.table import job
from bot.services.keyring import SILENT_AFTER, Keyring, KeysRefused
from bot.services.resealing import BATCH, Resealing
from bot.store import keys
from bot.store.keys import State
from bot.store.tables import click, identity
from bot.vault import Vault, key_name
from sandbox.clock import SandboxClock
from tests.sealed_rows import Secrets, put_account, put_process

KEYS = [Fernet.generate_key().decode() for _ in range(3)]
OLD, NEW, THIRD = (key_name(key) for key in KEYS)


@pytest.fixture
def ring(database: Database, clock: SandboxClock) -> Keyring:
    """Know the old key and the new one, which was added last."""
    return Keyring(database, Vault(KEYS[:2]), clock)


@pytest.fixture
def stored(database: Database) -> Secrets:
    """Keep secrets in the database."""
    return Secrets(database)


def ring_with(ring: Keyring, *held: str) -> Keyring:
    """Be another process on the same database, with these keys in its setting."""
    return Keyring(ring.database, Vault(held), ring.clock)


async def refresh(ring: Keyring) -> None:
    """Let the process's heart beat once."""
    async with ring.database.transaction() as transaction:
        await ring.refresh(transaction)


async def states(ring: Keyring) -> dict[str, State]:
    """Tell what is said of keys."""
    async with ring.database.snapshot() as transaction:
        return await keys.states(transaction)


async def test_at_the_first_start_the_first_key_seals(ring: Keyring) -> None:
    """From then on the order does not matter: another process agrees, whatever it lists first."""
    await ring.begin()
    other = ring_with(ring, KEYS[1], KEYS[0])
    await other.begin()

    assert ring.vault.sealing_key == other.vault.sealing_key == OLD


async def test_a_process_learns_of_a_promotion_with_its_next_heartbeat(ring: Keyring) -> None:
    """It opens what either key sealed before and after."""
    await ring.begin()
    other = ring_with(ring, *KEYS[:2])
    assert await other.promote(NEW)
    early, late = ring.vault.seal("x", "maya"), other.vault.seal("x", "maya")

    assert ring.vault.sealing_key == OLD
    assert ring.vault.open(late, "maya") == other.vault.open(early, "maya")
    for _ in range(2):
        await refresh(ring)
    assert ring.vault.sealing_key == NEW


async def test_before_any_start_a_heartbeat_changes_nothing(ring: Keyring) -> None:
    """There is nothing to follow."""
    await refresh(ring)

    assert ring.vault.sealing_key == OLD


async def test_a_process_that_missed_a_whole_change_says_so_once(ring: Keyring) -> None:
    """It was paused for so long that nobody waited; it goes on with what it has."""
    await ring.begin()
    await ring_with(ring, *KEYS).promote(THIRD)

    with capture_logs() as lines:
        for _ in range(3):
            await refresh(ring)

    assert [line["event"] for line in lines] == ["keys.unknown"]
    assert ring.vault.sealing_key == OLD


async def test_without_the_sealing_key_nothing_starts(ring: Keyring) -> None:
    """The error names the setting, the key and the way out."""
    await ring.promote(NEW)

    with pytest.raises(KeysRefused) as refused:
        await ring_with(ring, KEYS[0]).begin()

    assert str(refused.value).startswith(f"GREENLIGHT_TOKEN_KEYS lacks key {NEW}, which seals now.")


async def test_without_a_key_that_values_need_nothing_starts(
    ring: Keyring, stored: Secrets
) -> None:
    """Wrong keys are found at start, all of them, and not click by click."""
    await stored.put(ring.vault, 1, 2)
    await ring.promote(NEW)
    bare = ring_with(ring, KEYS[2])

    with pytest.raises(KeysRefused) as refused:
        await bare.begin()

    seals, needed = str(refused.value).splitlines()
    assert seals.startswith(f"GREENLIGHT_TOKEN_KEYS lacks key {NEW}")
    assert needed.startswith(
        f"GREENLIGHT_TOKEN_KEYS lacks key {OLD}; 2 accounts, 2 clicks and 2 jobs are sealed with it"
    )
    await ring.begin()


async def test_a_refused_first_start_leaves_no_choice_behind(
    ring: Keyring, stored: Secrets
) -> None:
    """Whoever mends the setting afterwards starts as if nothing had been."""
    await stored.put(ring.vault, 1)
    with pytest.raises(KeysRefused, match="1 account, 1 click and 1 job are"):
        await ring_with(ring, KEYS[2]).begin()

    await ring.begin()

    assert await states(ring) == {OLD: State.SEALING}


async def test_a_key_out_of_use_is_not_chosen_at_a_first_start(ring: Keyring) -> None:
    """Somebody emptied the table, but not of the retired key."""
    async with ring.database.transaction() as transaction:
        await keys.retire(transaction, OLD, State.RETIRED)

    with pytest.raises(KeysRefused, match="none seals"):
        await ring.begin()


async def test_damaged_values_do_not_keep_a_bot_from_starting(ring: Keyring) -> None:
    """No key would open them."""
    async with ring.database.transaction() as transaction:
        await put_account(transaction, "MAYA", "damaged")

    await ring.begin()

    assert (await ring.status()).damaged == 1


async def test_a_key_is_promoted_once_every_process_knows_it(
    ring: Keyring, clock: SandboxClock
) -> None:
    """Until then the promotion says who does not, and changes nothing."""
    await ring.begin()
    now = clock.now().timestamp()
    await put_process(ring.database, "replica-1", OLD, NEW, at=now)
    await put_process(ring.database, "replica-2", OLD, at=now)
    await put_process(ring.database, "gone", OLD, at=now - SILENT_AFTER.total_seconds() - 1)

    with pytest.raises(KeysRefused) as refused:
        await ring.promote(NEW)
    assert "replica-2 (id-of-replica-2)" in str(refused.value)
    assert "replica-1" not in str(refused.value)
    assert "gone" not in str(refused.value)
    assert await states(ring) == {OLD: State.SEALING}

    clock.advance(SILENT_AFTER * 2)
    assert await ring.promote(NEW)
    assert not await ring.promote(NEW)
    assert await states(ring) == {NEW: State.SEALING}


async def test_only_a_key_of_this_setting_is_promoted(ring: Keyring) -> None:
    """A typing error would leave everybody without a key."""
    with pytest.raises(KeysRefused, match=f"has no key {THIRD}"):
        await ring.promote(THIRD)


async def test_a_key_out_of_use_is_not_promoted(ring: Keyring) -> None:
    """It may be out of use because somebody saw it."""
    await ring.promote(NEW)
    await ring.retire(OLD)

    with pytest.raises(KeysRefused, match=f"{OLD} was taken out of use"):
        await ring.promote(OLD)


async def test_a_whole_change(ring: Keyring, stored: Secrets) -> None:
    """In the end the new key alone opens everything, and nobody connected again."""
    await ring.begin()
    await stored.put(ring.vault, *range(7))
    await ring.promote(NEW)
    await stored.put(ring.vault, 7)

    done = await ring.rotate(batch=2)
    again = await ring.rotate(batch=2)
    await ring.retire(OLD)

    assert done.resealed == {"account": 7, "click": 7, "job": 7}
    assert again.resealed.total() == done.busy == done.unreadable.total() == 0
    alone = ring_with(ring, KEYS[1])
    await alone.begin()
    assert await stored.opened(alone.vault) == {"token": 8, "url": 8, "secret": 8}
    assert await ring.retire(OLD) is State.RETIRED


async def test_a_rotation_changes_nothing_but_the_seals(ring: Keyring, stored: Secrets) -> None:
    """An operation that was pinned to an account goes on with it."""
    await stored.put(ring.vault, 1)
    tables = (identity, click, job)

    async def unsealed() -> list[dict[str, object]]:
        async with ring.database.snapshot() as transaction:
            found = [(await transaction.run(select(table))).mappings().one() for table in tables]
        return [{k: v for k, v in row.items() if not k.startswith("sealed")} for row in found]

    before = await unsealed()
    await ring.promote(NEW)
    await ring.rotate()
    assert await unsealed() == before


async def test_rows_that_were_swapped_do_not_open_and_are_left(
    ring: Keyring, stored: Secrets
) -> None:
    """A change of keys does not make one person's token another's."""
    await stored.put(ring.vault, 1, 2, 3)
    of, value = identity.c.user, identity.c.sealed_token
    async with ring.database.transaction() as transaction:
        rows = await transaction.run(select(value).where(of.in_(["U1", "U2"])).order_by(of))
        first, second = rows.scalars()
        for user, sealed in (("U1", second), ("U2", first)):
            await transaction.run(update(identity).where(of == user).values(sealed_token=sealed))
    await ring.promote(NEW)

    done = await ring.rotate()

    assert done.resealed["account"] == 1
    assert done.unreadable == {OLD: 2}
    async with ring.database.snapshot() as transaction:
        kept = (await transaction.run(select(value).where(of.in_(["U1", "U2"])))).scalars().all()
    assert set(kept) == {first, second}
    with pytest.raises(KeysRefused, match=f"2 accounts are sealed with key {OLD}"):
        await ring.retire(OLD)
    assert await ring.retire(OLD, lost=True) is State.LOST
    await ring_with(ring, KEYS[1]).begin()


async def test_where_the_sealing_key_is_unknown_nothing_is_rotated(ring: Keyring) -> None:
    """This machine could only make it worse."""
    await ring.promote(NEW)

    with pytest.raises(KeysRefused, match=f"lacks key {NEW}, which seals now"):
        await ring_with(ring, KEYS[0]).rotate()


async def test_a_promotion_ends_a_rotation_with_the_key_before(
    ring: Keyring, stored: Secrets
) -> None:
    """Or it would seal with a key that may be retired the next moment."""
    slow = ring_with(ring, *KEYS)
    await stored.put(slow.vault, 1)
    slow.vault.sealing_key = NEW
    await ring_with(ring, *KEYS).promote(THIRD)

    with pytest.raises(KeysRefused, match="Another key was promoted meanwhile"):
        await Resealing(slow.database, slow.vault, slow.clock).run(BATCH)

    assert await stored.key_names() == {OLD}
    assert (await slow.rotate()).sealing_key == THIRD
    assert await stored.key_names() == {THIRD}


async def test_a_key_is_retired_once_nothing_needs_it(
    ring: Keyring, stored: Secrets, clock: SandboxClock
) -> None:
    """Not while it seals, not while a process seals with it, not while a value needs it."""
    await ring.begin()
    await stored.put(ring.vault, 1)
    now = clock.now().timestamp()
    await put_process(ring.database, "replica-1", OLD, NEW, at=now)
    for named, why in ((OLD, "seals now"), (THIRD, "Nobody knows")):
        with pytest.raises(KeysRefused, match=why):
            await ring.retire(named)

    await ring.promote(NEW)
    with pytest.raises(KeysRefused, match=r"seals for replica-1 .* within a few seconds"):
        await ring.retire(OLD)
    clock.advance(SILENT_AFTER * 2)
    with pytest.raises(KeysRefused, match="1 account, 1 click and 1 job are sealed with key"):
        await ring.retire(OLD)

    await ring.rotate()
    assert await ring.retire(OLD) is State.RETIRED
    assert await states(ring) == {OLD: State.RETIRED, NEW: State.SEALING}


async def test_a_process_that_cannot_follow_is_named(ring: Keyring, clock: SandboxClock) -> None:
    """Waiting would not help there."""
    await ring.promote(NEW)
    await put_process(ring.database, "late", OLD, at=clock.now().timestamp())

    with pytest.raises(KeysRefused, match=rf"Add key {NEW}, .* of late \(id-of-late\)"):
        await ring.retire(OLD)


async def test_a_key_that_is_gone_is_given_up(
    ring: Keyring, stored: Secrets, clock: SandboxClock
) -> None:
    """Then the bot starts again, and those people connect again; but not by mistake."""
    await ring.begin()
    await stored.put(ring.vault, 1)
    await ring.promote(NEW)
    without = ring_with(ring, *KEYS[1:])
    with pytest.raises(KeysRefused, match="still opens what it sealed"):
        await ring.retire(OLD, lost=True)
    await put_process(ring.database, "replica-1", OLD, NEW, at=clock.now().timestamp(), sealing=NEW)
    with pytest.raises(KeysRefused, match="is not lost: replica-1"):
        await without.retire(OLD, lost=True)
    with pytest.raises(KeysRefused, match=f"keys retire {OLD} --lost"):
        await without.begin()

    clock.advance(SILENT_AFTER * 2)
    assert await without.retire(OLD, lost=True) is State.LOST
    await without.begin()

    assert await stored.opened(without.vault) == {"closed": 3}
    # The key was found in the end.
    assert (await ring.rotate()).resealed.total() == 3
    assert await ring.retire(OLD, lost=True) is State.RETIRED
    assert await stored.opened(without.vault) == {"token": 1, "url": 1, "secret": 1}


async def test_a_lost_sealing_key_is_replaced(ring: Keyring, stored: Secrets) -> None:
    """A bot that lost its only key starts with another one."""
    await ring.begin()
    await stored.put(ring.vault, 1)
    bare = ring_with(ring, KEYS[2])

    await bare.promote(THIRD)
    await bare.retire(OLD, lost=True)
    await bare.begin()

    assert bare.vault.sealing_key == THIRD


async def test_the_status_tells_what_is_known(
    ring: Keyring, stored: Secrets, clock: SandboxClock
) -> None:
    """By name and number, and nothing else."""
    await ring.begin()
    await stored.put(ring.vault, 1, 2)
    await ring.promote(NEW)
    now = clock.now().timestamp()
    await put_process(ring.database, "replica-1", NEW, OLD, at=now)
    await put_process(ring.database, "replica-2", NEW, THIRD, at=now)

    status = await ring.status()

    assert [(k.name, k.is_here, k.known_by, k.state) for k in status.keys] == [
        (OLD, True, 1, None),
        (NEW, True, 2, State.SEALING),
        (THIRD, False, 1, None),
    ]
    assert status.keys[0].uses == Counter(account=2, click=2, job=2)
    assert len(status.processes) == 2
    assert not any(key in repr(status) for key in KEYS)
