"""What people of the simulated workspace look at: channels, messages, private notes, views.

Each thing remembers whether anybody looked at it: reading ``reads``, ``text``, ``blocks`` or
``buttons`` counts as looking.
"""

import copy
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from typing_extensions import override

from sandbox.slack.reading import Reader
from sandbox.slack.shape import Block, Values, elements, find_button, overlaid


@dataclass(frozen=True, slots=True)
class Button:
    """A button as a person meets it."""

    text: str
    style: str
    value: str
    url: str
    action_id: str
    confirm: str | None
    """Title, text and both choices of its confirmation dialog; None if it asks nothing."""


class Role(StrEnum):
    """What somebody is in the workspace. Source: Slack, «User object»."""

    MEMBER = "member"
    ADMIN = "admin"
    GUEST = "guest"
    """Multi-channel guest: ``is_restricted``."""
    SINGLE_CHANNEL_GUEST = "single-channel guest"
    """``is_ultra_restricted``, which comes together with ``is_restricted``."""
    STRANGER = "stranger"
    """Somebody of another team, met in a shared channel: ``is_stranger``."""
    DEACTIVATED = "deactivated"
    BOT = "bot"


@dataclass(slots=True)
class Member:
    """One account that the workspace knows."""

    id: str
    name: str
    team: str
    role: Role
    email: str


@dataclass(kw_only=True, eq=False)
class Shown:
    """Something with text and blocks on somebody's screen."""

    reader: Reader = field(repr=False)
    source: str
    layout: list[Block] = field(repr=False)
    seen: bool = False
    deleted: bool = False
    snapshot_of: Self | None = field(default=None, repr=False)

    @property
    def text(self) -> str:
        """The text as it was sent: what a notification says, in mrkdwn."""
        self.seen = True
        return self.source

    @property
    def blocks(self) -> list[Block]:
        """The blocks as Slack gives them back."""
        self.seen = True
        return self.layout

    @property
    def buttons(self) -> list[str]:
        """The visible texts of all buttons, in order."""
        self.seen = True
        return [one["text"]["text"] for _, one in elements(self.layout) if one["type"] == "button"]

    def button(self, text: str) -> Button:
        """Look at one button closely.

        Raises:
            LookupError: no such button, or several.
        """
        self.seen = True
        element = find_button(self.layout, text)[1]
        return Button(
            text=element["text"]["text"],
            style=element.get("style", ""),
            value=element.get("value", ""),
            url=element.get("url", ""),
            action_id=element["action_id"],
            confirm=self._asks(element.get("confirm")),
        )

    @property
    def reads(self) -> str:
        """All of it as a person reads it."""
        self.seen = True
        return self.reader.read(self.layout) if self.layout else self.reader.text(self.source)

    def _asks(self, confirm: Block | None) -> str | None:
        if confirm is None:
            return None
        parts = ("title", "text", "confirm", "deny")
        return "\n".join(self.reader.element(confirm[part]) for part in parts)

    def snapshot(self) -> Self:
        """Keep what stands on the screen now, for a click on buttons that change meanwhile."""
        self.seen = True
        still = copy.copy(self)
        still.snapshot_of = self.original
        return still

    @property
    def original(self) -> Self:
        """The thing itself, also when this is a snapshot of it."""
        return self if self.snapshot_of is None else self.snapshot_of


@dataclass(kw_only=True, eq=False)
class Message(Shown):
    """A message that stays in its channel."""

    channel: "Channel" = field(repr=False)
    ts: str
    author: str
    is_by_bot: bool
    thread_ts: str | None = None
    is_broadcast: bool = False
    metadata: dict[str, Any] | None = None
    finds_names: bool = False
    edited_count: int = 0
    edited_ts: str | None = None
    """Set where people see «(edited)»."""

    @property
    def thread(self) -> list["Message"]:
        """The replies, oldest first."""
        return [one for one in self.channel.log if one.thread_ts == self.ts and not one.deleted]

    @property
    def thread_id(self) -> str:
        """The time stamp that a reply to this message, or beside it, names."""
        return self.thread_ts or self.ts


@dataclass(kw_only=True, eq=False)
class Ephemeral(Shown):
    """A message that is only visible to one person, in no history. Source: «Ephemeral messages»."""

    channel: "Channel" = field(repr=False)
    ts: str
    to: str
    thread_ts: str | None = None
    is_by_bot: bool = True
    """False for what Slack itself says, for example that a command failed."""


@dataclass(kw_only=True, eq=False)
class View(Shown):
    """A modal, or somebody's Home tab."""

    id: str
    owner: str
    spec: dict[str, Any] = field(repr=False)
    """The view as it was sent, completed; its blocks are ``layout``."""
    hash: str
    root: str
    previous: str | None = None
    is_open: bool = True
    typed: Values = field(default_factory=dict, repr=False)
    """What its owner typed and chose so far."""

    @property
    def kind(self) -> str:
        """``modal`` or ``home``."""
        return str(self.spec["type"])

    @property
    def external_id(self) -> str:
        """The app's own name for the view."""
        return str(self.spec.get("external_id", ""))

    @property
    def title(self) -> str:
        """The visible title; a Home tab has none."""
        self.seen = True
        return str(self.spec["title"]["text"]) if "title" in self.spec else ""

    @property
    def labels(self) -> list[str]:
        """The visible labels of all inputs, in order."""
        self.seen = True
        return [block["label"]["text"] for block in self.layout if block["type"] == "input"]

    @property
    @override
    def reads(self) -> str:
        """Title, body and the buttons below, as a person reads them."""
        body = self.reader.read(self.layout)
        below = " ".join(
            f"[{self.spec[part]['text']}]" for part in ("close", "submit") if self.spec.get(part)
        )
        return "\n".join(part for part in (self.title, body, below) if part)

    @property
    def values(self) -> Values:
        """Initial values, and over them what was typed into elements that still exist."""
        return overlaid(self.layout, self.typed)


@dataclass(slots=True, eq=False, kw_only=True)
class Channel:
    """A channel, private channel or direct conversation."""

    id: str
    name: str
    members: set[str]
    bot_is_member: bool = True
    private: bool = False
    shared: bool = False
    archived: bool = False
    is_direct: bool = False
    log: list[Message] = field(default_factory=list, repr=False)
    """Every message, replies and deleted ones included."""

    @property
    def messages(self) -> list[Message]:
        """The messages on its top level, oldest first."""
        return [one for one in self.log if one.thread_ts is None and not one.deleted]

    def find(self, ts: str) -> Message | None:
        """Find a message that still exists."""
        return next((one for one in self.log if one.ts == ts and not one.deleted), None)
