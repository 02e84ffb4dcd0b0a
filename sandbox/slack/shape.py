"""The shape of blocks as Slack gives them back: completed, and searched for elements.

What a sender left out is filled in as in Slack's payloads: block and action ids, ``emoji``,
``verbatim``, the defaults of inputs. Source: the sample payloads of Slack's documentation.
"""

from collections.abc import Iterator
from typing import Any

from sandbox.slack.ids import Ids

Block = dict[str, Any]
Values = dict[str, dict[str, dict[str, Any]]]
"""``state.values``: block id → action id → what is filled in."""

_DEFAULTS: dict[str, Block] = {
    "plain_text": {"emoji": True},
    "mrkdwn": {"verbatim": False},
    "input": {"optional": False, "dispatch_action": False},
    "plain_text_input": {
        "multiline": False,
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
    },
}

_EMPTY: dict[str, Block] = {
    "plain_text_input": {"value": None},
    "number_input": {"value": None},
    "email_text_input": {"value": None},
    "url_text_input": {"value": None},
    "rich_text_input": {"rich_text_value": None},
    "static_select": {"selected_option": None},
    "external_select": {"selected_option": None},
    "radio_buttons": {"selected_option": None},
    "checkboxes": {"selected_options": []},
    "multi_static_select": {"selected_options": []},
    "multi_external_select": {"selected_options": []},
    "users_select": {"selected_user": None},
    "multi_users_select": {"selected_users": []},
    "conversations_select": {"selected_conversation": None},
    "multi_conversations_select": {"selected_conversations": []},
    "channels_select": {"selected_channel": None},
    "multi_channels_select": {"selected_channels": []},
    "datepicker": {"selected_date": None},
    "timepicker": {"selected_time": None},
    "datetimepicker": {"selected_date_time": None},
    "file_input": {"files": []},
}
"""What each element that keeps a value says while it is empty."""

INTERACTIVE = frozenset(_EMPTY) | {"button", "overflow", "workflow_button", "icon_button"}


def complete(blocks: list[Block], ids: Ids) -> list[Block]:
    """Copy the blocks and fill in what the sender left out."""
    return [
        _complete(block, ids) | {"block_id": block.get("block_id") or ids.block()}
        for block in blocks
    ]


def complete_part(part: Block, ids: Ids) -> Block:
    """Copy what is no block of its own, such as a list of options, and fill in the same."""
    return _complete(part, ids)


def elements(blocks: list[Block]) -> Iterator[tuple[Block, Block]]:
    """Find every interactive element with its block, in the order of the screen."""
    for block in blocks:
        found = [block.get("accessory"), block.get("element")]
        if block["type"] in {"actions", "context_actions"}:
            found += block["elements"]
        if block["type"] == "card":
            found += block.get("actions", [])
        yield from ((block, one) for one in found if one and one["type"] in INTERACTIVE)
        if block["type"] in {"container", "carousel"}:
            yield from elements(block.get("elements", []))


def find_button(
    blocks: list[Block], button: str | int, viewer: str | None = None
) -> tuple[Block, Block]:
    """Find a button by its visible text or its place, among those that the viewer sees.

    Raises:
        LookupError: no such button, or several with this text.
    """
    shown = [
        (block, one)
        for block, one in elements(blocks)
        if one["type"] == "button" and viewer in (None, *one.get("visible_to_user_ids", [viewer]))
    ]
    texts = [one["text"]["text"] for _, one in shown]
    fitting = [index for index, text in enumerate(texts) if button in (index, text)]
    if len(fitting) != 1:
        problem = "several buttons say" if fitting else "there is no button"
        message = f"{problem} {button!r} among {texts}"
        raise LookupError(message)
    return shown[fitting[0]]


def initial_state(element: Block) -> Block | None:
    """Say what ``state.values`` holds for an untouched element; None if it keeps no value."""
    empty = _EMPTY.get(element["type"])
    if empty is None:
        return None
    field = next(iter(empty))
    initial = element.get(field.replace("selected", "initial"), element.get(f"initial_{field}"))
    return {"type": element["type"], field: empty[field] if initial is None else initial}


def initial_values(blocks: list[Block]) -> Values:
    """Say what ``state.values`` holds before anybody touched anything."""
    values: Values = {}
    for block, element in elements(blocks):
        if (state := initial_state(element)) is not None:
            values.setdefault(block["block_id"], {})[element["action_id"]] = state
    return values


def overlaid(blocks: list[Block], typed: Values) -> Values:
    """Say what ``state.values`` holds once this was filled in; what is gone by now is left out."""
    values = initial_values(blocks)
    for block_id, states in typed.items():
        known = values.get(block_id, {})
        known.update({key: state for key, state in states.items() if key in known})
    return values


def value_field(element: Block) -> str:
    """Name the key under which an element of this type keeps its value."""
    return next(iter(_EMPTY[element["type"]]))


def _complete(block: Block, ids: Ids) -> Block:
    kind = block.get("type")
    made = {"action_id": ids.block()} if kind in INTERACTIVE and "action_id" not in block else {}
    default = _DEFAULTS.get(kind, {}) if isinstance(kind, str) else {}
    return {**default, **{key: _inside(value, ids) for key, value in block.items()}, **made}


def _inside(value: object, ids: Ids) -> object:
    if isinstance(value, list):
        return [_inside(child, ids) for child in value]
    return _complete(value, ids) if isinstance(value, dict) else value
