"""The simulated Buddy tells what happens: webhooks, a pipeline's own step, and what goes wrong."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from sandbox.buddy import Gate, Step, StepCall
from tests.sandbox.buddy_fixtures import Story, told

HOOKS = "/workspaces/acme/webhooks"
ALL = ["EXECUTION_STARTED", "EXECUTION_SUCCESSFUL", "EXECUTION_FAILED", "EXECUTION_FINISHED"]


@dataclass(slots=True)
class Receiver:
    """Somebody who listens."""

    url: str = ""
    got: list[tuple[dict[str, str], str]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        """Write down what came."""
        self.got.append((dict(request.headers), await request.text()))
        return web.Response()

    @property
    def bodies(self) -> list[Any]:
        """Read what came as JSON."""
        return [json.loads(text) for _, text in self.got]

    @property
    def statuses(self) -> list[str]:
        """Tell of what, in order."""
        return [body["execution"]["status"] for body in self.bodies]


@asynccontextmanager
async def listening() -> AsyncIterator[Receiver]:
    """Listen on loopback."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Let somebody listen to each test."""
    async with listening() as one:
        yield one


@pytest.fixture
async def story() -> AsyncIterator[Story]:
    """Tell a story of its own to each test; Maya owns the workspace, and may add webhooks."""
    async with told() as story:
        story.maya.scopes = [*story.maya.scopes, "WEBHOOK_MANAGE"]
        story.omar.scopes = [*story.omar.scopes, "WEBHOOK_MANAGE"]
        yield story


async def subscribed(story: Story, receiver: Receiver, **fields: object) -> int:
    """Let the workspace tell somebody; the webhook's number."""
    body = {"target_url": receiver.url, "secret_key": "s3", "events": ALL, **fields}
    reply = await story.call("POST", HOOKS, json=body)
    assert reply.status == 201
    number: int = reply.body["id"]
    return number


async def test_a_run_is_told_of_at_its_start_and_its_end(story: Story, receiver: Receiver) -> None:
    """With the secret in a header; a failed run is told of three times, and nothing says which."""
    await subscribed(story, receiver)
    story.pipeline(Step("Test", seconds=5, fails=True)).push(by=story.maya, message="Break it")
    await story.buddy.deliveries.send()
    story.later(10)
    await story.buddy.deliveries.send()

    assert receiver.statuses == ["INPROGRESS", "FAILED", "FAILED"]
    headers, _ = receiver.got[0]
    assert headers["secret_key"] == "s3"
    body = receiver.bodies[-1]
    assert "event" not in body
    assert "/workspaces/" not in body["project"]["url"]
    assert body["execution"]["branch"]["name"] == "main"
    assert body["execution"]["triggeredOn"] == "EVENT"


async def test_nothing_tells_of_a_gate_but_a_step(story: Story, receiver: Receiver) -> None:
    """The step of the tab «On Wait for Human» calls once for each gate, as JSON or as a form."""
    await subscribed(story, receiver)
    pipeline = story.pipeline(Step("Build", seconds=5), Gate("Go"), Gate("Really"))
    pipeline.on_wait = StepCall(receiver.url, "step-secret", as_form=True)
    run = pipeline.push(by=story.maya, message="Ask")
    await story.buddy.deliveries.send()
    story.later(10)
    await story.buddy.deliveries.send()
    await story.buddy.deliveries.send()
    run.approve(by=story.maya)
    pipeline.on_wait = StepCall(receiver.url, "step-secret", old_names=True)
    await story.buddy.deliveries.send()

    headers, text = receiver.got[1]
    assert len(receiver.got) == 3
    assert headers["Authorization"] == "Bearer step-secret"
    assert f"BUDDY_RUN_ID={run.id}&BUDDY_PIPELINE_ID={pipeline.id}" in text
    assert json.loads(receiver.got[2][1])["BUDDY_EXECUTION_ID"] == str(run.id)


async def test_the_oldest_body(story: Story, receiver: Receiver) -> None:
    """The branch is a text, the mode has its old name, and the secret may be in the body."""
    story.buddy.deliveries.is_legacy = story.buddy.deliveries.secret_in_body = True
    await subscribed(story, receiver)
    story.waiting()
    await story.buddy.deliveries.send()

    headers, _ = receiver.got[0]
    body = receiver.bodies[0]
    assert "secret_key" not in headers
    assert body["secret_key"] == "s3"
    assert body["execution"]["branch"] == "main"
    assert body["execution"]["mode"] == "ON_EVERY_PUSH"
    assert "pipeline" not in body["execution"]


async def test_only_admins_manage_webhooks(story: Story, receiver: Receiver) -> None:
    """And only with the scope for it."""
    number = await subscribed(story, receiver)
    where = f"{HOOKS}/{number}"

    assert (await story.call("GET", HOOKS, by=story.omar)).status == 403
    story.maya.scopes = ["WORKSPACE", "WEBHOOK_INFO"]
    assert (await story.call("POST", HOOKS, json={})).status == 403
    assert (await story.get(HOOKS))["webhooks"][0]["id"] == number
    assert (await story.call("PATCH", where, json={})).status == 403


async def test_a_webhook_is_changed_and_deleted(story: Story, receiver: Receiver) -> None:
    """What is not named stays; wrong values are refused; what is gone is not found."""
    number = await subscribed(story, receiver, projects=["shop"])
    where = f"{HOOKS}/{number}"

    changed = await story.call("PATCH", where, json={"events": ["EXECUTION_FINISHED"]})
    assert changed.body["events"] == ["EXECUTION_FINISHED"]
    assert changed.body["projects"] == ["shop"]
    for wrong in ({"events": ["NEVER"]}, {"projects": ["none"]}, {"target_url": "ftp://x"}):
        assert (await story.call("PATCH", where, json=wrong)).status == 400
    own = {"Authorization": f"Bearer {story.maya.token}"}
    async with story.http.delete(where, headers=own) as response:
        assert response.status == 204
    assert (await story.call("GET", where)).status == 404


async def test_the_last_twenty_deliveries_are_kept(story: Story, receiver: Receiver) -> None:
    """With the answers they got, the newest first."""
    number = await subscribed(story, receiver, events=["EXECUTION_STARTED"])
    for count in range(23):
        story.deploy.push(by=story.maya, message=f"Change {count}")
        await story.buddy.deliveries.send()

    requests = (await story.get(f"{HOOKS}/{number}"))["requests"]
    assert len(requests) == 20
    assert requests[0]["response_status"] == 200
    assert json.loads(requests[0]["body"])["execution"]["id"] == 23


async def test_what_goes_wrong_on_the_way(story: Story, receiver: Receiver) -> None:
    """Deliveries get lost, come twice, come late, and in another order."""
    await subscribed(story, receiver, events=["EXECUTION_STARTED"])
    mishaps = story.buddy.deliveries.mishaps
    mishaps.losing, mishaps.copies = 1, 2
    for count in range(2):
        story.deploy.push(by=story.maya, message=f"Change {count}")
    await story.buddy.deliveries.send()
    assert [body["execution"]["id"] for body in receiver.bodies] == [1, 2, 2]

    mishaps.copies, mishaps.delay, mishaps.is_disordered = 1, timedelta(seconds=30), True
    receiver.got.clear()
    for count in range(6):
        story.deploy.push(by=story.maya, message=f"Change {count}")
    await story.buddy.deliveries.send()
    assert not receiver.got
    story.later(31)
    await story.buddy.deliveries.send()
    numbers = [body["execution"]["id"] for body in receiver.bodies]
    assert sorted(numbers) == [3, 4, 5, 6, 7, 8]
    assert numbers != sorted(numbers)


async def test_what_was_before_is_not_told(story: Story, receiver: Receiver) -> None:
    """A webhook tells what happens from its making on; the journal never shows its secret."""
    story.waiting()
    story.later(5)
    await subscribed(story, receiver)
    await story.buddy.deliveries.send()

    assert not receiver.got
    assert "s3" not in str([call.body for call in story.buddy.journal])
