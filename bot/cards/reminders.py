"""Remind a card's thread of a gate that waits, and tell a person directly what failed."""

from dataclasses import replace
from datetime import timedelta

from bot.cards import blocks
from bot.cards.actions import OPEN_LINK
from bot.cards.answers import note_card
from bot.cards.card import Block, Card
from bot.cards.execution import title_of
from bot.cards.facts import CardFacts
from bot.cards.subscribing import MUTE
from bot.cards.text import code, duration, escape, link
from bot.domain.execution import Gate, PipelineAction


def reminder_card(facts: CardFacts, gate: Gate, waited: timedelta, *, is_last: bool) -> Card:
    """Call those who may answer a gate once more."""
    ours = _reminder(facts, gate, waited, is_last=is_last)
    theirs = _reminder(replace(facts, is_discreet=True), gate, waited, is_last=is_last)
    return replace(note_card(ours), discreet=None if ours == theirs else note_card(theirs))


def failure_notice_card(facts: CardFacts, action: PipelineAction | None) -> Card:
    """Tell the person who started an execution that it failed; only they read it."""
    execution = facts.execution
    title = f"*{link(execution.url, title_of(execution))}*"
    where = f" at *{escape(action.name, 80)}*" if action and action.name.strip() else ""
    branch = execution.git_ref
    on = f" on {code(branch.name, 80)}" if branch else ""
    text = f":x: {title}{on}, which you started, failed{where}."
    if action and (why := action.error_message.strip()):
        text += f"\n>{escape(why, 300)}"
    buttons: list[Block] = []
    if execution.url:
        buttons.append(
            {
                "type": "button",
                "action_id": OPEN_LINK,
                "text": blocks.plain("Open in Buddy"),
                "url": execution.url,
            }
        )
    mute: Block = {
        "type": "button",
        "action_id": MUTE,
        "text": blocks.plain("Don't tell me directly"),
        "accessibility_label": "No more direct messages about failures",
    }
    return Card(text, (blocks.section(text), blocks.actions("notice", [*buttons, mute])))


def muted_card(command: str) -> Card:
    """Say that failures are no longer told directly, and how to have them again."""
    return note_card(
        ":no_bell: I no longer tell you directly when something fails that you started. "
        f"`{command} settings` changes that again."
    )


def _reminder(facts: CardFacts, gate: Gate, waited: timedelta, *, is_last: bool) -> str:
    name = f"*{escape(gate.name, 80)}*" if gate.name.strip() else "A gate"
    wants = "variables" if gate.kind.needs_values else "a decision"
    may = facts.approvers.get(gate.id)
    who = f"\nMay answer: {may.line(is_discreet=facts.is_discreet)}" if may else ""
    last = " I do not remind you of it again." if is_last else ""
    return f":alarm_clock: {name} has waited for {wants} for {duration(waited)}.{last}{who}"
