"""What the bot does, in its users' verbs."""

from dataclasses import dataclass

from bot.services.accounts import Accounts
from bot.services.browsing import Browsing
from bot.services.finding.suggesting import Suggesting
from bot.services.operating.asking import Asking
from bot.services.operating.moves import Moves
from bot.services.operating.operations import Operations


@dataclass(frozen=True, slots=True)
class Services:
    """What the composition root hands to the handlers."""

    accounts: Accounts
    asking: Asking
    browsing: Browsing
    moves: Moves
    operations: Operations
    suggesting: Suggesting
