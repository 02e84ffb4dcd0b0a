"""What people do to executions of the simulated Buddy takes effect once, or is refused."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sandbox.buddy import Effect, Field, Gate, GateKind, Parallel, Refused, Step
from tests.sandbox.buddy_fixtures import Story, path_of, pipeline_path, statuses, told, variables


@pytest.fixture
async def story() -> AsyncIterator[Story]:
    """Tell a story of its own to each test."""
    async with told() as story:
        yield story


async def test_time_moves_an_execution_to_its_gate(story: Story) -> None:
    """A step shows how far it is, the gate stops the line, at the exact moments."""
    run = story.deploy.push(by=story.maya, message="Fix login")
    story.later(5)
    early = await story.get(path_of(run))
    story.later(500)
    late = await story.get(path_of(run))

    assert early["action_executions"][0]["progress"] == 25
    assert early["triggered_on"] == "EVENT"
    assert statuses(late) == ["SUCCESSFUL", "WAITING_FOR_APPLY", "INITIAL"]
    assert late["action_executions"][1]["start_date"] == "2026-11-23T09:00:20Z"
    assert run.waiting_gates == ["Approve production"]


async def test_an_approval_takes_effect_once(story: Story) -> None:
    """The second one is refused, and the record names who was first."""
    run = story.waiting()
    first = await story.patch(run, "APPLY", approve_action_id=run.action("Approve production").id)
    second = await story.patch_as(story.omar, run, "APPLY")
    story.later(30)

    assert (first.status, second.status) == (200, 400)
    assert statuses(first.body) == ["SUCCESSFUL", "SUCCESSFUL", "INPROGRESS"]
    assert first.body["action_executions"][1]["approver_id"] == story.maya.id
    assert run.history == [("Maya Lee", "APPLY", "Approve production")]
    assert run.status == "SUCCESSFUL"


async def test_of_two_waiting_gates_one_must_be_named(story: Story) -> None:
    """Either id names it; the other gate goes on waiting."""
    run = story.pipeline(Parallel([Gate("Business"), Gate("QA")]), Step("Go")).run(by=story.maya)
    refused = await story.patch(run, "APPLY")
    by_action = await story.patch(run, "APPLY", approve_action_id=str(run.action("QA").action.id))
    waiting = run.waiting_gates
    by_run = await story.patch(run, "APPLY", approve_action_id=run.action("Business").id)

    assert [refused.status, by_action.status, by_run.status] == [400, 200, 200]
    assert waiting == ["Business"]
    assert [effect.gate for effect in run.history] == ["QA", "Business"]


async def test_an_action_id_that_is_a_number_is_refused(story: Story) -> None:
    """The documentation says string, even for numbers."""
    run = story.waiting()
    number = run.action("Approve production").action.id

    assert (await story.patch(run, "APPLY", approve_action_id=number)).status == 400


async def test_a_gate_beside_a_running_step_shows_as_in_progress(story: Story) -> None:
    """The top status alone would hide that somebody is needed."""
    run = story.pipeline(Parallel([Gate("QA"), Step("Smoke", seconds=60)])).run(by=story.maya)

    assert statuses(await story.get(path_of(run))) == ["WAITING_FOR_APPLY", "INPROGRESS"]
    assert (run.status, run.is_waiting, run.is_running) == ("INPROGRESS", True, True)
    story.later(60)
    assert run.status == "WAITING_FOR_APPLY"


@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        (GateKind.VARIABLES, "APPLY_VARIABLES"),
        (GateKind.SETTABLE_VARIABLES, "SET_VARIABLES"),
        (GateKind.VISUAL_TESTS, "APPROVE_VT"),
    ],
)
async def test_each_kind_of_gate_has_its_operation(
    story: Story, kind: GateKind, operation: str
) -> None:
    """The plain approval is refused, values are required where the gate asks for them."""
    fields = [Field("version"), Field("secret", encrypted=True)]
    run = story.pipeline(Gate("Ask", kind=kind, fields=fields)).run(by=story.maya)
    wrong = await story.patch(run, "APPLY")
    bare = await story.patch(run, operation)
    values = variables(version="4.2", secret="hunter2")
    answered = await story.patch(run, operation, variables=values)

    assert wrong.status == 400
    if kind.asks_for_values:
        assert (bare.status, answered.status) == (400, 200)
        details = await story.get(f"{path_of(run)}/action_executions/{run.action('Ask').id}")
        assert details["passed_variables"] == [
            {"key": "version", "value": "4.2"},
            {"key": "secret", "value": "********", "encrypted": True},
        ]
    assert run.status == "SUCCESSFUL"
    assert "hunter2" not in str(story.buddy.journal.calls)


async def test_a_value_that_is_missing_or_has_two_lines_is_refused(story: Story) -> None:
    """All keys, one line each."""
    fields = [Field("a"), Field("b")]
    run = story.pipeline(Gate("Ask", kind=GateKind.VARIABLES, fields=fields)).run(by=story.maya)

    for values in (variables(a="1"), variables(a="1\n2", b="3"), [], "a=1"):
        assert (await story.patch(run, "APPLY_VARIABLES", variables=values)).status == 400
    assert run.history == []


async def test_a_cancelled_gate_ends_as_terminated(story: Story) -> None:
    """Through TERMINATING; the gate names who did it, what follows was never executed."""
    run = story.waiting()
    answer = await story.patch_as(story.omar, run, "CANCEL")
    again = await story.patch(run, "CANCEL")
    story.later(2)
    after = await story.get(path_of(run))

    assert (answer.body["status"], again.status) == ("TERMINATING", 400)
    assert after["status"] == "TERMINATED"
    assert statuses(after) == ["SUCCESSFUL", "TERMINATED", "NOT_EXECUTED"]
    assert after["action_executions"][1]["terminator_id"] == story.omar.id
    assert after["finish_date"] == "2026-11-23T09:00:22Z"
    assert run.history == [Effect("Omar Haddad", "CANCEL", None)]


async def test_a_retry_is_a_new_attempt_of_the_same_execution(story: Story) -> None:
    """Number and hash stay, the start and the ids of all actions are new."""
    run = story.waiting()
    before = await story.get(path_of(run))
    run.cancel(by=story.maya)
    story.later(2)
    answer = await story.patch(run, "RETRY")
    story.later(1)
    after = await story.get(path_of(run))

    assert answer.body["status"] == "ENQUEUED"
    assert (after["id"], after["html_url"]) == (before["id"], before["html_url"])
    assert (before["start_date"], after["start_date"]) == (
        "2026-11-23T09:00:00Z",
        "2026-11-23T09:00:22Z",
    )
    assert statuses(after) == ["INPROGRESS", "INITIAL", "INITIAL"]
    old = {one["action_execution_id"] for one in before["action_executions"]}
    assert old.isdisjoint(one["action_execution_id"] for one in after["action_executions"])
    assert (await story.patch(run, "RETRY")).status == 400


async def test_a_retry_may_keep_its_start_date(story: Story) -> None:
    """What no source settles can be had both ways."""
    story.buddy.retry_keeps_start_date = True
    run = story.waiting()
    run.cancel(by=story.maya)
    story.later(2)
    run.retry(by=story.maya)

    assert (await story.get(path_of(run)))["start_date"] == "2026-11-23T09:00:00Z"


async def test_an_old_gate_id_does_not_open_the_gate_of_a_later_attempt(story: Story) -> None:
    """A button that outlived its attempt does nothing."""
    run = story.waiting()
    old = run.action("Approve production").id
    run.cancel(by=story.maya)
    story.later(2)
    run.retry(by=story.maya)
    story.later(21)

    assert run.is_waiting
    assert (await story.patch(run, "APPLY", approve_action_id=old)).status == 400


async def test_an_action_fails_once_when_told(story: Story) -> None:
    """With its log; the retry goes through."""
    run = story.waiting()
    run.fails_at("Deploy", logs=["boom", "exit 1"])
    run.approve(by=story.omar, gate="Approve production")
    story.later(30)
    failed = await story.get(path_of(run))
    log = await story.get(f"{path_of(run)}/action_executions/{run.action('Deploy').id}/logs")
    run.retry(by=story.maya)
    story.later(21)
    run.approve(by=story.omar)
    story.later(30)

    assert failed["status"] == failed["action_executions"][2]["status"] == "FAILED"
    assert log["logs"] == ["Running Deploy", "boom", "exit 1"]
    assert run.status == "SUCCESSFUL"
    assert [effect.operation for effect in run.history] == ["APPLY", "RETRY", "APPLY"]


async def test_what_follows_a_failure_is_not_executed(story: Story) -> None:
    """A step can also fail every time."""
    run = story.pipeline(Step("Test", seconds=1, fails=True), Step("Go")).run(by=story.maya)
    story.later(1)

    assert statuses(await story.get(path_of(run))) == ["FAILED", "NOT_EXECUTED"]


async def test_a_newer_run_closes_the_gate_of_an_older_one(story: Story) -> None:
    """Only the newest run can be approved, unless the pipeline runs concurrently."""
    older, newer = story.waiting(), story.waiting()
    refused = await story.patch(older, "APPLY")
    story.deploy.concurrent = True
    allowed = await story.patch(older, "APPLY")

    assert (refused.status, allowed.status) == (400, 200)
    assert newer.is_waiting


async def test_a_delayed_run_starts_when_it_is_due(story: Story) -> None:
    """And does not overtake anybody before."""
    waiting = story.waiting()
    due = story.clock.now() + timedelta(minutes=5)
    run = story.deploy.run(by=story.maya, delay_until=due)
    assert (await story.patch(waiting, "APPLY")).status == 200
    story.later(299)
    early = (run.status, run.attempt.started)
    story.later(1)

    assert early == ("INITIAL", None)
    assert (run.status, run.attempt.started) == ("INPROGRESS", due)


async def test_a_delayed_run_starts_when_told(story: Story) -> None:
    """Once; a run that goes on cannot be started."""
    due = story.clock.now() + timedelta(minutes=5)
    run = story.deploy.run(by=story.maya, delay_until=due)
    first, second = await story.patch(run, "RUN_DELAYED"), await story.patch(run, "RUN_DELAYED")

    assert (first.status, second.status) == (200, 400)
    assert first.body["status"] == "INPROGRESS"


async def test_a_lagging_api_shows_an_operation_later(story: Story) -> None:
    """The gate still seems to wait, but answering it again is refused."""
    story.buddy.lags(4)
    run = story.waiting()
    accepted = await story.patch(run, "APPLY")
    again = await story.patch_as(story.omar, run, "APPLY")
    story.later(3.9)
    still = await story.get(path_of(run))
    story.later(0.1)
    finally_ = await story.get(path_of(run))

    assert (accepted.status, again.status) == (200, 400)
    assert accepted.body["status"] == still["status"] == "WAITING_FOR_APPLY"
    assert finally_["status"] == "INPROGRESS"
    assert finally_["action_executions"][2]["start_date"] == "2026-11-23T09:00:20Z"


async def test_the_web_app_starts_a_delayed_run_too(story: Story) -> None:
    """The same operation, on record with the same name."""
    due = story.clock.now() + timedelta(minutes=5)
    run = story.deploy.run(by=story.maya, delay_until=due)
    run.start_now(by=story.omar)

    assert run.is_running
    assert run.history == [("Omar Haddad", "RUN_DELAYED", None)]


async def test_the_web_app_follows_the_same_rules(story: Story) -> None:
    """What the API refuses is refused there, too."""
    run = story.waiting()
    run.approve(by=story.omar)
    with pytest.raises(Refused):
        run.approve(by=story.maya)
    with pytest.raises(Refused):
        run.retry(by=story.maya)

    assert run.history == [("Omar Haddad", "APPLY", "Approve production")]


async def test_a_run_is_started_with_everything_it_was_asked_for(story: Story) -> None:
    """The documented body, and an answer with the new execution."""
    build = story.deploy.actions[0].id
    story.deploy.project.commit("Try it", by=story.maya, branch="dev")
    reply = await story.call(
        "POST",
        f"{pipeline_path(story.deploy)}/executions",
        json={
            "to_revision": {"revision": "HEAD"},
            "branch": {"name": "dev"},
            "comment": "hotfix",
            "clear_cache": True,
            "priority": "HIGH",
            "variables": [{"key": "pass", "value": "hunter2", "encrypted": True}],
            "actions_to_run": [build],
        },
    )

    assert reply.status == 201
    assert reply.body["id"] == 1
    assert reply.body["triggered_on"] == "CLICK"
    assert (reply.body["branch"]["name"], reply.body["priority"]) == ("dev", "HIGH")
    assert reply.body["creator"]["id"] == story.maya.id
    assert statuses(reply.body) == ["INPROGRESS", "SKIPPED", "SKIPPED"]
    assert "hunter2" not in str(story.buddy.journal.calls)


async def test_the_variables_of_a_pipeline_are_listed(story: Story) -> None:
    """With the flags of the schema; what is encrypted is hidden."""
    story.deploy.inputs = (Field("VERSION", "1.0"), Field("KEY", "hunter2", encrypted=True))
    query = f"projectName=shop&pipelineId={story.deploy.id}"
    found = (await story.get(f"/workspaces/acme/variables?{query}"))["variables"]

    assert [(one["key"], one["settable"], one["encrypted"]) for one in found] == [
        ("VERSION", True, False),
        ("KEY", True, True),
    ]
    assert "hunter2" not in str(found)
    assert (await story.get("/workspaces/acme/variables"))["variables"] == []


async def test_executions_are_listed_newest_first_in_pages(story: Story) -> None:
    """With the documented counters, in short form; numbers count per pipeline."""
    for _ in range(5):
        story.deploy.run(by=story.maya)
    other = story.pipeline(Step("Go")).run(by=story.maya)
    page = await story.get(f"{pipeline_path(story.deploy)}/executions?page=2&per_page=2")

    assert [one["id"] for one in page["executions"]] == [3, 2]
    assert (page["total_page_count"], page["total_element_count"]) == (3, 5)
    assert "action_executions" not in page["executions"][0]
    assert other.id == 1
