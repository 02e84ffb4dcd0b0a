"""Put the services together, each with what it needs."""

from dataclasses import dataclass

from bot.buddy.client import BuddyApi
from bot.clock import Clock
from bot.database import Database
from bot.jobs.queue import Jobs
from bot.services import Services
from bot.services.accounts import Accounts
from bot.services.browsing import Browsing
from bot.services.explaining import Explaining
from bot.services.finding.aliases import Aliases
from bot.services.finding.background import Background
from bot.services.finding.catalog import Catalog
from bot.services.finding.listing import Listing
from bot.services.finding.lists import Lists
from bot.services.finding.messages import Messages
from bot.services.finding.places import Places
from bot.services.finding.reading import Reading
from bot.services.finding.suggesting import Suggesting
from bot.services.following.approving import Approving
from bot.services.following.budgets import SlackBudgets
from bot.services.following.executions import Executions
from bot.services.following.facts import Facts
from bot.services.following.history import Histories
from bot.services.following.painting import Painting
from bot.services.following.posting import Posting
from bot.services.following.sharing import Sharing
from bot.services.following.shipping import Shipping
from bot.services.following.sight import Sight
from bot.services.following.story import Storyteller
from bot.services.following.threads import Threads
from bot.services.following.tracker import Tracker
from bot.services.identity import Identities
from bot.services.inbox import Inboxes
from bot.services.naming import Naming
from bot.services.operating.answers import Answers
from bot.services.operating.asking import Asking
from bot.services.operating.checking import Checking
from bot.services.operating.drafts import Drafts
from bot.services.operating.moves import Moves
from bot.services.operating.operations import Operations
from bot.services.operating.outcomes import Outcomes
from bot.services.operating.proposing import Proposing
from bot.services.operating.questions import Questions
from bot.services.operating.sending import Sending
from bot.services.operating.taking import Taking
from bot.services.operating.typed import Typed
from bot.services.operating.values import Values
from bot.services.running import checking as run_checking
from bot.services.running import sending as run_sending
from bot.services.running.endings import Endings
from bot.services.running.looking import Looking
from bot.services.running.memory import RunMemory
from bot.services.running.menus import RunMenus
from bot.services.running.runs import Runs
from bot.services.running.sheets import RunSheets
from bot.services.running.submitting import Submitting
from bot.services.upkeep import Upkeep
from bot.settings import Settings
from bot.slack.addresses import Addresses
from bot.slack.channels import Channels
from bot.slack.messenger import Messenger
from bot.slack.people import People
from bot.vault import Vault


@dataclass(frozen=True, slots=True)
class Resources:
    """What is opened at the start, and everything else is made of."""

    settings: Settings
    clock: Clock
    database: Database
    installation: str
    buddy: BuddyApi
    people: People
    channels: Channels
    addresses: Addresses
    messenger: Messenger
    jobs: Jobs
    vault: Vault


class Workshop:
    """The services, wired to each other."""

    def __init__(self, of: Resources) -> None:
        settings, clock, database, people = of.settings, of.clock, of.database, of.people
        messenger, jobs = of.messenger, of.jobs
        vault = of.vault
        identities = Identities(database, vault, of.buddy, clock)
        posting = Posting(database, messenger)
        self.background = Background()
        listing = Listing(clock, self.background)
        catalog = Catalog(Places(listing), database, of.buddy)
        reading = Reading(database, catalog, clock)
        channels = of.channels
        self.answers = Answers(messenger, vault, jobs, clock)
        self.taking = Taking(database, clock)
        self.upkeep = Upkeep(database, jobs, clock)
        budgets = SlackBudgets(database, clock, settings.slack_edits_per_minute)
        self.threads = Threads(
            database, messenger, budgets, channels, jobs, messenger.metrics, of.installation
        )
        histories = Histories(clock)
        facts = Facts(
            identities,
            histories,
            Approving(identities, of.addresses, clock),
            Shipping(clock),
            clock,
            of.installation,
        )
        storyteller = Storyteller(database, self.threads, histories)
        sharing = Sharing(clock, lambda: jobs.pulse.processes)
        metrics, service_token = messenger.metrics, settings.buddy_service_token
        sight = Sight(database, identities, reading, sharing, clock, service_token, metrics)
        painting = Painting(database, posting, budgets, clock, metrics)
        self.tracker = Tracker(
            database, sight, facts, painting, channels, storyteller, jobs, clock, settings.command
        )
        executions = Executions(
            database, reading, posting, channels, budgets, storyteller, self.tracker, clock
        )
        outcomes = Outcomes(
            database,
            executions,
            self.tracker,
            self.threads,
            self.answers,
            clock,
            settings.command,
            metrics,
        )
        aliases = Aliases(database, of.buddy.host)
        checking = Checking(database, people, identities, reading, aliases, self.tracker, clock)
        sending = Sending(
            database, identities, people, reading, outcomes, clock, settings.buddy_timeout
        )
        asking = Asking(checking, Questions(clock), Drafts(clock), messenger, settings.command)
        values = Values(database, vault, jobs, asking.questions, clock)
        self.operations = Operations(
            database,
            checking,
            sending,
            outcomes,
            self.answers,
            self.taking,
            values,
            Typed(database, outcomes, values, asking, of.installation),
            messenger,
            vault,
            jobs,
            clock,
        )
        self.accounts = Accounts(
            database,
            people,
            identities,
            self.operations,
            messenger,
            self.taking,
            vault,
            jobs,
            clock,
            settings.buddy_app_url,
            settings.command,
        )
        messages = Messages(database, reading)
        explaining = Explaining(database, people, identities, messages, facts, messenger, clock)
        proposing = Proposing(
            database, people, identities, messages, facts, asking, messenger, settings.command
        )
        browsing = Browsing(
            database,
            people,
            identities,
            Lists(catalog, reading),
            reading,
            executions,
            explaining,
            aliases,
            Inboxes(database, reading, facts, settings.command),
            messenger,
            asking.drafts,
            of.installation,
            settings.command,
        )
        naming = Naming(
            database, people, identities, reading, aliases, messenger, clock, settings.command
        )
        memory = RunMemory(database, vault, clock)
        endings = Endings(
            database,
            identities,
            reading,
            executions,
            self.answers,
            clock,
            metrics,
            settings.command,
            of.installation,
            str(settings.buddy_app_url),
        )
        looking = Looking(reading, listing, clock)
        sheets = RunSheets(
            people,
            identities,
            reading,
            looking,
            memory,
            messenger,
            self.background,
            clock,
            settings.command,
        )
        self.runs = Runs(
            database,
            run_checking.Checking(
                people, identities, reading, aliases, channels, messenger, vault, clock
            ),
            run_sending.Sending(
                database, identities, reading, endings, memory, clock, settings.buddy_timeout
            ),
            endings,
            sheets,
            self.taking,
            vault,
            jobs,
            clock,
        )
        moves = Moves(database, channels)
        suggesting = Suggesting(listing, database, of.buddy.host)
        submitting = Submitting(people, identities, channels, self.runs, sheets, clock)
        menus = RunMenus(people, identities, suggesting, settings.command)
        self.services = Services(
            self.accounts,
            asking,
            browsing,
            explaining,
            moves,
            naming,
            self.operations,
            proposing,
            menus,
            sheets,
            submitting,
            self.runs,
            suggesting,
        )

    async def begin(self) -> None:
        """Name who does which job."""
        doers = (self.accounts, self.answers, self.operations, self.runs, self.threads)
        for doer in (*doers, self.tracker, self.upkeep):
            doer.register()
        await self.upkeep.begin()
