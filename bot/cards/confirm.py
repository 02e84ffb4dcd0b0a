"""The private card that asks before the latest execution is operated on.

Nobody approves what they did not see: a command without the execution's number is not sent, but
shown what it would mean, with buttons that are bound like those of any card.
"""

from bot.cards import blocks
from bot.cards.actions import encode
from bot.cards.answers import note_card
from bot.cards.card import Block, Card
from bot.cards.carried import CONFIRM, Confirmed
from bot.cards.execution import title_of
from bot.cards.gates import gate_names, operation_button
from bot.cards.glance import glance
from bot.cards.text import escape, link
from bot.domain.execution import Binding, Effect, Execution, Operation
from bot.domain.rules import VERBS

MAX_OPTIONS = 5


def confirm_card(
    execution: Execution, options: list[tuple[Operation, Binding]], reason: str, user: str
) -> Card:
    """Show the latest execution and ask whether it is the one that is meant."""
    operation = options[0][0]
    verb = VERBS[operation]
    text = (
        f"You did not say which execution, so here is the latest. Nothing was sent yet: "
        f"{verb} it only if it is the one you mean."
    )
    body: list[Block] = [blocks.section(text), blocks.section(glance(execution))]
    if reason:
        body.append(blocks.context(f"Reason: “{escape(reason, 300)}”"))
    if operation is Operation.REJECT:
        body.append(blocks.context("Buddy has no reject: the whole execution is cancelled."))
    buttons = _buttons(execution, options, reason, user)
    body += [blocks.actions(f"confirm.{index}", [one]) for index, one in enumerate(buttons)]
    if len(buttons) < len(options):
        body.append(blocks.context(f"The rest is answered in {link(execution.url, 'Buddy')}."))
    return Card(f"{verb.capitalize()} {title_of(execution)}? {text}", tuple(body))


def taken_card(operation: Operation, what: str) -> Card:
    """Say that an operation is on its way; how it ended is told when it did."""
    return note_card(
        f":hourglass_flowing_sand: {VERBS[operation].capitalize()} {escape(what)}: on it…"
    )


def _buttons(
    execution: Execution, options: list[tuple[Operation, Binding]], reason: str, user: str
) -> list[Block]:
    buttons: list[Block] = []
    names = dict(zip(execution.gates, gate_names(execution.gates), strict=True))
    for operation, binding in options[:MAX_OPTIONS]:
        gate = execution.gate(binding.gate_id, binding.gate_started_at)
        name = names[gate] if gate and gate.name else ""
        button = _button(execution, Confirmed(operation, binding, user, reason), name)
        if button is not None:
            buttons.append(button)
    return buttons


def _button(execution: Execution, confirmed: Confirmed, name: str) -> Block | None:
    """Make the button that sends what was typed, or opens the form that it takes."""
    operation = confirmed.operation
    is_form = operation is Operation.PROVIDE
    value = encode(confirmed.binding) if is_form else confirmed.encode()
    if value is None:
        return None
    label = f"{VERBS[operation].capitalize()} #{execution.ref.execution}"
    if name and operation.effect is Effect.ANSWER:
        label = f"{label}: {name}"
    stops = operation.effect is Effect.STOP
    button = operation_button(operation, label, value, "danger" if stops else "primary")
    return button if is_form else {**button, "action_id": CONFIRM}
