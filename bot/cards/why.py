"""Why somebody may or may not act on an execution: everything that is known, obstacle by obstacle.

Only what was looked up is said. What Buddy alone decides (rights on the pipeline, for example) is
named as such, together with what it answered the last time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.cards import blocks
from bot.cards.answers import note_card
from bot.cards.card import Block, Card
from bot.cards.execution import state_of, title_of
from bot.cards.facts import CardFacts
from bot.cards.text import code, escape, link, moment
from bot.domain.account import TokenFacts
from bot.domain.catalog import GateQuestion
from bot.domain.execution import Gate, Operation
from bot.domain.rules import VERBS

RUN_SCOPES = frozenset({"EXECUTION_RUN", "EXECUTION_MANAGE", "PIPELINE_RUN", "PIPELINE_MANAGE"})
"""Scopes that let a token run and approve, by their older and newer names: advice, no gate."""

_YES, _NO, _PERHAPS = ":white_check_mark:", ":x:", ":warning:"
_ANSWERS = {
    "buddy_forbids": "Buddy said that your account may not",
    "buddy_refuses": "Buddy refused it",
    "token_rejected": "Buddy did not accept your token",
    "buddy_rate_limited": "Buddy had no calls left for your token",
    "buddy_unavailable": "Buddy did not answer",
    "not_found_in_buddy": "Buddy did not show it to your account",
    "api_disabled": "Buddy's API was switched off for the workspace",
    "workspace_inactive": "the workspace was not active in Buddy",
    "already_decided": "somebody was first",
    "gate_gone": "the gate no longer waited",
    "attempt_changed": "it was started anew meanwhile",
    "state_forbids": "its state did not allow it",
    "superseded": "a newer run had overtaken it",
    "link_changed": "your account was changed meanwhile",
    "link_not_made": "no account was connected in time",
    "not_linked": "no account was connected",
}
_ASKED = (
    Operation.APPROVE,
    Operation.APPROVE_VISUAL_TESTS,
    Operation.PROVIDE,
    Operation.REJECT,
    Operation.CANCEL,
    Operation.RETRY,
    Operation.START,
)


@dataclass(frozen=True, slots=True)
class LastRefusal:
    """How this person's last click on this execution ended, if it had no effect."""

    operation: Operation
    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Everything that was looked up."""

    facts: CardFacts
    buddy_id: int
    name: str
    """What Buddy calls the person; foreign text."""

    token: TokenFacts | None
    """None where Buddy does not describe tokens."""

    questions: Mapping[str, GateQuestion] = field(default_factory=dict)
    """What is known of each waiting gate, by its id."""

    listed: Mapping[str, bool | None] = field(default_factory=dict)
    """Whether the person is on a gate's list; None where a group could not be read."""

    last: LastRefusal | None = None
    now: datetime | None = None


def why_card(about: Circumstances) -> Card:
    """Tell what can be done, whether this person may, and why not."""
    execution = about.facts.execution
    title = link(execution.url, title_of(execution))
    can = [VERBS[one] for one in _ASKED if execution.allows(one)]
    possible = ", ".join(dict.fromkeys(can)) or "nothing"
    head = f"*{title}* is *{state_of(execution)}*. In this state one can: {possible}."
    lines = [
        f"{_YES} You act in Buddy as *{escape(about.name, 60)}*, who sees this execution.",
        *_token(about),
        *_overtaken(about),
        *(_gate(about, gate) for gate in execution.gates),
        *_last(about),
    ]
    sums_up = _sum(about, lines)
    text = f"{head}\n{sums_up}"
    body: list[Block] = [blocks.section(text), blocks.section("\n".join(lines))]
    return Card(note_card(text).text, tuple(body))


def _sum(about: Circumstances, lines: list[str]) -> str:
    if any(line.startswith(_NO) for line in lines):
        return "What stands against it is marked below."
    if not about.facts.execution.gates:
        return "Nothing that I can see stands against what its state allows."
    return (
        "Nothing that I can see stands against your approval. Whether your account may run this "
        "pipeline, Buddy alone decides: press Approve, and its answer comes back to you."
    )


def _token(about: Circumstances) -> list[str]:
    token, workspace = about.token, about.facts.execution.ref.workspace
    if token is None:
        return [f"{_PERHAPS} Buddy does not describe your token, so its rights are not known."]
    told = []
    if token.scopes and not RUN_SCOPES & set(token.scopes):
        scopes = ", ".join(code(one, 40) for one in token.scopes[:20])
        told.append(
            f"{_NO} Your token has no scope that lets it approve (`EXECUTION_RUN`, newer "
            f"`PIPELINE_RUN`), only {scopes}. Make one that has it, and connect it."
        )
    if token.workspaces and workspace not in token.workspaces:
        told.append(f"{_NO} Your token is limited to other workspaces than this one.")
    if token.expires_at is not None and about.now is not None and token.expires_at <= about.now:
        told.append(f"{_NO} Your token expired {moment(token.expires_at)}: connect a new one.")
    if told:
        return told
    ends = f"until {moment(token.expires_at)}" if token.expires_at else "without an end"
    return [f"{_YES} Your token is valid {ends}, and has the scopes for it."]


def _overtaken(about: Circumstances) -> list[str]:
    facts = about.facts
    told = []
    if facts.pending is not None:
        what = VERBS[facts.pending.operation]
        told.append(f"{_PERHAPS} {facts.pending.by} asked to {what} it; Buddy shows no effect yet.")
    if facts.superseded_by is not None and facts.execution.gates:
        told.append(
            f"{_NO} The newer run #{facts.superseded_by} has overtaken it, and Buddy lets only the "
            "newest run of a branch be approved. Go on there."
        )
    return told


def _gate(about: Circumstances, gate: Gate) -> str:
    name = f"*{escape(gate.name or 'A gate', 80)}*"
    told = about.questions.get(gate.id)
    if told is None:
        return f"{_PERHAPS} {name}: Buddy does not tell who may answer it."
    creator = about.facts.execution.creator
    if told.prevents_self_approval and creator is not None and creator.id == about.buddy_id:
        return f"{_NO} {name}: you started this run, and whoever did may not answer this gate."
    if told.others_may_answer:
        return f"{_YES} {name}: everybody may answer who may run the pipeline."
    match about.listed.get(gate.id):
        case True:
            return f"{_YES} {name}: you are on its list."
        case None:
            return f"{_PERHAPS} {name}: a Buddy group may answer, and I cannot read who is in it."
        case False:
            may = about.facts.approvers.get(gate.id)
            who = f" May answer: {may.line(is_discreet=False)}." if may is not None else ""
            return f"{_NO} {name}: you are not on its list.{who}"


def _last(about: Circumstances) -> list[str]:
    last = about.last
    if last is None:
        return []
    answer = _ANSWERS.get(last.code, f"it had no effect ({last.code.replace('_', ' ')})")
    verb = VERBS[last.operation]
    return [f":speech_balloon: When you last asked to {verb} it, {moment(last.at)}: {answer}."]
