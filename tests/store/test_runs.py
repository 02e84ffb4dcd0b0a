"""A run is sent by one of its jobs, and a choice is taken back by its own click only."""

from datetime import UTC, datetime

from bot.database import Database
from bot.domain.click import Place, Way
from bot.domain.command import Run
from bot.domain.person import Person
from bot.domain.run import RunClick
from bot.store import runs
from bot.store.runs import Sealed, Step

MAYA = Person("T1", "MAYA")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


async def taken(database: Database) -> int:
    """Store a wish for a run."""
    asked = RunClick("slash/1", MAYA, Way.COMMAND, Place("C1"), Run())
    async with database.transaction() as transaction:
        number = await runs.take(transaction, asked, "7fk2mz", Sealed("values", "url"), NOON)
    assert number is not None
    return number


async def step_of(database: Database, number: int) -> tuple[Step, str]:
    """Read how far it came, and the values that it still holds."""
    async with database.snapshot() as transaction:
        found = await runs.get(transaction, number)
    assert found is not None
    return found.step, found.sealed_values


async def test_of_two_jobs_of_a_run_one_sends_it(any_database: Database) -> None:
    """The one that asked which pipeline may be done anew while the one that was told is checked."""
    number = await taken(any_database)
    won = []
    for _ in range(2):
        async with any_database.transaction() as transaction:
            won.append(await runs.claim(transaction, number, pipeline=7, sent_at=NOON))

    assert won == [True, False]
    assert await step_of(any_database, number) == (Step.SENT, "")


async def test_a_choice_is_taken_back_by_its_own_click(any_database: Database) -> None:
    """One that was stored too late must not undo the next one, or what was sent."""
    number = await taken(any_database)
    async with any_database.transaction() as transaction:
        await runs.move(transaction, number, Step.CHOOSING)
        assert await runs.choose(transaction, number, MAYA, Run(), "second")
        assert not await runs.unchoose(transaction, number, "first")
    assert await step_of(any_database, number) == (Step.TAKEN, "values")

    async with any_database.transaction() as transaction:
        assert await runs.unchoose(transaction, number, "second")
        assert await runs.choose(transaction, number, MAYA, Run(), "third")
        await runs.claim(transaction, number)
        assert not await runs.unchoose(transaction, number, "third")
    assert (await step_of(any_database, number))[0] is Step.SENT
