"""What Buddy sends by itself is read from bodies of every age, and nothing in it is trusted."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.buddy.webhook import read_step, read_webhook
from bot.domain.event import MAX_HINT, Event, Source

SAMPLES = Path(__file__).parents[1] / "samples" / "buddy"


def sample(name: str) -> Any:  # noqa: ANN401 - whatever it holds
    """Read a recorded body."""
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("name", "number", "status"),
    [
        ("webhook-delivery-started", 7, "INPROGRESS"),
        ("webhook-delivery-successful", 7, "SUCCESSFUL"),
        ("webhook-delivery-failed", 7, "FAILED"),
        ("webhook-delivery-terminated", 7, "TERMINATED"),
        ("webhook-delivery-legacy-finished", 1, "SUCCESSFUL"),
    ],
)
def test_every_recorded_delivery(name: str, number: int, status: str) -> None:
    """The oldest one names its pipeline in its links alone."""
    event = read_webhook(sample(name))

    assert event is not None
    assert event.source is Source.WEBHOOK
    assert (event.workspace, event.project) == ("acme", "company-website")
    assert (event.pipeline, event.execution) == (2, number)
    assert event.hint.startswith(f"{status}|1")
    assert len(event.hint) <= MAX_HINT


def test_start_and_end_are_two_events_and_a_repeat_is_none() -> None:
    """Only how the execution stood tells them apart."""
    started, ended = (sample(f"webhook-delivery-{name}") for name in ("started", "successful"))
    assert read_webhook(started) == read_webhook({**started, "current_date": "2026-01-01"})
    assert read_webhook(started) != read_webhook(ended)


def test_a_body_without_any_link_to_people() -> None:
    """The API's own old link names the pipeline too."""
    body = sample("webhook-delivery-legacy-finished")
    del body["execution"]["html_url"]
    event = read_webhook(body)
    assert event is not None
    assert (event.pipeline, event.execution) == (2, 1)


def test_a_push_is_about_no_execution() -> None:
    """So is anything else that does not say which."""
    for body in ({}, {"ref": "refs/heads/main"}, {"execution": {"id": 1}}, {"execution": None}):
        assert read_webhook(body) is None


def test_a_steps_variables() -> None:
    """The new names, with the run of the calling action; its project by the link."""
    event = read_step(sample("pipeline-step-variables"))
    assert event == Event(
        Source.STEP, "acme", "company-website", 2, 7, hint="68e60c90592ab1f894ecacef"
    )


def test_a_steps_older_variables() -> None:
    """As a form sends them: all are text."""
    told = sample("pipeline-step-variables")
    old = {
        "BUDDY_EXECUTION_URL": told["BUDDY_RUN_URL"],
        "BUDDY_EXECUTION_ID": "7",
        "BUDDY_PIPELINE_ID": "2",
    }
    event = read_step(old)
    assert event is not None
    assert (event.named, event.pipeline, event.hint) == ("7", 2, "")


def test_a_step_that_knows_only_its_link() -> None:
    """The execution is named by its hash, until somebody looks."""
    event = read_step({"BUDDY_RUN_URL": sample("pipeline-step-variables")["BUDDY_RUN_URL"]})
    assert event is not None
    assert event.execution is None
    assert event.named == "hash/68e60c55592ab1f894ecace6"
    assert Event.unnamed(event.named) == (None, event.hash)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"BUDDY_RUN_ID": "7"},
        {"BUDDY_RUN_ID": "$BUDDY_RUN_ID", "BUDDY_PIPELINE_ID": "2"},
        {"BUDDY_RUN_ID": "7", "BUDDY_PIPELINE_ID": "two"},
        {"BUDDY_RUN_ID": 7.5, "BUDDY_PIPELINE_ID": 2},
        {"BUDDY_RUN_ID": True, "BUDDY_PIPELINE_ID": True},
        {"BUDDY_RUN_URL": "https://app.buddy.works/" + "x" * 5_000},
        {"BUDDY_RUN_URL": "not an address"},
    ],
)
def test_a_step_that_does_not_say_which(fields: dict[str, object]) -> None:
    """Nothing is guessed."""
    assert read_step(fields) is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
execution = st.fixed_dictionaries(
    {"id": st.integers(0, 99) | anything, "pipeline": st.fixed_dictionaries({"id": anything})},
    optional={"html_url": anything, "status": anything, "start_date": anything},
)


@given(
    st.fixed_dictionaries(
        {"execution": execution},
        optional={
            "workspace": st.fixed_dictionaries({"domain": anything}),
            "project": st.fixed_dictionaries({"name": anything}),
        },
    )
)
def test_whatever_is_read_can_be_stored(body: dict[str, Any]) -> None:
    """Names are plain, numbers fit, hints are short: no database refuses them."""
    event = read_webhook(body)
    if event is None:
        return
    assert 0 < event.pipeline < 2**63
    assert event.execution is None or 0 < event.execution < 2**63
    for text in (event.workspace, event.project, event.hint, event.named):
        assert text.isascii()
        assert "\0" not in text
        assert len(text) <= 255
    assert len(event.hint) <= MAX_HINT
