"""Which action of an execution somebody means, by name or by what matters most."""

from bot.domain.execution import Execution, PipelineAction, Status
from bot.errors import AmbiguousName, UnknownAction

_BEGUN = frozenset({Status.SUCCESSFUL, Status.TERMINATED})


def meant(execution: Execution, name: str) -> PipelineAction | None:
    """Find the action that somebody named, or the one that matters most; None if none has begun.

    Raises:
        UnknownAction: the execution has no action of that name.
        AmbiguousName: several begin like that.
    """
    if not name:
        return _foremost(execution.actions)
    wanted = name.casefold()
    exact = [
        action
        for action in execution.actions
        if wanted in {action.id, str(action.action_id), _spoken(action)}
    ]
    begun = [action for action in execution.actions if _spoken(action).startswith(wanted)]
    found = exact or begun
    if not found:
        raise UnknownAction(name, tuple(action.name for action in execution.actions))
    if len({_spoken(action) for action in found}) > 1:
        raise AmbiguousName("action", name, tuple(action.name for action in found))
    return _foremost(tuple(found)) or found[0]


def _foremost(actions: tuple[PipelineAction, ...]) -> PipelineAction | None:
    """Choose what people look for: what failed, else what goes on, else what ended last."""
    for matters in (_failed, _goes_on, _waits):
        if found := next((action for action in actions if matters(action)), None):
            return found
    return next((action for action in reversed(actions) if action.status in _BEGUN), None)


def _failed(action: PipelineAction) -> bool:
    return action.status is Status.FAILED


def _goes_on(action: PipelineAction) -> bool:
    return action.status in {Status.INPROGRESS, Status.TERMINATING}


def _waits(action: PipelineAction) -> bool:
    return action.status.waits


def _spoken(action: PipelineAction) -> str:
    return " ".join(action.name.split()).casefold()
