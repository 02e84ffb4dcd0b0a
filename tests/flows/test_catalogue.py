"""Finding things in a big Buddy: quickly, with few calls, and only what the person may see."""

import time
from datetime import timedelta

import pytest

from bot.domain.catalog import Choice, Choices, PipelineRef
from bot.domain.person import Person as Member
from bot.domain.reference import ProjectName
from bot.services.finding.listing import Listing
from bot.services.finding.suggesting import Suggesting
from bot.services.identity import Actor
from sandbox.buddy.people import DEFAULT_SCOPES
from sandbox.faults import Fault
from sandbox.slack import Person
from tests.flows.acts import types
from tests.waiting import seconds_of
from tests.world import World

TEAM = "T0ACME0001"
SLOW = timedelta(seconds=2)


async def actor_of(world: World, person: Person) -> Actor:
    """Find the client that acts as somebody."""
    member = Member(TEAM, person.id)
    return await world.stage.bot.services.accounts.identities.actor(member)


def anew(world: World) -> Suggesting:
    """Make suggestions that know nothing yet, as after a restart."""
    bot = world.stage.bot
    listing = Listing(world.stage.clock, bot.background)
    return Suggesting(listing, bot.database, bot.services.suggesting.host)


def calls(world: World) -> int:
    """Count what Buddy was asked so far."""
    return len(world.buddy.journal.select("GET"))


def labels(choices: Choices[PipelineRef] | Choices[ProjectName] | Choices[str]) -> list[str]:
    """Read what is offered."""
    return [choice.label for choice in choices.found]


def big(world: World) -> None:
    """Build 500 projects with 40 pipelines each."""
    for project in range(500):
        world.buddy.project("acme", f"service-{project}", display_name=f"Service {project}")
        for pipeline in range(40):
            world.buddy.pipeline("acme", f"service-{project}", f"Deploy {pipeline:02}")


async def test_typing_in_a_big_buddy_takes_few_calls(world: World) -> None:
    """A person of 20,000 pipelines types a name letter by letter, then uses it in a command."""
    big(world)
    maya = await world.person("maya")
    actor = await actor_of(world, maya)
    suggesting, before = world.stage.bot.services.suggesting, calls(world)

    typed = "service-217/deploy 3"
    for end in range(len(typed)):
        await suggesting.pipelines(actor, typed[:end], 100)
    found = await suggesting.pipelines(actor, typed, 100)
    assert labels(found)[0] == "Service 217 / Deploy 30"
    assert len(found.found) == 10
    assert not found.is_partial
    assert calls(world) - before <= 40

    before = calls(world)
    for number in range(20):
        told = await types(world, maya, f"status service-217/deploy-{number:02}")
        assert "has no execution yet" in told
    assert calls(world) - before == 20, "nothing but the executions themselves"
    await world.passes(120)
    before = calls(world)
    assert "has no execution yet" in await types(world, maya, "status service-217/deploy-01")
    assert calls(world) - before <= 11, "names in the background, and one project"


@pytest.mark.slow
async def test_a_menu_answers_in_time_however_slow_buddy_is(world: World) -> None:
    """What somebody named before is there in the first answer, and the rest at the next letter."""
    world.buddy.pipeline("acme", "shop", "Docs")
    maya = await world.person("maya")
    actor = await actor_of(world, maya)
    await types(world, maya, "status shop/deploy")
    suggesting = anew(world)
    world.buddy.faults.order(Fault(times=99, delay=SLOW))

    began = time.monotonic()
    first = await suggesting.pipelines(actor, "de", 100)
    assert time.monotonic() - began < 3
    assert first.is_partial

    world.buddy.faults.clear()
    await world.settled()
    assert await seconds_of(lambda: suggesting.pipelines(actor, "sh", 100)) < 0.3
    second = await suggesting.pipelines(actor, "sh", 100)
    assert labels(second) == ["Web Shop / Deploy", "Web Shop / Docs"]
    assert not second.is_partial


async def test_a_menu_without_buddy_offers_what_is_known(world: World) -> None:
    """A Buddy that does not answer is no reason for an empty menu."""
    maya = await world.person("maya")
    actor, suggesting = await actor_of(world, maya), world.stage.bot.services.suggesting
    assert labels(await suggesting.pipelines(actor, "shop/", 9)) == ["Web Shop / Deploy"]
    await world.passes(700)
    world.buddy.faults.order(Fault(times=99, status=502))

    found = await suggesting.pipelines(actor, "shop/", 9)

    assert labels(found) == ["Web Shop / Deploy"]
    assert found.is_partial
    world.buddy.faults.clear()
    world.deploy.name = "Ship it"
    found = await suggesting.pipelines(actor, "shop/", 9)
    assert found == Choices((Choice("Web Shop / Ship it", found.found[0].means),))


async def test_the_last_calls_are_left_for_clicks(world: World) -> None:
    """Menus and what is read behind an answer stop where the reserve begins."""
    maya = await world.person("maya")
    actor = await actor_of(world, maya)
    world.colleagues["maya"].newest_token.budget.leave(200, world.stage.clock.now(), 1000)
    await types(world, maya, "status shop/deploy")
    before = calls(world)

    found = await anew(world).pipelines(actor, "shop", 9)

    assert calls(world) == before
    assert found == Choices((), is_partial=True)
    assert "has no execution yet" in await types(world, maya, "status shop/deploy")


async def test_projects_are_suggested_by_either_name(world: World) -> None:
    """The beginning of a name goes before the middle of another, and workspaces narrow it."""
    world.buddy.project("acme", "docs", display_name="Handbook of the shop")
    world.buddy.project("acme", "web", display_name="Website")
    maya = await world.person("maya")
    actor, suggesting = await actor_of(world, maya), world.stage.bot.services.suggesting

    assert labels(await suggesting.projects(actor, "we", 9)) == ["Web Shop", "Website"]
    assert labels(await suggesting.projects(actor, "SHOP", 9)) == [
        "Web Shop",
        "Handbook of the shop",
    ]
    found = await suggesting.projects(actor, "acme/doc", 9)
    assert [choice.means for choice in found.found] == [ProjectName("acme", "docs")]
    assert len((await suggesting.projects(actor, "", 2)).found) == 2
    assert labels(await suggesting.projects(actor, "zeta/", 9)) == []


async def test_suggestions_are_only_what_the_person_may_see(world: World) -> None:
    """What others use is no more than a hint where to look, with one's own token."""
    docs = world.buddy.pipeline("acme", "shop", "Docs")
    maya, ben = await world.person("maya"), await world.person("ben")
    world.deploy.grant(world.colleagues["ben"], "DENIED")
    await types(world, maya, "status shop/deploy")
    suggesting = world.stage.bot.services.suggesting

    mine = await suggesting.pipelines(await actor_of(world, maya), "d", 9)
    theirs = await suggesting.pipelines(await actor_of(world, ben), "d", 9)

    assert labels(mine) == ["Web Shop / Deploy", "Web Shop / Docs"]
    assert [choice.means.pipeline for choice in theirs.found] == [docs.id]


async def test_branches_are_suggested_where_there_is_a_repository(world: World) -> None:
    """The default one first; none without a repository, or where the token may not read it."""
    shop = world.deploy.project
    for branch in ("feature/main-menu", "hotfix"):
        shop.commit("Fix", by=None, branch=branch)
    bare = world.buddy.project("acme", "bare")
    bare.has_repository = False
    maya, ben = await world.person("maya", connected=False), await world.person("ben")
    world.colleagues["maya"].scopes = [*DEFAULT_SCOPES, "REPOSITORY_READ"]
    await world.connect(maya)
    mine, theirs = await actor_of(world, maya), await actor_of(world, ben)
    suggesting = world.stage.bot.services.suggesting
    at = PipelineRef(suggesting.host, "acme", "shop", world.deploy.id)

    everything = await suggesting.branches(mine, at, "", 9)
    assert labels(everything) == ["main", "feature/main-menu", "hotfix"]
    assert labels(await suggesting.branches(mine, at, "main", 9)) == ["main", "feature/main-menu"]
    before = calls(world)
    assert len((await suggesting.branches(mine, at, "", 2)).found) == 2
    assert calls(world) == before
    for actor, place in ((mine, PipelineRef(suggesting.host, "acme", "bare", 9)), (theirs, at)):
        assert await suggesting.branches(actor, place, "", 9) == Choices(())


async def test_what_was_made_a_moment_ago_is_found(world: World) -> None:
    """A miss asks Buddy again, but not at every word of somebody who cannot spell."""
    maya = await world.person("maya")
    await types(world, maya, "status shop/deploy")
    world.buddy.pipeline("acme", "shop", "Docs")
    assert "has no execution yet" in await types(world, maya, "status shop/docs")

    before = calls(world)
    for _ in range(3):
        assert "I find no pipeline “dcos”" in await types(world, maya, "status shop/dcos")
        assert "I find no project “shp”" in await types(world, maya, "pipelines shp")
    assert calls(world) == before
    world.buddy.project("acme", "late")
    await world.passes(5)
    assert "Pipelines of late" in await types(world, maya, "pipelines late")


async def test_a_new_project_is_not_hidden_by_a_longer_name(world: World) -> None:
    """What fits only by its beginning is no proof that there is nothing better."""
    maya = await world.person("maya")
    await types(world, maya, "status shop/deploy")
    world.buddy.project("acme", "sho")
    world.buddy.pipeline("acme", "sho", "Docs")

    assert "has no execution yet" in await types(world, maya, "status sho/docs")
    world.buddy.project("acme", "sh")
    await world.passes(120)
    assert "Pipelines of sh" in await types(world, maya, "pipelines sh")


async def test_a_list_is_served_at_once_and_read_anew_behind_it(world: World) -> None:
    """Names change seldom: nobody waits for 500 projects every minute."""
    maya = await world.person("maya")
    await types(world, maya, "projects")
    for name in ("docs", "web"):
        world.buddy.project("acme", name)
    await types(world, maya, "pipelines docs")
    world.buddy.project("acme", "late")
    await world.passes(120)
    before = calls(world)

    assert "late" not in await types(world, maya, "projects")
    assert calls(world) - before == 3
    assert "late" in await types(world, maya, "projects")
    assert calls(world) - before == 3
    world.buddy.project("acme", "later")
    await world.passes(700)
    assert "later" in await types(world, maya, "projects")
