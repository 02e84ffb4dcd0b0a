"""Read what Buddy's answers hold into values of the domain.

Pure. A reader takes parsed JSON and gives a domain value, or raises ``Unreadable``, which says
nothing about the body: bodies hold other people's texts and belong in no log.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from pydantic import ValidationError

from bot.buddy.links import Links
from bot.buddy.models import (
    WireAction,
    WireActionExecution,
    WireExecution,
    WireExecutions,
    WireLog,
    WireMember,
    WireModel,
    WirePermission,
    WirePipeline,
    WirePipelines,
    WireProjects,
    WireRevision,
    WireToken,
    WireVariable,
    WireWorkspaces,
)
from bot.domain.account import BuddyUser, TokenFacts
from bot.domain.catalog import GateQuestion, Pipeline, Project, VariableField, Workspace
from bot.domain.execution import (
    Execution,
    ExecutionRef,
    GitRef,
    GitRefKind,
    Member,
    PipelineAction,
    Revision,
    Status,
)

M = TypeVar("M", bound=WireModel)

# Older words for the same. Source: Buddy's blog, «YAML and API changes».
_TRIGGERS = {"MANUAL": "CLICK", "ON_EVERY_PUSH": "EVENT", "SCHEDULED": "SCHEDULE"}


_HASH = re.compile(r"/execution/([0-9a-f]{8,32})/?(?:\?.*)?\Z", re.IGNORECASE)


class Unreadable(ValueError):
    """The body is not what was asked for."""


@dataclass(frozen=True, slots=True)
class ExecutionPage:
    """Some executions of a pipeline in short form, without actions; newest first."""

    executions: tuple[Execution, ...]
    total_pages: int | None


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some lines of a log, and how many there are, where Buddy says so."""

    lines: tuple[str, ...]
    total_lines: int | None


@dataclass(frozen=True, slots=True)
class Readers:
    """The readers for one Buddy."""

    host: str
    links: Links

    def execution(self, raw: object, ref: ExecutionRef) -> Execution:
        """Read the execution that was asked for, and no other."""
        wire = _wire(WireExecution, raw)
        if wire.id != ref.execution:
            raise Unreadable
        return self._execution(wire, ref)

    def retried(self, raw: object, ref: ExecutionRef) -> Execution:
        """Read the answer to a retry, which may have made an execution of its own."""
        wire = _wire(WireExecution, raw)
        if wire.id is None:
            raise Unreadable
        return self._execution(wire, replace(ref, execution=wire.id))

    def executions(self, raw: object, workspace: str, project: str, pipeline: int) -> ExecutionPage:
        """Read a page of executions."""
        page = _wire(WireExecutions, raw)
        executions = (
            self._execution(wire, ExecutionRef(self.host, workspace, project, pipeline, wire.id))
            for wire in page.executions
            if wire.id is not None
        )
        return ExecutionPage(tuple(executions), page.total_page_count)

    def projects(self, raw: object) -> tuple[Project, ...]:
        """Read a page of projects; one without a status is open."""
        return tuple(
            Project(
                name=wire.name,
                display_name=wire.display_name or wire.name,
                is_active=wire.status in {"", "ACTIVE"},
                url=self.links.keep(wire.html_url),
            )
            for wire in _wire(WireProjects, raw).projects
            if wire.name
        )

    def pipeline(self, raw: object) -> Pipeline:
        """Read one pipeline."""
        found = self._pipelines([_wire(WirePipeline, raw)])
        if not found:
            raise Unreadable
        return found[0]

    def pipelines(self, raw: object) -> tuple[Pipeline, ...]:
        """Read a page of pipelines."""
        return self._pipelines(_wire(WirePipelines, raw).pipelines)

    def _pipelines(self, wires: Iterable[WirePipeline]) -> tuple[Pipeline, ...]:
        return tuple(
            Pipeline(
                id=wire.id,
                identifier=wire.identifier,
                name=wire.name,
                url=self.links.keep(wire.html_url),
                refs=wire.refs or ((wire.ref_name,) if wire.ref_name else ()),
                is_disabled=wire.disabled,
                runs_concurrently=wire.concurrent_pipeline_runs,
                last_status=_last_status(wire),
                last_revision=wire.last_execution_revision,
            )
            for wire in wires
            if wire.id is not None
        )

    def _execution(self, wire: WireExecution, ref: ExecutionRef) -> Execution:
        trigger = wire.triggered_on or wire.triggered_on_older or wire.mode
        return Execution(
            ref=ref,
            url=self.links.keep(wire.html_url),
            pipeline_name=wire.pipeline.name if wire.pipeline else "",
            status=Status.parse(wire.status),
            status_text=wire.status,
            started_at=wire.start_date,
            finished_at=wire.finish_date,
            delay_until=wire.delay_until,
            trigger=_TRIGGERS.get(trigger, trigger),
            comment=wire.comment,
            git_ref=_git_ref(wire),
            revision=_revision(wire.to_revision),
            creator=_member(wire.creator),
            actions=tuple(map(_action, wire.action_executions)),
            hash=_hash(wire.html_url),
        )


def action_execution(raw: object, asked: str) -> PipelineAction:
    """Read one run of an action; an older Buddy does not repeat the id it was asked for."""
    found = _action(_wire(WireActionExecution, raw))
    if not found.id:
        return replace(found, id=asked)
    if found.id != asked:
        raise Unreadable
    return found


def gate_question(raw: object) -> GateQuestion:
    """Read what an action asks, and who may answer by Buddy's own rule."""
    wire = _wire(WireAction, raw)
    if wire.id is None:
        raise Unreadable
    rights = wire.permissions
    return GateQuestion(
        question=wire.comment,
        fields=tuple(_field(variable) for variable in wire.variables if variable.key),
        approver_ids=_allowed(rights.users),
        approver_group_ids=_allowed(rights.groups),
        # Allowed is the default. Source: Buddy's API, «Wait for approval».
        others_may_answer=rights.others != "DENIED",
    )


def log_page(raw: object) -> LogPage:
    """Read some lines of a log."""
    wire = _wire(WireLog, raw)
    return LogPage(wire.logs, wire.total_element_count)


def whole_log(raw: object) -> tuple[str, ...]:
    """Read the log that an older Buddy puts into the answer about one run of an action."""
    return _wire(WireActionExecution, raw).log


def user(raw: object) -> BuddyUser:
    """Read who a token belongs to."""
    wire = _wire(WireMember, raw)
    if wire.id is None:
        raise Unreadable
    return BuddyUser(wire.id, wire.name)


def token_facts(raw: object) -> TokenFacts:
    """Read what a token may do and until when."""
    wire = _wire(WireToken, raw)
    return TokenFacts(wire.name, wire.expires_at, wire.scopes, wire.workspace_restrictions)


def workspaces(raw: object) -> tuple[Workspace, ...]:
    """Read the workspaces of a person."""
    found = _wire(WireWorkspaces, raw).workspaces
    return tuple(Workspace(wire.domain, wire.name or wire.domain) for wire in found if wire.domain)


def _wire(model: type[M], raw: object) -> M:
    try:
        return model.model_validate(raw)
    except ValidationError:
        raise Unreadable from None


def _action(wire: WireActionExecution) -> PipelineAction:
    return PipelineAction(
        id=wire.action_execution_id,
        action_id=wire.action.id,
        name=wire.action.name,
        type=wire.action.type,
        status=Status.parse(wire.status),
        status_text=wire.status,
        progress=wire.progress,
        started_at=wire.start_date,
        finished_at=wire.finish_date,
        approver_id=wire.approver_id,
        approved_at=wire.approval_date,
        terminator_id=wire.terminator_id,
        terminated_at=wire.termination_date,
        error_message=wire.error_message,
        secrets=tuple(
            variable.value
            for variable in (*wire.passed_variables, *wire.outputted_variables)
            if variable.encrypted and variable.value
        ),
    )


def _last_status(wire: WirePipeline) -> Status | None:
    """Tell how the latest execution stands; before the first, Buddy calls it INITIAL."""
    status = Status.parse(wire.last_execution_status)
    is_first = status is Status.INITIAL and not wire.last_execution_revision
    return None if is_first or not wire.last_execution_status else status


def _hash(url: str) -> str:
    """Take the last part of an execution's link. Source: Buddy's API, «Get execution»."""
    found = _HASH.search(url)
    return found[1].lower() if found else ""


def _git_ref(wire: WireExecution) -> GitRef | None:
    for kind, named in (
        (GitRefKind.PULL_REQUEST, wire.pull_request),
        (GitRefKind.TAG, wire.tag),
        (GitRefKind.BRANCH, wire.branch),
    ):
        if named and named.name:
            return GitRef(kind, named.name)
    return None


def _revision(wire: WireRevision | None) -> Revision | None:
    if wire is None or not wire.revision:
        return None
    return Revision(wire.revision, wire.message, _member(wire.author))


def _member(wire: WireMember | None) -> Member | None:
    if wire is None or (wire.id is None and not wire.name):
        return None
    return Member(wire.id, wire.name)


def _allowed(permissions: Iterable[WirePermission]) -> tuple[int, ...]:
    return tuple(
        permission.id
        for permission in permissions
        if permission.id is not None and permission.access_level == "ALLOWED"
    )


def _field(wire: WireVariable) -> VariableField:
    lines = tuple(line.strip() for line in wire.defaults.splitlines() if line.strip())
    options = lines if len(lines) > 1 else ()
    default = wire.value or ("" if options else "".join(lines))
    return VariableField(
        key=wire.key,
        # The default of a masked variable is a secret, which must not be shown in a form.
        default="" if wire.encrypted else default,
        options=() if wire.encrypted else options,
        description=wire.description,
        is_encrypted=wire.encrypted,
        has_file_options=bool(wire.init_path),
    )
