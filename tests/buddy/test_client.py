"""The client in conversation with a Buddy that answers well."""

import json
from datetime import timedelta
from urllib.parse import unquote

import pytest

from bot.buddy.client import BuddyApi
from bot.buddy.pages import MAX_PAGES
from bot.buddy.transport import create_session
from bot.buddy.wire import BuddyOperation, Variable
from bot.domain.execution import Status
from bot.errors import (
    AnswerLost,
    BuddyUnavailable,
    ForeignHost,
    NotFoundInBuddy,
    TokenMalformed,
)
from sandbox.clock import SandboxClock
from tests.buddy.samples import ref, sample
from tests.buddy.scripted import TOKEN, Line, Reply, connected

PIPELINE = "/workspaces/acme/projects/company-website/pipelines/2"
EXECUTION = f"{PIPELINE}/executions/7"
GATE = "68e60c90592ab1f894ecace8"


async def test_a_read_carries_the_token_in_one_header_only(line: Line) -> None:
    """The person's token travels as a bearer token, and nowhere else."""
    line.far.says(sample("user"))
    assert (await line.client.user()).name == "Ben Sample"
    (request,) = line.far.heard
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    others = {key: value for key, value in request.headers.items() if key != "Authorization"}
    assert TOKEN not in f"{request.target}{others}{request.body!r}"
    assert request.headers["Accept"] == "application/json"
    assert request.headers["User-Agent"].startswith("Greenlight/")


async def test_every_read_asks_at_its_place(line: Line) -> None:
    """One request each, and the sample's facts come back."""
    client = line.client
    line.far.says(
        *(sample("user-token"), sample("workspaces-list"), sample("pipeline-get")),
        *(sample("executions-list"), sample("execution-get-waiting-for-apply")),
        *(sample("action-get-wait-for-apply-v1.1"), sample("action-execution-details")),
    )
    assert (await client.token_facts()).name == "slack-bot"
    assert [workspace.domain for workspace in await client.workspaces()] == ["acme"]
    assert (await client.pipeline("acme", "company-website", 2)).identifier == "deploy-production"
    page = await client.executions("acme", "company-website", 2, page=2, per_page=5)
    assert [execution.ref for execution in page.executions] == [line.ref(7), line.ref(6)]
    assert (await client.execution(line.ref())).status is Status.WAITING_FOR_APPLY
    assert (await client.gate_question(line.ref(), 845)).approver_ids == (1,)
    assert (await client.action_execution(line.ref(), GATE)).approver_id == 1
    assert line.far.targets == [
        "/user/token",
        "/workspaces",
        PIPELINE,
        f"{PIPELINE}/executions?page=2&per_page=5",
        EXECUTION,
        f"{PIPELINE}/actions/845",
        f"{EXECUTION}/action_executions/{GATE}",
    ]


async def test_the_prefix_of_a_self_hosted_buddy_is_kept() -> None:
    """The API of a self-hosted Buddy stands under ``/api``, and its name does not hold it."""
    async with connected(prefix="/api/") as line:
        line.far.says(sample("user"))
        await line.client.user()
        assert line.far.targets == ["/api/user"]
        assert line.far.address == f"http://{line.api.host}"


@pytest.mark.parametrize(
    "name", ["a/b", "a b", "ä%2Fß", "..%2f..", "a?b#c", "emoji 🚀", "%", "a+b;c"]
)
async def test_a_name_reaches_the_server_as_one_part(line: Line, name: str) -> None:
    """No layer in between decodes or tidies the path that was encoded."""
    line.far.says(sample("pipeline-get"))
    await line.client.pipeline(name, "x", 2)
    (target,) = line.far.targets
    empty, workspaces, part, *rest = target.split("/")
    assert (empty, workspaces, unquote(part)) == ("", "workspaces", name)
    assert rest == ["projects", "x", "pipelines", "2"]


async def test_pages_are_read_until_one_is_empty(line: Line) -> None:
    """Lists without counters end with an empty page."""
    line.far.says(
        sample("pipelines-list"), sample("pipelines-list-v1.1"), {"pipelines": [{"id": 9}]}
    )
    line.far.says(sample("pipelines-list-empty-page"))
    # The second page repeats a pipeline only: it says nothing new, so the list ends there.
    found = await line.client.pipelines("acme", "company-website")
    assert [pipeline.id for pipeline in found] == [2, 3, 4, 5]
    line.far.heard.clear()
    found = await line.client.pipelines("acme", "company-website")
    assert [pipeline.id for pipeline in found] == [9]
    assert [target.partition("?page=")[2][:1] for target in line.far.targets] == ["1", "2"]


async def test_only_open_projects_are_listed(line: Line) -> None:
    """A closed project on a page hides neither the others nor the next page."""
    line.far.says(
        {"projects": [{"name": "old", "status": "CLOSED"}]},
        sample("projects-list"),
        {"projects": []},
    )
    assert [item.name for item in await line.client.projects("acme")] == [
        "company-website",
        "backend",
    ]
    assert len(line.far.heard) == 3


async def test_an_endless_list_ends(line: Line) -> None:
    """A Buddy that always has one more page does not keep us for ever."""
    line.far.says(*({"projects": [{"name": f"p{page}"}]} for page in range(MAX_PAGES + 10)))
    assert len(await line.client.projects("acme")) == MAX_PAGES
    assert len(line.far.heard) == MAX_PAGES


async def test_a_short_log_takes_one_request(line: Line) -> None:
    """What fits is not asked for twice."""
    line.far.says(sample("action-execution-logs"))
    lines = await line.client.action_log(line.ref(), GATE, tail=3)
    assert lines[-1] == "Build finished successfully!"
    assert line.far.targets == [f"{EXECUTION}/action_executions/{GATE}/logs?offset=0&limit=3"]


async def test_the_end_of_a_long_log_is_read(line: Line) -> None:
    """The first answer tells how long it is; the second has the end."""
    line.far.says(
        {"logs": ["1", "2"], "total_element_count": 500},
        {"logs": ["499", "500"], "total_element_count": 500},
    )
    assert await line.client.action_log(line.ref(), GATE, tail=2) == ("499", "500")
    assert line.far.targets[1].endswith("/logs?offset=498&limit=2")


async def test_a_log_without_a_count_gives_what_came(line: Line) -> None:
    """An answer that does not tell its length is taken as it is, cut to what was asked for."""
    line.far.says({"logs": ["1", "2", "3"]})
    assert await line.client.action_log(line.ref(), GATE, tail=2) == ("2", "3")
    assert len(line.far.heard) == 1


async def test_an_older_buddy_has_the_log_among_the_details(line: Line) -> None:
    """Where there is no page of a log, the whole log comes with the run of the action."""
    line.far.will(Reply(404))
    line.far.says(sample("action-execution-with-log-v1.1"))
    lines = await line.client.action_log(line.ref(), GATE, tail=2)
    assert lines == ("'Hello world!'", "Build finished successfully!")
    assert line.far.targets[1] == f"{EXECUTION}/action_executions/{GATE}"


async def test_an_approval_is_one_patch(line: Line) -> None:
    """The gate is named; the answer is the execution as it is now."""
    line.far.says(sample("execution-patch-response-apply"))
    now = await line.client.operate(line.ref(), BuddyOperation.APPLY, gate_wire_id=GATE)
    assert now is not None
    assert (now.ref, now.status) == (line.ref(), Status.INPROGRESS)
    (request,) = line.far.heard
    assert (request.method, request.target) == ("PATCH", EXECUTION)
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Content-Length"] == str(len(request.body))
    assert json.loads(request.body) == sample("execution-patch-request-apply-one-action")


async def test_values_for_a_gate_travel_in_the_body(line: Line) -> None:
    """Masked values are marked, so that Buddy keeps them out of its logs."""
    line.far.says(sample("execution-patch-response-apply"))
    variables = [Variable("version", "4.2"), Variable("pass", "hunter2", is_encrypted=True)]
    await line.client.operate(line.ref(), BuddyOperation.APPLY_VARIABLES, variables=variables)
    assert json.loads(line.far.heard[0].body) == {
        "operation": "APPLY_VARIABLES",
        "variables": [
            {"key": "version", "value": "4.2"},
            {"key": "pass", "value": "hunter2", "encrypted": True},
        ],
    }


@pytest.mark.parametrize("reply", [Reply(204), Reply(202), Reply(200, b" \n")])
async def test_done_without_a_word_is_done(line: Line, reply: Reply) -> None:
    """No body after a write means done, with nothing to show."""
    line.far.will(reply)
    assert await line.client.operate(line.ref(), BuddyOperation.CANCEL) is None


async def test_only_a_retry_may_answer_with_another_execution(line: Line) -> None:
    """An approval that is answered with a stranger's state has an unknown end."""
    line.far.says({"id": 8, "status": "ENQUEUED"})
    retried = await line.client.operate(line.ref(), BuddyOperation.RETRY)
    assert retried is not None
    assert retried.ref == line.ref(8)
    with pytest.raises(AnswerLost):
        await line.client.operate(line.ref(), BuddyOperation.APPLY)


async def test_an_execution_of_another_buddy_is_refused_before_anything_is_sent(
    line: Line,
) -> None:
    """A token goes only to the host it was given for."""
    client = line.client
    for call in (
        client.execution(ref()),
        client.gate_question(ref(), 1),
        client.action_execution(ref(), GATE),
        client.action_log(ref(), GATE),
        client.operate(ref(), BuddyOperation.APPLY),
    ):
        with pytest.raises(ForeignHost):
            await call
    assert line.far.heard == []


async def test_an_impossible_name_is_not_sent(line: Line) -> None:
    """There is nothing of that name, and its path would lead elsewhere."""
    with pytest.raises(NotFoundInBuddy):
        await line.client.projects("..")
    assert line.far.heard == []


async def test_each_client_knows_the_budget_of_its_own_token(line: Line) -> None:
    """What one token has left says nothing about another's; refusals tell it, too."""
    headers = {"X-Rate-Limit-Limit": "1000", "X-Rate-Limit-Remaining": "7"}
    line.far.will(Reply(404, headers=headers))
    mine, other = line.api.acting_as(TOKEN), line.api.acting_as("another-token")
    with pytest.raises(NotFoundInBuddy):
        await mine.user()
    assert (mine.budget.limit, mine.budget.remaining, mine.budget.reset_at) == (1000, 7, None)
    assert other.budget.remaining is None


@pytest.mark.parametrize("token", ["", "with space", "new\nline", "tab\t", "nicht-üblich", "\0"])
async def test_what_can_be_no_token_is_not_sent(line: Line, token: str) -> None:
    """A header takes no such text; the person pasted something else."""
    with pytest.raises(TokenMalformed):
        line.api.acting_as(token)


@pytest.mark.parametrize(
    "address",
    ["api.buddy.works", "ftp://api.buddy.works", "https://", "", "https://me:pw@buddy.example.com"],
)
async def test_an_address_that_is_none_is_refused_at_the_start(address: str) -> None:
    """A mistake in the configuration shows when the bot starts, without quoting it."""
    async with create_session() as session:
        with pytest.raises(ValueError, match="address must look like") as caught:
            BuddyApi(session, address, SandboxClock(), timedelta(seconds=1))
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://api.buddy.works", "api.buddy.works"),
        ("https://API.eu.buddy.works/", "api.eu.buddy.works"),
        ("https://api.asia.buddy.works", "api.asia.buddy.works"),
        ("https://Buddy.example.com:8443/api", "buddy.example.com:8443"),
    ],
)
async def test_every_region_and_a_self_hosted_buddy_have_a_host(address: str, host: str) -> None:
    """The host is the same however the address was typed."""
    async with create_session() as session:
        assert BuddyApi(session, address, SandboxClock(), timedelta(seconds=1)).host == host


async def test_branches_are_read_to_their_end_with_the_default_one_first(line: Line) -> None:
    """Buddy may leave the default branch out of the list, and pages end with an empty one."""
    line.far.says(
        {"name": "web", "default_branch": "main"}, sample("branches-list"), {"branches": []}
    )
    heard: list[tuple[str, ...]] = []

    found = await line.client.branches("acme", "web", hear=lambda some: heard.append(tuple(some)))

    assert found == ("main", "master", "dev")
    assert heard == [("master", "dev")]
    base = "/workspaces/acme/projects/web"
    branches = f"{base}/repository/branches"
    assert line.far.targets == [
        base,
        f"{branches}?page=1&per_page=100",
        f"{branches}?page=2&per_page=100",
    ]


async def test_a_project_without_a_repository_has_no_branches(line: Line) -> None:
    """Asking for them would be an error."""
    line.far.says({"name": "web", "without_repository": True})

    assert await line.client.branches("acme", "web") == ()
    assert len(line.far.targets) == 1


@pytest.mark.parametrize("body", [[], "x", {"branches": 7}, None])
async def test_garbage_instead_of_branches_is_no_list(line: Line, body: object) -> None:
    """A body that is no object is not understood; a field of the wrong kind holds nothing."""
    line.far.says(sample("project-get"), body)
    if isinstance(body, dict):
        assert await line.client.branches("acme", "web") == ("master",)
    else:
        with pytest.raises(BuddyUnavailable):
            await line.client.branches("acme", "web")
