"""Find what people name: workspace, project and pipeline, among what the person may see."""

import difflib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bot.clock import Clock
from bot.domain.catalog import Pipeline, Project, Workspace
from bot.domain.command import ExecutionName
from bot.domain.execution import ExecutionRef
from bot.errors import AmbiguousName, UnknownName
from bot.services.identity import Actor

KEPT = timedelta(minutes=1)
"""How long a list holds; people type several commands in a row."""

MAX_KEPT = 2_000
"""Lists remembered at once."""

T = TypeVar("T")


@dataclass(slots=True)
class Catalog:
    """Lists of what each person may see, kept for a short while, never shared between people."""

    clock: Clock
    _kept: dict[tuple[object, ...], tuple[datetime, Any]] = field(default_factory=dict)

    async def find(self, actor: Actor, host: str, name: ExecutionName) -> ExecutionRef:
        """Find the execution that somebody named; the execution itself is not read.

        Raises:
            UnknownName: nothing of that name is visible to this person.
            AmbiguousName: several workspaces have such a pipeline.
        """
        found: list[tuple[Workspace, Project, Pipeline]] = []
        missing = UnknownName("project", name.project)
        for workspace in await self._workspaces(actor, name):
            try:
                project = await self._project(actor, workspace, name.project)
                pipeline = await self._pipeline(actor, workspace, project, name.pipeline)
            except UnknownName as unknown:
                # The one that got further knows better what is wrong.
                missing = unknown if unknown.kind == "pipeline" else missing
                if missing.kind == unknown.kind and unknown.nearest:
                    missing = unknown
            else:
                found.append((workspace, project, pipeline))
        if not found:
            raise missing
        if len(found) > 1:
            raise AmbiguousName(
                f"{name.project}/{name.pipeline}",
                tuple(f"{w.domain}/{p.name}/{i.identifier or i.name}" for w, p, i in found),
            )
        workspace, project, pipeline = found[0]
        return ExecutionRef(host, workspace.domain, project.name, pipeline.id, name.number)

    async def _workspaces(self, actor: Actor, name: ExecutionName) -> list[Workspace]:
        mine = await self._list((actor.link.id, "workspaces"), actor.buddy.workspaces)
        if not name.workspace:
            return list(mine)
        fitting = _fitting(mine, name.workspace, lambda w: (w.domain, w.name))
        if not fitting:
            raise UnknownName(
                "workspace", name.workspace, _nearest(name.workspace, [w.domain for w in mine])
            )
        return fitting

    async def _project(self, actor: Actor, workspace: Workspace, name: str) -> Project:
        projects = await self._list(
            (actor.link.id, "projects", workspace.domain),
            lambda: actor.buddy.projects(workspace.domain),
        )
        fitting = _fitting(projects, name, lambda p: (p.name, p.display_name))
        return _only("project", name, fitting, [p.name for p in projects], lambda p: p.name)

    async def _pipeline(
        self, actor: Actor, workspace: Workspace, project: Project, name: str
    ) -> Pipeline:
        pipelines = await self._list(
            (actor.link.id, "pipelines", workspace.domain, project.name),
            lambda: actor.buddy.pipelines(workspace.domain, project.name),
        )
        fitting = _fitting(pipelines, name, lambda p: (p.identifier, p.name, str(p.id)))
        known = [p.identifier or p.name for p in pipelines]
        return _only("pipeline", name, fitting, known, lambda p: f"{project.name}/{p.id}")

    async def _list(
        self, key: tuple[object, ...], ask: Callable[[], Awaitable[tuple[T, ...]]]
    ) -> tuple[T, ...]:
        now = self.clock.now()
        kept = self._kept.get(key)
        if kept is not None and now - kept[0] <= KEPT:
            held: tuple[T, ...] = kept[1]
            return held
        told = await ask()
        while len(self._kept) >= MAX_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = (now, told)
        return told


def _fitting(things: Sequence[T], name: str, names: Callable[[T], tuple[str, ...]]) -> list[T]:
    """Find by the exact id first, then by any name, capitals or not."""
    exact = [thing for thing in things if names(thing)[0] == name]
    if exact:
        return exact
    wanted = name.casefold()
    return [thing for thing in things if wanted in {other.casefold() for other in names(thing)}]


def _only(
    kind: str, name: str, fitting: list[T], known: list[str], written: Callable[[T], str]
) -> T:
    if not fitting:
        raise UnknownName(kind, name, _nearest(name, known))
    if len(fitting) > 1:
        raise AmbiguousName(name, tuple(written(thing) for thing in fitting))
    return fitting[0]


def _nearest(name: str, known: list[str]) -> str:
    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.6)), "")
