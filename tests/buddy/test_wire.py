"""What the client writes to Buddy."""

import json
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.buddy import wire
from bot.buddy.wire import BuddyOperation, Request, Variable
from bot.domain.catalog import PipelineRef
from bot.domain.command import Assignment, Priority
from bot.domain.execution import ExecutionRef, GitRef, GitRefKind
from bot.domain.run import RunRequest
from bot.errors import NotFoundInBuddy
from tests.buddy.samples import HOST, ref

PIPELINE = "/workspaces/acme/projects/company-website/pipelines/2"
EXECUTION = f"{PIPELINE}/executions/7"

names = st.text(min_size=1).filter(lambda text: text.isprintable() and text not in {".", ".."})


@pytest.mark.parametrize(
    ("request_", "target"),
    [
        (wire.user(), "/user"),
        (wire.token(), "/user/token"),
        (wire.workspaces(), "/workspaces"),
        (
            wire.projects("acme", 2),
            "/workspaces/acme/projects?page=2&per_page=100&status=ACTIVE&sort_by=name",
        ),
        (
            wire.pipelines("acme", "company-website", 1),
            "/workspaces/acme/projects/company-website/pipelines?page=1&per_page=100&sort_by=name",
        ),
        (wire.pipeline("acme", "company-website", 2), PIPELINE),
        (
            wire.executions("acme", "company-website", 2, page=3, per_page=20),
            f"{PIPELINE}/executions?page=3&per_page=20",
        ),
        (wire.execution(ref()), EXECUTION),
        (wire.action(ref(), 845), f"{PIPELINE}/actions/845"),
        (wire.action_execution(ref(), "68e6"), f"{EXECUTION}/action_executions/68e6"),
        (
            wire.log(ref(), "68e6", offset=80, limit=20),
            f"{EXECUTION}/action_executions/68e6/logs?offset=80&limit=20",
        ),
    ],
)
def test_a_read_goes_to_the_documented_path(request_: Request, target: str) -> None:
    """Reads have no body and may be sent again."""
    assert (request_.method, request_.target, request_.content) == ("GET", target, b"")
    assert not request_.is_write


def test_the_variables_of_a_pipeline_are_asked_for_as_the_go_client_does() -> None:
    """Its query is written in two ways at once."""
    request = wire.variables("acme", "company website", 2)
    assert request.target == "/workspaces/acme/variables?projectName=company+website&pipelineId=2"


AT = PipelineRef(HOST, "acme", "company-website", 2)
SOON = datetime(2026, 11, 27, 18, 30, 15, 999, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("wanted", "body"),
    [
        (RunRequest(AT), {"to_revision": {"revision": "HEAD"}}),
        (RunRequest(AT, revision="abcd"), {"to_revision": {"revision": "abcd"}}),
        (RunRequest(AT, GitRef(GitRefKind.TAG, "v1")), {"tag": {"name": "v1"}}),
        (RunRequest(AT, GitRef(GitRefKind.PULL_REQUEST, "12")), {"pull_request": {"name": "12"}}),
        (
            RunRequest(
                AT,
                GitRef(GitRefKind.BRANCH, "main"),
                "abcd",
                (Assignment("A", "1"), Assignment("B", "2", is_encrypted=True)),
                "why",
                from_scratch=True,
                clear_cache=True,
                priority=Priority.LOW,
                delay_until=SOON,
            ),
            {
                "branch": {"name": "main"},
                "to_revision": {"revision": "abcd"},
                "variables": [
                    {"key": "A", "value": "1"},
                    {"key": "B", "value": "2", "encrypted": True},
                ],
                "comment": "why",
                "refresh": True,
                "clear_cache": True,
                "priority": "LOW",
                "delay_until": "2026-11-27T17:30:15.000Z",
            },
        ),
    ],
)
def test_a_run_says_what_was_asked_for_and_no_more(
    wanted: RunRequest, body: dict[str, object]
) -> None:
    """It is a write, and is not simply sent again."""
    request = wire.run(wanted)
    assert (request.method, request.target) == ("POST", f"{PIPELINE}/executions")
    assert json.loads(request.content) == body
    assert request.is_write


def test_a_value_that_may_be_a_secret_does_not_come_back() -> None:
    """What is encrypted, and what is long enough to be recognised."""
    values = (
        Assignment("A", "x", is_encrypted=True),
        Assignment("B", "y"),
        Assignment("C", "long"),
    )
    request = wire.run(RunRequest(AT, variables=values))
    assert request.secrets == ("x", "long")
    assert "long" not in repr(request)


@given(names, names, st.integers(min_value=0), st.integers(min_value=0))
def test_a_name_stays_one_part_of_the_path(
    workspace: str, project: str, pipeline: int, number: int
) -> None:
    """Whatever a name holds, the server reads back exactly this name at exactly this place."""
    request = wire.execution(ExecutionRef(HOST, workspace, project, pipeline, number))
    parts = [unquote(part) for part in request.path.split("/")]
    assert parts == [
        *("", "workspaces", workspace, "projects", project),
        *("pipelines", str(pipeline), "executions", str(number)),
    ]
    assert request.path.isascii()


@pytest.mark.parametrize("name", ["", ".", "..", "a\nb", "a\0", "half of a pair: \ud800"])
def test_what_can_be_no_name_is_not_sent(name: str) -> None:
    """A step upwards in a path would lead to another resource than the one that was checked."""
    with pytest.raises(NotFoundInBuddy):
        wire.pipelines(name, "company-website", 1)
    with pytest.raises(NotFoundInBuddy):
        wire.action_execution(ref(), name)


@given(st.lists(st.tuples(st.text(), st.text(), st.booleans()), min_size=1))
def test_values_arrive_as_they_were_given(given_values: list[tuple[str, str, bool]]) -> None:
    """Every key and value survives; only masked ones say so, and count as secrets."""
    variables = [Variable(*value) for value in given_values]
    request = wire.operate(ref(), BuddyOperation.SET_VARIABLES, variables=variables)
    body = json.loads(request.content)
    told = [
        (item["key"], item["value"], item.get("encrypted", False)) for item in body["variables"]
    ]
    assert told == given_values
    assert request.secrets == tuple(value for _, value, masked in given_values if masked)
    assert request.is_write


def test_a_value_never_stands_in_a_repr() -> None:
    """Neither the variable nor the request shows what a person typed."""
    variable = Variable("password", "hunter2-secret", is_encrypted=True)
    request = wire.operate(ref(), BuddyOperation.APPLY_VARIABLES, variables=[variable])
    assert "password" in repr(variable)
    assert "hunter2-secret" not in repr(variable) + repr(request)


def test_a_query_is_encoded() -> None:
    """Numbers of a page come back as they went."""
    request = wire.executions("acme", "shop", 2, page=1, per_page=5)
    assert parse_qs(request.query) == {"page": ["1"], "per_page": ["5"]}
