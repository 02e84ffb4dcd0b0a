"""What the thread of a card is told of its execution, one reply for each thing worth knowing."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.cards import blocks
from bot.cards.card import Block, Card
from bot.cards.facts import CardFacts
from bot.cards.log import log_end
from bot.cards.names import name_of
from bot.cards.text import code, duration, escape
from bot.domain.execution import Member, PipelineAction
from bot.domain.history import waited, work_time
from bot.domain.story import Kind, Tale

_ABOUT_USUAL = 0.15
"""By which part a duration may differ from the usual one and still be about as usual."""


def tale_card(tale: Tale, facts: CardFacts, log: tuple[str, ...] | None = None) -> Card:
    """Tell one thing; ``log`` holds the failed action's last lines, None where it was not read."""
    full = _told(tale, facts, log)
    discreet = _told(tale, replace(facts, is_discreet=True), None)
    return full if full == discreet else replace(full, discreet=discreet)


def called(content: Card, mentions: Sequence[str]) -> Card:
    """Call people beside those whom a reply calls already."""
    missing = [mention for mention in mentions if mention not in content.text]
    if not missing:
        return content
    line = f"cc {' '.join(missing)}"
    return replace(
        content, text=f"{content.text}\n{line}", blocks=(*content.blocks, blocks.context(line))
    )


def _told(tale: Tale, facts: CardFacts, log: tuple[str, ...] | None) -> Card:
    text = _TEXTS[tale.kind](facts, tale.action)
    body: list[Block] = [blocks.section(text)]
    if tale.kind is Kind.FAILED and tale.action is not None and not facts.is_discreet:
        body += log_end(facts.execution, tale.action, log)
    return Card(text, tuple(body))


def _again(_facts: CardFacts, _action: PipelineAction | None) -> str:
    return ":repeat: This execution was run again in Buddy."


def _started(facts: CardFacts, _action: PipelineAction | None) -> str:
    branch = facts.execution.git_ref
    on = f" on {code(branch.name, 80)}" if branch else ""
    return f":arrow_forward: This execution has started{on}."


def _answered(facts: CardFacts, action: PipelineAction | None) -> str:
    did = "approved" if action is None or not _asks_values(action) else "answered"
    gate = _named(action, "The gate")
    by = action.approver_id if action else None
    if by is None:
        return f":white_check_mark: {gate} was {did} in Buddy, whose record does not tell by whom."
    return f":white_check_mark: {name_of(facts, by)} {did} {gate} in Buddy."


def _reached(facts: CardFacts, action: PipelineAction | None) -> str:
    gate_id = action.gate_id if action else ""
    wants = "variables" if action and _asks_values(action) else "a decision"
    question = facts.questions.get(gate_id, "").strip()
    asked = f"\n>{escape(question, 300)}" if question and not facts.is_discreet else ""
    may = facts.approvers.get(gate_id)
    who = f"\nMay answer: {may.line(is_discreet=facts.is_discreet)}" if may else ""
    return f":raised_hand: {_named(action, 'A gate')} waits for {wants}.{asked}{who}"


def _overtaken(facts: CardFacts, _action: PipelineAction | None) -> str:
    return (
        f":fast_forward: The newer run #{facts.superseded_by} has overtaken this one, which can no "
        "longer be approved. Go on there."
    )


def _stopped(facts: CardFacts, action: PipelineAction | None) -> str:
    by = action.terminator_id if action else None
    if by is None:
        return (
            ":octagonal_sign: This was cancelled in Buddy, whose record does not tell by whom: "
            "a time-out or a newer run may have done it."
        )
    return f":octagonal_sign: {name_of(facts, by)} cancelled this in Buddy."


def _failed(facts: CardFacts, action: PipelineAction | None) -> str:
    after = ""
    if action and action.started_at and action.finished_at:
        after = f" after {duration(action.finished_at - action.started_at)}"
    told = f":x: {_named(action, 'This execution')} failed{after}."
    if facts.is_discreet:
        return told
    if action and (why := action.error_message.strip()):
        told += f"\n>{escape(why, 300)}"
    return f"{told}\n{called}" if (called := _called(facts)) else told


def _skipped(_facts: CardFacts, _action: PipelineAction | None) -> str:
    return (
        ":fast_forward: Buddy did not run this: a newer run overtook it in the queue, or its "
        "conditions were not met."
    )


def _succeeded(facts: CardFacts, _action: PipelineAction | None) -> str:
    execution = facts.execution
    told = ":white_check_mark: Successful"
    if execution.finished_at is None or execution.started_at is None:
        return f"{told}."
    took = work_time(execution, execution.finished_at)
    if took is None:
        return f"{told}."
    told += f" after {duration(execution.finished_at - execution.started_at)}"
    if stood := waited(execution, execution.finished_at):
        told += f", {duration(stood)} of it at gates"
    if facts.usual is None:
        return f"{told}."
    if abs(took - facts.usual) <= facts.usual * _ABOUT_USUAL:
        return f"{told}, about as usual."
    differs = "longer" if took > facts.usual else "shorter"
    return f"{told}, {duration(abs(took - facts.usual))} {differs} than usual."


_TEXTS: dict[Kind, Callable[[CardFacts, PipelineAction | None], str]] = {
    Kind.AGAIN: _again,
    Kind.STARTED: _started,
    Kind.ANSWERED: _answered,
    Kind.REACHED: _reached,
    Kind.OVERTAKEN: _overtaken,
    Kind.STOPPED: _stopped,
    Kind.FAILED: _failed,
    Kind.SKIPPED: _skipped,
    Kind.SUCCEEDED: _succeeded,
}


def _named(action: PipelineAction | None, otherwise: str) -> str:
    return f"*{escape(action.name, 80)}*" if action and action.name.strip() else otherwise


def _asks_values(action: PipelineAction) -> bool:
    return action.gate_kind is not None and action.gate_kind.needs_values


def _called(facts: CardFacts) -> str:
    """Call who started it and whose commit it was, as far as their Slack accounts are known."""
    revision, creator = facts.execution.revision, facts.execution.creator
    author = _mention(facts, revision.author if revision else None)
    starter = _mention(facts, creator)
    if author and starter and author != starter:
        return f"{starter}, you started this; its latest commit is {author}'s."
    called = author or starter
    return f"{called}, this was yours." if called else ""


def _mention(facts: CardFacts, member: Member | None) -> str:
    return facts.people.get(member.id, "") if member and member.id is not None else ""
