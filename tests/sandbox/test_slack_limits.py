"""What the simulated Slack accepts as blocks, and the places it names when it does not."""

from typing import Any

import pytest

from sandbox.slack.limits import check_message, check_view
from sandbox.slack.refusal import Refusal
from tests.sandbox.slack_bot import button, modal, sample, section, text_input

Block = dict[str, Any]


def plain(text: str) -> Block:
    """Write plain text."""
    return {"type": "plain_text", "text": text}


def rich(text: str) -> Block:
    """Write rich text."""
    inside = [{"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}]
    return {"type": "rich_text", "elements": inside}


def task(number: int, **more: object) -> Block:
    """Write a task."""
    return {"type": "task_card", "task_id": str(number), "title": "Build", **more}


def plan(*tasks: Block) -> Block:
    """Write a plan."""
    return {"type": "plan", "title": "1 of 2", "tasks": list(tasks)}


def series(*values: int) -> list[Block]:
    """Write one series of a chart."""
    points = [{"label": str(index), "value": value} for index, value in enumerate(values)]
    return [{"name": "main", "data": points}]


def menu(count: int, **option: object) -> Block:
    """Write a row with a menu."""
    options = [{"text": plain("x"), "value": str(one), **option} for one in range(count)]
    element = {"type": "static_select", "action_id": "pick", "options": options}
    return {"type": "actions", "elements": [element]}


IMAGE = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a"}
CELL = {"type": "raw_text", "text": "x"}
LINE = {"type": "line", "axis_config": {"categories": ["0", "1"]}}
CONFIRM = {key: plain("x") for key in ("title", "text", "confirm", "deny")}


AT_THEIR_LIMITS: list[Block] = [
    section("x" * 3000),
    {"type": "section", "fields": [plain("x")] * 10, "accessory": IMAGE},
    {"type": "header", "text": plain("x" * 150), "level": 1},
    {"type": "context", "elements": [IMAGE, plain("x")]},
    button("x" * 75, value="v" * 2000, style="danger", confirm=CONFIRM),
    menu(100),
    {"type": "divider", "block_id": "x" * 255},
    IMAGE,
    text_input("Reason", multiline=True, max_length=3000),
    rich("*"),
    {"type": "markdown", "text": "# hi"},
    {"type": "table", "rows": [[CELL, rich("x")]], "column_settings": [{"align": "right"}]},
    {"type": "data_visualization", "title": "t", "chart": LINE | {"series": series(1, 2)}},
    plan(task(1, status="pending", output=rich("2 s")), task(2, status="error")),
    task(1, status="complete", details=rich("x")),
    {"type": "card", "title": plain("x"), "actions": button("Go")["elements"]},
    {"type": "carousel", "elements": [{"type": "card", "body": plain("x")}]},
    {"type": "container", "title": plain("x"), "elements": [section("x")]},
]


def test_a_message_takes_blocks_at_their_limits() -> None:
    """Nothing is refused that Slack takes."""
    assert check_message(AT_THEIR_LIMITS) == []


@pytest.mark.parametrize(
    ("block", "place", "reason"),
    [
        (section("x" * 3001), "/text/text", "must be less than 3001 characters"),
        (section(""), "/text/text", "must be more than 0 characters"),
        ({"type": "section"}, "", "must define either `text` or `fields`"),
        (section("x") | {"colour": "red"}, "", "invalid additional property: colour"),
        (
            {"type": "header", "text": section("x")["text"]},
            "/text/type",
            "unsupported type: mrkdwn",
        ),
        ({"type": "header", "text": plain("x" * 151)}, "/text/text", "less than 151"),
        ({"type": "header"}, "", "missing required field: text"),
        ({"type": "context", "elements": [plain("x")] * 11}, "/elements", "no more than 10 items"),
        (button("x" * 76), "/elements/0/text/text", "less than 76"),
        (button("x", value="v" * 2001), "/elements/0/value", "less than 2001"),
        (button("x", action_id="a" * 256), "/elements/0/action_id", "less than 256"),
        (button("x", style="default"), "/elements/0/style", "must be a valid enum value"),
        (button("x", url="nowhere"), "/elements/0/url", "invalid url"),
        (
            button("x", confirm=CONFIRM | {"deny": plain("x" * 31)}),
            "/elements/0/confirm/deny/text",
            "less than 31",
        ),
        (menu(101), "/elements/0/options", "no more than 100 items"),
        (menu(1, value="v" * 151), "/elements/0/options/0/value", "less than 151"),
        ({"type": "actions", "elements": button("x")["elements"] * 2}, "", "action_id"),
        ({"type": "actions", "elements": []}, "/elements", "no fewer than 1"),
        ({"type": "divider", "block_id": "x" * 256}, "/block_id", "less than 256"),
        ({"type": "image", "image_url": "https://a.b"}, "", "missing required field: alt_text"),
        (rich(""), "/elements/0/elements/0/text", "more than 0"),
        ({"type": "markdown", "text": "x" * 12_001}, "/text", "less than 12001"),
        ({"type": "table", "rows": [[CELL] * 21]}, "/rows/0", "no more than 20"),
        (
            {"type": "data_visualization", "title": "t", "chart": LINE | {"series": series(1)}},
            "/chart/series/0/data",
            "one point for each category",
        ),
        (plan() | {"title": plain("x")}, "/title", "must provide a string"),
        (plan(*[task(n) for n in range(51)]), "/tasks", "no more than 50 items"),
        (plan(task(1), task(1)), "/tasks/1/task_id", "already exists"),
        (plan(task(1, status="skipped")), "/tasks/0/status", "must be a valid enum value"),
        (plan(task(1, output="2 s")), "/tasks/0/output", "must provide an object"),
        (task(1, status="pending"), "/status", "must be a valid enum value"),
        ({"type": "alert", "text": plain("x")}, "/type", "unsupported type: alert"),
        ({"type": "file"}, "/type", "unsupported type: file"),
    ],
)
def test_a_message_refuses_it(block: Block, place: str, reason: str) -> None:
    """The first complaint names the reason and the place."""
    found = check_message([block])
    assert reason in found[0]
    assert found[0].endswith(f"[json-pointer:/blocks/0{place}]")


def test_slacks_own_sample_of_a_refusal_is_reproduced() -> None:
    """The documented mistake gets the documented message."""
    assert (
        check_message([task(1, status="pending")])
        == sample("web_api_invalid_blocks_response")["errors"]
    )


def test_a_whole_message_has_limits_too() -> None:
    """Fifty blocks, unique ids, 12,000 characters of markdown, two charts."""
    chart = {"type": "pie", "segments": [{"label": "a", "value": 1}]}
    wholes = [
        [section("x")] * 51,
        [section("x") | {"block_id": "same"}] * 2,
        [{"type": "markdown", "text": "x" * 7000}] * 2,
        [{"type": "data_visualization", "title": "t", "chart": chart}] * 3,
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "x" * 6000}]]}] * 2,
        "no list",
    ]
    assert all(check_message(blocks) for blocks in wholes)
    assert check_message([plan(task(1))], supports_plan=False)


@pytest.mark.parametrize(
    ("view", "place"),
    [
        (modal(section("x")) | {"title": plain("x" * 25)}, "/view/title/text"),
        (modal(section("x"), private_metadata="x" * 3001), "/view/private_metadata"),
        (modal(section("x"), callback_id="x" * 256), "/view/callback_id"),
        (modal(*[section("x")] * 101), "/view/blocks"),
        (modal(plan(task(1))), "/view/blocks/0/type"),
        (modal(text_input("x") | {"label": plain("x" * 2001)}), "/view/blocks/0/label/text"),
        ({"type": "modal", "title": plain("x"), "blocks": [text_input("x")]}, "/view"),
        ({"type": "home", "blocks": [], "title": plain("x")}, "/view"),
        ({"type": "panel", "blocks": []}, "/view/type"),
        ("no view", "/view"),
    ],
)
def test_a_view_refuses_it(view: object, place: str) -> None:
    """The place starts at the view."""
    with pytest.raises(Refusal) as refused:
        check_view(view)
    assert refused.value.error == "invalid_arguments"
    assert f"[json-pointer:{place}]" in refused.value.messages[0]


def test_modals_take_alerts_and_size_has_an_end() -> None:
    """A hundred blocks fit, unless they are more than 250 kB."""
    check_view(modal({"type": "alert", "text": plain("careful"), "level": "warning"}))
    check_view(modal(*[section("x")] * 100))
    with pytest.raises(Refusal, match="view_too_large"):
        check_view(modal(*[section("x" * 3000)] * 100))
