"""What the bot does, in its users' verbs."""

from dataclasses import dataclass

from bot.services.accounts import Accounts
from bot.services.browsing import Browsing
from bot.services.explaining import Explaining
from bot.services.finding.suggesting import Suggesting
from bot.services.naming import Naming
from bot.services.operating.moves import Moves
from bot.services.operating.operations import Operations
from bot.services.operating.proposing import Proposing


@dataclass(frozen=True, slots=True)
class Services:
    """What the composition root hands to the handlers."""

    accounts: Accounts
    browsing: Browsing
    explaining: Explaining
    moves: Moves
    naming: Naming
    operations: Operations
    proposing: Proposing
    suggesting: Suggesting
