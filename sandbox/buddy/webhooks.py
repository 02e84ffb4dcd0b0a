"""Webhooks of workspaces, and the calls of pipelines' own steps: who wants to hear of what."""

import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from sandbox.buddy.bodies import Body
from sandbox.buddy.errors import bad, forbidden
from sandbox.buddy.people import Person
from sandbox.buddy.workspaces import Workspace

EVENTS = (
    "PUSH",
    "EXECUTION_STARTED",
    "EXECUTION_SUCCESSFUL",
    "EXECUTION_FAILED",
    "EXECUTION_FINISHED",
)
"""S12, S24. Nothing tells that a gate opened, was answered, or that somebody cancelled."""

KEPT = 20
"""S24: Buddy keeps the last deliveries with status and body."""


@dataclass(frozen=True, slots=True)
class Posted:
    """One delivery as the workspace's settings show it."""

    at: datetime
    event: str
    status: int
    body: str = field(repr=False)


@dataclass(eq=False, slots=True)
class Webhook:
    """One address that a workspace tells what happens."""

    id: int
    workspace: Workspace = field(repr=False)
    target_url: str
    secret_key: str = field(repr=False)
    events: Sequence[str]
    projects: Sequence[str] = ()
    """Name ids; empty for all."""

    since: datetime | None = None
    """What happened before is not told."""

    requests: deque[Posted] = field(default_factory=lambda: deque(maxlen=KEPT), repr=False)

    def wants(self, event: str, project: str, at: datetime | None) -> bool:
        """Whether it is told of this, which happened then."""
        if self.since is not None and at is not None and at < self.since:
            return False
        return event in self.events and (not self.projects or project in self.projects)


@dataclass(frozen=True, slots=True)
class StepCall:
    """What a step in the tab «On Wait for Human» sends when a gate opens (S32, use inferred)."""

    url: str
    secret: str = field(repr=False)
    as_form: bool = False
    old_names: bool = False
    """Send the deprecated ``BUDDY_EXECUTION_…`` names instead of ``BUDDY_RUN_…`` (S21)."""


def check_admin(person: Person, workspace: Workspace) -> None:
    """Refuse everybody else (S24). That the answer is 403 is inferred."""
    if not workspace.members[person.id].is_admin:
        raise forbidden("Only administrators can manage webhooks")


def read_target_url(body: Body) -> str:
    """Read where to send to. What Buddy refuses here is unknown; what cannot be called is."""
    url = body.get("target_url")
    if not isinstance(url, str) or urlsplit(url).scheme not in {"http", "https"}:
        raise bad("Field target_url must be an address")
    return url


def read_events(body: Body) -> list[str]:
    """Read of what to tell."""
    events = body.get("events")
    if not isinstance(events, list) or not events or not set(map(str, events)) <= set(EVENTS):
        raise bad("Field events has no valid value")
    return [str(event) for event in events]


def read_projects(body: Body, known: Sequence[str]) -> list[str]:
    """Read of which projects to tell: name ids on write (S24); that unknown ones fail is chosen."""
    projects = body.get("projects") or []
    if not isinstance(projects, list) or not all(name in known for name in projects):
        raise bad("Field projects must be a list of projects")
    return [str(name) for name in projects]


def read_secret(body: Body) -> str:
    """Read the secret."""
    secret = body.get("secret_key") or ""
    if not isinstance(secret, str):
        raise bad("Field secret_key must be a string")
    return secret


def written(body: object) -> str:
    """Write a body as it is sent and kept."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)
