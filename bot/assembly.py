"""Put the services together, each with what it needs."""

from dataclasses import dataclass

from bot.buddy.client import BuddyApi
from bot.clock import Clock
from bot.database import Database
from bot.domain.ladder import Ladder, read_ladder
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
from bot.services.following.alarms import Alarms
from bot.services.following.approving import Approving
from bot.services.following.budgets import SlackBudgets
from bot.services.following.executions import Executions
from bot.services.following.facts import Facts
from bot.services.following.history import Histories
from bot.services.following.hush import Hush
from bot.services.following.letters import Letters
from bot.services.following.painting import Painting
from bot.services.following.posting import Posting
from bot.services.following.reminders import Reminders
from bot.services.following.sharing import Sharing
from bot.services.following.shipping import Shipping
from bot.services.following.sight import Sight
from bot.services.following.story import Storyteller
from bot.services.following.threads import Threads
from bot.services.following.tracker import Tracker
from bot.services.identity import Identities
from bot.services.inbox import Inboxes
from bot.services.naming import Naming
from bot.services.notifying.announcing import Announcing
from bot.services.notifying.audience import Audience
from bot.services.notifying.departures import Departures
from bot.services.notifying.glimpses import Glimpses
from bot.services.notifying.hearing import Hearing
from bot.services.notifying.letterbox import Letterbox
from bot.services.notifying.losses import Losses
from bot.services.notifying.noise import Noise
from bot.services.notifying.notices import Notices
from bot.services.notifying.polling import Polling
from bot.services.notifying.readers import Readers
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
from bot.services.subscribing.hooks import Hooks
from bot.services.subscribing.keeping import Keeping
from bot.services.subscribing.rooms import Rooms
from bot.services.subscribing.subscriptions import Subscriptions
from bot.services.subscribing.telling import Telling
from bot.services.subscribing.topics import Topics
from bot.services.subscribing.wishing import Wishing
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

    def __init__(self, of: Resources) -> None:  # noqa: PLR0915 - a line for each service
        settings, clock, database, people = of.settings, of.clock, of.database, of.people
        messenger, jobs, vault = of.messenger, of.jobs, of.vault
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
        approving = Approving(identities, of.addresses, clock)
        shipping = Shipping(clock)
        facts = Facts(identities, histories, approving, shipping, clock, of.installation)
        alarms = Alarms(jobs, clock)
        hush = Hush(database, identities, reading, clock)
        self.letters = Letters(database, messenger, jobs, clock, hush, of.installation)
        storyteller = Storyteller(database, self.threads, histories, alarms, self.letters)
        sharing = Sharing(clock, lambda: jobs.pulse.processes)
        metrics, service_token = messenger.metrics, settings.buddy_service_token
        sight = Sight(database, identities, reading, sharing, clock, service_token, metrics)
        painting = Painting(database, posting, budgets, clock, metrics)
        self.tracker = Tracker(
            database, sight, facts, painting, channels, storyteller, jobs, clock, settings.command
        )
        ladder = read_ladder(settings.reminders)
        self.reminders = Reminders(
            database, sight, facts, self.threads, self.tracker, jobs, clock, ladder
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
        self._hear(of, identities, reading, sharing, histories, posting, budgets, storyteller)
        letterbox = Letterbox(database, jobs, clock, metrics)
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
        suggesting = Suggesting(listing, database, of.buddy.host)
        submitting = Submitting(identities, channels, self.runs, sheets, clock)
        menus = RunMenus(people, identities, suggesting, settings.command)
        telling = self._subscribing(of, identities, Topics(catalog, reading, aliases), ladder)
        self.services = Services(
            self.accounts,
            asking,
            Wishing(self.taking, vault, jobs, clock),
            browsing,
            explaining,
            Moves(database, channels, jobs),
            naming,
            self.operations,
            proposing,
            menus,
            sheets,
            submitting,
            self.runs,
            suggesting,
            telling,
            self.departures,
            letterbox,
            self.polling,
        )

    def _subscribing(
        self, of: Resources, identities: Identities, topics: Topics, ladder: Ladder
    ) -> Telling:
        """Put together what subscribing needs; what answers questions about it."""
        settings, database, clock = of.settings, of.database, of.clock
        hooks = Hooks(database, identities, clock, settings.public_url or "")
        self.keeping = Keeping(database, hooks, self.letters, of.jobs)
        self.subscriptions = Subscriptions(
            database,
            of.people,
            identities,
            topics,
            Rooms(of.channels, of.messenger, of.installation),
            hooks,
            self.keeping,
            self.polling,
            self.answers,
            of.jobs,
            clock,
            settings.command,
        )
        return Telling(
            database,
            of.people,
            identities,
            topics.aliases,
            hooks,
            of.messenger,
            clock,
            ladder,
            settings.command,
        )

    def _hear(  # noqa: PLR0913, PLR0917 - what following works with, too
        self,
        of: Resources,
        identities: Identities,
        reading: Reading,
        sharing: Sharing,
        histories: Histories,
        posting: Posting,
        budgets: SlackBudgets,
        storyteller: Storyteller,
    ) -> None:
        """Put together what hears of executions and tells channels."""
        database, jobs, clock = of.database, of.jobs, of.clock
        self.departures = Departures(
            database, of.channels, self.letters, clock, of.settings.command
        )
        noise = Noise(database, storyteller, clock)
        readers = Readers(database, identities, clock, of.settings.buddy_service_token)
        hearing = Hearing(database, sharing, clock)
        glimpses = Glimpses(clock)
        self.notices = Notices(
            database,
            readers,
            reading,
            Audience(database, readers),
            self.tracker,
            noise,
            hearing,
            glimpses,
            jobs,
            clock,
            of.buddy.page_host,
        )
        self.announcing = Announcing(
            database,
            readers,
            reading,
            glimpses,
            posting,
            of.channels,
            budgets,
            storyteller,
            self.tracker,
            self.departures,
            noise,
            jobs,
            clock,
            of.installation,
        )
        losses = Losses(database, self.letters, clock, of.settings.command)
        self.polling = Polling(database, readers, reading, hearing, histories, losses, jobs, clock)

    async def begin(self) -> None:
        """Name who does which job."""
        doers = (self.accounts, self.answers, self.operations, self.runs, self.threads)
        hearers = (self.notices, self.announcing, self.polling)
        others = (self.tracker, self.letters, self.reminders, self.subscriptions)
        for doer in (*doers, *hearers, *others, self.keeping, self.upkeep):
            doer.register()
        await self.upkeep.begin()
        await self.polling.resume()
