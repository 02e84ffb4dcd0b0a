"""The page draws whatever the bot sends, and says so where it cannot."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.page.browser import in_chromium
from tests.page.desk import Desk

pytestmark = in_chromium

ROOT = Path(__file__).parent.parent.parent
GOLDEN = sorted((ROOT / "tests" / "cards" / "golden").glob("*.json"))
NO_RENDERER = "No renderer for"
NOT_DRAWN = {"modal", "home", "plain_text", "mrkdwn"}
"""Types of what is neither block nor element: views, and text objects."""

KNOWN = """async () => {
  const { BLOCKS } = await import("/static/blocks.js");
  const { ELEMENTS } = await import("/static/elements.js");
  const { RICH, RICH_PARTS } = await import("/static/text.js");
  return [BLOCKS, ELEMENTS, RICH, RICH_PARTS, { task_card: 1 }].flatMap(Object.keys);
}"""


def types_in(node: object) -> Iterator[str]:
    """Find every ``type`` in a message or view."""
    if isinstance(node, dict):
        if isinstance(node.get("type"), str):
            yield node["type"]
        for child in node.values():
            yield from types_in(child)
    elif isinstance(node, list):
        for child in node:
            yield from types_in(child)


def types_written(source: str) -> Iterator[str]:
    """Find every ``type`` that a module writes into a dictionary."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Dict):
            continue
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "type":
                assert isinstance(value, ast.Constant), ast.unparse(node)
                yield str(value.value)


def cards() -> Iterator[list[dict[str, Any]]]:
    """Read the blocks of every golden card."""
    for path in GOLDEN:
        card = json.loads(path.read_text())
        yield from (card[part] for part in ("blocks", "plain_blocks") if card.get(part))


async def test_there_is_a_renderer_for_every_type_that_the_bot_can_send(desk: Desk) -> None:
    """Taken from the golden cards, and from the source of everything that makes cards."""
    sent = {kind for card in cards() for kind in types_in(card)}
    sources = (ROOT / "bot" / "cards").glob("*.py")
    sent |= {kind for path in sources for kind in types_written(path.read_text())}
    window = await desk.window("maya")
    known = set(await window.page.evaluate(KNOWN))
    assert sent - known - NOT_DRAWN == set()
    assert {"section", "plan", "button", "plain_text_input", "rich_text_preformatted"} <= sent


async def test_every_golden_card_is_drawn(desk: Desk) -> None:
    """No dashed box, no message of the console, no report of the content policy."""
    desk.stage.slack.rate_limits = False
    window = await desk.window("maya")
    posted = [await desk.posts(blocks=card) for card in cards()]
    await desk.settled()
    assert len(posted) > len(GOLDEN)
    assert await window.messages.count() == len(posted)
    assert await window.page.get_by_text(NO_RENDERER).count() == 0


async def test_what_cannot_be_drawn_is_named(desk: Desk) -> None:
    """A box says which type it is; the rest of the message is there."""
    window = await desk.window("maya")
    pie = {"type": "pie", "segments": [{"label": "main", "value": 1}]}
    chart = {"type": "data_visualization", "title": "Runs", "chart": pie}
    text = {"type": "section", "text": {"type": "plain_text", "text": "above it"}}
    await desk.posts(blocks=[text, chart])
    await desk.settled()
    assert await window.card.get_by_text("above it").is_visible()
    note = window.card.get_by_role("note")
    assert await note.text_content() == f"{NO_RENDERER} “data_visualization”"


async def test_pictures_from_elsewhere_stay_there(desk: Desk) -> None:
    """A picture is its alternative text; nothing is loaded, which every window checks."""
    window = await desk.window("maya")
    picture = {
        "type": "image",
        "image_url": "https://example.com/chart.png",
        "alt_text": "a chart of last week",
    }
    await desk.posts(blocks=[picture])
    await desk.settled()
    assert await window.card.get_by_role("img", name="a chart of last week").is_visible()
