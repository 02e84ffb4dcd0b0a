"""The form that asks for a gate's variables, made of the gate's own fields.

Each field is named by its place (``domain/values.py``), and so is each choice of a menu. What
Slack's limits do not hold is refused in words, never cut off: a value that people see and could
send must be the whole one. Texts beside a value may be shortened.
"""

import json
from collections.abc import Mapping
from typing import Any

from bot.cards import blocks
from bot.cards.actions import VALUES_FORM, Asked
from bot.cards.card import Block, Form
from bot.cards.forms import modal
from bot.cards.names import apart, title_of
from bot.cards.text import clean, escape
from bot.domain.catalog import GateQuestion, VariableField
from bot.domain.execution import Execution, Gate
from bot.domain.values import MAX_VALUE, choices, distinct, is_menu, is_single_line, place_of
from bot.errors import FieldsUnknown, FormTooLarge

TITLE = "Provide variables"
MAX_VIEW_BLOCKS = 100
"""Blocks in a modal. Source: Slack, Block Kit reference, «Blocks»."""

MAX_VIEW_BYTES = 250_000
"""Source: Slack, ``views.open``, «view_too_large»."""

_MAX_OPTION = 75
_MAX_LABEL = 150
_MAX_DESCRIPTION = 400
_SURROGATES = range(0xD800, 0xE000)


def loading_form() -> Form:
    """Say that Buddy is asked what the gate wants to know."""
    waits = ":hourglass_flowing_sand: Asking Buddy what this gate wants to know…"
    return modal(TITLE, [blocks.section(waits)])


def values_form(
    asked: Asked,
    execution: Execution,
    gate: Gate,
    question: GateQuestion,
    begins: Mapping[str, str],
) -> Form:
    """Ask for every variable of a gate; ``begins`` holds, by name, what was typed already.

    Raises:
        FieldsUnknown: Buddy tells of no field.
        FormTooLarge: it does not fit into a form.
    """
    fields = distinct(question.fields)
    if not fields:
        raise FieldsUnknown(execution.url)
    body = [_field(number, each, begins.get(each.key)) for number, each in enumerate(fields)]
    if len(body) < MAX_VIEW_BLOCKS:
        body.insert(0, blocks.section(_heading(execution, gate, question)))
    form = modal(
        TITLE, body, submit="Send", callback_id=VALUES_FORM, private_metadata=asked.encode()
    )
    if len(body) > MAX_VIEW_BLOCKS or len(json.dumps(form.view).encode()) > MAX_VIEW_BYTES:
        raise FormTooLarge(execution.url, len(fields))
    return form


def _heading(execution: Execution, gate: Gate, question: GateQuestion) -> str:
    name = f"“{escape(gate.name, 80)}”" if gate.name else "A gate"
    told = f"*{name}* of {title_of(execution)} asks for variables; with them it goes on."
    if execution.git_ref or execution.revision:
        branch = escape(execution.git_ref.name, 60) if execution.git_ref else ""
        sha = escape(execution.revision.short_sha) if execution.revision else ""
        told += f"\nGoes on with: {' '.join(filter(None, [branch, sha]))}"
    asks = question.question.strip()
    return f"{told}\n>{escape(asks, 300)}" if asks else told


def _field(number: int, asked: VariableField, begins: str | None) -> Block:
    begin = asked.default if begins is None else begins
    field: Block = {
        "type": "input",
        "block_id": place_of(number, asked),
        "label": blocks.plain(clean(asked.key, _MAX_LABEL) or f"variable {number + 1}"),
        # Whoever typed nothing as a value meant nothing.
        "optional": begins == "",
        "element": _menu(asked, begin) if is_menu(asked) else _text(begin),
    }
    if hint := _hint(asked, begin):
        field["hint"] = blocks.plain(hint)
    return field


def _text(begin: str) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": "value", "max_length": MAX_VALUE}
    return {**element, "initial_value": begin} if begin and _fits(begin) else element


def _menu(asked: VariableField, begin: str) -> dict[str, Any]:
    labels = apart(asked.options, _MAX_OPTION, "(blank)")
    options = [
        {"text": blocks.plain(label), "value": value}
        for label, value in zip(labels, choices(asked), strict=True)
    ]
    element: dict[str, Any] = {"type": "static_select", "action_id": "value", "options": options}
    if begin in asked.options:
        element["initial_option"] = options[asked.options.index(begin)]
    return element


def _hint(asked: VariableField, begin: str) -> str:
    """Say what a field does not show by itself."""
    notes = [clean(asked.description, _MAX_DESCRIPTION)]
    if asked.is_encrypted:
        notes.append(
            "Encrypted in Buddy. Slack cannot mask this field: whoever sees your screen reads it."
        )
    if asked.has_file_options:
        notes.append("Buddy offers choices from a file that I cannot read: type one of them.")
    if asked.options and not is_menu(asked):
        notes.append(
            f"Buddy offers {len(asked.options)} choices, too many for a menu: type one of them "
            f"exactly, such as “{clean(asked.options[0], 60)}”."
        )
    if is_menu(asked) and any(len(each) > _MAX_OPTION for each in asked.options):
        notes.append("Long choices are shortened here; what is sent is the whole one.")
    if begin and not is_menu(asked) and not _fits(begin):
        notes.append("What it begins with in Buddy fits no field of Slack's, so it is left out.")
    return " · ".join(filter(None, notes))


def _fits(value: str) -> bool:
    """Whether a field can begin with it, and give back the same."""
    return is_single_line(value) and not any(ord(char) in _SURROGATES for char in value)
