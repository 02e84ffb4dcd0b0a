"""Faults on order, and the journal of the simulated Buddy."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest

from sandbox.faults import Fault, Moment
from tests.sandbox.buddy_fixtures import Story, path_of, told
from tests.waiting import until


@pytest.fixture
async def story() -> AsyncIterator[Story]:
    """Tell a story of its own to each test."""
    async with told() as story:
        yield story


async def test_a_dropped_call_is_not_carried_out(story: Story) -> None:
    """The connection goes away before anything happened; the next call works."""
    run = story.waiting()
    story.buddy.faults.order(Fault(method="PATCH", drop=True))

    with pytest.raises(aiohttp.ClientError):
        await story.patch(run, "APPLY")
    assert run.history == []
    assert [call.status for call in story.buddy.journal] == [0]
    assert (await story.patch(run, "APPLY")).status == 200


async def test_a_lost_answer_hides_that_it_was_done(story: Story) -> None:
    """The operation took effect, the client cannot know."""
    run = story.waiting()
    story.buddy.faults.order(Fault(method="PATCH", moment=Moment.AFTER, drop=True))

    with pytest.raises(aiohttp.ClientError):
        await story.patch(run, "APPLY")
    assert [effect.operation for effect in run.history] == ["APPLY"]


async def test_an_answer_can_be_replaced_after_the_work(story: Story) -> None:
    """By a proxy's page, with its own headers."""
    run = story.waiting()
    story.buddy.faults.order(
        Fault(
            path="/executions/",
            moment=Moment.AFTER,
            status=502,
            body="<html>Bad Gateway</html>",
            headers={"Content-Type": "text/html"},
        )
    )
    own = {"Authorization": f"Bearer {story.maya.token}"}
    body = {"operation": "CANCEL"}
    async with story.http.patch(path_of(run), json=body, headers=own) as response:
        assert (response.status, response.content_type) == (502, "text/html")
        assert "Bad Gateway" in await response.text()
    assert run.status == "TERMINATING"


async def test_an_answer_can_be_replaced_instead_of_the_work(story: Story) -> None:
    """So many times as ordered, for the calls that fit."""
    fault = Fault(method="GET", path="/user", times=2, status=503, body="{}")
    fault.headers["Content-Type"] = "application/json"
    story.buddy.faults.order(fault)
    paths = ("/workspaces", "/user", "/user", "/user")

    assert [(await story.call("GET", path)).status for path in paths] == [200, 503, 503, 200]


@pytest.mark.parametrize("moment", list(Moment))
async def test_a_slow_call_is_answered_in_the_end(story: Story, moment: Moment) -> None:
    """A delay alone changes nothing else."""
    story.buddy.faults.order(Fault(moment=moment, delay=timedelta(milliseconds=20)))

    assert (await story.call("GET", "/user")).status == 200


async def test_a_client_that_gives_up_does_not_undo_the_work(story: Story) -> None:
    """A slow call is carried out though nobody waits for its answer; stopping does not hang."""
    run = story.waiting()
    story.buddy.faults.order(Fault(moment=Moment.AFTER, delay=timedelta(seconds=60)))

    call = asyncio.get_running_loop().create_task(story.patch(run, "APPLY"))
    await until(lambda: run.history)
    call.cancel()
    await asyncio.wait([call])
    assert [effect.operation for effect in run.history] == ["APPLY"]


async def test_the_journal_names_people_and_never_a_token(story: Story) -> None:
    """Each call with who, what and how it ended."""
    run = story.waiting()
    await story.patch_as(story.omar, run, "APPLY")
    await story.call("GET", "/user", headers={"Authorization": "Bearer nobody"})
    done, unknown = story.buddy.journal

    assert (done.method, done.path, done.who, done.status) == (
        "PATCH",
        path_of(run),
        "Omar Haddad",
        200,
    )
    assert done.body == {"operation": "APPLY"}
    assert (unknown.who, unknown.body, unknown.status) == ("", None, 401)
    assert story.omar.token not in str(story.buddy.journal.calls) + repr(story.omar)


async def test_a_stopped_buddy_comes_back_at_the_same_address(story: Story) -> None:
    """With everything it had."""
    url = story.buddy.url
    run = story.waiting()
    await story.buddy.stop()
    with pytest.raises(aiohttp.ClientError):
        await story.call("GET", "/user")
    await story.buddy.start()

    assert story.buddy.url == url
    assert (await story.get(path_of(run)))["html_url"] == run.html_url
    assert run.html_url.startswith(f"http://{story.buddy.host}/acme/shop/pipelines/pipeline/")
