"""Shapes of Buddy's answers, read so that no version of Buddy and no surprise in a field stops us.

Buddy's API has three generations of field names and uses null, missing and empty alike for "none".
So here every field is optional, unknown fields are left out, and a value of the wrong kind counts
as missing. Only a body that is no JSON object at all is refused.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

MAX_NUMBER = 2**63 - 1
"""The largest number that databases keep; a larger one is no id."""

_DIGITS = re.compile(r"[0-9]{1,19}")


def read_text(raw: object) -> str:
    """Take text, and a number as text: some ids are numbers in one place and text in another."""
    if isinstance(raw, str):
        # PostgreSQL stores no NUL, and no screen shows one.
        return raw.replace("\0", "")
    return str(raw) if _is_whole(raw) else ""


def read_number(raw: object) -> int | None:
    """Take a whole number from 0 on, also one that was written as text."""
    if isinstance(raw, str) and _DIGITS.fullmatch(raw):
        raw = int(raw)
    return raw if isinstance(raw, int) and _is_whole(raw) else None


def read_percent(raw: object) -> int:
    """Take a share from 0 to 100; nothing to show is 0."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return 0
    # In this order of arguments "not a number" gives 0.
    return int(min(100, max(0, raw)))


def read_moment(raw: object) -> datetime | None:
    """Take an ISO date in UTC; none, or garbage, is None.

    Buddy writes 0 to 3 digits of a second and "Z"; one page of its documentation has an offset.
    """
    if not isinstance(raw, str):
        return None
    try:
        moment = datetime.fromisoformat(raw.strip())
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _is_whole(raw: object) -> bool:
    return isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw <= MAX_NUMBER


def _read_flag(raw: object) -> bool:
    return raw is True


def _read_texts(raw: object) -> tuple[str, ...]:
    texts = map(read_text, raw) if isinstance(raw, list) else ()
    return tuple(text for text in texts if text)


def _read_lines(raw: object) -> tuple[str, ...]:
    return tuple(map(read_text, raw)) if isinstance(raw, list) else ()


def _object(raw: object) -> object:
    return raw if isinstance(raw, Mapping) else None


def _objects(raw: object) -> list[object]:
    items = raw if isinstance(raw, list) else []
    return [item for item in items if isinstance(item, Mapping)]


def _named(raw: object) -> object:
    # A branch is an object in answers and a plain name in older webhook deliveries.
    return {"name": raw} if isinstance(raw, str) else _object(raw)


Text = Annotated[str, PlainValidator(read_text)]
Texts = Annotated[tuple[str, ...], PlainValidator(_read_texts)]
Lines = Annotated[tuple[str, ...], PlainValidator(_read_lines)]
Number = Annotated[int | None, PlainValidator(read_number)]
Percent = Annotated[int, PlainValidator(read_percent)]
Flag = Annotated[bool, PlainValidator(_read_flag)]
Moment = Annotated[datetime | None, PlainValidator(read_moment)]


class WireModel(BaseModel):
    """A JSON object of Buddy's."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class WireMember(WireModel):
    """A person."""

    id: Number = None
    name: Text = ""


class WireRevision(WireModel):
    """A commit."""

    revision: Text = ""
    message: Text = ""
    author: Annotated[WireMember | None, BeforeValidator(_object)] = None


class WireNamed(WireModel):
    """A branch, a tag or a pull request."""

    name: Text = ""


class WirePipeline(WireModel):
    """A pipeline, whole or as it stands inside an execution."""

    id: Number = None
    identifier: Text = ""
    name: Text = ""
    html_url: Text = ""
    refs: Texts = ()
    ref_name: Text = ""
    """The one ref of the oldest generation."""

    disabled: Flag = False
    concurrent_pipeline_runs: Flag = False
    last_execution_status: Text = ""
    last_execution_revision: Text = ""


class WireVariable(WireModel):
    """A variable that an action asks for."""

    key: Text = ""
    value: Text = ""
    defaults: Text = ""
    description: Text = ""
    encrypted: Flag = False
    init_path: Text = ""


class WirePermission(WireModel):
    """What a person or a group may do."""

    id: Number = None
    access_level: Text = ""


class WirePermissions(WireModel):
    """Who may answer an action that waits."""

    others: Text = ""
    users: Annotated[tuple[WirePermission, ...], BeforeValidator(_objects)] = ()
    groups: Annotated[tuple[WirePermission, ...], BeforeValidator(_objects)] = ()


class WireAction(WireModel):
    """An action of a pipeline: its definition."""

    id: Number = None
    name: Text = ""
    type: Text = ""
    comment: Text = ""
    variables: Annotated[tuple[WireVariable, ...], BeforeValidator(_objects)] = ()
    permissions: Annotated[WirePermissions, BeforeValidator(lambda raw: _object(raw) or {})] = (
        WirePermissions()
    )


class WireActionExecution(WireModel):
    """One run of an action; before the newest generation without an id of its own."""

    action_execution_id: Text = ""
    status: Text = ""
    progress: Percent = 0
    start_date: Moment = None
    finish_date: Moment = None
    error_message: Text = ""
    action: Annotated[WireAction, BeforeValidator(lambda raw: _object(raw) or {})] = WireAction()
    approver_id: Number = None
    approval_date: Moment = None
    terminator_id: Number = None
    termination_date: Moment = None
    log: Lines = ()
    """The whole log, in the older generation's answer to a request for one action execution."""


class WireExecution(WireModel):
    """An execution, whole or in the short form of a list."""

    id: Number = None
    html_url: Text = ""
    status: Text = ""
    start_date: Moment = None
    finish_date: Moment = None
    delay_until: Moment = None
    triggered_on: Text = ""
    triggered_on_older: Text = Field("", validation_alias="triggeredOn")
    mode: Text = ""
    comment: Text = ""
    branch: Annotated[WireNamed | None, BeforeValidator(_named)] = None
    tag: Annotated[WireNamed | None, BeforeValidator(_named)] = None
    pull_request: Annotated[WireNamed | None, BeforeValidator(_named)] = None
    to_revision: Annotated[WireRevision | None, BeforeValidator(_object)] = None
    creator: Annotated[WireMember | None, BeforeValidator(_object)] = None
    pipeline: Annotated[WirePipeline | None, BeforeValidator(_object)] = None
    action_executions: Annotated[tuple[WireActionExecution, ...], BeforeValidator(_objects)] = ()


class WireExecutions(WireModel):
    """A page of executions, newest first; the only list with counters."""

    executions: Annotated[tuple[WireExecution, ...], BeforeValidator(_objects)]
    total_page_count: Number = None


class WirePipelines(WireModel):
    """A page of pipelines."""

    pipelines: Annotated[tuple[WirePipeline, ...], BeforeValidator(_objects)]


class WireProject(WireModel):
    """A project."""

    name: Text = ""
    display_name: Text = ""
    status: Text = ""
    html_url: Text = ""


class WireRepository(WireModel):
    """What a project says of its repository."""

    default_branch: Text = ""
    without_repository: Flag = False


class WireBranches(WireModel):
    """A page of branches."""

    branches: Annotated[tuple[WireNamed, ...], BeforeValidator(_objects)]


class WireProjects(WireModel):
    """A page of projects."""

    projects: Annotated[tuple[WireProject, ...], BeforeValidator(_objects)]


class WireWorkspace(WireModel):
    """A workspace."""

    domain: Text = ""
    name: Text = ""


class WireWorkspaces(WireModel):
    """All workspaces of a person."""

    workspaces: Annotated[tuple[WireWorkspace, ...], BeforeValidator(_objects)]


class WireToken(WireModel):
    """The token in use."""

    name: Text = ""
    expires_at: Moment = None
    scopes: Texts = ()
    workspace_restrictions: Texts = ()


class WireLog(WireModel):
    """A page of an action execution's log."""

    logs: Lines
    total_element_count: Number = None
