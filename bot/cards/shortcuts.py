"""The app's shortcuts, as the manifest names them: what stands in the menu of a message."""

from bot.cards.actions import PREFIX
from bot.domain.execution import Operation

APPROVE = f"{PREFIX}.message.approve"
CANCEL = f"{PREFIX}.message.cancel"
RETRY = f"{PREFIX}.message.retry"
WHY = f"{PREFIX}.message.why"

OPERATION_BY_SHORTCUT = {
    APPROVE: Operation.APPROVE,
    CANCEL: Operation.CANCEL,
    RETRY: Operation.RETRY,
}
"""What each of them asks for, once somebody has said yes in a form."""
