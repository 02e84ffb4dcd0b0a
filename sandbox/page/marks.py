"""How far each person has read each conversation."""

from dataclasses import dataclass, field
from itertools import takewhile

from sandbox.slack.mrkdwn import mentions
from sandbox.slack.reading import notified
from sandbox.slack.surfaces import Channel, Message

_EVERYBODY = {"channel", "here", "everyone"}


@dataclass(frozen=True, slots=True)
class Unread:
    """What stands in bold, and the number beside it."""

    messages: int
    mentions: int


@dataclass(slots=True)
class Marks:
    """The time stamp of the last message that was read, by person and conversation."""

    _last: dict[tuple[str, str], str] = field(default_factory=dict)

    def last_read(self, user: str, channel: Channel) -> str:
        """Tell how far somebody has read; empty at the beginning."""
        return self._last.get((user, channel.id), "")

    def read(self, user: str, channel: Channel, ts: str) -> bool:
        """Note that everything up to this moment was read; whether that is new."""
        is_new = ts > self.last_read(user, channel)
        if is_new:
            self._last[user, channel.id] = ts
        return is_new

    def unread(self, user: str, channel: Channel) -> Unread:
        """Count what others wrote since: replies count only where they mention the person.

        In a direct conversation every message is meant for oneself.
        """
        if user not in channel.members:
            return Unread(0, 0)
        last = self.last_read(user, channel)
        newer = [
            message
            for message in takewhile(lambda one: one.ts > last, reversed(channel.log))
            if message.author != user and not message.deleted
        ]
        tops = [one for one in newer if one.thread_ts is None or one.is_broadcast]
        mentioned = tops if channel.is_direct else [one for one in newer if names(one, user)]
        return Unread(len(tops), len(mentioned))


def names(message: Message, user: str) -> bool:
    """Whether a message mentions somebody, by name or with everybody else."""
    told = {
        *mentions(message.source, is_verbatim=not message.finds_names),
        *notified(message.layout),
    }
    return user in told or (bool(told & _EVERYBODY) and message.author != user)
