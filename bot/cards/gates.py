"""The gates of an execution on its card: what each asks, and its own pair of buttons.

Every button is bound to its gate, and its label can be told from that of every other gate.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.cards import blocks
from bot.cards.actions import OPEN_LINK, action_id, encode
from bot.cards.card import MAX_BUTTON_TEXT, MAX_CONFIRM_TEXT, Block
from bot.cards.facts import CardFacts
from bot.cards.names import apart, title_of
from bot.cards.shipping import ships_short
from bot.cards.text import clean, escape, moment
from bot.domain.execution import Attempt, Binding, Execution, Gate, Operation
from bot.domain.shipping import Ships

MAX_GATES = 6
"""Gates shown with buttons; more of them would not fit Slack's 50 blocks with certainty."""

_MAX_NAME = 50
"""Characters of a gate's name on a button, beside the longest of the words below."""

_WORDS = {
    Operation.APPROVE: "Approve",
    Operation.APPROVE_VISUAL_TESTS: "Approve visual tests",
    Operation.PROVIDE: "Provide variables",
    Operation.REJECT: "Reject",
}


def gate_rows(facts: CardFacts) -> list[Block]:
    """Show what each waiting gate asks, and its buttons below."""
    shown: list[Block] = []
    names = gate_names(facts.execution.gates)
    rows = gate_buttons(facts)
    for number, (gate, buttons) in enumerate(zip(facts.execution.gates, rows, strict=False)):
        shown.append(_gate_text(facts, gate, names[number]))
        if buttons:
            shown.append(blocks.actions(f"gate.{number}", buttons))
    hidden = len(facts.execution.gates) - MAX_GATES
    if hidden > 0:
        shown.append(blocks.context(f"…and {hidden} more gates: open the execution in Buddy."))
    return shown


def gate_names(gates: Sequence[Gate]) -> list[str]:
    """Name gates as buttons do: short, plain text, each different from the others."""
    return apart([gate.name for gate in gates], _MAX_NAME, "a gate")


def gate_buttons(facts: CardFacts) -> list[list[Block]]:
    """Make the buttons of each gate that is shown; none where nothing could be sent."""
    gates = facts.execution.gates
    names = gate_names(gates)
    first = _first_unread(facts)
    return [
        _buttons_of(facts, gate, names[number] if len(gates) > 1 else "", first)
        for number, gate in enumerate(gates[:MAX_GATES])
    ]


def labelled(operation: Operation, name: str = "") -> str:
    """Say what a button does, and to which of several gates."""
    word = _WORDS[operation]
    if name:
        return f"{word}: {name}"
    return f"{word}…" if operation is Operation.PROVIDE else word


def answer_button(
    execution: Execution, gate: Gate, value: str, name: str = "", ships: Ships | None = None
) -> Block:
    """Make the button that lets the execution pass a gate, or asks for what that takes."""
    operation = gate.kind.answered_by
    button = operation_button(operation, labelled(operation, name), value, "primary")
    if operation is not Operation.PROVIDE:
        button["confirm"] = approval_dialog(execution, gate, ships)
    return button


def approval_dialog(execution: Execution, gate: Gate, ships: Ships | None = None) -> Block:
    """Ask once more, naming pipeline, branch and revision: what exactly will go on.

    Names are kept short, so that none of them is pushed out of the 300 characters of a dialog; what
    ships is told as far as there is room.
    """
    named = dict(zip(execution.gates, gate_names(execution.gates), strict=True))
    name = named.get(gate, gate.name) if gate.name else "The gate"
    parts = [f"*{escape(name, _MAX_NAME)}* in {title_of(execution, 40)}"]
    if execution.git_ref:
        parts.append(f"Goes on with: {escape(execution.git_ref.name, 60)}")
    if execution.revision:
        parts.append(f"Revision: {escape(execution.revision.short_sha)}")
    room = MAX_CONFIRM_TEXT - len("\n".join(parts)) - 1
    if ships is not None and len(told := ships_short(ships, room)) <= room:
        parts.append(told)
    return blocks.confirm("Approve?", "\n".join(parts), "Approve", "Back")


def operation_button(operation: Operation, label: str, value: str, style: str = "") -> Block:
    """Make a button that asks for an operation."""
    button: Block = {
        "type": "button",
        "action_id": action_id(operation),
        "text": blocks.plain(clean(label, MAX_BUTTON_TEXT)),
        "value": value,
    }
    if style:
        button["style"] = style
    return button


def link_button(execution: Execution, label: str = "Open in Buddy") -> list[Block]:
    """Make a button that opens the execution's page; none where Buddy gave no link."""
    if not execution.url:
        return []
    return [
        {
            "type": "button",
            "action_id": OPEN_LINK,
            "text": blocks.plain(label),
            "url": execution.url,
        }
    ]


def value_of(facts: CardFacts, gate: Gate | None) -> str | None:
    """Bind a button to this attempt and gate; None where that cannot be said exactly."""
    execution = facts.execution
    attempt = Attempt(execution.started_at, facts.retries)
    binding = Binding(execution.ref, attempt, installation=facts.installation)
    if gate is None:
        return encode(binding)
    if not gate.is_bindable:
        return None
    return encode(replace(binding, gate_id=gate.id, gate_started_at=gate.started_at))


def _gate_text(facts: CardFacts, gate: Gate, short: str) -> Block:
    name = f"“{escape(_full(gate, short), 80)}”" if gate.name else "A gate"
    wants = "waits for variables" if gate.kind.needs_values else "waits for a decision"
    since = f" since {moment(gate.started_at)}" if gate.started_at else ""
    question = facts.questions.get(gate.id, "").strip()
    asked = f"\n>{escape(question, 300)}" if question and not facts.is_discreet else ""
    may = facts.approvers.get(gate.id)
    who = f"\nMay answer: {may.line(is_discreet=facts.is_discreet)}" if may else ""
    why = ""
    if value_of(facts, gate) is None:
        why = "\nNo button can name this gate exactly, so answer it in Buddy."
    return blocks.section(f"*{name}* {wants}{since}{asked}{who}{why}")


def _full(gate: Gate, short: str) -> str:
    """Write a gate's name out, unless its buttons name it by a number."""
    is_cut = clean(gate.name, _MAX_NAME) == short
    return gate.name if is_cut else short


def _buttons_of(facts: CardFacts, gate: Gate, name: str, first: Gate | None) -> list[Block]:
    value = value_of(facts, gate)
    if value is None or facts.pending or facts.superseded_by is not None:
        return []
    buttons: list[Block] = []
    if not _is_unread(gate):
        ships = None if facts.is_discreet else facts.ships
        buttons.append(answer_button(facts.execution, gate, value, name, ships))
    elif gate == first:
        buttons += link_button(facts.execution, "Provide variables in Buddy")
    label = labelled(Operation.REJECT, name)
    buttons.append(operation_button(Operation.REJECT, label, value, style="danger"))
    return buttons


def _is_unread(gate: Gate) -> bool:
    """Whether it asks for variables, and Buddy does not say where they are defined."""
    return gate.kind.needs_values and gate.action_id is None


def _first_unread(facts: CardFacts) -> Gate | None:
    """Find the first gate that only Buddy's page can answer: one link leads there for all."""
    unread = (gate for gate in facts.execution.gates if _is_unread(gate))
    return next((gate for gate in unread if value_of(facts, gate)), None)
