"""Read what a page says is filled in: only what the element on the screen allows.

A page sends the state of an element as ``state.values`` holds it. Options are looked up by their
value among those on the screen, so that what is sent on is always the simulator's own, whole.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from sandbox.slack.forms import own_options
from sandbox.slack.shape import Block, value_field

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_MOMENT = range(1_000_000_000, 10_000_000_000)
"""Unix seconds of ten digits. Source: Slack, «Datetime picker element»."""

_ENTITIES = {"selected_user", "selected_channel", "selected_conversation"}
_LONGEST = 10_000


class Impossible(ValueError):
    """No person could have filled this in."""


def read_state(
    element: Block, told: object, offered: Iterable[Block], known: Callable[[str], bool]
) -> Block:
    """Write the state of an element as Slack would.

    ``offered`` are the options of a menu that the bot filled; ``known`` tells whether somebody may
    name a person or a channel by this id.

    Raises:
        Impossible: the element cannot hold this.
    """
    if not isinstance(told, Mapping):
        raise Impossible("a state must be an object")
    kind = str(element["type"])
    field = "selected_option" if kind == "overflow" else value_field(element)
    value = told.get(field)
    options = {one["value"]: one for one in (*own_options(element), *offered)}
    return {"type": kind, field: _value(element, field, value, options, known)}


def _value(
    element: Block,
    field: str,
    value: object,
    options: Mapping[str, Block],
    known: Callable[[str], bool],
) -> object:
    match field:
        case "selected_option":
            return None if value is None else _option(value, options)
        case "selected_options":
            return [_option(one, options) for one in _some(element, value)]
        case "selected_users" | "selected_channels" | "selected_conversations":
            return [_id(one, known) for one in _some(element, value)]
        case "files":
            return []
        case _ if value in (None, ""):
            return None
        case _:
            return _id(value, known) if field in _ENTITIES else _written(field, value)


def _written(field: str, value: object) -> object:
    match field, value:
        case "value", str(text) if len(text) <= _LONGEST:
            return text
        case "selected_date", str(text) if _is_date(text):
            return text
        case "selected_time", str(text) if _TIME.fullmatch(text):
            return text
        case "selected_date_time", int(seconds) if seconds in _MOMENT:
            return seconds
        case "rich_text_value", dict(rich) if rich.get("type") == "rich_text":
            return rich
        case _:
            raise Impossible(f"{field} cannot be this")


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _some(element: Block, value: object) -> list[Any]:
    if value is None:
        return []
    most = element.get("max_selected_items", len(value) if isinstance(value, list) else 0)
    if not isinstance(value, list) or len(value) > most:
        raise Impossible(f"at most {most} can be chosen")
    return value


def _option(told: object, options: Mapping[str, Block]) -> Block:
    key = told.get("value") if isinstance(told, Mapping) else None
    if not isinstance(key, str) or key not in options:
        raise Impossible("this option is not on offer")
    return options[key]


def _id(told: object, known: Callable[[str], bool]) -> str:
    if not isinstance(told, str) or not known(told):
        raise Impossible("nobody and nothing of this id is in sight")
    return told
