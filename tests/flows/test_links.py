"""Links pasted from Buddy's web app: from the hash in the link to the execution's number."""

import pytest

from sandbox.buddy import Execution, Step
from sandbox.slack import Person
from tests.flows.acts import types
from tests.world import World


async def many(world: World, person: Person, count: int) -> list[Execution]:
    """Let a pipeline run often, a minute apart, each run over before the next."""
    world.deploy.plan([Step("Build", seconds=1)])
    runs = []
    for number in range(count):
        runs.append(world.deploy.push(by=world.colleagues[person.name], message=f"No {number}"))
        await world.passes(5)
    return runs


def lists_read(world: World) -> int:
    """Count how often a list of executions was asked for."""
    return sum(call.path.endswith("/executions") for call in world.buddy.journal.select("GET"))


@pytest.mark.parametrize("written", ["{}", "<{}>", "<{}|shop deploy>", "{}?approve=true"])
async def test_a_pasted_link_names_its_execution(world: World, written: str) -> None:
    """As it was copied, or as Slack's composer wraps it."""
    maya = await world.person("maya")
    _, run, _ = await many(world, maya, 3)

    assert await types(world, maya, f"show {written.format(run.html_url)}") == ""

    assert "shop / Deploy #2" in world.deploys.messages[-1].reads
    assert "No 1" in world.deploys.messages[-1].reads


async def test_a_link_that_was_seen_before_costs_no_search(world: World) -> None:
    """The hash of an execution with a card is known, and one that was found stays known."""
    maya = await world.person("maya")
    runs = await many(world, maya, 3)
    await types(world, maya, "show shop/deploy#1")
    before = lists_read(world)

    await types(world, maya, f"status {runs[0].html_url}")
    assert lists_read(world) == before
    await types(world, maya, f"status {runs[1].html_url}")
    assert lists_read(world) == before + 1
    for run in runs:
        await types(world, maya, f"status {run.html_url}")
    assert lists_read(world) == before + 1
    assert world.deploys.messages[-1].reads
    assert all(note.reads for note in maya.ephemerals)


async def test_an_operation_by_link_means_exactly_that_execution(world: World) -> None:
    """A link names one execution, so nothing is asked first."""
    maya = await world.person("maya")
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(25)

    await types(world, maya, f"approve <{run.html_url}?approve=true>")

    assert [effect.operation for effect in run.history] == ["APPLY"]
    [card] = world.deploys.messages
    assert "@maya approved" in card.thread[0].reads
    assert card.reads


async def test_a_link_to_a_pipeline_means_its_latest_execution(world: World) -> None:
    """The page of a pipeline, or a link of the API."""
    maya = await world.person("maya")
    run = (await many(world, maya, 2))[-1]
    page = run.html_url.partition("/execution/")[0]
    api = f"{world.buddy.url}/workspaces/acme/projects/shop/pipelines/{world.deploy.id}"

    for link in (page, f"{page}/executions", api):
        assert "shop / Deploy #2" in await types(world, maya, f"status {link}")
    for link in (f"{page}#1", f"{api}/executions/1"):
        assert "shop / Deploy #1" in await types(world, maya, f"status {link}")


@pytest.mark.parametrize("host", ["app.buddy.works", "evil.example", "127.0.0.1:1"])
async def test_a_link_to_another_buddy_is_refused(world: World, host: str) -> None:
    """Nothing is asked of any Buddy, least of all of the one that the link names."""
    maya = await world.person("maya")
    link = f"https://{host}/acme/shop/pipelines/pipeline/1/execution/6526b6ab592ab10000000001"
    asked = len(world.buddy.journal)

    told = await types(world, maya, f"approve {link}")

    assert f"This link leads to {host}, and I am connected to {world.buddy.host}." in told
    assert len(world.buddy.journal) == asked


async def test_the_search_stops_at_the_hash_own_moment(world: World) -> None:
    """Once executions are older than the link, no further page is read."""
    maya = await world.person("maya")
    runs = await many(world, maya, 1)
    await world.passes(900)
    made = f"{int(world.stage.clock.now().timestamp()):08x}592ab1ffffffffff"
    link = runs[0].html_url.replace(runs[0].hash, made)
    before = lists_read(world)

    told = await types(world, maya, f"show {link}")

    assert "I do not find the execution of this link" in told
    assert f"type it: acme/shop/{world.deploy.id}#12 with that number" in told
    assert lists_read(world) == before + 1


async def test_a_retried_execution_is_still_found_by_its_link(world: World) -> None:
    """A retry moves the start date later than the hash; the link stays the same."""
    maya = await world.person("maya")
    run = world.deploy.push(by=world.colleagues["maya"], message="Old")
    run.cancel(by=world.colleagues["maya"])
    await world.passes(1200)
    run.retry(by=world.colleagues["maya"])
    await world.passes(30)

    assert "shop / Deploy #1" in await types(world, maya, f"status {run.html_url}")


async def test_a_link_from_before_a_renaming_still_leads_there(world: World) -> None:
    """The number in the link outlives the name in it."""
    maya = await world.person("maya")
    run = (await many(world, maya, 1))[0]
    link = run.html_url
    world.buddy.rename(world.deploy.project, "store")

    assert "store / Deploy #1" in await types(world, maya, f"status {link}")


async def test_a_link_to_what_a_person_may_not_see(world: World) -> None:
    """A pipeline hidden in Buddy stays hidden, its names too."""
    maya, ben = await world.person("maya"), await world.person("ben")
    run = (await many(world, maya, 1))[0]
    world.deploy.grant(world.colleagues["ben"], "DENIED")

    told = await types(world, ben, f"status {run.html_url}")

    assert "Buddy does not find this, or does not show it to you" in told


async def test_an_old_execution_is_found_on_a_further_page(world: World) -> None:
    """The list is read page by page, newest first."""
    maya = await world.person("maya")
    world.deploy.plan([Step("Build", seconds=1)])
    first = world.deploy.push(by=world.colleagues["maya"], message="First")
    for number in range(130):
        world.deploy.push(by=world.colleagues["maya"], message=f"No {number}")
    before = lists_read(world)

    assert "shop / Deploy #1" in await types(world, maya, f"status {first.html_url}")
    assert lists_read(world) == before + 2


async def test_a_very_old_execution_is_given_up(world: World) -> None:
    """The search has an end, and the person a next step."""
    maya = await world.person("maya")
    first = world.deploy.push(by=world.colleagues["maya"], message="First")
    link = first.html_url.replace(first.hash, f"00000000{'0' * 16}")
    world.deploy.plan([])
    for number in range(1100):
        world.deploy.push(by=None, message=f"No {number}")
    before = lists_read(world)

    assert "Open the link, read the execution's number" in await types(
        world, maya, f"status {link}"
    )
    assert lists_read(world) == before + 10
