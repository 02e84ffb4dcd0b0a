"""Everything the simulated workspace remembers, and the only way to change it.

Each change is a method and gets a number, so that a page can follow along and a test can see that
nothing happened.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.clock import SandboxClock
from sandbox.slack.ids import Ids
from sandbox.slack.mrkdwn import mentions
from sandbox.slack.reading import Reader, notified
from sandbox.slack.shape import Block, complete
from sandbox.slack.surfaces import Channel, Ephemeral, Member, Message, Role, Shown
from sandbox.slack.views import Views


@dataclass(frozen=True, slots=True)
class Change:
    """One change of state; ``subject`` is what it happened to."""

    seq: int
    kind: str
    subject: object


@dataclass(frozen=True, slots=True)
class Ping:
    """A mention in a message that Slack would have turned into a notification."""

    target: str
    """``@channel``, ``@here``, ``@everyone``, a person's ``@name``, or a user group's id."""
    channel: str
    ts: str
    is_edit: bool
    """Slack shows a mention that an edit brings in, but notifies nobody again."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a sender puts into a message."""

    text: str = ""
    blocks: tuple[Block, ...] = ()
    metadata: dict[str, Any] | None = None
    finds_names: bool = False
    """Whether Slack shall look for bare mentions in the text: ``link_names``, ``parse=full``."""


class Workspace:
    """The state of one Slack workspace with one app installed."""

    team = "T0ACME0001"
    partner_team = "T0PARTNER9"
    domain = "acme-eng"
    app_id = "A0GREENBOT"
    bot_id = "B0GREENBOT"
    bot_user = "U0GREENBOT"

    def __init__(self, clock: SandboxClock) -> None:
        self.clock = clock
        self.ids = Ids(clock)
        self.reader = Reader(self.name_of)
        self.members: dict[str, Member] = {}
        self.channels: dict[str, Channel] = {}
        self.ephemerals: list[Ephemeral] = []
        self.lost: list[Ephemeral] = []
        """Private messages that Slack accepted and showed to nobody."""
        self.views = Views(self.ids, self.reader, self.changed)
        self.pings: list[Ping] = []
        self.changes: list[Change] = []
        self.hearers: list[Callable[[Change], None]] = []
        """Who wants to hear of each change at once."""
        bot = Member(self.bot_user, "greenlight", self.team, Role.BOT, "")
        self.members[bot.id] = bot

    @property
    def seq(self) -> int:
        """The number of the latest change."""
        return len(self.changes)

    def changed(self, kind: str, subject: object) -> None:
        """Number a change."""
        change = Change(self.seq + 1, kind, subject)
        self.changes.append(change)
        for hear in self.hearers:
            hear(change)

    def name_of(self, key: str) -> str:
        """Name a person or channel as people see it; an unknown id stays an id."""
        known = self.members.get(key) or self.channels.get(key)
        return known.name if known else key

    # People and channels

    def admit(self, name: str, role: Role) -> Member:
        """Add an account."""
        team = self.partner_team if role is Role.STRANGER else self.team
        member = Member(self.ids.make("U", name), name, team, role, f"{name}@example.com")
        self.members[member.id] = member
        self.changed("member", member)
        return member

    def create_channel(self, name: str, members: Iterable[str]) -> Channel:
        """Create a public channel that the bot is a member of; its flags can be set."""
        channel = Channel(id=self.ids.make("C", name), name=name, members=set(members))
        self.channels[channel.id] = channel
        self.changed("channel", channel)
        return channel

    def change_id(self, channel: Channel) -> tuple[str, str]:
        """Give a channel another id; the old one and the new one."""
        old = channel.id
        del self.channels[old]
        channel.id = self.ids.make("C", f"{channel.name} again")
        self.channels[channel.id] = channel
        self.changed("channel", channel)
        return old, channel.id

    def direct(self, user: str) -> Channel:
        """Find or open the conversation between the bot and one person."""
        for channel in self.channels.values():
            if channel.is_direct and user in channel.members:
                return channel
        member = self.members[user]
        key = self.ids.make("D", member.name)
        channel = Channel(id=key, name=member.name, members={user}, private=True, is_direct=True)
        self.channels[channel.id] = channel
        self.changed("channel", channel)
        return channel

    # Messages

    def post(
        self,
        channel: Channel,
        author: str,
        content: Content,
        thread_ts: str | None = None,
        *,
        is_broadcast: bool = False,
    ) -> Message:
        """Add a message; what a person wrote counts as seen."""
        message = Message(
            reader=self.reader,
            source=content.text,
            layout=complete(list(content.blocks), self.ids),
            channel=channel,
            ts=self.ids.stamp(),
            author=author,
            is_by_bot=author == self.bot_user,
            thread_ts=thread_ts,
            is_broadcast=is_broadcast,
            metadata=content.metadata,
            finds_names=content.finds_names,
            seen=author != self.bot_user,
        )
        channel.log.append(message)
        self._note_pings(message, set())
        self.changed("message", message)
        return message

    def edit(self, message: Message, content: Content) -> None:
        """Replace a message's content. Metadata stays unless new comes; blocks do not.

        Only an edit without blocks is marked as edited. Source: Slack, chat.update.
        """
        before = set(_mentioned(message))
        message.source = content.text
        message.layout = complete(list(content.blocks), self.ids)
        message.metadata = content.metadata if content.metadata is not None else message.metadata
        message.finds_names = content.finds_names
        message.edited_count += 1
        message.edited_ts = message.edited_ts if content.blocks else self.ids.stamp()
        self._note_pings(message, before)
        self.changed("message.edited", message)

    def delete(self, message: Message) -> None:
        """Take a message away; its replies stay."""
        message.deleted = True
        self.changed("message.deleted", message)

    def whisper(
        self,
        channel: Channel,
        to: str,
        content: Content,
        thread_ts: str | None = None,
        *,
        is_by_bot: bool = True,
    ) -> Ephemeral:
        """Show something to one person; in a thread that does not exist it gets lost."""
        note = Ephemeral(
            reader=self.reader,
            source=content.text,
            layout=complete(list(content.blocks), self.ids),
            channel=channel,
            ts=self.ids.stamp(),
            to=to,
            thread_ts=thread_ts,
            is_by_bot=is_by_bot,
        )
        parent = channel.find(thread_ts) if thread_ts else None
        # Source: Slack, chat.postEphemeral: in a thread it shows only if the thread has replies.
        is_shown = thread_ts is None or (parent is not None and bool(parent.thread))
        (self.ephemerals if is_shown else self.lost).append(note)
        self.changed("ephemeral", note)
        return note

    def rewrite(self, note: Ephemeral, content: Content) -> None:
        """Replace a private message, which makes it news again."""
        note.source = content.text
        note.layout = complete(list(content.blocks), self.ids)
        note.seen = False
        self.changed("ephemeral.edited", note)

    def vanish(self, note: Ephemeral) -> None:
        """Take a private message away."""
        note.deleted = True
        self.changed("ephemeral.deleted", note)

    # What nobody looked at

    def unseen(self) -> list[Shown]:
        """List what the bot said and nobody ever looked at, in no particular order.

        Home tabs are left out: they are published before anybody opens them.
        """
        messages = [one for channel in self.channels.values() for one in channel.log]
        shown: list[Shown] = [*messages, *self.ephemerals, *self.views.modals]
        return [one for one in shown if not one.seen and not one.deleted]

    def _note_pings(self, message: Message, before: set[str]) -> None:
        for target in dict.fromkeys(_mentioned(message)):
            member = self.members.get(target)
            # A mention reaches nobody who is not in the channel.
            if target in before or (member and target not in message.channel.members):
                continue
            label = target if target.startswith("S") else "@" + self.name_of(target)
            is_edit = message.edited_count > 0
            self.pings.append(Ping(label, message.channel.name, message.ts, is_edit))


def _mentioned(message: Message) -> list[str]:
    """Find whom text and blocks mention; text beside blocks is the notification, so it counts."""
    if not message.is_by_bot:
        return []
    by_text = mentions(message.source, is_verbatim=not message.finds_names)
    return [*by_text, *notified(message.layout)]
