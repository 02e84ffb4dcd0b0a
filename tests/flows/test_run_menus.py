"""Menus of the run form in a big Buddy, and under whatever is typed into them."""

import asyncio
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.faults import Fault
from tests.flows.run_forms import BRANCH, PIPELINE, SHOP, choose, closes, opened
from tests.waiting import seconds_of
from tests.world import World

MORE = "There may be more. Type a project and a pipeline, like shop/deploy."
SLOW = "This takes longer than a menu waits. Type on, and I look again."
"""Seconds that a busy machine may take besides."""


async def test_typing_among_twenty_thousand_pipelines(world: World) -> None:
    """Letter by letter: few calls, and each answer that needs no call is there at once."""
    for project in range(500):
        world.buddy.project("acme", f"service-{project}", display_name=f"Service {project}")
        for pipeline in range(40):
            world.buddy.pipeline("acme", f"service-{project}", f"Deploy {pipeline:02}")
    maya = await world.person("maya")
    view = await opened(world, maya)
    before = len(world.buddy.journal.select("GET"))

    typed = "service-217/deploy 3"
    for end in range(len(typed)):
        await maya.searches(view, PIPELINE, typed[:end])
    found = await maya.searches(view, PIPELINE, typed)

    assert found[0] == "Service 217 / Deploy 30"
    assert len(found) == 10
    assert len(world.buddy.journal.select("GET")) - before <= 40
    assert await maya.searches(view, PIPELINE, "deploy") != []
    assert await seconds_of(lambda: maya.searches(view, PIPELINE, "deploy")) < 0.3
    assert (await maya.searches(view, PIPELINE, "deploy"))[-1] == MORE
    await closes(maya)


async def test_branches_in_time_whatever_buddy_does(world: World) -> None:
    """What was typed can be chosen even where the repository cannot be read in time."""
    maya = await world.person("maya")
    await opened(world, maya)
    view = await choose(world, maya)
    world.buddy.faults.order(Fault(times=999, delay=timedelta(seconds=4)))

    found = await maya.searches(view, BRANCH, "release/2")

    assert world.slack.deliveries[-1].elapsed < 3
    assert found[:2] == ["release/2", "Tag release/2"]
    world.buddy.faults.clear()
    await world.settled()
    await closes(maya)


async def test_a_buddy_that_is_down_is_said_in_the_menu(world: World) -> None:
    """Neither silence nor an error."""
    maya = await world.person("maya")
    view = await opened(world, maya)
    world.buddy.faults.order(Fault(times=999, status=502))
    assert await maya.searches(view, PIPELINE, "dep") == [SLOW]
    world.buddy.faults.clear()
    assert await maya.searches(view, PIPELINE, "dep") == [SHOP]
    await closes(maya)


async def test_whatever_is_typed_the_menu_is_one_that_slack_takes(world: World) -> None:
    """Halves of characters, slashes, wildcards of databases: never silence, never an error."""
    maya = await world.person("maya")
    await opened(world, maya)
    view = await choose(world, maya)
    loop = asyncio.get_running_loop()

    async def search(text: str) -> None:
        for menu in (PIPELINE, BRANCH):
            await maya.searches(view, menu, text)
            ack = world.slack.deliveries[-1]
            assert (ack.status, ack.problem) == (200, "")

    @settings(max_examples=60, deadline=None)
    @given(st.text(max_size=100) | st.text(alphabet="/%_\\'\"-;\x00\ud83dé ", max_size=40))
    def fuzz(text: str) -> None:
        asyncio.run_coroutine_threadsafe(search(text), loop).result(30)

    await asyncio.to_thread(fuzz)
    assert not maya.warnings
    await closes(maya)
