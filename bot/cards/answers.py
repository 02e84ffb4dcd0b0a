"""What people are told: private answers, replies in a card's thread, problems."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.cards import blocks
from bot.cards.actions import CONNECT, action_id, encode
from bot.cards.card import MAX_SECTION_TEXT, Block, Card
from bot.cards.carried import CONFIRM, Confirmed
from bot.cards.execution import state_of, title_of
from bot.cards.forms import account_facts
from bot.cards.gates import answer_button, gate_names, labelled, operation_button
from bot.cards.names import names_told
from bot.cards.text import clean, escape, link, whole
from bot.domain.account import TokenFacts
from bot.domain.execution import Binding, Execution, Gate, Operation
from bot.domain.rules import VERBS
from bot.errors import BotError, LinkUnreadable, NotConnected, NotLinked, TokenRejected

PAST = {
    Operation.APPROVE: "approved",
    Operation.APPROVE_VISUAL_TESTS: "approved",
    Operation.PROVIDE: "answered",
    Operation.REJECT: "rejected",
    Operation.CANCEL: "cancelled",
    Operation.RETRY: "retried",
    Operation.START: "started",
}
"""What was done, as a past participle."""

_MARKS = {
    Operation.APPROVE: ":white_check_mark:",
    Operation.APPROVE_VISUAL_TESTS: ":white_check_mark:",
    Operation.PROVIDE: ":pencil:",
    Operation.REJECT: ":no_entry:",
    Operation.CANCEL: ":octagonal_sign:",
    Operation.RETRY: ":repeat:",
    Operation.START: ":arrow_forward:",
}


_OFFER_TO_CONNECT = (LinkUnreadable, NotConnected, NotLinked, TokenRejected)


def problem_card(error: BotError, command: str) -> Card:
    """Render any failure a person is told about; offers the next step as a button if it is ours.

    ``command`` is the slash command's name, for the next step.
    """
    error.command = command
    text = whole(error.explain(), MAX_SECTION_TEXT)
    body: list[Block] = [blocks.section(text)]
    if isinstance(error, _OFFER_TO_CONNECT):
        body.append(blocks.actions("connect", [connect_button()]))
    return Card(text, tuple(body))


def waiting_for_link_card(operation: Operation, within: timedelta) -> Card:
    """Offer to connect an account; the click that needs it waits for it."""
    minutes = int(within.total_seconds() // 60)
    text = (
        "I do not know your Buddy account yet, and I only ever act as you. Connect it within "
        f"{minutes} minutes and I {VERBS[operation]} this then, if it still waits. "
        "If you do not, nothing is sent."
    )
    return Card(text, (blocks.section(text), blocks.actions("connect", [connect_button()])))


def give_again_card(error: BotError, command: str, binding: Binding | None) -> Card:
    """Say why values were not sent, and offer the form again: they are not kept."""
    card = problem_card(error, command)
    return replace(card, blocks=(*card.blocks, *_form_button(binding)))


def fill_in_again_card(execution: Execution, binding: Binding) -> Card:
    """Say that nothing of what was filled in shows in Buddy, and offer the form again."""
    text = (
        f"I sent your variables to {title_of(execution)} and was cut off: no answer came back, and "
        "Buddy shows none of them. What you gave is not kept, so nothing is sent again by itself. "
        "Please fill it in again; should the first ones have arrived after all, Buddy refuses it."
    )
    return Card(text, (blocks.section(text), *_form_button(binding)))


def values_wanted_card(execution: Execution, gate: Gate, binding: Binding, lacks: str) -> Card:
    """Offer the form for what a typed command left open; ``lacks`` is safe mrkdwn."""
    name = f"“{escape(gate.name, 80)}”" if gate.name else "A gate"
    text = f"{name} of {title_of(execution)} asks for variables. {lacks}Nothing was sent yet."
    return Card(text, (blocks.section(text), *_form_button(binding)))


def typed_secret_card(names: Sequence[str]) -> Card:
    """Remind somebody who typed a value that Buddy masks."""
    return note_card(
        f":lock: You typed {names_told(names)}, which Buddy masks. Slack puts no slash command "
        "into the channel's history, but your screen showed it, and your client may remember it. "
        "Next time use the form behind *Provide variables…*."
    )


def incident_card(incident: str) -> Card:
    """Say that something unforeseen happened, with the number that finds it in the log."""
    text = (
        "Something went wrong on my side, and I cannot tell how far it came. Look at the card or "
        "at Buddy before you try again. Your Greenlight operator finds the details as "
        f"`{incident}`."
    )
    return Card(text, (blocks.section(text),))


def patience_card() -> Card:
    """Say that it takes longer than people like to wait in silence."""
    return note_card(":hourglass_flowing_sand: Still on it: Buddy takes its time to answer.")


def queued_card(operation: Operation, by: str) -> Card:
    """Say that somebody's operation comes first, and that nobody knows yet what came of it."""
    return note_card(
        f":hourglass_flowing_sand: {by} asked to {VERBS[operation]} this a moment ago, and Buddy's "
        "answer is missing. Yours has its turn as soon as that is settled, and is checked against "
        "what came of it."
    )


def connect_button() -> Block:
    """Build the button that opens the form to link an account."""
    return {
        "type": "button",
        "action_id": CONNECT,
        "text": blocks.plain("Connect Buddy"),
        "style": "primary",
    }


def note_card(text: str) -> Card:
    """Say one thing; ``text`` is safe mrkdwn already."""
    return Card(text, (blocks.section(text),))


def with_note(card: Card, note: str) -> Card:
    """Add a line of small print at the end; ``note`` is safe mrkdwn already."""
    return replace(card, blocks=(*card.blocks, blocks.context(note)))


def whoami_card(name: str, facts: TokenFacts, host: str) -> Card:
    """Show the account a person acts as."""
    text = f"In Buddy ({escape(host)}) you act as *{escape(name)}*."
    return Card(text, (blocks.section(text), *account_facts(facts)))


def outcome_card(
    operation: Operation,
    execution: Execution,
    gate: str,
    by: str,
    reason: str,
    variables: Sequence[str] = (),
) -> Card:
    """Tell a card's thread what was done, by whom and why; of variables, their names."""
    what = f"*{escape(gate, 80)}*" if gate and operation.needs_gate else "this"
    stops = ", so Buddy cancels the execution" if operation is Operation.REJECT else ""
    now = f"The execution is {state_of(execution)}."
    told = note_card(f"{_MARKS[operation]} {by} {PAST[operation]} {what}{stops}. {now}")
    given = f"\nGiven: {names_told(variables)}" if variables else ""
    because = f"\n>{escape(reason, 300)}" if reason else ""
    if not given and not because:
        return told
    return replace(note_card(f"{told.text}{given}{because}"), discreet=told)


def done_elsewhere_card(operation: Operation, execution: Execution, gate: str, by: str) -> Card:
    """Tell a card's thread that it was done, but not by the one who clicked."""
    what = f"*{escape(gate, 80)}*" if gate and operation.needs_gate else "This"
    now = f"The execution is {state_of(execution)}."
    told = f":information_source: {what} was {PAST[operation]}"
    if not by:
        return note_card(f"{told}; Buddy's record does not tell by whom. {now}")
    return replace(note_card(f"{told} by {by}. {now}"), discreet=note_card(f"{told}. {now}"))


def unclear_card(operation: Operation, execution: Execution, by: str) -> Card:
    """Tell a card's thread that nobody knows, and who should look."""
    where = link(execution.url, "Buddy")
    text = (
        f":warning: {by} asked to {VERBS[operation]} this. It was sent, no answer came back, and "
        f"Buddy shows no effect. Please look at it in {where} before you decide."
    )
    return note_card(text)


def slow_effect_card(operation: Operation, by: str) -> Card:
    """Tell a card's thread that Buddy took it but does not show it yet."""
    text = (
        f"{_MARKS[operation]} {by} {PAST[operation]} this. Buddy took it and does not show the "
        "effect yet; the card will change as soon as it does."
    )
    return note_card(text)


def gate_choice_card(
    execution: Execution, choices: list[tuple[Gate, Binding]], reason: str = "", user: str = ""
) -> Card:
    """Ask which of several waiting gates is meant; the reason that ``user`` typed goes along."""
    text = f"Several gates of {title_of(execution)} wait. Which one do you answer?"
    buttons = []
    names = dict(zip(execution.gates, gate_names(execution.gates), strict=True))
    for gate, binding in choices[:5]:
        operation = gate.kind.answered_by
        # What a form needs is kept for it: it asks for more than a reason.
        is_said = bool(reason) and operation is not Operation.PROVIDE
        confirmed = Confirmed(operation, binding, user, reason)
        value = confirmed.encode() if is_said else encode(binding)
        if value is not None:
            buttons.append(answer_button(execution, gate, value, names[gate]))
            if is_said:
                buttons[-1]["action_id"] = CONFIRM
    rows = [blocks.actions(f"choice.{i}", [button]) for i, button in enumerate(buttons)]
    if len(buttons) < len(execution.gates):
        where = link(execution.url, "Buddy")
        rows.append(blocks.context(f"What has no button here is answered in {where}."))
    return Card(text, (blocks.section(text), *rows))


def still_wanted_card(
    operation: Operation, execution: Execution, happened: str, binding: Binding
) -> Card:
    """Ask again, against the new state, for what was pressed against an old one."""
    text = (
        f"{happened} {title_of(execution)} is now *{state_of(execution)}*. Nothing was sent. "
        f"Do you still want to {VERBS[operation]} it?"
    )
    value = encode(binding)
    rows = []
    if value is not None:
        rows.append(blocks.actions("again", [_choice(operation, "Cancel it now", value, "danger")]))
    return Card(text, (blocks.section(text), *rows))


def told_command_card(operation: Operation, execution: Execution) -> Card:
    """Answer the person who typed an operation; the story itself stands in the card's thread."""
    done = PAST[operation].capitalize()
    return note_card(
        f"{_MARKS[operation]} {done}: {title_of(execution)}. Its card in this channel shows it."
    )


def _form_button(binding: Binding | None) -> list[Block]:
    value = encode(binding) if binding else None
    if value is None:
        return []
    label = labelled(Operation.PROVIDE)
    button = operation_button(Operation.PROVIDE, label, value, "primary")
    return [blocks.actions("values", [button])]


def _choice(operation: Operation, label: str, value: str, style: str = "primary") -> Block:
    return {
        "type": "button",
        "action_id": action_id(operation),
        "text": blocks.plain(clean(label, 75)),
        "value": value,
        "style": style,
    }
