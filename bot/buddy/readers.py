"""Read what Buddy's answers hold into values of the domain.

Pure. A reader takes parsed JSON and gives a domain value, or raises ``Unreadable``, which says
nothing about the body: bodies hold other people's texts and belong in no log.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bot.buddy.fields import (
    Object,
    read_lines,
    read_moment,
    read_named,
    read_number,
    read_object,
    read_objects,
    read_percent,
    read_text,
    read_texts,
)
from bot.buddy.links import Links
from bot.domain.account import BuddyUser, TokenFacts
from bot.domain.catalog import (
    GateQuestion,
    Pipeline,
    PipelineRef,
    Project,
    VariableField,
    Workspace,
)
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
from bot.domain.mark import unmarked

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
        found = _object(raw)
        if read_number(found.get("id")) != ref.execution:
            raise Unreadable
        return self._execution(found, ref)

    def retried(self, raw: object, ref: ExecutionRef) -> Execution:
        """Read the answer to a retry, which may have made an execution of its own."""
        found = _object(raw)
        number = read_number(found.get("id"))
        if number is None:
            raise Unreadable
        return self._execution(found, replace(ref, execution=number))

    def started(self, raw: object, at: PipelineRef) -> Execution:
        """Read the execution that a run became."""
        found = _object(raw)
        number = read_number(found.get("id"))
        if number is None:
            raise Unreadable
        return self._execution(found, at.execution(number))

    def executions(self, raw: object, workspace: str, project: str, pipeline: int) -> ExecutionPage:
        """Read a page of executions."""
        executions = (
            self._execution(found, ExecutionRef(self.host, workspace, project, pipeline, number))
            for found in _list(raw, "executions")
            if (number := read_number(found.get("id"))) is not None
        )
        # The only list with counters.
        return ExecutionPage(tuple(executions), read_number(_object(raw).get("total_page_count")))

    def projects(self, raw: object) -> tuple[Project, ...]:
        """Read a page of projects; one without a status is open."""
        return tuple(
            Project(
                name=name,
                display_name=read_text(found.get("display_name")) or name,
                is_active=read_text(found.get("status")) in {"", "ACTIVE"},
                url=self._link(found),
            )
            for found in _list(raw, "projects")
            if (name := read_text(found.get("name")))
        )

    def pipeline(self, raw: object) -> Pipeline:
        """Read one pipeline."""
        found = self._pipelines([_object(raw)])
        if not found:
            raise Unreadable
        return found[0]

    def pipelines(self, raw: object) -> tuple[Pipeline, ...]:
        """Read a page of pipelines."""
        return self._pipelines(_list(raw, "pipelines"))

    def _pipelines(self, several: Iterable[Object]) -> tuple[Pipeline, ...]:
        return tuple(
            Pipeline(
                id=number,
                identifier=read_text(found.get("identifier")),
                name=read_text(found.get("name")),
                url=self._link(found),
                refs=_refs(found),
                is_disabled=found.get("disabled") is True,
                runs_concurrently=found.get("concurrent_pipeline_runs") is True,
                last_status=_last_status(found),
                last_revision=read_text(found.get("last_execution_revision")),
                disabled_reason=read_text(found.get("disabled_reason")),
                is_paused=found.get("paused") is True,
                needs_comment=found.get("description_required") is True,
                is_codeless=_is_codeless(found),
            )
            for found in several
            if (number := read_number(found.get("id"))) is not None
        )

    def _execution(self, found: Object, ref: ExecutionRef) -> Execution:
        url, status = read_text(found.get("html_url")), read_text(found.get("status"))
        comment, mark = unmarked(read_text(found.get("comment")))
        return Execution(
            ref=ref,
            url=self.links.keep(url),
            pipeline_name=read_text(read_object(found.get("pipeline")).get("name")),
            status=Status.parse(status),
            status_text=status,
            started_at=read_moment(found.get("start_date")),
            finished_at=read_moment(found.get("finish_date")),
            delay_until=read_moment(found.get("delay_until")),
            trigger=_trigger(found),
            comment=comment,
            git_ref=_git_ref(found),
            revision=read_revision(read_object(found.get("to_revision"))),
            creator=_member(read_object(found.get("creator"))),
            actions=tuple(map(_action, read_objects(found.get("action_executions")))),
            hash=_hash(url),
            mark=mark,
        )

    def _link(self, found: Object) -> str:
        return self.links.keep(read_text(found.get("html_url")))


def action_execution(raw: object, asked: str) -> PipelineAction:
    """Read one run of an action; an older Buddy does not repeat the id it was asked for."""
    found = _action(_object(raw))
    if not found.id:
        return replace(found, id=asked)
    if found.id != asked:
        raise Unreadable
    return found


def gate_question(raw: object) -> GateQuestion:
    """Read what an action asks, and who may answer by Buddy's own rule."""
    found = _object(raw)
    if read_number(found.get("id")) is None:
        raise Unreadable
    rights = read_object(found.get("permissions"))
    return GateQuestion(
        question=read_text(found.get("comment")),
        fields=tuple(
            _field(variable)
            for variable in read_objects(found.get("variables"))
            if read_text(variable.get("key"))
        ),
        approver_ids=_allowed(rights.get("users")),
        approver_group_ids=_allowed(rights.get("groups")),
        # Allowed is the default. Source: Buddy's API, «Wait for approval».
        others_may_answer=read_text(rights.get("others")) != "DENIED",
        prevents_self_approval=found.get("prevent_self_approval") is True,
    )


def inputs(raw: object, pipeline: int) -> tuple[VariableField, ...]:
    """Read which variables of a list are a pipeline's own, and meant to be set for a run."""
    return tuple(
        _field(variable)
        for variable in _list(raw, "variables")
        if _is_input(variable, pipeline) and read_text(variable.get("key"))
    )


def log_page(raw: object) -> LogPage:
    """Read some lines of a log."""
    found = _object(raw)
    if "logs" not in found:
        raise Unreadable
    return LogPage(read_lines(found["logs"]), read_number(found.get("total_element_count")))


def whole_log(raw: object) -> tuple[str, ...]:
    """Read the log that an older Buddy puts into the answer about one run of an action."""
    return read_lines(_object(raw).get("log"))


def user(raw: object) -> BuddyUser:
    """Read who a token belongs to."""
    found = _object(raw)
    number = read_number(found.get("id"))
    if number is None:
        raise Unreadable
    return BuddyUser(number, read_text(found.get("name")))


def token_facts(raw: object) -> TokenFacts:
    """Read what a token may do and until when."""
    found = _object(raw)
    return TokenFacts(
        read_text(found.get("name")),
        read_moment(found.get("expires_at")),
        read_texts(found.get("scopes")),
        read_texts(found.get("workspace_restrictions")),
    )


def workspaces(raw: object) -> tuple[Workspace, ...]:
    """Read the workspaces of a person."""
    return tuple(
        Workspace(domain, read_text(found.get("name")) or domain)
        for found in _list(raw, "workspaces")
        if (domain := read_text(found.get("domain")))
    )


def _object(raw: object) -> Object:
    """Take a body; one that is no JSON object at all is refused."""
    if not isinstance(raw, dict):
        raise Unreadable
    return raw


def _list(raw: object, name: str) -> list[Object]:
    """Take a body's list; null means none, but a body without it is about something else."""
    found = _object(raw)
    if name not in found:
        raise Unreadable
    return read_objects(found[name])


def _action(found: Object) -> PipelineAction:
    action = read_object(found.get("action"))
    status = read_text(found.get("status"))
    return PipelineAction(
        id=read_text(found.get("action_execution_id")),
        action_id=read_number(action.get("id")),
        name=read_text(action.get("name")),
        type=read_text(action.get("type")),
        status=Status.parse(status),
        status_text=status,
        progress=read_percent(found.get("progress")),
        started_at=read_moment(found.get("start_date")),
        finished_at=read_moment(found.get("finish_date")),
        approver_id=read_number(found.get("approver_id")),
        approved_at=read_moment(found.get("approval_date")),
        terminator_id=read_number(found.get("terminator_id")),
        terminated_at=read_moment(found.get("termination_date")),
        error_message=read_text(found.get("error_message")),
        secrets=tuple(_secrets(found)),
    )


def _secrets(found: Object) -> Iterator[str]:
    """Take the values of variables that Buddy marks as encrypted."""
    for name in ("passed_variables", "outputted_variables"):
        for variable in read_objects(found.get(name)):
            if variable.get("encrypted") is True and (value := read_text(variable.get("value"))):
                yield value


def _trigger(found: Object) -> str:
    """Tell what started it; each generation of Buddy names the field another way."""
    names = ("triggered_on", "triggeredOn", "mode")
    told = next(filter(None, (read_text(found.get(name)) for name in names)), "")
    return _TRIGGERS.get(told, told)


def _refs(found: Object) -> tuple[str, ...]:
    """List what a pipeline runs for; the oldest generation has one ref only."""
    only = read_text(found.get("ref_name"))
    return read_texts(found.get("refs")) or ((only,) if only else ())


def _is_codeless(found: Object) -> bool:
    """Tell whether it runs without a repository; an older Buddy has no events, and never says."""
    return found.get("events") == [] and not _refs(found)


def _last_status(found: Object) -> Status | None:
    """Tell how the latest execution stands; before the first, Buddy calls it INITIAL."""
    told = read_text(found.get("last_execution_status"))
    status = Status.parse(told)
    has_revision = read_text(found.get("last_execution_revision"))
    is_first = status is Status.INITIAL and not has_revision
    return None if is_first or not told else status


def _hash(url: str) -> str:
    """Take the last part of an execution's link. Source: Buddy's API, «Get execution»."""
    found = _HASH.search(url)
    return found[1].lower() if found else ""


def _git_ref(found: Object) -> GitRef | None:
    for kind, named in (
        (GitRefKind.PULL_REQUEST, found.get("pull_request")),
        (GitRefKind.TAG, found.get("tag")),
        (GitRefKind.BRANCH, found.get("branch")),
    ):
        if name := read_named(named):
            return GitRef(kind, name)
    return None


def read_revision(found: Object) -> Revision | None:
    """Read a commit; one without a hash is none."""
    sha = read_text(found.get("revision"))
    if not sha:
        return None
    author = _member(read_object(found.get("author")))
    return Revision(sha, read_text(found.get("message")), author)


def _member(found: Object) -> Member | None:
    number, name = read_number(found.get("id")), read_text(found.get("name"))
    return None if number is None and not name else Member(number, name)


def _allowed(raw: object) -> tuple[int, ...]:
    return tuple(
        number
        for found in read_objects(raw)
        if (number := read_number(found.get("id"))) is not None
        and read_text(found.get("access_level")) == "ALLOWED"
    )


def _is_input(found: Object, pipeline: int) -> bool:
    """Tell a value from a key or a file. Source: Buddy's API schema, «EnvironmentVariableView»."""
    of = read_number(read_object(found.get("pipeline")).get("id"))
    is_value = read_text(found.get("type")) in {"", "VAR"} and found.get("disabled") is not True
    is_asked = found.get("settable") is True or found.get("run_only_settable") is True
    return of in {None, pipeline} and is_value and is_asked


def _field(found: Object) -> VariableField:
    defaults = read_text(found.get("defaults"))
    lines = tuple(line.strip() for line in defaults.splitlines() if line.strip())
    options = lines if len(lines) > 1 else ()
    default = read_text(found.get("value")) or ("" if options else "".join(lines))
    is_encrypted = found.get("encrypted") is True
    return VariableField(
        key=read_text(found.get("key")),
        # The default of a masked variable is a secret, which must not be shown in a form.
        default="" if is_encrypted else default,
        options=() if is_encrypted else options,
        description=read_text(found.get("description")),
        is_encrypted=is_encrypted,
        has_file_options=bool(read_text(found.get("init_path"))),
        has_value=bool(read_text(found.get("value"))),
    )
