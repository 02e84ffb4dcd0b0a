"""The simulated Buddy refuses who may not, what is not there, and what is malformed."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sandbox.buddy import Gate
from tests.sandbox.buddy_fixtures import Story, path_of, pipeline_path, told


@pytest.fixture
async def story() -> AsyncIterator[Story]:
    """Tell a story of its own to each test."""
    async with told() as story:
        yield story


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer 00000000-0000-4000-8000-000000000000"},
        {"Authorization": "Basic abc"},
        {"Authorization": "Bearer"},
    ],
)
async def test_without_a_known_token_there_is_401(story: Story, headers: dict[str, str]) -> None:
    """Even for addresses that do not exist, and with the headers of the rate limit."""
    for path in ("/user", "/nowhere"):
        reply = await story.call("GET", path, headers=headers)

        assert reply.status == 401
        assert "X-Rate-Limit-Remaining" in reply.headers


async def test_revoked_and_expired_tokens_are_refused(story: Story) -> None:
    """A new token helps."""
    old = story.maya.token
    story.maya.expires_at = story.clock.now() + timedelta(days=1)
    story.later(86_400)
    expired = await story.call("GET", "/user")
    story.maya.create_token()
    renewed = await story.call("GET", "/user")
    story.maya.revoke_token()
    revoked = await story.call("GET", "/user")

    assert [expired.status, renewed.status, revoked.status] == [401, 200, 401]
    assert old != story.maya.token


async def test_a_token_in_the_address_is_refused(story: Story) -> None:
    """Whoever does it writes a token into logs; and the journal keeps none."""
    reply = await story.call("GET", f"/user?access_token={story.maya.token}")

    assert reply.status == 400
    assert story.maya.token not in str(story.buddy.journal.calls)


async def test_a_token_of_one_workspace_answers_401_in_another(story: Story) -> None:
    """And the list of workspaces shows only the one."""
    story.buddy.workspace("beta").join(story.maya)
    story.maya.restrict_token("beta")

    assert (await story.call("GET", "/workspaces/acme")).status == 401
    listed = await story.get("/workspaces")
    assert [one["domain"] for one in listed["workspaces"]] == ["beta"]


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/user", "USER_INFO"),
        ("/workspaces", "WORKSPACE"),
        ("/workspaces/acme/projects", "WORKSPACE"),
        ("/workspaces/acme/projects/shop/pipelines", "EXECUTION_INFO"),
        ("/workspaces/acme/projects/shop/pipelines", "PIPELINE_READ"),
        ("/workspaces/acme/projects/shop/pipelines", "EXECUTION_RUN"),
    ],
)
async def test_a_missing_scope_is_403(story: Story, path: str, scope: str) -> None:
    """Old and new names are equally good, and RUN contains INFO."""
    story.maya.scopes = ["TOKEN_INFO"]
    without = await story.call("GET", path)
    story.maya.scopes = [scope]

    assert without.status == 403
    assert (await story.call("GET", path)).status == 200


@pytest.mark.parametrize("scope", ["EXECUTION_RUN", "PIPELINE_RUN", "EXECUTION_MANAGE"])
async def test_a_write_needs_the_scope_to_run(story: Story, scope: str) -> None:
    """Reading is not enough."""
    run = story.waiting()
    story.maya.scopes = ["WORKSPACE", "EXECUTION_INFO"]
    refused = await story.patch(run, "APPLY")
    story.maya.scopes = [scope]

    assert refused.status == 403
    assert (await story.patch(run, "APPLY")).status == 200


async def test_who_may_only_look_can_change_nothing(story: Story) -> None:
    """READ_ONLY is 403 for writes; a hidden pipeline is not found, nor listed."""
    run = story.waiting()
    story.deploy.grant(story.maya, "READ_ONLY")
    assert (await story.patch(run, "CANCEL")).status == 403
    post = await story.call("POST", f"{pipeline_path(story.deploy)}/executions", json={})
    assert post.status == 403
    assert (await story.get(path_of(run)))["status"] == "WAITING_FOR_APPLY"

    story.deploy.grant(story.maya, "DENIED")
    assert (await story.call("GET", path_of(run))).status == 404
    assert (await story.get("/workspaces/acme/projects/shop/pipelines"))["pipelines"] == []


async def test_a_gate_obeys_its_approvers_and_forbids_self_approval(story: Story) -> None:
    """Both answer 403 and leave the gate waiting."""
    listed = story.pipeline(Gate("A", approvers=[story.omar])).run(by=story.omar)
    other = story.pipeline(Gate("B", prevent_self_approval=True)).run(by=story.maya)

    assert (await story.patch(listed, "APPLY")).status == 403
    assert (await story.patch(other, "APPLY")).status == 403
    assert (await story.patch_as(story.omar, listed, "APPLY")).status == 200
    assert (await story.patch_as(story.omar, other, "APPLY")).status == 200


async def test_a_workspace_can_be_closed_to_the_api(story: Story) -> None:
    """With the two documented texts."""
    acme = story.buddy.state.workspaces["acme"]
    acme.api_enabled = False
    disabled = await story.call("GET", "/workspaces/acme/projects")
    acme.is_active = False
    inactive = await story.call("GET", "/workspaces/acme/projects")

    assert (disabled.status, disabled.message) == (403, "API is disabled in this workspace.")
    assert inactive.status == 403
    assert inactive.message == "Only active workspace have access to API"


@pytest.mark.parametrize(
    "path",
    [
        "/workspaces/nope",
        "/workspaces/acme/members/99",
        "/workspaces/acme/projects/nope",
        "/workspaces/acme/projects/shop/pipelines/99",
        "/workspaces/acme/projects/shop/pipelines/1/executions/99",
        "/workspaces/acme/projects/shop/pipelines/1/executions/0",
        "/workspaces/acme/projects/shop/pipelines/1/executions/6b040090592ab10000000001",
        "/workspaces/acme/projects/shop/pipelines/1/actions/99",
        "/workspaces/acme/projects/shop/pipelines/1/executions/1/action_executions/no",
        "/workspaces/acme/identifiers?project=shop&pipeline=no",
        "/nowhere",
    ],
)
async def test_what_is_not_there_is_404(story: Story, path: str) -> None:
    """In the shape of every error; the oldest generation has its own."""
    story.deploy.run(by=story.maya)
    new = await story.call("GET", path)
    story.buddy.generation = "v1.0"
    old = await story.call("GET", path)

    assert (new.status, old.status) == (404, 404)
    assert new.message
    assert isinstance(old.body["error"], str)


async def test_strangers_see_no_workspace(story: Story) -> None:
    """Somebody who is no member, or no longer one, finds nothing."""
    stranger = story.buddy.person("Stranger")
    story.buddy.state.workspaces["acme"].leave(story.omar)

    for person in (stranger, story.omar):
        assert (await story.call("GET", "/workspaces/acme", by=person)).status == 404


@pytest.mark.parametrize("status", [429, 403])
async def test_the_rate_limit_is_counted_per_token(story: Story, status: int) -> None:
    """Whatever the code, the text is the documented one, and an hour later it is over."""
    story.buddy.rate_limit = 3
    story.buddy.rate_limit_status = 429 if status == 429 else 403
    left = [(await story.call("GET", "/user")).headers["X-Rate-Limit-Remaining"] for _ in "123"]
    over = await story.call("GET", "/user")
    other = await story.call("GET", "/user", by=story.omar)
    reset = int(over.headers["X-Rate-Limit-Reset"]) - story.clock.now().timestamp()
    story.later(reset)

    assert left == ["2", "1", "0"]
    assert (over.status, over.message) == (status, "Rate limit exceeded.")
    assert over.headers["X-Rate-Limit-Remaining"] == "0"
    assert other.status == 200
    assert reset == 3600
    assert (await story.call("GET", "/user")).status == 200


async def test_a_story_can_use_up_a_budget(story: Story) -> None:
    """So that tests need not make a thousand calls."""
    story.maya.budget.leave(1, story.clock.now(), story.buddy.rate_limit)

    assert [(await story.call("GET", "/user")).status for _ in "12"] == [200, 429]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"operation": "REJECT"},
        {"operation": None},
        {"operation": "APPLY", "approve_action_id": "nope"},
        {"operation": "APPLY_VARIABLES"},
        {"operation": "RETRY"},
        {"operation": "RUN_DELAYED"},
        ["APPLY"],
    ],
)
async def test_a_body_that_makes_no_sense_is_400(story: Story, body: object) -> None:
    """And nothing happens."""
    run = story.waiting()

    assert (await story.call("PATCH", path_of(run), json=body)).status == 400
    assert run.history == []


@pytest.mark.parametrize(
    "body",
    [
        {"priority": "URGENT"},
        {"branch": "main"},
        {"to_revision": {"revision": "0000"}},
        {"delay_until": "tomorrow"},
        {"delay_until": "2026-11-23T18:00:00"},
        {"delay_until": "2016-11-18T12:38:16.000Z"},
        {"branch": {"name": "nowhere"}},
        {"refresh": "yes"},
        {"comment": 5},
        {"actions_to_run": [99]},
        {"actions_to_run": ["1"]},
        {"variables": [{"key": "a"}]},
    ],
)
async def test_a_wrong_order_is_400(story: Story, body: object) -> None:
    """No run comes of it."""
    reply = await story.call("POST", f"{pipeline_path(story.deploy)}/executions", json=body)

    assert reply.status == 400
    assert story.deploy.runs == []


@pytest.mark.parametrize(
    "change",
    [
        {"refs": ("refs/heads/*",)},
        {"refs": ("refs/heads/main", "refs/heads/dev")},
        {"refs": (), "events": ({"type": "PUSH"},)},
        {"disabled_reason": "Frozen"},
        {"paused": True},
        {"description_required": True},
    ],
)
async def test_a_pipeline_can_demand_more(story: Story, change: dict[str, object]) -> None:
    """A ref, being switched on, or a comment."""
    for name, value in change.items():
        setattr(story.deploy, name, value)

    reply = await story.call("POST", f"{pipeline_path(story.deploy)}/executions", json={})
    assert reply.status == 400


async def test_malformed_json_is_400_and_another_type_415(story: Story) -> None:
    """A write is a JSON object and says so."""
    path = path_of(story.waiting())
    own = {"Authorization": f"Bearer {story.maya.token}"}
    typed = own | {"Content-Type": "application/json"}

    async with story.http.patch(path, data=b"{", headers=typed) as response:
        assert response.status == 400
    async with story.http.patch(path, data=b'{"operation": "APPLY"}', headers=own) as response:
        assert response.status == 415
    assert next(call.body for call in story.buddy.journal) == "not a JSON object"


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=x", "per_page=0", "per_page=99999999999", "sort_by=size", "sort_direction=UP"],
)
async def test_a_wrong_query_is_400(story: Story, query: str) -> None:
    """A page that cannot be is not guessed."""
    path = f"/workspaces/acme/projects?{query}"
    assert (await story.call("GET", path)).status == 400


async def test_a_log_gives_a_thousand_lines_at_most(story: Story) -> None:
    """From any line on."""
    run = story.waiting()
    at = f"{path_of(run)}/action_executions/{run.action('Build').id}/logs"

    assert (await story.call("GET", f"{at}?limit=1001")).status == 400
    assert (await story.get(f"{at}?offset=5&limit=1000"))["logs"] == []


@pytest.mark.parametrize("query", ["sort_by=name&sort_direction=DESC", "sort_by=id", "page=1"])
async def test_email_addresses_need_their_own_scope(story: Story, query: str) -> None:
    """Members are listed without them for a token without MEMBER_EMAIL."""
    members = (await story.get(f"/workspaces/acme/members?{query}"))["members"]
    names = [member["name"] for member in members]

    assert names == sorted(names, reverse="DESC" in query)
    assert all("email" not in member for member in members)


async def test_a_pipeline_without_code_needs_no_ref(story: Story) -> None:
    """Neither refs nor events: by Buddy's schema it runs without a repository."""
    story.deploy.refs = ()

    reply = await story.call("POST", f"{pipeline_path(story.deploy)}/executions", json={})

    assert reply.status == 201
    assert reply.body["branch"] is None
