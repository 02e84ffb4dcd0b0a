"""Small builders for the blocks in use.

Every mrkdwn object is ``verbatim``: otherwise Slack would turn an ``@channel`` or a ``#name``
inside a commit message into a mention by itself.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.cards.card import MAX_CONFIRM_TEXT, MAX_SECTION_TEXT, Block
from bot.cards.text import cut, whole


def mrkdwn(text: str) -> dict[str, Any]:
    """Text with Slack's markup; foreign parts must be escaped already."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain(text: str) -> dict[str, Any]:
    """Text without markup; Slack shows it literally, so it needs no escaping."""
    return {"type": "plain_text", "text": text, "emoji": True}


def section(text: str) -> Block:
    """Build a paragraph."""
    return {"type": "section", "text": mrkdwn(whole(text, MAX_SECTION_TEXT))}


def context(*texts: str) -> Block:
    """Build a line of small print."""
    return {"type": "context", "elements": [mrkdwn(whole(text, 2000)) for text in texts]}


def actions(block_id: str, elements: Sequence[Block]) -> Block:
    """Build a row of buttons."""
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def rich_text(*parts: str | datetime) -> Block:
    """Build literal text: nothing in it is markup, so nothing needs escaping.

    A moment is shown as the time of day in each reader's own time zone.
    """
    elements = [_rich(part) for part in parts if part]
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": elements}],
    }


def preformatted(text: str) -> Block:
    """Build lines as they are, each character as wide as the others."""
    # An empty text element is refused.
    element = {"type": "text", "text": text if text.strip() else " "}
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_preformatted", "elements": [element]}],
    }


def _rich(part: str | datetime) -> dict[str, Any]:
    if isinstance(part, str):
        return {"type": "text", "text": part}
    # Source: Slack, Block Kit reference, «Date element».
    return {
        "type": "date",
        "timestamp": int(part.timestamp()),
        "format": "{time}",
        "fallback": f"{part:%H:%M} UTC",
    }


def confirm(title: str, text: str, yes: str, no: str, style: str = "primary") -> dict[str, Any]:
    """Build the dialog that Slack shows before it sends a click."""
    return {
        "title": plain(cut(title, 100)),
        "text": mrkdwn(whole(text, MAX_CONFIRM_TEXT)),
        "confirm": plain(cut(yes, 30)),
        "deny": plain(cut(no, 30)),
        "style": style,
    }


def text_input(
    block_id: str, label: str, *, hint: str, optional: bool = False, **element: object
) -> Block:
    """Build a text field of a form."""
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "hint": plain(hint),
        "optional": optional,
        "element": {"type": "plain_text_input", "action_id": "value", **element},
    }
