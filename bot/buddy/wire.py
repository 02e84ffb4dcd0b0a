"""Write requests to Buddy's API.

    W = /workspaces/:domain      P = W/projects/:name      L = P/pipelines/:number
    E = L/executions/:number     A = E/action_executions/:id

Pure. How answers are read stands in ``readers`` (what they hold) and ``answers`` (what they mean).
"""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal
from urllib.parse import quote, urlencode

from bot.domain.catalog import PipelineRef
from bot.domain.command import Assignment
from bot.domain.execution import ExecutionRef, GitRefKind
from bot.domain.run import RunRequest
from bot.errors import NotFoundInBuddy

PAGE_SIZE = 100
"""How much of a list to ask for at once; a Buddy that gives less per page is asked more often."""

MIN_SECRET = 4
"""Characters from which on a value that nobody flagged is kept from coming back all the same."""

_REF_FIELDS = {
    GitRefKind.BRANCH: "branch",
    GitRefKind.TAG: "tag",
    GitRefKind.PULL_REQUEST: "pull_request",
}


class BuddyOperation(StrEnum):
    """What PATCH can do to an execution. Source: Buddy's API, «Cancel, retry, approve»."""

    RETRY = "RETRY"
    CANCEL = "CANCEL"
    APPLY = "APPLY"
    APPLY_VARIABLES = "APPLY_VARIABLES"
    SET_VARIABLES = "SET_VARIABLES"
    RUN_DELAYED = "RUN_DELAYED"
    APPROVE_VT = "APPROVE_VT"


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that a person gives to a gate; ``is_encrypted`` keeps it out of Buddy's logs."""

    key: str
    value: str = field(repr=False)
    is_encrypted: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One call: ready to be sent once the address of the API and a token are known."""

    method: Literal["GET", "PATCH", "POST", "DELETE"]
    path: str
    """Percent-encoded, from the API's address on."""

    query: str = ""
    content: bytes = field(default=b"", repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Values inside ``content`` that must not come back in a message."""

    @property
    def is_write(self) -> bool:
        """Whether it changes something, so that it must not simply be sent again."""
        return self.method != "GET"

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path


def path(*parts: str | int) -> str:
    """Encode names and numbers into a path, each as exactly one part of it.

    Raises:
        NotFoundInBuddy: a part can be no name: empty, or a step upwards that would lead elsewhere.
    """
    return "".join(f"/{_encoded(part) if isinstance(part, str) else part}" for part in parts)


@functools.lru_cache(maxsize=4096)
def _encoded(name: str) -> str:
    # A dot is a direction even when it is encoded; half a surrogate pair has no encoding.
    if name in {"", ".", ".."} or not name.isprintable():
        raise NotFoundInBuddy
    return quote(name, safe="")


def user() -> Request:
    """Ask who the token belongs to."""
    return Request("GET", path("user"))


def token() -> Request:
    """Ask what the token may do and until when."""
    return Request("GET", path("user", "token"))


def workspaces() -> Request:
    """Ask for every workspace of the person."""
    return Request("GET", path("workspaces"))


def projects(workspace: str, page: int) -> Request:
    """Ask for a page of a workspace's open projects."""
    query = _query(page=page, per_page=PAGE_SIZE, status="ACTIVE", sort_by="name")
    return Request("GET", path("workspaces", workspace, "projects"), query)


def project(workspace: str, name: str) -> Request:
    """Ask for one project."""
    return Request("GET", _project(workspace, name))


def branches(workspace: str, project: str, page: int) -> Request:
    """Ask for a page of the branches of a project's repository."""
    query = _query(page=page, per_page=PAGE_SIZE)
    return Request("GET", _project(workspace, project) + path("repository", "branches"), query)


def comparison(workspace: str, project: str, base: str, head: str, page: int) -> Request:
    """Ask for a page of the commits between two revisions. Source: Buddy's API, «Compare»."""
    between = path("repository", "comparison", f"{base}...{head}")
    query = _query(page=page, per_page=PAGE_SIZE)
    return Request("GET", _project(workspace, project) + between, query)


def pipelines(workspace: str, project: str, page: int) -> Request:
    """Ask for a page of a project's pipelines."""
    query = _query(page=page, per_page=PAGE_SIZE, sort_by="name")
    return Request("GET", _project(workspace, project) + path("pipelines"), query)


def pipeline(workspace: str, project: str, number: int) -> Request:
    """Ask for one pipeline."""
    return Request("GET", _pipeline(workspace, project, number))


def variables(workspace: str, project: str, pipeline: int) -> Request:
    """Ask for the variables that a pipeline has of its own. Source: Buddy's Go client."""
    query = _query(projectName=project, pipelineId=pipeline)
    return Request("GET", path("workspaces", workspace, "variables"), query)


def executions(workspace: str, project: str, pipeline: int, *, page: int, per_page: int) -> Request:
    """Ask for a page of a pipeline's executions, newest first, in short form."""
    query = _query(page=page, per_page=per_page)
    return Request("GET", _pipeline(workspace, project, pipeline) + path("executions"), query)


def execution(ref: ExecutionRef) -> Request:
    """Ask for one execution with its actions."""
    return Request("GET", _execution(ref))


def run(wanted: RunRequest) -> Request:
    """Ask for a run. What is not said is left to the pipeline.

    A commit is always named, unless a branch, a tag or a pull request says which one it is.
    """
    at, ref = wanted.pipeline, wanted.ref
    body: dict[str, object] = {}
    if ref is not None:
        body[_REF_FIELDS[ref.kind]] = {"name": ref.name}
    if ref is None or wanted.revision:
        body["to_revision"] = {"revision": wanted.revision or "HEAD"}
    told = {
        "comment": wanted.comment,
        "variables": [_assigned(one) for one in wanted.variables],
        "refresh": wanted.from_scratch,
        "clear_cache": wanted.clear_cache,
        "priority": wanted.priority.name if wanted.priority else "",
        "delay_until": _moment(wanted.delay_until) if wanted.delay_until else "",
    }
    body.update({name: value for name, value in told.items() if value})
    return Request(
        "POST",
        _runs(at),
        content=json.dumps(body).encode(),
        # Whether or not Buddy keeps them from view: what somebody typed does not come back. What is
        # too short to be a secret would blot out whole sentences.
        secrets=tuple(
            item.value
            for item in wanted.variables
            if item.is_encrypted or len(item.value) >= MIN_SECRET
        ),
    )


def action(ref: ExecutionRef, action_id: int) -> Request:
    """Ask for the definition of an action: what a gate asks, and whom."""
    pipeline = _pipeline(ref.workspace, ref.project, ref.pipeline)
    return Request("GET", pipeline + path("actions", action_id))


def members(workspace: str, page: int) -> Request:
    """Ask for a page of a workspace's members."""
    query = _query(page=page, per_page=PAGE_SIZE, sort_by="id")
    return Request("GET", path("workspaces", workspace, "members"), query)


def member(workspace: str, number: int) -> Request:
    """Ask for one member of a workspace."""
    return Request("GET", path("workspaces", workspace, "members", number))


def group_members(workspace: str, group: int, page: int) -> Request:
    """Ask for a page of the members of a group."""
    query = _query(page=page, per_page=PAGE_SIZE)
    return Request("GET", path("workspaces", workspace, "groups", group, "members"), query)


def webhooks(workspace: str) -> Request:
    """Ask for the webhooks of a workspace."""
    return Request("GET", path("workspaces", workspace, "webhooks"))


def create_webhook(workspace: str, url: str, events: Sequence[str], secret: str) -> Request:
    """Ask for a webhook that tells of all projects of a workspace."""
    body = {"target_url": url, "events": list(events), "projects": [], "secret_key": secret}
    content = json.dumps(body).encode()
    where = path("workspaces", workspace, "webhooks")
    return Request("POST", where, content=content, secrets=(secret,))


def change_webhook(workspace: str, number: int, secret: str) -> Request:
    """Ask for another secret of a webhook."""
    content = json.dumps({"secret_key": secret}).encode()
    where = path("workspaces", workspace, "webhooks", number)
    return Request("PATCH", where, content=content, secrets=(secret,))


def delete_webhook(workspace: str, number: int) -> Request:
    """Ask that a webhook be taken away."""
    return Request("DELETE", path("workspaces", workspace, "webhooks", number))


def action_execution(ref: ExecutionRef, action_execution_id: str) -> Request:
    """Ask for one run of an action: who answered it, and when."""
    return Request("GET", _execution(ref) + path("action_executions", action_execution_id))


def log(ref: ExecutionRef, action_execution_id: str, *, offset: int, limit: int) -> Request:
    """Ask for some lines of the log of one run of an action."""
    run = _execution(ref) + path("action_executions", action_execution_id, "logs")
    return Request("GET", run, _query(offset=offset, limit=limit))


def operate(
    ref: ExecutionRef,
    operation: BuddyOperation,
    *,
    gate_wire_id: str = "",
    variables: Sequence[Variable] = (),
) -> Request:
    """Ask for a change of an execution, at a gate if one is named."""
    body: dict[str, object] = {"operation": operation.value}
    if gate_wire_id:
        body["approve_action_id"] = gate_wire_id
    if variables:
        body["variables"] = [_variable(variable) for variable in variables]
    return Request(
        "PATCH",
        _execution(ref),
        content=json.dumps(body).encode(),
        secrets=tuple(item.value for item in variables if item.is_encrypted),
    )


def _assigned(one: Assignment) -> Mapping[str, object]:
    return _variable(Variable(one.key, one.value, one.is_encrypted))


def _moment(at: datetime) -> str:
    """Write a moment as Buddy's API does. Source: «Run execution», ``delay_until``."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def _variable(variable: Variable) -> Mapping[str, object]:
    plain = {"key": variable.key, "value": variable.value}
    return {**plain, "encrypted": True} if variable.is_encrypted else plain


def _project(workspace: str, project: str) -> str:
    return path("workspaces", workspace, "projects", project)


def _pipeline(workspace: str, project: str, pipeline: int) -> str:
    return _project(workspace, project) + path("pipelines", pipeline)


def _runs(at: PipelineRef) -> str:
    return _pipeline(at.workspace, at.project, at.pipeline) + path("executions")


def _execution(ref: ExecutionRef) -> str:
    pipeline = _pipeline(ref.workspace, ref.project, ref.pipeline)
    return pipeline + path("executions", ref.execution)


def _query(**values: str | int) -> str:
    return urlencode(values)
