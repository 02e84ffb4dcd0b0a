"""What the bot does, in its users' verbs."""

from dataclasses import dataclass

from bot.services.accounts import Accounts
from bot.services.browsing import Browsing
from bot.services.explaining import Explaining
from bot.services.finding.suggesting import Suggesting
from bot.services.naming import Naming
from bot.services.notifying.departures import Departures
from bot.services.notifying.letterbox import Letterbox
from bot.services.notifying.polling import Polling
from bot.services.operating.asking import Asking
from bot.services.operating.moves import Moves
from bot.services.operating.operations import Operations
from bot.services.operating.proposing import Proposing
from bot.services.running.menus import RunMenus
from bot.services.running.runs import Runs
from bot.services.running.sheets import RunSheets
from bot.services.running.submitting import Submitting
from bot.services.subscribing.telling import Telling
from bot.services.subscribing.wishing import Wishing


@dataclass(frozen=True, slots=True)
class Services:
    """What the composition root hands to the handlers."""

    accounts: Accounts
    asking: Asking
    wishing: Wishing
    browsing: Browsing
    explaining: Explaining
    moves: Moves
    naming: Naming
    operations: Operations
    proposing: Proposing
    run_menus: RunMenus
    run_sheets: RunSheets
    run_submitting: Submitting
    runs: Runs
    suggesting: Suggesting
    telling: Telling
    departures: Departures
    letterbox: Letterbox
    polling: Polling
