"""What links and names led to is remembered, and never trusted further than its number."""

from dataclasses import replace

from bot.database import Database
from bot.domain.catalog import PipelineRef
from bot.domain.person import Person
from bot.domain.reference import PipelineName
from bot.store import cards, names
from tests.domain.samples import NOON, REF, RUNNING

MAYA = Person("T1", "MAYA")
HASH = "6526b6ab592ab10000000001"
AT = PipelineRef.of(REF)
SHOP = PipelineName("", "Shop", "Deploy")


async def test_an_execution_is_known_by_its_hash(database: Database) -> None:
    """The link of a followed execution needs no search; a poorer reading forgets nothing."""
    async with database.transaction() as transaction:
        await cards.begin_follow(transaction, replace(RUNNING, hash=HASH), MAYA, NOON)
        await cards.begin_follow(transaction, RUNNING, MAYA, NOON)

    async with database.snapshot() as transaction:
        assert await names.number_of(transaction, AT, HASH) == REF.execution
        assert await names.number_of(transaction, AT, "0" * 24) is None
        assert await names.number_of(transaction, replace(AT, host="other"), HASH) is None


async def test_a_name_is_remembered_in_any_case(database: Database) -> None:
    """With its workspace or without, however it is written the next time."""
    async with database.transaction() as transaction:
        for _ in range(2):
            await names.remember(transaction, SHOP, AT)

    async with database.snapshot() as transaction:
        for name in (SHOP, PipelineName("ACME", "shop", "DEPLOY")):
            assert await names.known(transaction, AT.host, name) == [AT.pipeline]
        for name in (PipelineName("zeta", "shop", "deploy"), PipelineName("", "shop", "docs")):
            assert await names.known(transaction, AT.host, name) == []
        assert await names.known(transaction, "other", SHOP) == []


async def test_a_name_that_is_too_long_is_not_remembered(database: Database) -> None:
    """It was found once; it is no reason to fail."""
    endless = PipelineName("", "shop", "d" * 300)
    async with database.transaction() as transaction:
        await names.remember(transaction, endless, AT)

    async with database.snapshot() as transaction:
        assert await names.known(transaction, AT.host, endless) == []


async def test_a_pipeline_that_moved_moves_with_all_its_executions(database: Database) -> None:
    """One reading that found it anew mends every card of the pipeline."""
    other = replace(RUNNING, ref=replace(REF, execution=13))
    async with database.transaction() as transaction:
        for execution in (RUNNING, other):
            await cards.begin_follow(transaction, execution, MAYA, NOON)
        await names.move(transaction, replace(AT, project="store"))

    async with database.snapshot() as transaction:
        for execution in (RUNNING, other):
            found = await cards.get_follow(transaction, execution.ref.identity)
            assert found is not None
            assert found.ref.project == "store"


async def test_what_is_open_in_a_channel(database: Database) -> None:
    """The latest card first, each execution once, and nothing of other channels."""
    other = replace(RUNNING, ref=replace(REF, execution=13))
    over = replace(RUNNING, ref=replace(REF, execution=14))
    async with database.transaction() as transaction:
        for number, execution in enumerate((RUNNING, other, over, RUNNING)):
            await cards.begin_follow(transaction, execution, MAYA, NOON)
            message = cards.Message("T1", "C1", f"1.{number}")
            await cards.add_card(transaction, execution.ref, message)
        await cards.change_follow(transaction, over.ref, is_open=False)

    async with database.snapshot() as transaction:
        found = await names.open_in(transaction, "T1", "C1", REF.host)
        assert found == [REF, other.ref]
        assert await names.open_in(transaction, "T1", "C2", REF.host) == []
        assert await names.open_in(transaction, "T2", "C1", REF.host) == []


async def test_where_such_a_name_was_used_is_known(database: Database) -> None:
    """By the beginnings of project and pipeline, whatever stands in them."""
    async with database.transaction() as transaction:
        await names.remember(transaction, SHOP, AT)
        await names.remember(transaction, PipelineName("", "50%_off", "deploy"), AT)

    async with database.snapshot() as transaction:
        for project, name in (("sh", ""), ("SHOP", "dep"), ("s", "DEPLOY")):
            found = await names.resembling(transaction, AT.host, project, name)
            assert found == [(AT.workspace, "shop")]
        assert len(await names.resembling(transaction, AT.host, "", "d")) == 2
        for project, name in (("%", ""), ("5_%", ""), ("shop", "x"), ("hop", "")):
            assert await names.resembling(transaction, AT.host, project, name) == []
        assert await names.resembling(transaction, "other", "", "") == []
