"""The button of an execution that is over: it opens the form of a run, filled in like that one."""

from bot.cards import blocks
from bot.cards.actions import RUN_AGAIN
from bot.cards.card import Block
from bot.domain.execution import Status

_OVER = frozenset({Status.SUCCESSFUL, Status.SKIPPED, Status.NOT_EXECUTED})
"""States in which nothing else can be done: what failed or was cancelled can be retried."""


def run_again_button(status: Status, value: str | None) -> list[Block]:
    """Offer to run it again; ``value`` names the execution, None where that cannot be said."""
    if status not in _OVER or value is None:
        return []
    button: Block = {
        "type": "button",
        "action_id": RUN_AGAIN,
        # The dots say that a form comes first.
        "text": blocks.plain("Run again…"),
        "value": value,
    }
    return [button]
