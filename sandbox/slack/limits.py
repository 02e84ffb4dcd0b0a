"""Decide whether Slack takes these blocks: which types on which surface, how many, how long.

Source of every number: Slack, Block Kit reference, «Blocks» and «Views». Refusals name the place as
a JSON pointer.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.slack.kinds import BLOCKS, MAX_MARKDOWN, Surface
from sandbox.slack.parts import plain
from sandbox.slack.refusal import Refusal
from sandbox.slack.schema import (
    Rule,
    anything,
    array,
    boolean,
    fields,
    problem,
    string,
    typed,
    unique,
)
from sandbox.slack.shape import Block, elements

MAX_MESSAGE_BLOCKS = 50
MAX_VIEW_BLOCKS = 100
MAX_VIEW_BYTES = 250_000
MAX_TABLE_CHARACTERS = 10_000
MAX_CHARTS = 2


_PHASED = ("plan", "task_card")
"""Types that Slack rolled out workspace by workspace."""


def check_message(blocks: object, *, supports_plan: bool = True) -> list[str]:
    """List everything that makes Slack answer ``invalid_blocks``."""
    known = BLOCKS[Surface.MESSAGE]
    if not supports_plan:
        known = {kind: rule for kind, rule in known.items() if kind not in _PHASED}
    found = list(_check_blocks(blocks, "/blocks", known, MAX_MESSAGE_BLOCKS))
    if not found and isinstance(blocks, list):
        found = list(_check_totals(blocks))
    return found


def check_view(view: object) -> None:
    """Refuse a modal or Home tab as views.open does.

    Raises:
        Refusal: ``invalid_arguments`` with the places, or ``view_too_large``.
    """
    if not isinstance(view, dict):
        raise Refusal("invalid_arguments", [problem("must provide an object", "/view")])
    if view.get("type") not in (Surface.MODAL, Surface.HOME):
        raise Refusal("invalid_arguments", [problem("must be a valid enum value", "/view/type")])
    surface = Surface(view["type"])
    found = list(_VIEWS[surface](view, "/view"))
    blocks = view.get("blocks", [])
    found += _check_blocks(blocks, "/view/blocks", BLOCKS[surface], MAX_VIEW_BLOCKS)
    if surface is Surface.MODAL and not found:
        found += _needs_submit(view)
    if found:
        raise Refusal("invalid_arguments", found)
    if len(json.dumps(view).encode()) > MAX_VIEW_BYTES:
        raise Refusal("view_too_large")


def _needs_submit(view: dict[str, Any]) -> Iterator[str]:
    """Ask for a submit button where there is something to submit. Source: «Modal views»."""
    if "submit" not in view and any(block["type"] == "input" for block in view["blocks"]):
        yield problem("missing required field: submit", "/view")


_VIEW: dict[str, Rule] = {
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}
_VIEWS: dict[Surface, Rule] = {
    Surface.MODAL: fields(
        {"type": anything, "title": plain(24), "blocks": anything},
        {
            **_VIEW,
            "submit": plain(24),
            "close": plain(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
    ),
    Surface.HOME: fields({"type": anything, "blocks": anything}, _VIEW),
}


def _check_blocks(
    blocks: object, pointer: str, known: Mapping[str, Rule], most: int
) -> Iterator[str]:
    found = list(array(typed(known), most, least=0)(blocks, pointer))
    yield from found
    if found or not isinstance(blocks, list):
        return
    block_ids = [
        (block["block_id"], f"{pointer}/{index}/block_id")
        for index, block in enumerate(blocks)
        if "block_id" in block
    ]
    yield from unique(block_ids, "block_id")
    for index, block in enumerate(blocks):
        action_ids = [
            (element["action_id"], f"{pointer}/{index}")
            for _, element in elements([block])
            if "action_id" in element
        ]
        yield from unique(action_ids, "action_id")


def _check_totals(blocks: list[Block]) -> Iterator[str]:
    """Check what is limited over a whole message."""
    markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if markdown > MAX_MARKDOWN:
        yield problem(f"must be less than {MAX_MARKDOWN + 1} characters", "/blocks")
    cells = [
        cell
        for block in blocks
        if block["type"] == "table"
        for row in block["rows"]
        for cell in row
    ]
    if sum(len(str(cell.get("text", cell))) for cell in cells) > MAX_TABLE_CHARACTERS:
        yield problem(f"must be less than {MAX_TABLE_CHARACTERS + 1} characters", "/blocks")
    if sum(block["type"] == "data_visualization" for block in blocks) > MAX_CHARTS:
        yield problem(f"no more than {MAX_CHARTS} charts allowed", "/blocks")
