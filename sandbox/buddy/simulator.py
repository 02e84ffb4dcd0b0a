"""The simulated Buddy as a story sees it: put a world into it, start it, look at what happened."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiohttp import web
from typing_extensions import Unpack

from sandbox.buddy.actions import Plan
from sandbox.buddy.deliveries import Deliveries
from sandbox.buddy.executions import Pipeline
from sandbox.buddy.options import PipelineOptions
from sandbox.buddy.people import DEFAULT_SCOPES, Person, Token
from sandbox.buddy.server import build_app
from sandbox.buddy.state import State
from sandbox.buddy.workspaces import Group, Project, Workspace
from sandbox.buddy.world import World
from sandbox.faults import Faults
from sandbox.journal import Journal

GRACE_SECONDS = 0.1
"""How long calls under way may take once the server stops, in real time."""


@dataclass(eq=False)
class SimulatedBuddy(World):
    """Buddy's API on loopback, with everything behind it."""

    journal: Journal = field(default_factory=Journal, init=False)
    faults: Faults = field(default_factory=Faults, init=False)
    state: State = field(init=False)
    deliveries: Deliveries = field(init=False)
    """What it sends by itself."""

    _port: int = field(default=0, init=False)
    _runner: web.AppRunner | None = field(default=None, init=False)
    _sending: asyncio.Task[None] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Begin empty."""
        self.state = State(self)
        self.deliveries = Deliveries(self.state)

    async def start(self) -> None:
        """Listen on a free port; after a stop, on the same one again."""
        app = build_app(self.state, self.journal, self.faults)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=GRACE_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://{self.host}"
        self._sending = asyncio.get_running_loop().create_task(self.deliveries.keep_sending())

    async def stop(self) -> None:
        """Stop listening and sending; the world stays."""
        if self._sending is not None:
            self._sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sending
            self._sending = None
        await self.deliveries.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def host(self) -> str:
        """Host and port of the API."""
        return f"127.0.0.1:{self._port}"

    def workspace(self, domain: str, *, name: str = "") -> Workspace:
        """Open a workspace."""
        number = self.number("workspace")
        workspace = Workspace(number, domain, name or domain.title(), self.clock.now())
        self.state.workspaces[domain] = workspace
        return workspace

    def person(
        self,
        name: str,
        *,
        workspaces: Sequence[str] = (),
        scopes: Sequence[str] = DEFAULT_SCOPES,
        email: str = "",
        is_admin: bool = False,
    ) -> Person:
        """Let a person join workspaces, with a token of these scopes."""
        address = email or f"{'.'.join(name.lower().split())}@example.com"
        person = Person(self.number("person"), name, address, [Token(scopes=list(scopes))])
        self.state.people.append(person)
        for domain in workspaces:
            self.state.workspaces[domain].join(person, is_admin=is_admin)
        return person

    def group(self, domain: str, name: str, people: Sequence[Person] = ()) -> Group:
        """Put people of a workspace together."""
        group = Group(self.number("group"), name, list(people))
        self.state.workspaces[domain].groups[group.id] = group
        return group

    def project(
        self, domain: str, name: str, *, display_name: str = "", default_branch: str = "main"
    ) -> Project:
        """Open a project."""
        workspace = self.state.workspaces[domain]
        project = Project(
            self,
            workspace,
            name,
            display_name or name,
            created=self.clock.now(),
            creator=workspace.owner,
            default_branch=default_branch,
        )
        self.state.projects[domain, name] = project
        return project

    def rename_workspace(self, workspace: Workspace, domain: str) -> None:
        """Rename a workspace: its paths change at once, like those of a project (inferred)."""
        state = self.state
        del state.workspaces[workspace.domain]
        for project in state.projects_of(workspace):
            del state.projects[workspace.domain, project.name]
            state.projects[domain, project.name] = project
        workspace.domain = domain
        state.workspaces[domain] = workspace

    def rename(self, project: Project, name: str) -> None:
        """Rename a project: its paths and links change at once, its pipelines keep their numbers.

        That nothing leads from the old name to the new one is inferred (S12).
        """
        projects = self.state.projects
        domain = project.workspace.domain
        del projects[domain, project.name]
        project.name = name
        projects[domain, name] = project

    def pipeline(
        self,
        domain: str,
        project: str,
        name: str,
        *,
        actions: Plan = (),
        **options: Unpack[PipelineOptions],
    ) -> Pipeline:
        """Build a pipeline. Without an identifier it gets one from its name."""
        options.setdefault("identifier", "-".join(name.lower().split()))
        found = self.state.projects[domain, project]
        options.setdefault("refs", (f"refs/heads/{found.default_branch}",))
        number = self.number("pipeline")
        creator = found.workspace.owner
        pipeline = Pipeline(self, found, number, name, self.clock.now(), creator, **options)
        pipeline.plan(actions)
        self.state.pipelines[number] = pipeline
        return pipeline
