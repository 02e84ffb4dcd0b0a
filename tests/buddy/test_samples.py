"""Every sample is understood, fact by fact; or is named here as none of the client's business."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bot.buddy import readers, wire
from bot.buddy.answers import Answer, failure
from bot.buddy.wire import BuddyOperation, Request, Variable
from bot.domain.account import BuddyUser, TokenFacts
from bot.domain.catalog import Project, Workspace
from bot.domain.execution import (
    Execution,
    GateKind,
    GitRef,
    GitRefKind,
    Member,
    Operation,
    PipelineAction,
    Status,
)
from bot.errors import (
    ApiDisabled,
    BuddyError,
    BuddyForbids,
    BuddyRateLimited,
    BuddyRefuses,
    NotFoundInBuddy,
    TokenRejected,
    WorkspaceInactive,
)
from tests.buddy.samples import FOLDER, NOW, READERS, ref, sample, sample_bytes

APP = "https://app.buddy.works/acme/company-website/pipelines/pipeline"
GATE = "68e60c90592ab1f894ecace8"
STARTED = datetime(2025, 10, 8, 7, 1, 41, 902000, tzinfo=UTC)

# Number, status and trigger of each sample.
EXECUTIONS = {
    "execution-get-successful-v1.1": (1, Status.SUCCESSFUL, "CLICK"),
    "execution-get-inprogress-v1.1": (4, Status.INPROGRESS, "CLICK"),
    "execution-get-inprogress-v1.0-legacy": (4, Status.INPROGRESS, "CLICK"),
    "execution-get-enqueued": (7, Status.ENQUEUED, "CLICK"),
    "execution-get-inprogress": (7, Status.INPROGRESS, "CLICK"),
    "execution-get-successful": (7, Status.SUCCESSFUL, "CLICK"),
    "execution-get-failed": (7, Status.FAILED, "CLICK"),
    "execution-get-terminating": (7, Status.TERMINATING, "CLICK"),
    "execution-get-terminated": (7, Status.TERMINATED, "CLICK"),
    "execution-get-skipped": (6, Status.SKIPPED, "CLICK"),
    "execution-get-waiting-for-apply": (7, Status.WAITING_FOR_APPLY, "CLICK"),
    "execution-get-waiting-for-variables": (7, Status.WAITING_FOR_VARIABLES, "CLICK"),
    "execution-get-waiting-for-settable-variables": (
        7,
        Status.WAITING_FOR_SETTABLE_VARIABLES,
        "CLICK",
    ),
    "execution-get-waiting-for-vt-session": (7, Status.WAITING_FOR_VT_SESSION, "CLICK"),
    "execution-get-two-approvals-waiting": (7, Status.WAITING_FOR_APPLY, "CLICK"),
    "execution-get-inprogress-with-approval-waiting": (7, Status.INPROGRESS, "CLICK"),
    "execution-get-delayed": (8, Status.INITIAL, "CLICK"),
    "execution-get-tag-run": (9, Status.SUCCESSFUL, "EVENT"),
    "execution-get-minimal": (11, Status.INITIAL, ""),
    "execution-get-unknown-values": (10, Status.UNKNOWN, "AGENT"),
    "execution-patch-response-v1.1": (4, Status.INPROGRESS, "CLICK"),
    "execution-patch-response-apply": (7, Status.INPROGRESS, "CLICK"),
    "execution-patch-response-cancel": (7, Status.TERMINATING, "CLICK"),
    "execution-patch-response-retry": (7, Status.ENQUEUED, "CLICK"),
    "execution-run-response-v1.1": (3, Status.INPROGRESS, "CLICK"),
    "execution-run-response": (7, Status.ENQUEUED, "CLICK"),
}
# The end of each gate id, and Buddy's word for its status.
ACTIONS = {
    "execution-get-successful-v1.1": "2=SUCCESSFUL",
    "execution-get-inprogress-v1.1": "5=INPROGRESS",
    "execution-get-inprogress-v1.0-legacy": "5=INPROGRESS",
    "execution-get-enqueued": "ace7=INITIAL ace8=INITIAL ace9=INITIAL",
    "execution-get-inprogress": "ace7=INPROGRESS ace8=INITIAL ace9=INITIAL",
    "execution-get-successful": "ace7=SUCCESSFUL ace8=SUCCESSFUL ace9=SUCCESSFUL",
    "execution-get-failed": "ace7=SUCCESSFUL ace8=SUCCESSFUL ace9=FAILED",
    "execution-get-terminating": "ace7=TERMINATING ace8=INITIAL ace9=INITIAL",
    "execution-get-terminated": "ace7=SUCCESSFUL ace8=TERMINATED ace9=NOT_EXECUTED",
    "execution-get-waiting-for-apply": "ace7=SUCCESSFUL ace8=WAITING_FOR_APPLY ace9=INITIAL",
    "execution-get-waiting-for-variables": (
        "ace7=SUCCESSFUL acec=WAITING_FOR_VARIABLES ace9=INITIAL"
    ),
    "execution-get-waiting-for-settable-variables": (
        "ace7=SUCCESSFUL aced=WAITING_FOR_SETTABLE_VARIABLES ace9=INITIAL"
    ),
    "execution-get-waiting-for-vt-session": (
        "ace7=SUCCESSFUL acee=WAITING_FOR_VT_SESSION ace9=INITIAL"
    ),
    "execution-get-two-approvals-waiting": (
        "ace7=SUCCESSFUL ace8=WAITING_FOR_APPLY acea=WAITING_FOR_APPLY ace9=INITIAL"
    ),
    "execution-get-inprogress-with-approval-waiting": (
        "ace7=SUCCESSFUL ace8=WAITING_FOR_APPLY aceb=INPROGRESS ace9=INITIAL"
    ),
    "execution-get-tag-run": "ace7=SUCCESSFUL",
    "execution-get-unknown-values": "ac05=WAITING_FOR_SOMETHING_NEW",
    "execution-patch-response-v1.1": "5=INPROGRESS",
    "execution-patch-response-apply": "ace7=SUCCESSFUL ace8=SUCCESSFUL ace9=ENQUEUED",
    "execution-patch-response-cancel": "ace7=SUCCESSFUL ace8=TERMINATING ace9=INITIAL",
    "execution-patch-response-retry": "ace7=SUCCESSFUL ace8=SUCCESSFUL ace9=INITIAL",
    "execution-run-response-v1.1": "2=INITIAL",
    "execution-run-response": "ace7=INITIAL ace8=INITIAL ace9=INITIAL",
}
WAITING = {
    f"WAITING_FOR_{what}" for what in ("APPLY", "VARIABLES", "SETTABLE_VARIABLES", "VT_SESSION")
}

REQUESTS: dict[str, Request] = {
    "execution-patch-request-retry": wire.operate(ref(), BuddyOperation.RETRY),
    "execution-patch-request-cancel": wire.operate(ref(), BuddyOperation.CANCEL),
    "execution-patch-request-apply": wire.operate(ref(), BuddyOperation.APPLY),
    "execution-patch-request-run-delayed": wire.operate(ref(), BuddyOperation.RUN_DELAYED),
    "execution-patch-request-apply-one-action": wire.operate(
        ref(), BuddyOperation.APPLY, gate_wire_id=GATE
    ),
    "execution-patch-request-apply-variables": wire.operate(
        ref(), BuddyOperation.APPLY_VARIABLES, variables=[Variable("myVar1", "someValue")]
    ),
}

ERRORS: list[tuple[str, int, type[BuddyError], str]] = [
    ("error-single-key", 401, TokenRejected, ""),
    ("error-not-found-single-key", 404, NotFoundInBuddy, ""),
    ("error-api-disabled", 403, ApiDisabled, ""),
    ("error-api-disabled", 400, ApiDisabled, ""),
    ("error-api-disabled", 200, ApiDisabled, ""),
    ("error-workspace-inactive", 403, WorkspaceInactive, ""),
    ("error-rate-limit", 403, BuddyRateLimited, ""),
    ("error-rate-limit", 429, BuddyRateLimited, ""),
    (
        "error-permission-denied",
        403,
        BuddyForbids,
        "You do not have permission to perform this operation",
    ),
    ("error-wrong-state", 400, BuddyRefuses, "Execution is not waiting for approval"),
    ("error-two-messages", 400, BuddyRefuses, "Field is required; Invalid format"),
    ("error-strings-in-array", 400, BuddyRefuses, "Error 1; Error 2"),
    ("oauth-error", 400, BuddyRefuses, "invalid_grant"),
]

PIPELINE = (2, "deploy-production", "Deploy to production", ("refs/heads/master",), False)
LISTS: dict[str, tuple[Callable[[object], object], object]] = {
    "workspaces-list": (readers.workspaces, (Workspace("acme", "Acme"),)),
    "projects-list": (
        READERS.projects,
        (
            Project(
                "company-website",
                "Company Website",
                is_active=True,
                url="https://app.buddy.works/acme/company-website",
            ),
            Project(
                "backend", "Backend API", is_active=True, url="https://app.buddy.works/acme/backend"
            ),
        ),
    ),
    "user": (readers.user, BuddyUser(2, "Ben Sample")),
    "user-v1.1": (readers.user, BuddyUser(2, "Ben Sample")),
    "user-token": (
        readers.token_facts,
        TokenFacts(
            "slack-bot",
            datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
            ("WORKSPACE", "EXECUTION_INFO", "EXECUTION_RUN", "USER_INFO"),
            ("acme",),
        ),
    ),
    "pipelines-list-empty-page": (READERS.pipelines, ()),
    "action-execution-logs": (
        readers.log_page,
        readers.LogPage(
            ("Pulling image library/node:20", "npm test", "Build finished successfully!"), 3
        ),
    ),
    "action-execution-with-log-v1.1": (
        readers.whole_log,
        (
            "Pulling image library/ubuntu:latest",
            "Executing command: echo 'Hello world!'",
            "'Hello world!'",
            "Build finished successfully!",
        ),
    ),
}

TOLD_IN_A_STORY = {
    "action-execution-details",
    "action-execution-details-waiting",
    "action-get-wait-for-apply-v1.1",
    "action-get-wait-for-variables-v1.1",
    "executions-list",
    "executions-list-empty-page",
    "executions-list-v1.1",
    "pipeline-get",
    "pipeline-get-v1.1",
    "pipelines-list",
    "pipelines-list-v1.0-legacy",
    "pipelines-list-v1.1",
    "webhook-delivery-legacy-finished",
}
NOT_ASKED_BY_THE_CLIENT = {
    "branches-list",
    "commits-list",
    "execution-run-request",
    "execution-run-request-branch",
    "execution-run-request-tag-delayed",
    "groups-list",
    "member-get",
    "members-list",
    "oauth-register-response",
    "oauth-token-response",
    "permission-sets-list",
    "pipeline-step-variables",
    "project-get",
    "webhook-create-request",
    "webhook-create-response",
    "webhook-delivery-failed",
    "webhook-delivery-headers",
    "webhook-delivery-started",
    "webhook-delivery-successful",
    "webhook-delivery-terminated",
    "webhook-get-with-requests",
    "webhooks-list",
    "workspace-get",
    "workspace-identifiers",
}


def read(name: str, number: int = 7) -> Execution:
    """Read a sample as the execution of that number."""
    return READERS.execution(sample(name), ref(number))


def test_no_sample_is_forgotten() -> None:
    """A sample is in a table, in a story, or named as not the client's business."""
    known = TOLD_IN_A_STORY | NOT_ASKED_BY_THE_CLIENT | REQUESTS.keys() | LISTS.keys()
    known |= EXECUTIONS.keys() | {name for name, *_ in ERRORS}
    assert {file.stem for file in FOLDER.glob("*.json")} == known


@pytest.mark.parametrize("name", EXECUTIONS)
def test_an_execution_of_any_generation_is_understood(name: str) -> None:
    """Number, status, trigger, actions and waiting gates are read from every shape."""
    number, status, trigger = EXECUTIONS[name]
    actions = [action.partition("=") for action in ACTIONS.get(name, "").split()]
    execution = read(name, number)
    assert execution.ref == ref(number)
    assert execution.status is status
    assert execution.trigger == trigger
    assert execution.url.startswith(f"{APP}/2/execution/")
    assert [action.status_text for action in execution.actions] == [told for *_, told in actions]
    for action, (ending, *_) in zip(execution.actions, actions, strict=True):
        assert action.gate_id.endswith(ending)
    waiting = [action.gate_id for action in execution.actions if action.status_text in WAITING]
    assert [gate.id for gate in execution.gates] == waiting


def test_an_execution_is_read_to_the_last_field() -> None:
    """Names, moments, commit and people come from where Buddy writes them."""
    execution = read("execution-get-waiting-for-apply")
    assert execution.pipeline_name == "Deploy to production"
    assert execution.started_at == STARTED
    assert execution.finished_at is None
    assert execution.delay_until is None
    assert execution.comment == "Release 4.2.0"
    assert execution.git_ref == GitRef(GitRefKind.BRANCH, "master")
    assert execution.creator == Member(2, "Ben Sample")
    assert execution.revision is not None
    assert execution.revision.short_sha == "8c1f0f6"
    assert execution.revision.first_line == "Bump version to 4.2.0"
    assert execution.revision.author == Member(2, "Ben Sample")
    build, gate, deploy = execution.actions
    assert (build.name, build.type, build.progress) == ("Build", "BUILD", 100)
    assert build.finished_at == datetime(2025, 10, 8, 7, 2, 39, 500000, tzinfo=UTC)
    assert gate.gate is not None
    assert (gate.gate.kind, gate.gate.wire_id) == (GateKind.APPROVAL, GATE)
    assert gate.started_at == datetime(2025, 10, 8, 7, 2, 40, 2000, tzinfo=UTC)
    assert deploy.started_at is None


def test_everything_null_is_an_execution_all_the_same() -> None:
    """Null means none, not a failure."""
    execution = read("execution-get-minimal", 11)
    assert execution.pipeline_name == execution.comment == ""
    assert (execution.git_ref, execution.revision, execution.creator) == (None, None, None)
    assert execution.actions == ()


def test_a_tag_run_and_a_delayed_run_say_what_they_are() -> None:
    """The tag is the reference; the planned moment makes the run one that can be started now."""
    assert read("execution-get-tag-run", 9).git_ref == GitRef(GitRefKind.TAG, "v4.2.0")
    delayed = read("execution-get-delayed", 8)
    assert delayed.delay_until == datetime(2025, 10, 8, 18, tzinfo=UTC)
    assert delayed.allows(Operation.START)


def test_words_that_nobody_knows_yet_are_kept_as_text() -> None:
    """An unknown status offers no button and is still shown by Buddy's own word."""
    execution = read("execution-get-unknown-values", 10)
    assert execution.status_text == "WAITING_FOR_SOMETHING_NEW"
    assert not any(execution.allows(operation) for operation in Operation)


def test_an_old_webhook_names_the_branch_as_text() -> None:
    """A branch that is plain text is still a branch; the oldest trigger word is translated."""
    body = sample("webhook-delivery-legacy-finished")
    assert isinstance(body, dict)
    execution = READERS.execution(body["execution"], ref(1))
    assert execution.git_ref == GitRef(GitRefKind.BRANCH, "master")
    assert execution.trigger == "CLICK"


def test_a_page_of_executions_is_short_and_newest_first() -> None:
    """The list has no actions; it tells how many pages there are."""
    page = READERS.executions(sample("executions-list"), "acme", "company-website", 2)
    assert [execution.ref for execution in page.executions] == [ref(7), ref(6)]
    assert page.total_pages == 1
    assert page.executions[0].waits
    assert page.executions[0].actions == ()
    older = READERS.executions(sample("executions-list-v1.1"), "acme", "company-website", 2)
    assert [execution.ref.execution for execution in older.executions] == [1]
    empty = READERS.executions(sample("executions-list-empty-page"), "acme", "company-website", 2)
    assert empty.executions == ()


@pytest.mark.parametrize("name", ["pipelines-list-v1.0-legacy", "pipelines-list-v1.1"])
def test_old_pipelines_have_no_human_id(name: str) -> None:
    """The oldest generation names one plain branch, the next one a list of references."""
    (pipeline,) = READERS.pipelines(sample(name))
    assert (pipeline.id, pipeline.identifier, pipeline.name) == (2, "", "dev")
    assert pipeline.refs == (("master",) if "legacy" in name else ("refs/heads/master",))
    assert pipeline.url == f"{APP}/2"


def test_new_pipelines_tell_what_a_run_needs() -> None:
    """Identifier, references and whether it may be started at all."""
    found = READERS.pipelines(sample("pipelines-list"))
    assert [
        (item.id, item.identifier, item.name, item.refs, item.is_disabled) for item in found
    ] == [
        PIPELINE,
        (3, "test", "Test", (), False),
        (4, "nightly", "Nightly", ("refs/heads/master",), True),
        (5, "never-ran", "Never ran", ("refs/heads/master",), False),
    ]
    assert READERS.pipeline(sample("pipeline-get")) == found[0]
    assert READERS.pipeline(sample("pipeline-get-v1.1")).name == "Live mirror"


@pytest.mark.parametrize("name", LISTS)
def test_a_list_or_an_account_is_understood(name: str) -> None:
    """What the sample holds is what the reader gives."""
    reader, expected = LISTS[name]
    assert reader(sample(name)) == expected


def test_an_answered_gate_names_who_answered_and_when() -> None:
    """Buddy's own record tells whether it was the person who clicked."""
    answered = readers.action_execution(sample("action-execution-details"), GATE)
    assert answered.approver_id == 1
    assert answered.approved_at == datetime(2025, 10, 8, 7, 14, 3, 771000, tzinfo=UTC)
    waiting = readers.action_execution(sample("action-execution-details-waiting"), GATE)
    assert waiting.gate is not None
    assert (waiting.approver_id, waiting.approved_at, waiting.terminator_id) == (None, None, None)


def test_an_older_buddy_does_not_repeat_the_id_of_a_run_of_an_action() -> None:
    """The id that was asked for is the id of the answer."""
    found: PipelineAction = readers.action_execution(sample("action-execution-with-log-v1.1"), "x1")
    assert (found.id, found.name, found.status) == ("x1", "Build application", Status.SUCCESSFUL)


def test_a_gate_says_what_it_asks_and_whom() -> None:
    """The question is the action's comment; others are shut out when Buddy says so."""
    asked = readers.gate_question(sample("action-get-wait-for-apply-v1.1"))
    assert asked.question == "Do you want to deploy ${BUDDY_EXECUTION_REVISION} to Production?"
    assert (asked.approver_ids, asked.approver_group_ids) == ((1,), (1,))
    assert not asked.others_may_answer
    assert asked.fields == ()


def test_a_gate_asks_for_values_by_text_by_choice_and_in_secret() -> None:
    """Choices come from several lines; the default of a masked variable is never handed on."""
    asked = readers.gate_question(sample("action-get-wait-for-variables-v1.1"))
    assert asked.others_may_answer
    version, password, target, from_file = asked.fields
    assert (version.key, version.default, version.options) == ("version", "1.0", ())
    assert (password.is_encrypted, password.default) == (True, "")
    assert (target.options, target.default) == (("option1", "option2", "option3"), "")
    assert (from_file.has_file_options, version.has_file_options) == (True, False)
    assert "secret_pass" not in repr(asked)


@pytest.mark.parametrize("name", REQUESTS)
def test_an_operation_is_written_as_documented(name: str) -> None:
    """The body is the documented one, and goes to the execution with PATCH."""
    request = REQUESTS[name]
    assert json.loads(request.content) == sample(name)
    assert request.method == "PATCH"
    path = "/workspaces/acme/projects/company-website/pipelines/2/executions/7"
    assert request.target == path


@pytest.mark.parametrize(("name", "status", "error", "message"), ERRORS)
def test_an_error_is_told_apart_from_the_others(
    name: str, status: int, error: type[BuddyError], message: str
) -> None:
    """Status and documented texts decide; any other text is only handed on."""
    answer = Answer.parse(status, {}, sample_bytes(name))
    failed = failure(answer, wire.user(), NOW)
    assert type(failed) is error
    assert getattr(failed, "message", "") == message
