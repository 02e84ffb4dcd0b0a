"""Name people of Buddy: mentioned where their Slack account is known."""

from bot.cards.facts import CardFacts
from bot.cards.text import escape
from bot.domain.execution import Execution, Member


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
