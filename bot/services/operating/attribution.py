"""Whose deed it was, by Buddy's own record: ``approver_id`` and ``terminator_id``."""

from dataclasses import dataclass
from enum import Enum

from bot.cards.names import known_name
from bot.domain.execution import Binding, Effect, Execution, Operation, PipelineAction
from bot.errors import BuddyError
from bot.services.identity import Actor


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

    @property
    def buddy_ids(self) -> list[int]:
        """The doer's Buddy number, for a look-up among linked people."""
        return [] if self.buddy_id is None else [self.buddy_id]


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
            return Deed(Doer.SOMEBODY_ELSE, recorded, known_name(execution, recorded))
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
