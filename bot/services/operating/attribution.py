"""Whose deed it was, by Buddy's own record: ``approver_id`` and ``terminator_id``."""

from dataclasses import dataclass
from enum import Enum

from bot.cards.names import known_name, members_of
from bot.cards.text import escape
from bot.domain.execution import Binding, Effect, Execution, Operation, PipelineAction
from bot.errors import BuddyError
from bot.services.identity import Actor, Identities


class Doer(Enum):
    """Who did it, seen from the person who clicked."""

    OURS = "ours"
    SOMEBODY_ELSE = "somebody_else"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did it; ``name`` is escaped, and empty if Buddy does not tell one."""

    doer: Doer
    buddy_id: int | None = None
    name: str = ""
    is_named: bool = False
    """Whether that is a name, and not only the number."""


async def name_of_doer(deed: Deed, actor: Actor, identities: Identities, workspace: str) -> str:
    """Name who did it: a mention if linked, else what Buddy calls them; empty if nobody knows.

    Whom the execution itself does not name is looked up among the members of the workspace.
    """
    if deed.buddy_id is None:
        return ""
    named = await identities.mentions(actor.link.person.team, [deed.buddy_id])
    if mention := named.get(deed.buddy_id):
        return mention
    if deed.is_named:
        return deed.name
    try:
        return escape((await actor.buddy.member(workspace, deed.buddy_id)).name, 60) or deed.name
    except BuddyError:
        return deed.name


async def whose_deed(
    operation: Operation, binding: Binding, execution: Execution, actor: Actor
) -> Deed:
    """Tell who answered the gate or stopped the execution; nothing records a retry or a start."""
    if operation.effect not in {Effect.ANSWER, Effect.STOP}:
        return Deed(Doer.UNKNOWN)
    for action in await _records(operation, binding, execution, actor):
        recorded = _recorded(operation, action)
        if recorded is not None:
            if recorded == actor.link.buddy.id:
                return Deed(Doer.OURS, recorded)
            is_named = any(one.id == recorded and one.name for one in members_of(execution))
            name = known_name(execution, recorded)
            return Deed(Doer.SOMEBODY_ELSE, recorded, name, is_named=is_named)
    return Deed(Doer.UNKNOWN)


async def _records(
    operation: Operation, binding: Binding, execution: Execution, actor: Actor
) -> list[PipelineAction]:
    """Gather what may hold the record: the execution's actions, and the gate's own page."""
    gate = execution.action(binding.gate_id)
    if operation.effect is Effect.ANSWER:
        found = [gate] if gate else []
    else:
        found = list(execution.actions)
    wanted = gate or next((a for a in found if a.id and a.finished_at is None), None)
    if any(_recorded(operation, action) is not None for action in found):
        return found
    if wanted is None or not wanted.id:
        return found
    try:
        return [*found, await actor.buddy.action_execution(execution.ref, wanted.id)]
    except BuddyError:
        return found


def _recorded(operation: Operation, action: PipelineAction) -> int | None:
    if operation.effect is Effect.ANSWER:
        return action.approver_id
    return action.terminator_id
