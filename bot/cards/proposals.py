"""Forms that ask once more: what exactly is approved or run again, before it is sent.

They are opened by the menu of a message, where no button says what it is about. The first view
opens at once, since Slack waits three seconds for it; what Buddy tells takes its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.cards import blocks
from bot.cards.actions import GATE_BLOCK, PROPOSAL_FORM, Asked, encode_choice
from bot.cards.card import MAX_OPTION_TEXT, Block, Form
from bot.cards.execution import title_of
from bot.cards.facts import CardFacts
from bot.cards.glance import glance
from bot.cards.shipping import ships_line, ships_list
from bot.cards.text import clean, code, escape, link, moment
from bot.domain.execution import Binding, Gate, Operation

MAX_CHOICES = 10
"""Options of radio buttons. Source: Slack, Block Kit reference, «Radio button group element»."""

TITLES = {
    Operation.APPROVE: "Approve execution",
    Operation.APPROVE_VISUAL_TESTS: "Approve execution",
    Operation.PROVIDE: "Provide variables",
    Operation.REJECT: "Reject execution",
    Operation.CANCEL: "Cancel execution",
    Operation.RETRY: "Retry execution",
    Operation.START: "Start execution",
}
_SUBMIT = {Operation.RETRY: "Retry"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One gate that can be meant."""

    operation: Operation
    binding: Binding
    gate: Gate


def looking_form(operation: Operation) -> Form:
    """Say that Buddy is asked."""
    return _form(operation, [blocks.section(":hourglass_flowing_sand: Looking at it in Buddy…")])


def refused_form(operation: Operation, problem: str) -> Form:
    """Say why there is nothing to send."""
    return _form(operation, [blocks.section(f":warning: {problem}")])


def retry_form(asked: Asked, facts: CardFacts) -> Form:
    """Ask whether an execution is to be run again."""
    told = (
        "It is run again with the same revision, and keeps its number. Whoever follows its card "
        "sees it start anew."
    )
    body = [blocks.section(glance(facts.execution)), blocks.section(told)]
    return _form(asked.operation, body, asked)


def approval_form(asked: Asked, facts: CardFacts, choices: Sequence[Choice]) -> Form:
    """Ask whether what waits may go on: pipeline, gate, branch, revision, and what ships."""
    execution = facts.execution
    body: list[Block] = [blocks.section(f"*{link(execution.url, title_of(execution))}*")]
    if len(choices) == 1:
        body.append(blocks.section(_gate(facts, choices[0].gate)))
    else:
        body += [blocks.section(_gate(facts, choice.gate)) for choice in choices[:MAX_CHOICES]]
        body.append(_which(choices))
    if any(gate.kind.needs_values for gate in execution.gates):
        told = "What asks for variables has a form of its own: *Provide variables…* on the card."
        body.append(blocks.context(told))
    body.append(blocks.section(_goes_on_with(facts)))
    if facts.ships is not None:
        body.append(blocks.section(ships_line(facts.ships)))
        if listed := ships_list(facts.ships):
            body.append(blocks.context(listed))
    return _form(asked.operation, body, asked)


def _gate(facts: CardFacts, gate: Gate) -> str:
    since = f" waits since {moment(gate.started_at)}" if gate.started_at else " waits"
    question = facts.questions.get(gate.id, "").strip()
    asked = f"\n>{escape(question, 300)}" if question else ""
    may = facts.approvers.get(gate.id)
    who = f"\nMay answer: {may.line(is_discreet=False)}" if may is not None else ""
    return f":raised_hand: *{escape(gate.name or 'A gate', 80)}*{since}{asked}{who}"


def _goes_on_with(facts: CardFacts) -> str:
    execution, parts = facts.execution, []
    if execution.git_ref:
        parts.append(f"Goes on with: *{escape(execution.git_ref.name, 80)}*")
    if execution.revision:
        subject = escape(execution.revision.first_line, 150)
        parts.append(f"Revision: {code(execution.revision.short_sha)} {subject}".rstrip())
    return "\n".join(parts) or "Buddy tells neither branch nor revision."


def _which(choices: Sequence[Choice]) -> Block:
    options, names = [], [choice.gate.name or "A gate" for choice in choices]
    for number, choice in enumerate(choices[:MAX_CHOICES], start=1):
        value = encode_choice(choice.operation, choice.binding)
        if value is not None:
            name = names[number - 1]
            # Two gates of one name are told apart by their place above.
            label = f"{number}. {name}" if names.count(name) > 1 else name
            text = blocks.plain(clean(label, MAX_OPTION_TEXT))
            options.append({"text": text, "value": value})
    return {
        "type": "input",
        "block_id": GATE_BLOCK,
        "label": blocks.plain("Which gate?"),
        "element": {"type": "radio_buttons", "action_id": "value", "options": options},
    }


def _form(operation: Operation, body: Sequence[Block], asked: Asked | None = None) -> Form:
    submit = _SUBMIT.get(operation, "Approve") if asked else ""
    view: dict[str, Any] = {
        "type": "modal",
        "title": blocks.plain(TITLES[operation]),
        "close": blocks.plain("Back" if submit else "Close"),
        "blocks": list(body),
    }
    if asked is not None:
        view["submit"] = blocks.plain(submit)
        view["callback_id"] = PROPOSAL_FORM
        view["private_metadata"] = asked.encode()
    return Form(view)
