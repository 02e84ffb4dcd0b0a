"""A link pasted from Buddy is understood wherever an execution or a pipeline stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.command import Executions, Logs, Operate, Show
from bot.domain.execution import Operation
from bot.domain.grammar import parse
from bot.domain.link import read_link
from bot.domain.reference import ExecutionName, PipelineLink
from bot.errors import CommandSyntaxError

WEB = "https://app.buddy.works/acme/shop/pipelines/pipeline/7"
API = "https://api.buddy.works/workspaces/acme/projects/shop/pipelines/7"
HASH = "6526b6ab592ab10000000001"
RUN = "6526b6ae592ab10000000002"
PIPELINE = PipelineLink("app.buddy.works", "acme", "shop", 7)
IN_API = PipelineLink("api.buddy.works", "acme", "shop", 7)


@pytest.mark.parametrize(
    ("typed", "execution"),
    [
        (f"{WEB}/execution/{HASH}", ExecutionName(PIPELINE, hash=HASH)),
        (f"{WEB}/execution/{HASH.upper()}", ExecutionName(PIPELINE, hash=HASH)),
        (f"{WEB}/execution/6526b6ab", ExecutionName(PIPELINE, hash="6526b6ab")),
        (f"{WEB}/execution/{HASH[:16]}", ExecutionName(PIPELINE, hash=HASH[:16])),
        (f"{WEB}/execution/{HASH}?approve=true", ExecutionName(PIPELINE, hash=HASH)),
        (f"{WEB}/execution/{HASH}/?actionExecutionId={RUN}", ExecutionName(PIPELINE, hash=HASH)),
        (f"{WEB}/execution/{HASH}#log", ExecutionName(PIPELINE, hash=HASH)),
        (f"<{WEB}/execution/{HASH}>", ExecutionName(PIPELINE, hash=HASH)),
        (f"<{WEB}/execution/{HASH}|Deploy #12>", ExecutionName(PIPELINE, hash=HASH)),
        (f"<{WEB}/execution/{HASH}?a=1&amp;b=2|x>", ExecutionName(PIPELINE, hash=HASH)),
        (WEB, ExecutionName(PIPELINE)),
        (f"{WEB}/", ExecutionName(PIPELINE)),
        (f"{WEB}/executions", ExecutionName(PIPELINE)),
        (f"{WEB}#12", ExecutionName(PIPELINE, 12)),
        (f"<{WEB}>#12", ExecutionName(PIPELINE, 12)),
        (WEB.replace("/shop", "/-/shop"), ExecutionName(PIPELINE)),
        (WEB.replace("/pipelines", "/-/pipelines"), ExecutionName(PIPELINE)),
        (WEB.replace("https://app", "HTTPS://APP"), ExecutionName(PIPELINE)),
        (f"{API}/executions/12", ExecutionName(IN_API, 12)),
        (f"{API}/executions", ExecutionName(IN_API)),
        (API, ExecutionName(IN_API)),
        (
            "http://buddy.example.com:8080/api/workspaces/acme/projects/shop/pipelines/7",
            ExecutionName(PipelineLink("buddy.example.com:8080", "acme", "shop", 7)),
        ),
        (
            "https://app.buddy.works/acme/my%20shop/pipelines/pipeline/7",
            ExecutionName(PipelineLink("app.buddy.works", "acme", "my shop", 7)),
        ),
    ],
)
def test_a_link_stands_where_an_execution_stands(typed: str, execution: ExecutionName) -> None:
    """As it is copied from the browser, or as Slack's composer wraps it."""
    assert parse(f"show {typed}") == Show(execution)
    assert parse(f"cancel {typed} reason:late") == Operate(Operation.CANCEL, execution, "late")
    if execution.number is None:
        assert parse(f"executions {typed}") == Executions(execution.pipeline)


def test_a_link_to_one_action_names_it_for_its_log() -> None:
    """What was open in the browser is what the log is asked for, unless another one is named."""
    link = f"{WEB}/execution/{HASH}/?actionExecutionId={RUN}"
    execution = ExecutionName(PIPELINE, hash=HASH)

    assert parse(f"logs {link}") == Logs(execution, RUN)
    assert parse(f"logs {link} Build") == Logs(execution, "Build")
    assert parse(f"logs {link.replace(RUN, 'x')}") == Logs(execution)


@pytest.mark.parametrize(
    "link",
    [
        "https://app.buddy.works",
        "https://app.buddy.works/acme/shop",
        "https://app.buddy.works/acme/shop/pipelines",
        "https://app.buddy.works/acme/shop/pipelines/action/7/edit",
        "https://app.buddy.works/acme/shop/pipelines/pipeline/seven",
        f"{WEB}/execution/",
        f"{WEB}/execution/6526b6a",
        f"{WEB}/execution/{'a' * 33}",
        f"{WEB}/execution/xyzxyzxyz",
        f"{API}/executions/latest",
        "https://api.buddy.works/workspaces/acme/projects/shop/branches/7",
        "https://user:pw@app.buddy.works/acme/shop/pipelines/pipeline/7",
        "https:///acme/shop/pipelines/pipeline/7",
        "http://[::1",
        "https://app_x/acme/shop/pipelines/pipeline/7",
    ],
)
def test_a_link_elsewhere_is_answered_with_its_column(link: str) -> None:
    """A page of Buddy that is no execution is no mystery either."""
    with pytest.raises(CommandSyntaxError) as caught:
        parse(f"show {link}")

    assert caught.value.column == len("show ")
    assert caught.value.problem == "This link leads to no pipeline and no execution of Buddy."


@given(st.text(max_size=80) | st.text("ab:/?#[]@%-.7&=", max_size=80))
def test_any_address_is_read_or_refused(rest: str) -> None:
    """Nothing that people paste makes the reader fall over, and what it reads it can write."""
    linked = read_link(f"https://app.buddy.works/{rest}")

    if linked is not None:
        again = read_link(str(linked.execution.pipeline))
        assert again is not None
        assert again.execution.pipeline == linked.execution.pipeline
