"""The simulated Buddy's answers have every key of the documented samples, with the same types."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.buddy import Execution, Field, Gate, GateKind, Parallel, Step
from sandbox.buddy.world import Generation
from tests.sandbox.buddy_fixtures import Story, path_of, pipeline_path, told, variables

SAMPLES = Path(__file__).parent.parent / "samples" / "buddy"
KINDS = {
    "waiting-for-variables": GateKind.VARIABLES,
    "waiting-for-settable-variables": GateKind.SETTABLE_VARIABLES,
    "waiting-for-vt-session": GateKind.VISUAL_TESTS,
}
PIPELINES = "/workspaces/acme/projects/shop/pipelines"


@pytest.fixture
async def story() -> AsyncIterator[Story]:
    """Tell a story of its own to each test."""
    async with told() as story:
        yield story


def sample(name: str) -> dict[str, Any]:
    """Load a sample."""
    loaded: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())
    return loaded


def lacks(wanted: object, given: object, where: str = "") -> list[str]:
    """List what the sample has and the answer has not; a null says nothing about a type."""
    if isinstance(wanted, dict) and isinstance(given, dict):
        missing = [f"{where}.{key}" for key in wanted if key not in given]
        for key in wanted.keys() & given.keys():
            missing += lacks(wanted[key], given[key], f"{where}.{key}")
        return missing
    if isinstance(wanted, list) and isinstance(given, list):
        return lacks(wanted[0], given[0], f"{where}[]") if wanted and given else []
    if wanted is None or given is None or type(wanted) is type(given):
        return []
    return [f"{where} is a {type(given).__name__}"]


def whole_lacks(wanted: dict[str, Any], given: dict[str, Any]) -> list[str]:
    """List what an answer lacks, and the actions that stand as none of its own does."""
    found = lacks(wanted, given)
    for one in wanted["action_executions"]:
        twins = [twin for twin in given["action_executions"] if twin["status"] == one["status"]]
        if all(lacks(one, twin) for twin in twins):
            found.append(one["status"])
    return found


async def in_state(story: Story, state: str) -> Execution:
    """Bring an execution into the state that a sample shows."""
    if kind := KINDS.get(state):
        plan: list[Any] = [Step("Build", seconds=20), Gate("Ask", kind), Step("Deploy")]
    elif state in {"two-approvals-waiting", "inprogress-with-approval-waiting"}:
        other = Gate("QA") if state.startswith("two") else Step("Smoke", seconds=100)
        plan = [Step("Build", seconds=20), Parallel([Gate("Approve"), other]), Step("Go")]
    else:
        plan = [Step("Build", seconds=20), Gate("Approve"), Step("Deploy", seconds=30)]
    run = story.pipeline(*plan).run(by=story.maya, comment="Release 4.2.0")
    story.later(20)
    if state in {"successful", "failed"}:
        if state == "failed":
            run.fails_at("Deploy")
        run.approve(by=story.omar)
        story.later(30)
    elif state in {"terminating", "terminated"}:
        run.cancel(by=story.omar)
        story.later(2 if state == "terminated" else 0)
    return run


@pytest.mark.parametrize(
    "state",
    [
        *KINDS,
        "failed",
        "inprogress-with-approval-waiting",
        "successful",
        "terminated",
        "two-approvals-waiting",
        "waiting-for-apply",
    ],
)
async def test_an_execution_looks_like_the_sample(story: Story, state: str) -> None:
    """Every key is there, the statuses of the whole and of the actions are the sample's."""
    run = await in_state(story, state)
    wanted, given = sample(f"execution-get-{state}"), await story.get(path_of(run))

    assert whole_lacks(wanted, given) == []
    assert given["status"] == wanted["status"]


@pytest.mark.parametrize("state", ["enqueued", "delayed", "skipped", "inprogress"])
async def test_an_execution_at_its_beginning_looks_like_the_sample(
    story: Story, state: str
) -> None:
    """Before the first action is through there is less to see, yet no key is missing."""
    story.buddy.queues(5 if state == "enqueued" else 0)
    delay = story.clock.now().replace(hour=18) if state == "delayed" else None
    run = story.deploy.run(by=story.maya, comment="Release 4.2.0", delay_until=delay)
    if state == "skipped":
        run.force_status("SKIPPED")
    wanted, given = sample(f"execution-get-{state}"), await story.get(path_of(run))

    assert lacks(wanted, given) == []
    assert given["status"] == wanted["status"]
    assert bool(given["action_executions"]) == bool(wanted["action_executions"])


async def test_a_cancelled_execution_looks_like_the_sample(story: Story) -> None:
    """While it stops."""
    given = await story.get(path_of(await in_state(story, "terminating")))

    assert lacks(sample("execution-get-terminating"), given) == []
    assert lacks(sample("execution-patch-response-cancel"), given) == []
    assert given["action_executions"][1]["status"] == "TERMINATING"


async def test_a_run_of_a_tag_looks_like_the_sample(story: Story) -> None:
    """The tag has its links, the branch is null."""
    run = story.deploy.run(by=story.maya, tag="v4.2.0")
    wanted, given = sample("execution-get-tag-run"), await story.get(path_of(run))

    assert lacks(wanted, given) == []
    assert (given["branch"], given["tag"]["name"]) == (None, "v4.2.0")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("user", "/user"),
        ("user-token", "/user/token"),
        ("workspaces-list", "/workspaces"),
        ("workspace-get", "/workspaces/acme"),
        ("members-list", "/workspaces/acme/members"),
        ("member-get", "/workspaces/acme/members/1"),
        ("workspace-identifiers", "/workspaces/acme/identifiers?project=shop&pipeline=deploy"),
        ("projects-list", "/workspaces/acme/projects?sort_by=name&status=ACTIVE"),
        ("project-get", "/workspaces/acme/projects/shop"),
        ("branches-list", "/workspaces/acme/projects/shop/repository/branches"),
        ("pipelines-list", PIPELINES),
        ("pipelines-list-empty-page", f"{PIPELINES}?page=2"),
        ("pipeline-get", f"{PIPELINES}/1"),
        ("executions-list", f"{PIPELINES}/1/executions"),
        ("executions-list-empty-page", f"{PIPELINES}/1/executions?page=2"),
    ],
)
async def test_other_answers_look_like_their_samples(story: Story, name: str, path: str) -> None:
    """Lists, single things and the account have every key of the samples."""
    story.maya.scopes = [*story.maya.scopes, "REPOSITORY_READ"]
    story.deploy.run(by=story.maya)
    story.maya.scopes = [*story.maya.scopes, "MEMBER_EMAIL"]

    assert lacks(sample(name), await story.get(path)) == []


async def test_an_action_execution_tells_who_answered(story: Story) -> None:
    """Waiting and approved action executions have every key, the log has its counters."""
    run = story.waiting()
    at = f"{path_of(run)}/action_executions/{run.action('Approve production').id}"
    waiting = await story.get(at)
    run.approve(by=story.omar)
    approved = await story.get(at)
    old = await story.get(f"{path_of(run)}/actions/{run.action('Deploy').action.id}")

    assert lacks(sample("action-execution-details-waiting"), waiting) == []
    assert lacks(sample("action-execution-details"), approved) == []
    assert (waiting["approver_id"], approved["approver_id"]) == (None, story.omar.id)
    assert lacks(sample("action-execution-logs"), await story.get(f"{at}/logs")) == []
    assert lacks(sample("action-execution-with-log-v1.1"), old) == []


@pytest.mark.parametrize("generation", ["v1.1", "v1.2"])
async def test_a_gate_tells_what_it_asks_and_whom(story: Story, generation: Generation) -> None:
    """The action has the question, the approvers, and the values with their options."""
    fields = [
        Field("version", value="1.0"),
        Field("pass", value="x", encrypted=True),
        Field("target", options=["eu", "us"]),
        Field("from_file", init_path="/options"),
    ]
    asks = story.pipeline(
        Gate("Approve", question="Ship ${BUDDY_RUN_COMMIT}?", approvers=[story.omar]),
        Gate("Pass", kind=GateKind.VARIABLES, question="X.Y.Z", fields=fields),
    )
    story.buddy.generation = generation
    listed = (await story.get(f"{pipeline_path(asks)}/actions"))["actions"]
    at = f"{pipeline_path(asks)}/actions"
    approve, pass_ = [await story.get(f"{at}/{action['id']}") for action in listed]

    if generation == "v1.1":
        assert lacks(sample("action-get-wait-for-apply-v1.1"), approve) == []
        assert lacks(sample("action-get-wait-for-variables-v1.1"), pass_) == []
    assert approve["comment"] == "Ship ${BUDDY_RUN_COMMIT}?"
    assert approve["permissions"]["others"] == "DENIED"
    assert pass_["variables"] == [
        {"key": "version", "value": "1.0"},
        {"key": "pass", "value": "x", "encrypted": True},
        {"key": "target", "defaults": "eu\nus"},
        {"key": "from_file", "init_path": "/options"},
    ]


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("execution-get-inprogress-v1.1", "execution"),
        ("execution-get-inprogress-v1.0-legacy", "execution"),
        ("executions-list-v1.1", "executions"),
        ("pipelines-list-v1.1", "pipelines"),
        ("pipelines-list-v1.0-legacy", "pipelines"),
        ("pipeline-get-v1.1", "pipeline"),
        ("user-v1.1", "user"),
    ],
)
async def test_older_generations_have_exactly_the_keys_of_their_samples(
    story: Story, name: str, what: str
) -> None:
    """No key is missing and none is too many: a client must live without the newer ones."""
    run = story.deploy.run(by=story.maya)
    paths = {
        "execution": path_of(run),
        "executions": f"{PIPELINES}/1/executions",
        "pipelines": PIPELINES,
        "pipeline": f"{PIPELINES}/1",
        "user": "/user",
    }
    story.buddy.generation = "v1.1" if name.endswith("v1.1") else "v1.0"
    wanted, given = sample(name), await story.get(paths[what])

    assert lacks(wanted, given) == []
    assert lacks(given, wanted) == []


async def test_ended_actions_of_older_generations_have_dates_but_no_ids(story: Story) -> None:
    """As in the documented example of a successful execution."""
    story.buddy.generation = "v1.1"
    given = await story.get(path_of(story.waiting()))

    wanted = sample("execution-get-successful-v1.1")["action_executions"][0]
    assert given["action_executions"][0].keys() == wanted.keys()


async def test_hostile_and_huge_things_arrive_unchanged(story: Story) -> None:
    """Foreign text is not Buddy's to mend, and 120 actions are not too many."""
    nasty = "<b>&amp; <!channel> \u202egnihtyna ```" + "x" * 10_000
    many = story.pipeline(*(Step(f"Step {n}", seconds=1) for n in range(120)), name=nasty)
    run = many.push(by=story.maya, message=nasty)
    run.force_status("WAITING_FOR_SOMETHING_NEW", action="Step 0")
    given = await story.get(path_of(run))
    answer = await story.patch(run, "APPLY_VARIABLES", variables=variables(a="b"))

    assert given["to_revision"]["message"] == f"{nasty}\n"
    assert given["pipeline"]["name"] == nasty
    assert len(given["action_executions"]) == 120
    assert given["status"] == "WAITING_FOR_SOMETHING_NEW"
    assert given["action_executions"][0]["status"] == "WAITING_FOR_SOMETHING_NEW"
    assert answer.status == 400
