"""Who acts in Buddy as whom."""

from bot.database import Database
from bot.domain.account import BuddyUser
from bot.domain.person import Person
from bot.store import identities
from bot.store.identities import Link
from tests.domain.samples import NOON

HOST = "api.buddy.works"
MAYA, TOM = Person("T1", "MAYA"), Person("T1", "TOM")
MAYA_IN_BUDDY, TOM_IN_BUDDY = BuddyUser(11, "Maya Vogt"), BuddyUser(12, "Tom")
SEALED = "1a2b3c4d:sealed"


async def link(
    database: Database,
    person: Person = MAYA,
    buddy: BuddyUser = MAYA_IN_BUDDY,
    host: str = HOST,
    sealed: str = SEALED,
) -> Link:
    """Link an account and read the link."""
    async with database.transaction() as transaction:
        await identities.save(transaction, person, host, buddy, sealed, NOON)
        found = await identities.find(transaction, person, host)
    assert found is not None
    return found


async def unlink(database: Database, person: Person = MAYA, host: str = HOST) -> bool:
    """Forget a link."""
    async with database.transaction() as transaction:
        return await identities.remove(transaction, person, host)


async def find(database: Database, person: Person = MAYA, host: str = HOST) -> Link | None:
    """Look for a link."""
    async with database.snapshot() as transaction:
        return await identities.find(transaction, person, host)


async def test_a_linked_account_is_found_by_its_person_alone(database: Database) -> None:
    """Not by another person, team or host."""
    linked = await link(database)

    assert (linked.person, linked.buddy, linked.sealed_token) == (MAYA, MAYA_IN_BUDDY, SEALED)
    assert await find(database) == linked
    assert await find(database, TOM) is None
    assert await find(database, Person("T2", "MAYA")) is None
    assert await find(database, host="buddy.example.com") is None


async def test_linking_again_replaces_the_account_and_is_noticed(database: Database) -> None:
    """What was pinned to the old token must not be sent with the new one."""
    first = await link(database)

    second = await link(database, buddy=TOM_IN_BUDDY, sealed="other")

    assert second.id == first.id
    assert second.generation == first.generation + 1
    assert (second.buddy, second.sealed_token) == (TOM_IN_BUDDY, "other")


async def test_a_link_made_anew_is_another_one(database: Database) -> None:
    """Its number is never given twice, even if it was the last one."""
    first = await link(database)

    assert await unlink(database)
    assert await find(database) is None
    assert (await link(database)).id > first.id


async def test_forgetting_takes_only_the_own_link(database: Database) -> None:
    """And tells whether there was one."""
    await link(database)
    theirs = await link(database, TOM, TOM_IN_BUDDY)
    elsewhere = await link(database, host="buddy.example.com")

    assert await unlink(database)
    assert not await unlink(database)

    assert await find(database, TOM) == theirs
    assert await find(database, host="buddy.example.com") == elsewhere


async def test_linked_people_are_mentioned_in_their_own_team_alone(database: Database) -> None:
    """A mention of somebody from another team would be a stranger's name."""
    await link(database)
    await link(database, TOM, TOM_IN_BUDDY, host="buddy.example.com")
    await link(database, Person("T2", "ANNA"), BuddyUser(13, "Anna"))

    async with database.snapshot() as transaction:
        found = await identities.mentions(transaction, "T1", HOST, [11, 12, 13, 14])
        nobody = await identities.mentions(transaction, "T1", HOST, [])

    assert found == {11: "<@MAYA>"}
    assert nobody == {}


async def test_a_link_does_not_show_its_token(database: Database) -> None:
    """Not even the sealed one."""
    assert SEALED not in repr(await link(database))
