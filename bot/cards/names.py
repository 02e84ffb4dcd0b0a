"""Name executions, and people of Buddy: mentioned where their Slack account is known."""

from collections.abc import Sequence

from bot.cards.facts import CardFacts
from bot.cards.text import clean, code, escape
from bot.domain.execution import Execution, Member

_MOST_NAMES = 10
"""Names of variables that are listed at once."""


def name_of(facts: CardFacts, buddy_id: int) -> str:
    """Name somebody of whom Buddy tells the number: a mention, else a name, else the number.

    Before other organisations whoever has no Slack account here is nobody by name.
    """
    if buddy_id in facts.people:
        return facts.people[buddy_id]
    if facts.is_discreet:
        return "somebody"
    return known_name(facts.execution, buddy_id)


def known_name(execution: Execution, buddy_id: int) -> str:
    """Name somebody that the execution itself mentions; else by number."""
    for member in members_of(execution):
        if member.id == buddy_id and member.name.strip():
            return escape(member.name, 60)
    return f"Buddy user {buddy_id}"


def members_of(execution: Execution) -> list[Member]:
    """List the people that an execution names: who started it, and whose commit it is."""
    author = execution.revision.author if execution.revision else None
    return [member for member in (execution.creator, author) if member is not None]


def title_of(execution: Execution, limit: int = 80) -> str:
    """Name the execution, safe for mrkdwn; ``limit`` holds for each of its two names."""
    project = escape(execution.ref.project, limit)
    pipeline = escape(execution.pipeline_name or f"pipeline {execution.ref.pipeline}", limit)
    return f"{project} / {pipeline} #{execution.ref.execution}"


def names_told(names: Sequence[str]) -> str:
    """List names of variables, safe for mrkdwn."""
    told = [code(name, 60) for name in names[:_MOST_NAMES]]
    if len(names) > _MOST_NAMES:
        told.append(f"{len(names) - _MOST_NAMES} more")
    return " and ".join(filter(None, [", ".join(told[:-1]), *told[-1:]]))


def apart(names: Sequence[str], limit: int, otherwise: str) -> list[str]:
    """Shorten names to the limit so that each can still be told from the others.

    Names that look the same, or would once they are cut, get a number; plain text, not escaped.
    """
    shown = [clean(name, limit) or otherwise for name in names]
    if len({each.casefold() for each in shown}) == len(shown):
        return shown
    counts: dict[str, int] = {}
    numbered = []
    for name, short in zip(names, shown, strict=True):
        is_alone = [each.casefold() for each in shown].count(short.casefold()) == 1
        number = counts[short.casefold()] = counts.get(short.casefold(), 0) + 1
        mark = f" ({number})"
        numbered.append(
            short if is_alone else f"{clean(name, limit - len(mark)) or otherwise}{mark}"
        )
    if len({each.casefold() for each in numbered}) == len(numbered):
        return numbered
    # A name that looks like a numbered one of another: then all of them are numbered, in front.
    marks = [f"{number}: " for number in range(1, len(names) + 1)]
    return [
        f"{mark}{clean(name, limit - len(mark)) or otherwise}"
        for mark, name in zip(marks, names, strict=True)
    ]
