"""Variables in the form that starts a run, and what is remembered of them."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.store.tables import run_memory
from sandbox.buddy import Field, Pipeline
from sandbox.buddy.people import DEFAULT_SCOPES
from sandbox.faults import Fault
from sandbox.slack import Person
from tests.flows.acts import types
from tests.flows.run_forms import choose, closes, field, form, opened, sends
from tests.world import World, both_databases

RELEASE = "Web Shop / Release"
ASKS = (
    Field("VERSION", description="What to ship"),
    Field("STAGE", options=["test", "live"], description="Where to"),
    Field("REGION", "eu"),
    Field("PASSWORD", "old", encrypted=True),
)


def release(world: World, inputs: tuple[Field, ...] = ASKS, **options: Any) -> Pipeline:
    """Build a pipeline that wants to be told something."""
    return world.buddy.pipeline(
        "acme", "shop", "Release", identifier="release", inputs=inputs, **options
    )


def orders(world: World) -> list[dict[str, Any]]:
    """List the bodies of the POSTs that reached Buddy, in order."""
    return [call.body for call in world.buddy.journal.select("POST")]


async def looked(world: World, person: Person) -> None:
    """Look at everything that came of a run."""
    assert form(person).reads
    assert world.private(person)
    assert [reply.reads for card in world.deploys.messages for reply in (card, *card.thread)]


async def test_each_variable_has_a_field(world: World) -> None:
    """With its description, its default, its choices; what is masked is flagged and not shown."""
    release(world)
    maya = await world.person("maya")
    await opened(world, maya)

    view = await choose(world, maya, RELEASE)

    assert view.labels[3:7] == ["VERSION", "STAGE", "REGION", "PASSWORD"]
    assert "What to ship" in view.reads
    assert "Slack cannot mask this field" in view.reads
    assert (field(view, "REGION"), field(view, "PASSWORD")) == ("eu", None)
    await maya.submits({})
    required = "Please complete this required field."
    assert maya.modal_errors == {"VERSION": required, "STAGE": required}
    await sends(world, maya, VERSION="2.1 🚀", STAGE="live", **{"More variables": "EXTRA=a=b"})
    assert orders(world)[-1]["variables"] == [
        {"key": "VERSION", "value": "2.1 🚀"},
        {"key": "STAGE", "value": "live"},
        {"key": "REGION", "value": "eu"},
        {"key": "EXTRA", "value": "a=b"},
    ]
    await looked(world, maya)


async def test_what_was_typed_outlives_another_pipeline(world: World) -> None:
    """What somebody typed goes along; what only stood there does not."""
    release(world)
    other = (Field("VERSION", "1.0"), Field("REGION", "us"))
    world.buddy.pipeline("acme", "shop", "Docs", identifier="docs", inputs=other)
    maya = await world.person("maya")
    await opened(world, maya)
    await choose(world, maya, RELEASE)
    await maya.fills({"VERSION": "2.1", "Comment": "careful"})

    view = await choose(world, maya, "Web Shop / Docs")

    assert (field(view, "VERSION"), field(view, "REGION")) == ("2.1", "us")
    assert field(view, "Comment") == "careful"
    await closes(maya)


async def test_a_masked_value_shows_in_masked_fields_alone(world: World) -> None:
    """Another pipeline that does not ask for it masked gets nothing of it, and shows nothing."""
    release(world)
    world.buddy.pipeline("acme", "shop", "Docs", identifier="docs")
    plain, masked = Field("PASSWORD", "public"), Field("PASSWORD", "old", encrypted=True)
    for name, one in (("Open", plain), ("Vault", masked)):
        world.buddy.pipeline("acme", "shop", name, identifier=name.lower(), inputs=(one,))
    maya = await world.person("maya")

    for name, shown in (("Docs", None), ("Open", "public"), ("Vault", "hunter2")):
        await opened(world, maya)
        await choose(world, maya, RELEASE)
        await maya.fills({"VERSION": "2.1", "PASSWORD": "hunter2"})
        slow = Fault("GET", "/pipelines/", times=9, delay=timedelta(seconds=1))
        world.buddy.faults.order(slow)
        await maya.fills({"Pipeline": f"Web Shop / {name}"})
        assert "hunter2" not in form(maya).reads
        assert "hunter2" not in str(form(maya).layout)
        await world.settled()
        world.buddy.faults.clear()
        view = form(maya)
        if shown is not None:
            assert field(view, "PASSWORD") == shown
        label = "More variables" if shown else "Variables"
        assert field(view, label) == "VERSION=2.1"
        await closes(maya)


async def test_typed_values_stand_in_their_fields(world: World) -> None:
    """And a value that is none of the choices is said, not sent."""
    release(world)
    maya = await world.person("maya")

    view = await opened(world, maya, "run shop/release VERSION=3 STAGE=moon OTHER=1")

    assert "STAGE is one of: test, live." in view.reads
    assert (field(view, "VERSION"), field(view, "STAGE")) == ("3", None)
    assert field(view, "More variables") == "OTHER=1"
    await sends(world, maya, STAGE="test", PASSWORD="hunter2")
    assert "on it" in maya.ephemerals[0].reads
    sent = orders(world)[-1]["variables"]
    assert {"key": "PASSWORD", "value": "********", "encrypted": True} in sent
    assert "hunter2" not in str(world.log)
    await looked(world, maya)


@both_databases
async def test_same_as_last_time(world: World) -> None:
    """What the same person ran is filled in again; what is masked or looks secret is not."""
    release(world, (*ASKS, Field("API_TOKEN", "none")))
    maya, ben = await world.person("maya"), await world.person("ben")
    await opened(world, maya)
    assert "Same as last time" not in (await choose(world, maya, RELEASE)).buttons
    await sends(
        world,
        maya,
        VERSION="2.1",
        STAGE="live",
        PASSWORD="hunter2",
        API_TOKEN="t0ken",
        Comment="as agreed",
        Priority="High",
    )
    await looked(world, maya)

    await opened(world, maya)
    view = await choose(world, maya, RELEASE)
    await maya.fills({"VERSION": "3"})
    await world.acts(maya.clicks(view, "Same as last time"))

    view = form(maya)
    told = {label: field(view, label) for label in ("VERSION", "STAGE", "PASSWORD", "API_TOKEN")}
    assert told == {"VERSION": "2.1", "STAGE": "live", "PASSWORD": None, "API_TOKEN": "none"}
    assert (field(view, "Comment"), field(view, "Priority")) == ("as agreed", "High")
    await closes(maya)
    await opened(world, ben)
    assert "Same as last time" not in (await choose(world, ben, RELEASE)).buttons
    await closes(ben)
    async with world.stage.bot.database.snapshot() as transaction:
        rows = (await transaction.run(select(run_memory))).mappings().all()
    assert [row["user"] for row in rows] == [maya.id]
    assert "2.1" not in rows[0]["sealed_values"]


async def test_more_variables_than_a_form_holds(world: World) -> None:
    """Those that need a value come first; the others are named, and can be written as lines."""
    many = tuple(Field(f"OPTION_{number}", "x") for number in range(90))
    release(world, (*many, Field("NEEDED")))
    maya = await world.person("maya")
    await opened(world, maya)

    view = await choose(world, maya, RELEASE)

    assert "NEEDED" in view.labels
    assert "11 have no field here" in view.reads
    assert len(view.layout) <= 100
    await sends(world, maya, NEEDED="now", **{"More variables": "OPTION_89=y"})
    sent = {one["key"]: one["value"] for one in orders(world)[-1]["variables"]}
    assert (sent["NEEDED"], sent["OPTION_0"], sent["OPTION_89"]) == ("now", "x", "y")
    await looked(world, maya)


async def test_long_values_keep_slacks_limits(world: World) -> None:
    """Ninety defaults of 3,000 characters would be more than a view may have."""
    many = tuple(Field(f"LONG_{number}", "ß" * 3000) for number in range(90))
    release(world, many)
    maya = await world.person("maya")
    await opened(world, maya)

    view = await choose(world, maya, RELEASE)

    assert field(view, "LONG_0") == "ß" * 3000
    assert field(view, "LONG_79") is None
    await sends(world, maya, LONG_79="x" * 3000)
    sent = {one["key"]: one["value"] for one in orders(world)[-1]["variables"]}
    assert sent["LONG_79"] == "x" * 3000
    assert "LONG_78" not in sent
    await looked(world, maya)


async def test_a_token_that_sees_no_variables_says_so(world: World) -> None:
    """Lines can be written all the same."""
    release(world)
    maya = await world.person("maya", connected=False)
    world.colleagues["maya"].scopes = [one for one in DEFAULT_SCOPES if one != "VARIABLE_INFO"]
    await world.connect(maya)
    await opened(world, maya)

    view = await choose(world, maya, RELEASE)

    assert "Your Buddy token may not read which variables" in view.reads
    await sends(world, maya, Variables="VERSION=1\nSTAGE=live")
    assert [one["key"] for one in orders(world)[-1]["variables"]] == ["VERSION", "STAGE"]
    await looked(world, maya)


async def test_what_is_remembered_goes_with_the_account(world: World) -> None:
    """Who disconnects leaves nothing behind; what nobody ran for 90 days is forgotten by itself."""
    release(world)
    maya, ben = await world.person("maya"), await world.person("ben")
    for person in (maya, ben):
        await types(world, person, "run shop/release VERSION=1 STAGE=test")
    await types(world, maya, "disconnect")

    async def remembered() -> list[str]:
        async with world.stage.bot.database.snapshot() as transaction:
            return list((await transaction.run(select(run_memory.c.user))).scalars())

    assert await remembered() == [ben.id]
    world.stage.clock.advance(timedelta(days=91))
    await world.passes(120)
    assert await remembered() == []
    assert [reply.reads for card in world.deploys.messages for reply in (card, *card.thread)]
    assert [note.reads for person in (maya, ben) for note in person.ephemerals]
