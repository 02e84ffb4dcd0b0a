"""What one person may see of the workspace, in JSON.

The only way from the workspace to a page: what is not written here never leaves the process.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sandbox.page.marks import Marks, names
from sandbox.slack import Channel, Ephemeral, Message, Person, Role, View
from sandbox.slack.shape import Block
from sandbox.slack.state import Workspace
from sandbox.slack.surfaces import Member
from sandbox.slack.wire import message_object, view_object

Json = dict[str, Any]

SLACKBOT = "USLACKBOT"
"""Who says what Slack itself says."""

LONGEST = 500
"""How many messages of a channel a page gets at most; with them the parents of replies."""

_OF_A_VIEW = (
    "id",
    "type",
    "callback_id",
    "title",
    "submit",
    "close",
    "blocks",
    "state",
    "clear_on_close",
    "notify_on_close",
    "previous_view_id",
    "external_id",
)
"""What Slack's client shows or needs; ``private_metadata`` is between the app and itself."""


@dataclass(slots=True, repr=False)
class Screens:
    """What reached anybody's screen already, by person."""

    channels: dict[str, set[str]] = field(default_factory=dict)
    notes: set[Ephemeral] = field(default_factory=set)


@dataclass(frozen=True, slots=True, repr=False)
class Sight:
    """One person's eyes."""

    space: Workspace
    person: Person
    marks: Marks
    screens: Screens

    @property
    def me(self) -> str:
        """The id of the person."""
        return self.person.id

    # People and channels

    def people(self) -> list[Json]:
        """List everybody whom this person can meet."""
        slackbot = Member(SLACKBOT, "Slackbot", self.space.team, Role.BOT, "")
        known = [one for one in self.space.members.values() if self.knows(one)]
        return [self.member(one) for one in (*known, slackbot)]

    def knows(self, member: Member) -> bool:
        """Full members see the whole directory, others whom they share a channel with."""
        if member.role is Role.BOT or member.id == self.me:
            return True
        if self.person.role in (Role.MEMBER, Role.ADMIN) and member.team == self.space.team:
            return True
        return any({member.id, self.me} <= one.members for one in self.space.channels.values())

    def member(self, member: Member) -> Json:
        """Write a person."""
        return {
            "id": member.id,
            "name": member.name,
            "real_name": member.name[:1].upper() + member.name[1:],
            "role": member.role.value,
            "is_bot": member.role is Role.BOT,
            "is_partner": member.team != self.space.team,
        }

    def channels(self) -> list[Channel]:
        """List the conversations that this person may read."""
        return [one for one in self.space.channels.values() if self.person.hands.may_read(one)]

    def channel(self, channel: Channel) -> Json:
        """Write a conversation."""
        self.screens.channels.setdefault(self.me, set()).add(channel.id)
        kind = "im" if channel.is_direct else "private" if channel.private else "channel"
        return {
            "id": channel.id,
            "name": channel.name,
            "kind": kind,
            "is_member": self.me in channel.members,
            "is_shared": channel.shared,
            "is_archived": channel.archived,
            "members": sorted(channel.members),
            "last_read": self.marks.last_read(self.me, channel),
            **self.unread(channel),
        }

    def unread(self, channel: Channel) -> Json:
        """Count what this person has not read yet."""
        unread = self.marks.unread(self.me, channel)
        return {"unread": unread.messages, "mentions": unread.mentions}

    def has_lost(self, channel: Channel) -> bool:
        """Whether this person saw a conversation and may not any more."""
        return channel.id in self.screens.channels.get(self.me, ())

    # Messages

    def messages(self, channel: Channel) -> list[Json]:
        """Write the latest messages of a conversation, oldest first."""
        threads = {one.thread_ts for one in channel.log if not one.deleted}
        # A deleted message leaves a trace only where its replies still hang on it.
        left = [one for one in channel.log if not one.deleted or one.ts in threads]
        latest = left[-LONGEST:]
        hanging = {one.thread_ts for one in latest}
        parents = [one for one in left[:-LONGEST] if one.ts in hanging]
        return self.written([*parents, *latest])

    def with_parent(self, message: Message) -> list[Json]:
        """Write a message, and of a reply the parent, whose reply bar changes with it."""
        log = message.channel.log
        parents = [one for one in log if one.ts == message.thread_ts]
        return self.written([message, *parents])

    def written(self, messages: Iterable[Message]) -> list[Json]:
        """Write messages."""
        replies: dict[str | None, list[Message]] = {}
        for channel in {id(one.channel): one.channel for one in messages}.values():
            for one in channel.log:
                if not one.deleted:
                    replies.setdefault(one.thread_ts, []).append(one)
        return [self._message(one, replies.get(one.ts, [])) for one in messages]

    def note(self, note: Ephemeral) -> Json:
        """Write a private message; from now on it counts as seen on a screen."""
        self.screens.notes.add(note)
        return {
            "kind": "ephemeral",
            "channel": note.channel.id,
            "ts": note.ts,
            "user": self.space.bot_user if note.is_by_bot else SLACKBOT,
            "text": "" if note.deleted else note.source,
            "blocks": [] if note.deleted else self._blocks(note.layout),
            "thread_ts": note.thread_ts,
            "deleted": note.deleted,
        }

    def new_notes(self) -> list[Json]:
        """Write the private messages that were on no screen yet: a reload makes the others go."""
        mine = [one for one in self.person.ephemerals if not one.deleted]
        return [self.note(one) for one in mine if one not in self.screens.notes]

    def raw(self, message: Message) -> Json:
        """Write a message as the Web API gives it."""
        written = message_object(self.space, message)
        return {**written, "blocks": self._blocks(message.layout)}

    # Views

    def modals(self) -> list[Json]:
        """Write the stack of open modals, the one on top last."""
        return [self.view(one) for one in self.space.views.stack(self.me)]

    def home(self) -> Json | None:
        """Write the Home tab, once there is one."""
        home = self.person.home
        return self.view(home) if home else None

    def view(self, view: View) -> Json:
        """Write a view with what was typed into it."""
        whole = view_object(self.space, view)
        shown = {key: whole[key] for key in _OF_A_VIEW}
        return {**shown, "submit_disabled": bool(view.spec.get("submit_disabled"))}

    def _message(self, message: Message, replies: list[Message]) -> Json:
        gone = message.deleted
        return {
            "kind": "message",
            "channel": message.channel.id,
            "ts": message.ts,
            "user": message.author,
            "by_bot": message.is_by_bot,
            "text": "" if gone else message.source,
            "blocks": [] if gone else self._blocks(message.layout),
            "thread_ts": message.thread_ts,
            "broadcast": message.is_broadcast,
            "edited": message.edited_ts is not None,
            "deleted": gone,
            "mentions_me": not gone and names(message, self.me),
            "reply_count": len(replies),
            "reply_users": list(dict.fromkeys(one.author for one in replies)),
            "latest_reply": replies[-1].ts if replies else None,
        }

    def _blocks(self, blocks: list[Block]) -> list[object]:
        """Leave out the buttons that only others see."""
        return [self._visible(block) for block in blocks]

    def _visible(self, part: object) -> object:
        if isinstance(part, list):
            return [self._visible(one) for one in part if not self._is_for_others(one)]
        if isinstance(part, dict):
            kept = {key: one for key, one in part.items() if not self._is_for_others(one)}
            return {key: self._visible(one) for key, one in kept.items()}
        return part

    def _is_for_others(self, part: object) -> bool:
        if not isinstance(part, dict):
            return False
        viewers = part.get("visible_to_user_ids")
        return viewers is not None and self.me not in viewers
