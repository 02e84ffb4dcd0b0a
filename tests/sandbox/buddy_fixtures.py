"""A small simulated Buddy and a plain HTTP client, for tests of the simulator itself."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from aiohttp import ClientSession

from sandbox.buddy import Execution, Gate, Parallel, Person, Pipeline, SimulatedBuddy, Step
from sandbox.clock import SandboxClock

DEPLOY = (Step("Build", seconds=20), Gate("Approve production"), Step("Deploy", seconds=30))


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def message(self) -> str:
        """The text of a refusal."""
        return str(self.body["errors"][0]["message"])


@dataclass(slots=True)
class Story:
    """A workspace with two people and one pipeline that has a gate."""

    clock: SandboxClock
    buddy: SimulatedBuddy
    http: ClientSession
    maya: Person
    omar: Person
    deploy: Pipeline

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(seconds=seconds))

    def pipeline(self, *actions: Step | Gate | Parallel, name: str = "Other") -> Pipeline:
        """Build one more pipeline."""
        return self.buddy.pipeline("acme", "shop", name, actions=actions)

    def waiting(self) -> Execution:
        """Push something and let it come to the gate."""
        run = self.deploy.push(by=self.maya, message="Fix login")
        self.later(20)
        return run

    async def call(
        self,
        method: str,
        path: str,
        *,
        by: Person | None = None,
        json: object = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Call the API, as Maya unless said otherwise."""
        own = {"Authorization": f"Bearer {(by or self.maya).token}"} if headers is None else headers
        async with self.http.request(method, path, json=json, headers=own) as response:
            return Reply(response.status, dict(response.headers), await response.json())

    async def get(self, path: str) -> dict[str, Any]:
        """Read something that must be there."""
        reply = await self.call("GET", path)
        assert reply.status == HTTPStatus.OK, reply
        return reply.body

    async def patch(self, run: Execution, operation: str, **fields: object) -> Reply:
        """Do something to an execution as Maya."""
        return await self.patch_as(self.maya, run, operation, **fields)

    async def patch_as(
        self, person: Person, run: Execution, operation: str, **fields: object
    ) -> Reply:
        """Do something to an execution as somebody."""
        body = {"operation": operation, **fields}
        return await self.call("PATCH", path_of(run), by=person, json=body)


def pipeline_path(pipeline: Pipeline) -> str:
    """Tell the address of a pipeline."""
    return f"/workspaces/acme/projects/shop/pipelines/{pipeline.id}"


def path_of(run: Execution) -> str:
    """Tell the address of an execution."""
    return f"{pipeline_path(run.pipeline)}/executions/{run.id}"


def statuses(shape: dict[str, Any]) -> list[str]:
    """List how the actions of an execution stand."""
    return [one["status"] for one in shape["action_executions"]]


def variables(**values: str) -> Sequence[dict[str, str]]:
    """Write values for a body."""
    return [{"key": key, "value": value} for key, value in values.items()]


@asynccontextmanager
async def told() -> AsyncIterator[Story]:
    """Start the Buddy of a story."""
    clock = SandboxClock()
    buddy = SimulatedBuddy(clock)
    await buddy.start()
    buddy.workspace("acme", name="Acme")
    maya = buddy.person("Maya Lee", workspaces=["acme"])
    omar = buddy.person("Omar Haddad", workspaces=["acme"])
    buddy.project("acme", "shop", display_name="Shop")
    deploy = buddy.pipeline("acme", "shop", "Deploy", identifier="deploy", actions=DEPLOY)
    try:
        async with ClientSession(buddy.url) as http:
            yield Story(clock, buddy, http, maya, omar, deploy)
    finally:
        await buddy.stop()
