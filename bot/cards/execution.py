"""The live card of an execution: the same facts always give the same card.

Top to bottom: what it is and how it stands, where it came from, its actions as a list of tasks,
each waiting gate with its buttons, what else can be done, and who acted last.
"""

from dataclasses import replace

from bot.cards import blocks
from bot.cards.actions import OPEN_LINK, SHOW, action_id, encode
from bot.cards.acts import last_act_line
from bot.cards.card import MAX_CONFIRM_TEXT, Block, Card
from bot.cards.facts import CardFacts
from bot.cards.plan import plan_block, task_list
from bot.cards.run_again import run_again_button
from bot.cards.shipping import ships_line, ships_short
from bot.cards.text import clean, code, duration, escape, link, moment
from bot.domain.execution import (
    Attempt,
    Binding,
    Execution,
    Gate,
    GateKind,
    GitRefKind,
    Operation,
    Status,
)
from bot.domain.rules import VERBS
from bot.domain.shipping import Ships

EMOJI = {
    Status.INITIAL: ":hourglass_flowing_sand:",
    Status.ENQUEUED: ":hourglass_flowing_sand:",
    Status.INPROGRESS: ":large_blue_circle:",
    Status.TERMINATING: ":octagonal_sign:",
    Status.SUCCESSFUL: ":white_check_mark:",
    Status.FAILED: ":x:",
    Status.TERMINATED: ":octagonal_sign:",
    Status.SKIPPED: ":fast_forward:",
    Status.NOT_EXECUTED: ":fast_forward:",
    Status.WAITING_FOR_APPLY: ":raised_hand:",
    Status.WAITING_FOR_VARIABLES: ":pencil:",
    Status.WAITING_FOR_SETTABLE_VARIABLES: ":pencil:",
    Status.WAITING_FOR_VT_SESSION: ":frame_with_picture:",
    Status.UNKNOWN: ":grey_question:",
}
WORDS = {
    Status.INITIAL: "about to start",
    Status.ENQUEUED: "waiting in line",
    Status.INPROGRESS: "running",
    Status.TERMINATING: "being stopped",
    Status.SUCCESSFUL: "successful",
    Status.FAILED: "failed",
    Status.TERMINATED: "cancelled",
    Status.SKIPPED: "skipped",
    Status.NOT_EXECUTED: "not executed",
    Status.WAITING_FOR_APPLY: "waiting for approval",
    Status.WAITING_FOR_VARIABLES: "waiting for variables",
    Status.WAITING_FOR_SETTABLE_VARIABLES: "waiting for variables",
    Status.WAITING_FOR_VT_SESSION: "waiting for approval of visual tests",
}
_GATE_STATUS = {
    GateKind.APPROVAL: Status.WAITING_FOR_APPLY,
    GateKind.VARIABLES: Status.WAITING_FOR_VARIABLES,
    GateKind.SETTABLE_VARIABLES: Status.WAITING_FOR_SETTABLE_VARIABLES,
    GateKind.VISUAL_TESTS: Status.WAITING_FOR_VT_SESSION,
}
_SOURCES = {GitRefKind.BRANCH: "", GitRefKind.TAG: "tag ", GitRefKind.PULL_REQUEST: "PR "}
MAX_GATES = 6
"""Gates shown with buttons; more of them would not fit Slack's 50 blocks with certainty."""

_LEFT_OUT = (
    ":lock: Another organisation may share this channel: commit messages, questions, reasons, logs "
    "and names from Buddy are left out."
)


def state_of(execution: Execution) -> str:
    """Say the execution's state in plain words, safe for mrkdwn."""
    if execution.is_delayed:
        return "scheduled"
    status = standing(execution)
    word = escape(execution.status_text.lower().replace("_", " "), 60)
    return WORDS.get(status) or word or "in a state unknown to me"


def standing(execution: Execution) -> Status:
    """Tell what matters most to people: a waiting gate outranks the top status."""
    if execution.gates:
        return _GATE_STATUS[execution.gates[0].kind]
    return execution.status


def title_of(execution: Execution, limit: int = 80) -> str:
    """Name the execution, safe for mrkdwn; ``limit`` holds for each of its two names."""
    project = escape(execution.ref.project, limit)
    pipeline = escape(execution.pipeline_name or f"pipeline {execution.ref.pipeline}", limit)
    return f"{project} / {pipeline} #{execution.ref.execution}"


def execution_card(facts: CardFacts) -> Card:
    """Render the execution with only the buttons that its state allows."""
    execution = facts.execution
    headline = f"{title_of(execution)}: {state_of(execution)}"
    top = [_heading(execution), *_origin(facts)]
    bottom = [
        *_ships(facts),
        *_gates(facts),
        *_notes(facts),
        *_other_buttons(facts),
        *_footer(facts),
    ]
    if not execution.actions:
        return Card(headline, (*top, *bottom))
    return Card(
        headline,
        blocks=(*top, plan_block(execution, facts.left), *bottom),
        plain_blocks=(*top, task_list(execution, facts.left), *bottom),
    )


class CardVariants:
    """The card of one execution for every channel: made once for each kind, and only if needed."""

    def __init__(self, facts: CardFacts) -> None:
        self._facts = facts
        self._made: dict[bool, Card] = {}

    def card(self, *, is_discreet: bool) -> Card:
        """Take the card for a channel that other organisations share, or do not."""
        if is_discreet not in self._made:
            facts = replace(self._facts, is_discreet=is_discreet)
            self._made[is_discreet] = execution_card(facts)
        return self._made[is_discreet]


def _heading(execution: Execution) -> Block:
    title = link(execution.url, title_of(execution))
    emoji = ":alarm_clock:" if execution.is_delayed else EMOJI[standing(execution)]
    return blocks.section(f"{emoji} *{title}*\n{_standing_line(execution)}")


def _standing_line(execution: Execution) -> str:
    words = f"*{state_of(execution).capitalize()}*"
    if execution.is_delayed and execution.delay_until:
        return f"{words} for {moment(execution.delay_until)}"
    if execution.started_at and execution.finished_at and execution.status.is_final:
        return f"{words} after {duration(execution.finished_at - execution.started_at)}"
    if execution.started_at:
        since = "since" if execution.status is Status.ENQUEUED else "· run started"
        return f"{words} {since} {moment(execution.started_at)}"
    return words


def _origin(facts: CardFacts) -> list[Block]:
    execution = facts.execution
    parts = []
    if execution.git_ref:
        source = _SOURCES[execution.git_ref.kind] + execution.git_ref.name.removeprefix("pull/")
        parts.append(code(source, 80))
    if execution.revision:
        parts.append(code(execution.revision.short_sha))
    if not facts.is_discreet:
        parts += _told_by_people(facts)
    return [blocks.context(" · ".join(parts))] if parts else []


def _told_by_people(facts: CardFacts) -> list[str]:
    """Say why it runs, and for whom: what only our own organisation may know."""
    execution, parts = facts.execution, []
    subject = execution.revision.first_line if execution.revision else execution.comment.strip()
    if subject:
        parts.append(escape(subject, 150))
    if execution.creator:
        parts.append(f"by {_name(facts, execution.creator.id, execution.creator.name)}")
    return parts


def _ships(facts: CardFacts) -> list[Block]:
    """Say what goes out, while somebody is asked whether it may; it names people and commits."""
    if facts.ships is None or facts.is_discreet or not facts.execution.gates:
        return []
    return [blocks.context(ships_line(facts.ships))]


def _gates(facts: CardFacts) -> list[Block]:
    shown: list[Block] = []
    for number, gate in enumerate(facts.execution.gates[:MAX_GATES]):
        shown.append(_gate_text(facts, gate))
        if buttons := _gate_buttons(facts, gate):
            shown.append(blocks.actions(f"gate.{number}", buttons))
    hidden = len(facts.execution.gates) - MAX_GATES
    if hidden > 0:
        shown.append(blocks.context(f"…and {hidden} more gates: open the execution in Buddy."))
    return shown


def _gate_text(facts: CardFacts, gate: Gate) -> Block:
    name = f"“{escape(gate.name, 80)}”" if gate.name else "A gate"
    wants = "waits for variables" if gate.kind.needs_values else "waits for a decision"
    since = f" since {moment(gate.started_at)}" if gate.started_at else ""
    question = facts.questions.get(gate.id, "").strip()
    asked = f"\n>{escape(question, 300)}" if question and not facts.is_discreet else ""
    may = facts.approvers.get(gate.id)
    who = f"\nMay answer: {may.line(is_discreet=facts.is_discreet)}" if may else ""
    why = ""
    if _value(facts, gate) is None:
        why = "\nNo button can name this gate exactly, so answer it in Buddy."
    return blocks.section(f"*{name}* {wants}{since}{asked}{who}{why}")


def _gate_buttons(facts: CardFacts, gate: Gate) -> list[Block]:
    execution = facts.execution
    value = _value(facts, gate)
    if value is None or facts.pending or facts.superseded_by is not None:
        return []
    several = len(execution.gates) > 1
    buttons: list[Block] = []
    if not gate.kind.needs_values:
        buttons.append(_approve_button(facts, gate, value, several=several))
    elif gate == _first_asking(facts):
        buttons += _link_button(execution, "Provide variables in Buddy")
    label = _labelled("Reject", gate, several=several)
    buttons.append(_button(Operation.REJECT, label, value, style="danger"))
    return buttons


def _first_asking(facts: CardFacts) -> Gate | None:
    """Find the first gate that asks for variables: one link leads to the page of all of them."""
    asking = (gate for gate in facts.execution.gates if gate.kind.needs_values)
    return next((gate for gate in asking if _value(facts, gate)), None)


def _approve_button(facts: CardFacts, gate: Gate, value: str, *, several: bool) -> Block:
    execution = facts.execution
    visual = gate.kind is GateKind.VISUAL_TESTS
    operation = Operation.APPROVE_VISUAL_TESTS if visual else Operation.APPROVE
    word = "Approve visual tests" if visual else "Approve"
    button = _button(operation, _labelled(word, gate, several=several), value, "primary")
    ships = None if facts.is_discreet else facts.ships
    button["confirm"] = approval_dialog(execution, gate, ships)
    return button


def _labelled(word: str, gate: Gate, *, several: bool) -> str:
    return f"{word}: {gate.name}" if several and gate.name else word


def approval_dialog(execution: Execution, gate: Gate, ships: Ships | None = None) -> Block:
    """Ask once more, naming pipeline, branch and revision: what exactly will go on.

    Names are kept short, so that none of them is pushed out of the 300 characters of a dialog; what
    ships is told as far as there is room.
    """
    parts = [f"*{escape(gate.name or 'The gate', 40)}* in {title_of(execution, 40)}"]
    if execution.git_ref:
        parts.append(f"Goes on with: {escape(execution.git_ref.name, 60)}")
    if execution.revision:
        parts.append(f"Revision: {escape(execution.revision.short_sha)}")
    room = MAX_CONFIRM_TEXT - len("\n".join(parts)) - 1
    if ships is not None and len(told := ships_short(ships, room)) <= room:
        parts.append(told)
    return blocks.confirm("Approve?", "\n".join(parts), "Approve", "Back")


def _other_buttons(facts: CardFacts) -> list[Block]:
    execution = facts.execution
    if facts.pending:
        return []
    value = _value(facts, None)
    rows = [_gate_buttons(facts, gate) for gate in execution.gates[:MAX_GATES]]
    buttons = _newest_button(facts)
    for operation, label, style in (
        (Operation.START, "Start now", "primary"),
        (Operation.RETRY, "Retry", ""),
        (Operation.CANCEL, "Cancel", "danger"),
    ):
        # A gate with buttons has its own Reject, which is what Cancel would do.
        hidden = operation is Operation.CANCEL and any(rows)
        if value is not None and execution.allows(operation) and not hidden:
            buttons.append(_button(operation, label, value, style))
    buttons += run_again_button(execution.status, value)
    if _needs_link(execution, rows) or not (any(rows) or buttons):
        buttons += _link_button(execution)
    return [blocks.actions("execution", buttons)] if buttons else []


def _newest_button(facts: CardFacts) -> list[Block]:
    """Lead from an overtaken card to the run that can be approved."""
    execution, newest = facts.execution, facts.superseded_by
    if newest is None or not execution.gates:
        return []
    ref = replace(execution.ref, execution=newest)
    value = encode(Binding(ref, Attempt(None, 0), installation=facts.installation))
    if value is None:
        return []
    text = blocks.plain(f"Show #{newest}")
    button = {"type": "button", "action_id": SHOW, "text": text, "value": value}
    return [{**button, "style": "primary"}]


def _needs_link(execution: Execution, rows: list[list[Block]]) -> bool:
    """Tell whether something waits that only Buddy's page can answer, and no link leads there."""
    linked = any(button["action_id"] == OPEN_LINK for row in rows for button in row)
    if linked or not execution.waits:
        return False
    return not (rows and all(rows)) or len(execution.gates) > len(rows)


def _button(operation: Operation, label: str, value: str, style: str = "") -> Block:
    button: Block = {
        "type": "button",
        "action_id": action_id(operation),
        "text": blocks.plain(clean(label, 75)),
        "value": value,
    }
    if style:
        button["style"] = style
    return button


def _link_button(execution: Execution, label: str = "Open in Buddy") -> list[Block]:
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


def _value(facts: CardFacts, gate: Gate | None) -> str | None:
    """Bind a button to this attempt and gate; None where that cannot be said exactly."""
    execution = facts.execution
    attempt = Attempt(execution.started_at, facts.retries)
    binding = Binding(execution.ref, attempt, installation=facts.installation)
    if gate is None:
        return encode(binding)
    if not gate.is_bindable:
        return None
    return encode(replace(binding, gate_id=gate.id, gate_started_at=gate.started_at))


def _notes(facts: CardFacts) -> list[Block]:
    execution = facts.execution
    if facts.pending:
        what = VERBS[facts.pending.operation]
        told = f"{facts.pending.by} asked to {what} this; Buddy does not show it yet."
        return [blocks.context(f":hourglass_flowing_sand: {told}")]
    if facts.superseded_by is not None and execution.gates:
        newer = f"Overtaken by the newer run #{facts.superseded_by}: go on there."
        return [blocks.context(f":fast_forward: {newer}")]
    if execution.status.waits and not execution.gates:
        told = "Buddy does not tell which gate waits, so answer it in Buddy."
        return [blocks.context(f":grey_question: {told}")]
    return []


def _footer(facts: CardFacts) -> list[Block]:
    lines = [last_act_line(facts), _LEFT_OUT if facts.is_discreet else ""]
    return [blocks.context(line) for line in lines if line]


def _name(facts: CardFacts, buddy_id: int | None, name: str) -> str:
    if buddy_id is not None and buddy_id in facts.people:
        return facts.people[buddy_id]
    return escape(name, 60)
