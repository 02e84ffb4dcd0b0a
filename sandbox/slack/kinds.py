"""What Slack accepts in each type of block, and on which surface it shows that type.

Source of every number: Slack, Block Kit reference, «Blocks»; for plans and tasks what Slack was
seen to refuse. Where two sources disagree whether a surface shows a type, it is refused.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from sandbox.slack.charts import CHART
from sandbox.slack.parts import (
    ACCESSORY,
    BUTTON,
    FEEDBACK,
    IMAGE,
    IN_ACTIONS,
    IN_INPUT,
    RICH_TEXT,
    RICH_TEXT_OBJECT,
    URL_SOURCE,
    plain,
    text,
)
from sandbox.slack.schema import (
    Rule,
    any_field_of,
    anything,
    array,
    boolean,
    both,
    enum,
    fields,
    integer,
    string,
    typed,
    unique,
    url,
)
from sandbox.slack.shape import Block


class Surface(StrEnum):
    """Where blocks are shown."""

    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


MAX_MARKDOWN = 12_000
MAX_TASKS = 50


def _block(needs: Mapping[str, Rule], may: Mapping[str, Rule] | None = None) -> Rule:
    return fields(needs, {"block_id": string(255), **(may or {})})


def _task(*statuses: str) -> Rule:
    """Describe a task. Its title is a bare string: a text object is refused (seen live)."""
    return _block(
        {"task_id": string(255), "title": string()},
        {
            "status": enum(*statuses),
            "details": RICH_TEXT_OBJECT,
            "output": RICH_TEXT_OBJECT,
            "sources": array(URL_SOURCE),
            "hide_title": boolean,
        },
    )


def _unique_tasks(plan: Block, pointer: str) -> Iterator[str]:
    tasks = enumerate(plan.get("tasks", ()))
    ids = [(task["task_id"], f"{pointer}/tasks/{index}/task_id") for index, task in tasks]
    yield from unique(ids, "task_id")


_CELL = typed(
    {
        "raw_text": fields({"text": string(least=0)}),
        "raw_number": fields({"value": anything}, {"text": string()}),
        "rich_text": RICH_TEXT,
    }
)
_CARD = both(
    _block(
        {},
        {
            "title": text(150),
            "subtitle": text(150),
            "body": text(200),
            "icon": typed({"image": IMAGE}),
            "hero_image": typed({"image": IMAGE}),
            "actions": array(BUTTON),
        },
    ),
    any_field_of("hero_image", "title", "actions", "body"),
)
_SECTION = both(
    _block(
        {},
        {
            "text": text(3000),
            "fields": array(text(2000), 10),
            "accessory": ACCESSORY,
            "expand": boolean,
        },
    ),
    any_field_of("text", "fields"),
)
_TABLE = _block(
    {"rows": array(array(_CELL, 20), 100)},
    {"column_settings": array(anything, 20)},
)
_PLAN = both(
    _block(
        {"title": string()},
        {
            "tasks": array(
                typed({"task_card": _task("pending", "in_progress", "complete", "error")}),
                MAX_TASKS,
            ),
            # Accepted and ignored: the plan's state follows from its tasks.
            "status": anything,
        },
    ),
    _unique_tasks,
)
_EVERYWHERE: dict[str, Rule] = {
    "section": _SECTION,
    "header": _block({"text": plain(150)}, {"level": integer(1, 4)}),
    "context": _block(
        {
            "elements": array(
                typed(
                    {
                        "plain_text": fields({"text": string()}, {"emoji": boolean}),
                        "mrkdwn": fields({"text": string()}, {"verbatim": boolean}),
                        "image": IMAGE,
                    }
                ),
                10,
            )
        }
    ),
    "actions": _block({"elements": array(IN_ACTIONS, 25)}),
    "divider": _block({}),
    "image": both(
        _block(
            {"alt_text": string(2000)},
            {"image_url": url(), "slack_file": anything, "title": plain(2000)},
        ),
        any_field_of("image_url", "slack_file"),
    ),
    "input": _block(
        {"label": plain(2000), "element": IN_INPUT},
        {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": RICH_TEXT,
    "video": _block(
        {
            "alt_text": string(),
            "title": plain(199),
            "thumbnail_url": url(),
            "video_url": url(),
        },
        {
            "author_name": string(49),
            "description": plain(200),
            "provider_icon_url": url(),
            "provider_name": string(),
            "title_url": url(),
        },
    ),
}
_CONTAINED = ("actions", "context", "divider", "header", "image", "input", "rich_text", "section")
_CONTAINER = both(
    _block(
        {
            "elements": array(
                typed({**{kind: _EVERYWHERE[kind] for kind in _CONTAINED}, "table": _TABLE}), 10
            )
        },
        {
            "title": plain(150),
            "rich_text_title": RICH_TEXT_OBJECT,
            "subtitle": plain(150),
            "width": enum("narrow", "standard", "wide", "full"),
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
        },
    ),
)
_IN_MESSAGES: dict[str, Rule] = {
    "markdown": _block({"text": string(MAX_MARKDOWN)}),
    "table": _TABLE,
    "data_table": _block(
        {"caption": string(), "rows": array(array(_CELL, 20), 101, 2)},
        {"page_size": integer(1, 100)},
    ),
    "data_visualization": _block({"title": string(50), "chart": CHART}),
    "plan": _PLAN,
    # On its own a task cannot be pending (seen live).
    "task_card": _task("in_progress", "complete", "error"),
    "card": _CARD,
    "carousel": _block({"elements": array(typed({"card": _CARD}), 10)}),
    "container": _CONTAINER,
    "context_actions": _block({"elements": array(FEEDBACK, 5)}),
}
BLOCKS: dict[Surface, dict[str, Rule]] = {
    Surface.MESSAGE: {**_EVERYWHERE, **_IN_MESSAGES},
    Surface.MODAL: {
        **_EVERYWHERE,
        "alert": _block(
            {"text": text(200)}, {"level": enum("default", "info", "warning", "error", "success")}
        ),
    },
    Surface.HOME: {
        **_EVERYWHERE,
        "card": _CARD,
        "carousel": _IN_MESSAGES["carousel"],
    },
}
