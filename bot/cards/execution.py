"""The live card of an execution: the same facts always give the same card.

Top to bottom: what it is and how it stands, where it came from, its actions as a list of tasks,
each waiting gate with its buttons, what else can be done, and who acted last.
"""

from dataclasses import replace

from bot.cards import blocks
from bot.cards.actions import OPEN_LINK, SHOW, encode
from bot.cards.acts import last_act_line
from bot.cards.card import Block, Card
from bot.cards.facts import CardFacts
from bot.cards.gates import (
    gate_buttons,
    gate_rows,
    link_button,
    operation_button,
    value_of,
)
from bot.cards.names import title_of
from bot.cards.plan import plan_block, task_list
from bot.cards.run_again import run_again_button
from bot.cards.shipping import ships_line
from bot.cards.text import code, duration, escape, link, moment
from bot.domain.execution import (
    Attempt,
    Binding,
    Execution,
    GateKind,
    GitRefKind,
    Operation,
    Status,
)
from bot.domain.rules import VERBS

__all__ = [
    "EMOJI",
    "WORDS",
    "CardVariants",
    "execution_card",
    "standing",
    "state_of",
    "title_of",
]

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


def execution_card(facts: CardFacts) -> Card:
    """Render the execution with only the buttons that its state allows."""
    execution = facts.execution
    headline = f"{title_of(execution)}: {state_of(execution)}"
    top = [_heading(execution), *_origin(facts)]
    bottom = [
        *_ships(facts),
        *gate_rows(facts),
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


def _other_buttons(facts: CardFacts) -> list[Block]:
    execution = facts.execution
    if facts.pending:
        return []
    value = value_of(facts, None)
    rows = gate_buttons(facts)
    buttons = _newest_button(facts)
    for operation, label, style in (
        (Operation.START, "Start now", "primary"),
        (Operation.RETRY, "Retry", ""),
        (Operation.CANCEL, "Cancel", "danger"),
    ):
        # A gate with buttons has its own Reject, which is what Cancel would do.
        hidden = operation is Operation.CANCEL and any(rows)
        if value is not None and execution.allows(operation) and not hidden:
            buttons.append(operation_button(operation, label, value, style))
    buttons += run_again_button(execution.status, value)
    if _needs_link(execution, rows) or not (any(rows) or buttons):
        buttons += link_button(execution)
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
