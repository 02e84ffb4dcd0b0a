"""What the client writes to Buddy."""

import json
from urllib.parse import parse_qs, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.buddy import wire
from bot.buddy.wire import BuddyOperation, Request, Variable
from bot.domain.execution import ExecutionRef
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
