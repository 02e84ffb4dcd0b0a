"""What is read from answers that are odd, old or broken."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.buddy import readers
from bot.buddy.answers import Answer, failure, interpret
from bot.buddy.fields import read_moment, read_number, read_percent
from bot.buddy.readers import ExecutionPage, LogPage, Unreadable
from bot.buddy.wire import Request
from bot.domain.account import TokenFacts
from bot.domain.catalog import GateQuestion, PipelineRef, Project, Workspace
from bot.domain.execution import Execution, GitRef, GitRefKind, Member, Status
from bot.errors import BotError
from tests.buddy.samples import NOW, READERS, ref

KEYS = [
    *("id", "status", "branch", "name", "errors", "error", "message", "executions"),
    *("action_executions", "action", "start_date", "progress", "pipelines", "logs"),
    *("variables", "permissions", "to_revision", "creator", "workspaces", "projects"),
]
Json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)

READ: dict[str, Callable[[object], object]] = {
    "execution": lambda raw: READERS.execution(raw, ref()),
    "retried": lambda raw: READERS.retried(raw, ref()),
    "executions": lambda raw: READERS.executions(raw, "acme", "shop", 2),
    "started": lambda raw: READERS.started(raw, PipelineRef("h", "acme", "shop", 2)),
    "inputs": lambda raw: readers.inputs(raw, 2),
    "pipeline": READERS.pipeline,
    "pipelines": READERS.pipelines,
    "action_execution": lambda raw: readers.action_execution(raw, "68e6"),
    "gate_question": readers.gate_question,
    "log_page": readers.log_page,
    "whole_log": readers.whole_log,
    "user": readers.user,
    "token_facts": readers.token_facts,
    "workspaces": readers.workspaces,
    "projects": READERS.projects,
}


def read(**fields: object) -> Execution:
    """Read an execution with these fields."""
    return READERS.execution({"id": 7, **fields}, ref())


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("2016-03-29T08:05:36Z", datetime(2016, 3, 29, 8, 5, 36, tzinfo=UTC)),
        ("2016-03-29T08:05:30.3Z", datetime(2016, 3, 29, 8, 5, 30, 300000, tzinfo=UTC)),
        ("2016-03-29T08:05:30.33Z", datetime(2016, 3, 29, 8, 5, 30, 330000, tzinfo=UTC)),
        ("2016-03-29T08:05:32.623Z", datetime(2016, 3, 29, 8, 5, 32, 623000, tzinfo=UTC)),
        ("2016-03-29T10:05:36+02:00", datetime(2016, 3, 29, 8, 5, 36, tzinfo=UTC)),
        ("2016-03-29T10:05:36.5+0200", datetime(2016, 3, 29, 8, 5, 36, 500000, tzinfo=UTC)),
        ("2016-03-29T08:05:36", datetime(2016, 3, 29, 8, 5, 36, tzinfo=UTC)),
        (" 2016-03-29T08:05:36Z ", datetime(2016, 3, 29, 8, 5, 36, tzinfo=UTC)),
        ("0001-01-01T00:00:00+05:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (1459238736, None),
        (True, None),
        (["2016-03-29T08:05:36Z"], None),
    ],
)
def test_a_date_is_a_moment_in_utc_or_none(raw: object, moment: datetime | None) -> None:
    """Zero to three digits of a second, Z or an offset; anything else is no date."""
    assert read_moment(raw) == moment
    assert read(start_date=raw).started_at == moment


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        (7, 7),
        ("12", 12),
        (0, 0),
        (2**63 - 1, 2**63 - 1),
        (2**63, None),
        ("9" * 19, None),
        ("9" * 20, None),
        (-1, None),
        (7.0, None),
        (True, None),
        ("seven", None),
        ("\u0667", None),
        (None, None),
    ],
)
def test_a_number_fits_a_database_or_is_none(raw: object, number: int | None) -> None:
    """An id is a whole number from 0 to what a column holds; some come as text."""
    assert read_number(raw) == number


@pytest.mark.parametrize(
    ("raw", "percent"),
    [
        (41, 41),
        (41.9, 41),
        (-3, 0),
        (250, 100),
        (float("nan"), 0),
        (float("inf"), 100),
        (None, 0),
        ("41", 0),
        (True, 0),
    ],
)
def test_progress_stays_between_0_and_100(raw: object, percent: int) -> None:
    """A bar is drawn from it, whatever Buddy says."""
    assert read_percent(raw) == percent


@pytest.mark.parametrize(
    ("fields", "trigger"),
    [
        ({"triggered_on": "CLICK"}, "CLICK"),
        ({"triggeredOn": "SCHEDULE"}, "SCHEDULE"),
        ({"mode": "MANUAL"}, "CLICK"),
        ({"mode": "ON_EVERY_PUSH"}, "EVENT"),
        ({"mode": "SCHEDULED"}, "SCHEDULE"),
        ({"triggered_on": None, "triggeredOn": None, "mode": "MANUAL"}, "CLICK"),
        ({"triggered_on": "AGENT"}, "AGENT"),
        ({"triggered_on": 7}, "7"),
        ({"triggered_on": {}}, ""),
        ({}, ""),
    ],
)
def test_all_generations_say_what_started_it(fields: dict[str, object], trigger: str) -> None:
    """Three names of the field, older words translated, unknown ones kept."""
    assert read(**fields).trigger == trigger


@pytest.mark.parametrize(
    ("fields", "git_ref"),
    [
        ({"branch": {"name": "main"}}, GitRef(GitRefKind.BRANCH, "main")),
        ({"branch": "main"}, GitRef(GitRefKind.BRANCH, "main")),
        ({"branch": None, "tag": {"name": "v1"}}, GitRef(GitRefKind.TAG, "v1")),
        (
            {"branch": {"name": "main"}, "pull_request": {"name": "#4"}},
            GitRef(GitRefKind.PULL_REQUEST, "#4"),
        ),
        ({"branch": {}, "tag": None}, None),
        ({"branch": []}, None),
        ({}, None),
    ],
)
def test_a_run_knows_what_it_is_for(fields: dict[str, object], git_ref: GitRef | None) -> None:
    """The narrowest reference wins: pull request, tag, branch."""
    assert read(**fields).git_ref == git_ref


@pytest.mark.parametrize("nothing", [{}, {"creator": None}, {"creator": {}}, {"creator": "Ada"}])
def test_null_missing_and_empty_are_all_nobody(nothing: dict[str, object]) -> None:
    """A run that nobody started has no creator."""
    assert read(**nothing).creator is None
    assert read(creator={"name": "Ada"}).creator == Member(None, "Ada")


def test_a_field_of_the_wrong_kind_counts_as_missing() -> None:
    """One odd field does not cost the whole execution."""
    odd = read(
        status=3,
        comment=["x"],
        html_url=5,
        pipeline=[],
        to_revision="abc",
        finish_date={},
        action_executions={"0": {}},
    )
    assert (odd.status, odd.status_text, odd.comment, odd.url) == (Status.UNKNOWN, "3", "", "")
    assert (odd.pipeline_name, odd.revision, odd.finished_at, odd.actions) == ("", None, None, ())


def test_odd_items_of_a_list_are_left_out() -> None:
    """What cannot be used is skipped; an action without anything still counts as one."""
    assert [action.gate_id for action in read(action_executions=[None, 5, {}]).actions] == [""]
    page = READERS.executions({"executions": [{"id": 1}, {}, "x"]}, "acme", "shop", 2)
    assert [execution.ref.execution for execution in page.executions] == [1]
    assert READERS.pipelines({"pipelines": [{"name": "no id"}]}) == ()
    assert readers.workspaces({"workspaces": [{"name": "X"}, {"domain": "x"}]}) == (
        Workspace("x", "x"),
    )
    assert READERS.projects({"projects": [{}, {"name": "a", "status": "CLOSED"}]}) == (
        Project("a", "a", is_active=False),
    )


def test_a_commit_without_a_hash_is_none() -> None:
    """A revision that names nothing is not shown."""
    assert read(to_revision={"message": "x"}).revision is None


def test_text_holds_no_nul() -> None:
    """No database takes one, and no screen shows one."""
    assert read(comment="a\0b").comment == "ab"


def test_a_hostile_link_is_not_kept() -> None:
    """The link under our button leads to Buddy or nowhere."""
    assert read(html_url="https://evil.example/").url == ""
    pipeline = READERS.pipeline({"id": 2, "html_url": "https://evil.example/"})
    assert pipeline.url == ""


@pytest.mark.parametrize(
    "raw", [{"id": 8}, {"id": None}, {}, [], None, "text", 7, {"execution": {"id": 7}}]
)
def test_only_the_execution_that_was_asked_for_is_taken(raw: object) -> None:
    """An answer about another execution is no answer: a card would show a stranger's state."""
    with pytest.raises(Unreadable):
        READERS.execution(raw, ref(7))


def test_a_retry_may_have_made_an_execution_of_its_own() -> None:
    """The answer then says which."""
    assert READERS.retried({"id": 9}, ref(7)).ref == ref(9)
    with pytest.raises(Unreadable):
        READERS.retried({}, ref(7))


def test_only_the_run_of_an_action_that_was_asked_for_is_taken() -> None:
    """Another action's approver must not be taken for this one's."""
    with pytest.raises(Unreadable):
        readers.action_execution({"action_execution_id": "other"}, "68e6")


@pytest.mark.parametrize("read_", [READERS.pipeline, readers.gate_question, readers.user])
def test_a_thing_without_a_number_is_unreadable(read_: Callable[[object], object]) -> None:
    """An object of another kind, such as a maintenance notice, is not taken for the thing."""
    with pytest.raises(Unreadable):
        read_({"status": "maintenance"})


def test_a_gate_without_rules_is_open_to_others() -> None:
    """Allowed is Buddy's default; who is not allowed is not listed."""
    asked = readers.gate_question({"id": 1})
    assert asked == GateQuestion("", (), (), (), others_may_answer=True)
    rights = {
        "others": "ALLOWED",
        "users": [{"id": 1, "access_level": "DENIED"}, {"access_level": "ALLOWED"}, {"id": 3}],
        "groups": [{"id": 4, "access_level": "ALLOWED"}],
    }
    asked = readers.gate_question({"id": 1, "permissions": rights})
    assert (asked.approver_ids, asked.approver_group_ids) == ((), (4,))


def test_one_line_of_defaults_is_a_default_and_several_are_choices() -> None:
    """A form shows a text field or a menu accordingly; a masked variable shows neither."""
    variables = [
        {"key": "a", "defaults": "one"},
        {"key": "b", "defaults": "one\r\ntwo\n\n"},
        {"key": "c", "defaults": "one\ntwo", "encrypted": True},
        {"key": "d", "defaults": "one\ntwo", "value": "two", "description": "which"},
        {"value": "nameless"},
    ]
    fields = readers.gate_question({"id": 1, "variables": variables}).fields
    assert [(field.key, field.default, field.options) for field in fields] == [
        ("a", "one", ()),
        ("b", "", ("one", "two")),
        ("c", "", ()),
        ("d", "two", ("one", "two")),
    ]
    assert fields[3].description == "which"


@pytest.mark.parametrize(
    ("change", "is_input"),
    [
        ({}, True),
        ({"settable": False, "run_only_settable": True}, True),
        ({"type": None, "pipeline": None}, True),
        ({"settable": False}, False),
        ({"type": "SSH_KEY"}, False),
        ({"disabled": True}, False),
        ({"pipeline": {"id": 3}}, False),
        ({"key": ""}, False),
    ],
)
def test_which_variables_are_meant_to_be_set(change: dict[str, object], *, is_input: bool) -> None:
    """Values of this pipeline that are settable; neither keys nor files."""
    usual = {"key": "A", "value": "1", "type": "VAR", "settable": True, "pipeline": {"id": 2}}
    found = readers.inputs({"variables": [{**usual, **change}]}, 2)
    assert [one.key for one in found] == (["A"] if is_input else [])
    assert all(one.has_value for one in found)


@pytest.mark.parametrize(
    ("fields", "is_codeless"),
    [
        ({"refs": [], "events": []}, True),
        ({"events": []}, True),
        ({"refs": ["refs/heads/main"], "events": []}, False),
        ({"refs": [], "events": [{"type": "PUSH"}]}, False),
        ({"refs": []}, False),
        ({"ref_name": "refs/heads/main", "events": []}, False),
    ],
)
def test_which_pipelines_need_no_code(fields: dict[str, object], *, is_codeless: bool) -> None:
    """Neither refs nor events; an older Buddy has no events, and never says."""
    assert READERS.pipeline({"id": 2, **fields}).is_codeless is is_codeless


def test_a_mark_is_taken_off_a_comment() -> None:
    """People see what they wrote."""
    execution = read(comment="as agreed [gl-7fk2mz]")
    assert (execution.comment, execution.mark) == ("as agreed", "7fk2mz")


def test_lists_keep_empty_lines_of_a_log_and_drop_empty_scopes() -> None:
    """A blank line is part of a log; a blank scope is nothing."""
    assert readers.log_page({"logs": ["a", "", None]}) == LogPage(("a", "", ""), None)
    assert readers.log_page({"logs": None}) == LogPage((), None)
    assert readers.token_facts({"scopes": ["A", "", None]}) == TokenFacts("", None, ("A",), ())


def test_a_list_may_be_null_but_not_absent() -> None:
    """Null means none; a body without the list is about something else."""
    assert READERS.executions({"executions": None}, "acme", "shop", 2) == ExecutionPage((), None)
    with pytest.raises(Unreadable):
        READERS.executions({"status": "maintenance"}, "acme", "shop", 2)


@pytest.mark.parametrize("name", READ)
@given(raw=Json)
def test_any_json_is_read_or_refused_in_our_own_words(name: str, raw: object) -> None:
    """No body, however odd, causes anything but a value or an error a person can be told."""
    answer = Answer(200, {}, raw)
    for request in (Request("GET", "/x"), Request("PATCH", "/x")):
        try:
            if failed := failure(answer, request, NOW):
                raise failed
            interpret(answer, request, READ[name])
        except BotError as error:
            assert error.explain()  # noqa: PT017 - both outcomes are fine


@given(st.binary() | Json.map(lambda raw: json.dumps(raw).encode()), st.integers(100, 599))
def test_any_bytes_with_any_status_are_a_fact_or_an_error(body: bytes, status: int) -> None:
    """Parsing the body and judging the status never fails by itself."""
    answer = Answer.parse(status, {"Retry-After": body.decode("latin-1")}, body)
    error = failure(answer, Request("PATCH", "/x"), NOW)
    assert error is None or error.explain()
