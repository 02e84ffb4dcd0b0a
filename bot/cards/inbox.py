"""What waits for somebody, and what they started that still runs: private, with the next step."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards import blocks
from bot.cards.actions import encode
from bot.cards.answers import note_card
from bot.cards.card import MAX_BUTTON_TEXT, MAX_MESSAGE_TEXT, Block, Card
from bot.cards.carried import BROWSE, CONFIRM, Carried, Confirmed
from bot.cards.facts import CardFacts
from bot.cards.gates import answer_button
from bot.cards.glance import glance
from bot.cards.lists import turning
from bot.cards.shipping import ships_line
from bot.cards.text import clean, whole
from bot.domain.command import Inbox, Show
from bot.domain.execution import Binding, Execution, Gate, Operation
from bot.domain.reference import ExecutionName, PipelineLink
from bot.domain.rules import VERBS

PAGE = 5
"""Entries of a page: each may take five blocks, and a message has at most 50."""

_MAX_GATES = 3


@dataclass(frozen=True, slots=True)
class Waiting:
    """An execution whose gates this person may answer."""

    facts: CardFacts
    gates: tuple[tuple[Operation, Binding, Gate], ...]
    """Those that they may answer, each with how."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """One page of an inbox."""

    waiting: Sequence[Waiting]
    running: Sequence[Execution]
    page: int
    pages: int
    count_waiting: int
    count_running: int
    is_cut: bool
    """Whether there may be more than was looked at."""


def inbox_card(shelf: Shelf, user: str, command: str) -> Card:
    """Show a page: what waits first."""
    if not shelf.count_waiting and not shelf.count_running:
        return note_card(_nothing(command, is_cut=shelf.is_cut))
    body: list[Block] = []
    lines: list[str] = []
    if shelf.waiting:
        lines.append(f"*Waiting for you: {shelf.count_waiting}*")
        body.append(blocks.section(lines[-1]))
        for number, one in enumerate(shelf.waiting):
            lines.append(glance(one.facts.execution))
            body += _waiting(one, number, user)
    if shelf.running:
        lines.append(f"*Started by you, and still open: {shelf.count_running}*")
        body.append(blocks.section(lines[-1]))
        for execution in shelf.running:
            lines.append(glance(execution))
            body.append(_running(execution, user))
    if shelf.is_cut:
        body.append(blocks.context("There may be more than I looked at, to spare your calls."))
    if shelf.pages > 1:
        body.append(blocks.context(f"Page {shelf.page} of {shelf.pages}"))
        has_more = shelf.page < shelf.pages
        turns = turning(Inbox(), user, shelf.page, has_more=has_more)
        body.append(blocks.actions("page", turns))
    return Card(whole("\n".join(lines), MAX_MESSAGE_TEXT), tuple(body))


def _nothing(command: str, *, is_cut: bool) -> str:
    seen = (
        "Nothing that I looked at waits for you, and nothing you started is open; there may be more"
        if is_cut
        else "Nothing waits for you, and nothing that you started is open"
    )
    return f":tada: {seen}. `{command} projects` shows what there is, and what runs now."


def _waiting(one: Waiting, number: int, user: str) -> list[Block]:
    execution, ships = one.facts.execution, one.facts.ships
    shown: list[Block] = [blocks.section(glance(execution))]
    if ships is not None:
        shown.append(blocks.context(ships_line(ships)))
    buttons = [
        button
        for operation, binding, gate in one.gates[:_MAX_GATES]
        if (button := _approve(one, operation, binding, gate, user))
    ]
    # Buttons that do the same each need a row of their own.
    rows = [[button] for button in buttons]
    if show := _show(execution, user):
        rows = [[*rows[0], show], *rows[1:]] if rows else [[show]]
    shown += [blocks.actions(f"inbox.{number}.{at}", row) for at, row in enumerate(rows)]
    return shown


def _approve(
    one: Waiting, operation: Operation, binding: Binding, gate: Gate, user: str
) -> Block | None:
    is_form = operation is Operation.PROVIDE
    value = encode(binding) if is_form else Confirmed(operation, binding, user).encode()
    if value is None:
        return None
    execution = one.facts.execution
    several = len(execution.gates) > 1 and gate.name
    label = f"{VERBS[operation].capitalize()} #{execution.ref.execution}"
    text = clean(f"{label}: {gate.name}" if several else label, MAX_BUTTON_TEXT)
    button = answer_button(execution, gate, value, ships=one.facts.ships)
    button["text"] = blocks.plain(text)
    return button if is_form else {**button, "action_id": CONFIRM}


def _running(execution: Execution, user: str) -> Block:
    section = blocks.section(glance(execution))
    show = _show(execution, user)
    return {**section, "accessory": show} if show else section


def _show(execution: Execution, user: str) -> Block | None:
    ref = execution.ref
    exact = PipelineLink(ref.host, ref.workspace, ref.project, ref.pipeline)
    value = Carried(Show(ExecutionName(exact, ref.execution)), user).encode()
    if value is None:
        return None
    label = f"Show #{ref.execution} of {execution.pipeline_name} in this channel"
    return {
        "type": "button",
        "action_id": BROWSE,
        "text": blocks.plain("Show card here"),
        "value": value,
        "accessibility_label": clean(label, MAX_BUTTON_TEXT),
    }
