"""Fields of a form for variables: what a pipeline asks for, one field each.

A field's block id names the form's turn and the variable, so that another pipeline's variable of
the same name is another field: Slack keeps what stands in a field as long as its block id stays.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.cards import blocks
from bot.cards.card import (
    MAX_INPUT_TEXT,
    MAX_OPTION_TEXT,
    MAX_OPTION_VALUE,
    MAX_OPTIONS,
    Block,
)
from bot.cards.text import clean, cut
from bot.domain.catalog import VariableField
from bot.domain.command import Assignment

MAX_FIELDS = 80
"""Variables with a field of their own; a view has 100 blocks, and some of them say other things."""

MAX_PREFILLED = 120_000
"""Bytes of values, choices and hints that a view shows.

It may have 250 kB. Source: Slack, «views.open», errors.
"""

_MAX_KEY = 200
"""Characters of a name that a block id can hold; it has at most 255."""

_PLAIN, _SECRET = "v", "s"
_SURROGATES = range(0xD800, 0xE000)
"""Halves of characters, which no field gives back as they were."""

_MAX_HINT = 2000
"""Characters in a field's hint. Source: Slack, «Input block»."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Fields for variables, and what did not fit."""

    fields: tuple[Block, ...]
    left_out: tuple[VariableField, ...]
    """Variables without a field of their own."""


def variable_fields(inputs: Sequence[VariableField], values: Mapping[str, str], turn: int) -> Shown:
    """Make a field for each variable, prefilled with what was said or with Buddy's own value.

    Where they are too many, those that need a value come first.
    """
    distinct = {one.key: one for one in reversed(inputs)}
    fitting = [one for one in reversed(distinct.values()) if _has_field(one.key)]
    if len(fitting) > MAX_FIELDS:
        fitting = sorted(fitting, key=lambda one: bool(one.has_value or one.default))[:MAX_FIELDS]
    room = MAX_PREFILLED
    prefilled = []
    for one in fitting:
        value = values.get(one.key) or one.default
        size = len(json.dumps(value))
        fits = size <= room and is_shown_whole(value)
        room -= size if fits else 0
        prefilled.append(value if fits else "")
    fields = []
    for one, value in zip(fitting, prefilled, strict=True):
        options = _options(one)
        size = len(json.dumps(options))
        if size > room:
            # Free text then: what is no choice is said once it is sent.
            options, size = [], 0
        room -= size
        hint = _hint(one, is_menu=bool(options))
        if len(json.dumps(hint)) > room:
            hint = _hint(replace(one, description="", options=()), is_menu=bool(options))
        room -= len(json.dumps(hint))
        fields.append(_field(one, value, turn, options, hint))
    kept = {one.key for one in fitting}
    return Shown(tuple(fields), tuple(one for one in inputs if one.key not in kept))


def _has_field(key: str) -> bool:
    return len(key) <= _MAX_KEY and not any(ord(char) in _SURROGATES for char in key)


def is_shown_whole(value: str) -> bool:
    """Whether a field of one line can hold a value as it is."""
    is_line = len(value) <= MAX_INPUT_TEXT and len(value.splitlines()) <= 1
    return is_line and not any(ord(char) in _SURROGATES for char in value)


def read_fields(filled: Mapping[str, str]) -> tuple[Assignment, ...]:
    """Read what was filled in, by block id; what is empty is not said."""
    found = []
    for block_id, value in filled.items():
        kind, _, rest = block_id.partition(".")
        _turn, dot, key = rest.partition(".")
        if kind in {_PLAIN, _SECRET} and dot and key and value:
            found.append(Assignment(key, value, is_encrypted=kind == _SECRET))
    return tuple(found)


def field_of(key: str, filled: Mapping[str, str]) -> str:
    """Find the field of a variable among those of a form; empty if it has none."""
    ours = (_PLAIN, _SECRET)
    found = (one for one in filled if one.startswith(ours) and one.split(".", 2)[2:] == [key])
    return next(found, "")


def _field(asked: VariableField, value: str, turn: int, options: list[Block], hint: str) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": "value"}
    if options:
        element = {"type": "static_select", "action_id": "value", "options": options}
        if known := next((one for one in options if one["value"] == value), None):
            element["initial_option"] = known
    elif value:
        element["initial_value"] = value
    block: Block = {
        "type": "input",
        "block_id": f"{_SECRET if asked.is_encrypted else _PLAIN}.{turn}.{asked.key}",
        "label": blocks.plain(clean(asked.key, _MAX_KEY) or "…"),
        "optional": asked.has_value or bool(asked.default),
        "element": element,
    }
    if hint:
        block["hint"] = blocks.plain(hint)
    return block


def _hint(asked: VariableField, *, is_menu: bool) -> str:
    parts = [_sentence(clean(asked.description, 1000))]
    if asked.is_encrypted:
        parts.append("Slack cannot mask this field: look over your shoulder.")
    if asked.has_file_options:
        parts.append("Its choices stand in a file that only Buddy can read.")
    if asked.options and not is_menu:
        parts.append(f"One of: {clean(', '.join(asked.options), 500)}")
    if asked.has_value:
        parts.append("Left empty, Buddy uses the value it holds.")
    return cut(" ".join(filter(None, parts)), _MAX_HINT)


def _sentence(text: str) -> str:
    return f"{text}." if text and text[-1].isalnum() else text


def _options(asked: VariableField) -> list[Block]:
    """Write the choices as a menu; none, where a menu cannot hold each of them as it is."""
    values = [value for value in dict.fromkeys(asked.options) if value]
    is_short = all(len(one) <= MAX_OPTION_VALUE and is_shown_whole(one) for one in values)
    if not 0 < len(values) <= MAX_OPTIONS or not is_short:
        return []
    labels: dict[str, int] = {}
    options = []
    for value in values:
        label = clean(value, MAX_OPTION_TEXT) or "…"
        labels[label] = labels.get(label, 0) + 1
        if labels[label] > 1:
            # Two that would look alike: nobody should choose one and get the other.
            label = f"{cut(label, MAX_OPTION_TEXT - 6)} ({labels[label]})"
        options.append({"text": blocks.plain(label), "value": value})
    return options
