"""Slack's payloads as typed values; the only code that indexes ``body``.

Who clicked comes from the payload's own user object and nowhere else: for somebody of a partner
company, every other team field names the team the bot is installed in.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.domain.click import Place
from bot.domain.person import Person

Body = dict[str, Any]
"""A payload as Slack sent it, parsed from JSON or a form."""

_ADDRESS = re.compile(r"https?://[^\s<>|\"]*[^\s<>|\".,;:!?)'\]]")
_MAX_PARTS = 5_000
"""Parts of a message that are looked through for addresses; 50 blocks have far fewer."""


MAX_TYPED = 500
"""Characters of what somebody typed into a menu that are looked at."""


class PayloadUnreadable(Exception):
    """The payload lacks what its kind always has; it is answered with 400."""


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """Somebody typed the slash command."""

    person: Person
    command: str
    text: str
    place: Place
    trigger_id: str
    answer_url: str = field(repr=False)

    @classmethod
    def parse(cls, body: Body) -> "SlashCommand":
        """Read the form fields of a slash command."""
        return cls(
            person=Person(_text(body, "team_id"), _text(body, "user_id")),
            command=_text(body, "command"),
            text=_optional(body, "text"),
            place=Place(_text(body, "channel_id")),
            trigger_id=_text(body, "trigger_id"),
            answer_url=_optional(body, "response_url"),
        )

    @property
    def key(self) -> str:
        """Tell this typing from every other: a trigger id is never given twice."""
        return _key("slash", self.person, self.trigger_id)


@dataclass(frozen=True, slots=True)
class ButtonClick:
    """Somebody pressed a button of a message or a modal."""

    person: Person
    action_id: str
    value: str
    place: Place
    trigger_id: str
    action_ts: str
    answer_url: str = field(repr=False)

    @classmethod
    def parse(cls, body: Body) -> "ButtonClick":
        """Read a ``block_actions`` payload; Slack sends one action at a time."""
        actions = body.get("actions")
        if not isinstance(actions, list) or not actions:
            raise PayloadUnreadable
        action = _mapping(actions[0])
        return cls(
            person=_person(body),
            action_id=_text(action, "action_id"),
            value=_optional(action, "value"),
            place=_place(body),
            trigger_id=_optional(body, "trigger_id"),
            action_ts=_optional(action, "action_ts"),
            answer_url=_optional(body, "response_url"),
        )

    @property
    def key(self) -> str:
        """Tell this press from every other; one delivered twice has the same key."""
        place = self.place
        return _key(
            "button",
            self.person,
            place.channel,
            place.message_ts,
            self.action_id,
            self.action_ts,
        )


@dataclass(frozen=True, slots=True)
class FormSubmission:
    """Somebody sent a modal."""

    person: Person
    callback_id: str
    view_id: str
    trigger_id: str
    private_metadata: str
    values: dict[str, str] = field(repr=False)
    """What was filled in, by block id; never logged, since it may be a token."""

    @classmethod
    def parse(cls, body: Body) -> "FormSubmission":
        """Read a ``view_submission`` payload."""
        view = _mapping(body.get("view"))
        return cls(
            person=_person(body),
            callback_id=_text(view, "callback_id"),
            view_id=_text(view, "id"),
            trigger_id=_optional(body, "trigger_id"),
            private_metadata=_optional(view, "private_metadata"),
            values=_values(_mapping(view.get("state"))),
        )

    @property
    def key(self) -> str:
        """Tell this submission from every other: a view is submitted once."""
        return _key("form", self.person, self.view_id)

    def key_of_turn(self, turn: int) -> str:
        """Tell what was sent in one turn of a view from what is sent in the next."""
        return _key("form", self.person, self.view_id, str(turn))

    @property
    def key_of_try(self) -> str:
        """Tell this try from others of a view that stays open until what it holds is taken.

        One delivered twice has the same key: each submission has a trigger of its own.
        """
        return _key("form", self.person, self.view_id, self.trigger_id)


@dataclass(frozen=True, slots=True)
class FormAct:
    """Somebody pressed or chose something in a modal that stays open."""

    person: Person
    callback_id: str
    view_id: str
    view_hash: str
    private_metadata: str
    values: dict[str, str] = field(repr=False)
    """What is filled in so far, by block id; never logged."""

    @classmethod
    def parse(cls, body: Body) -> "FormAct":
        """Read a ``block_actions`` or ``block_suggestion`` payload of a view."""
        view = _mapping(body.get("view"))
        return cls(
            person=_person(body),
            callback_id=_text(view, "callback_id"),
            view_id=_text(view, "id"),
            view_hash=_optional(view, "hash"),
            private_metadata=_optional(view, "private_metadata"),
            values=_values(_mapping(view.get("state") or {})),
        )


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody types into a menu of a modal, and waits for its options."""

    act: FormAct
    typed: str = field(repr=False)

    @classmethod
    def parse(cls, body: Body) -> "Suggestion":
        """Read a ``block_suggestion`` payload."""
        return cls(FormAct.parse(body), _optional(body, "value")[:MAX_TYPED])


@dataclass(frozen=True, slots=True)
class GlobalShortcut:
    """Somebody chose a shortcut that can be used anywhere; it knows no channel."""

    person: Person
    callback_id: str
    trigger_id: str
    action_ts: str

    @classmethod
    def parse(cls, body: Body) -> "GlobalShortcut":
        """Read a ``shortcut`` payload."""
        return cls(
            person=_person(body),
            callback_id=_text(body, "callback_id"),
            trigger_id=_text(body, "trigger_id"),
            action_ts=_optional(body, "action_ts"),
        )


@dataclass(frozen=True, slots=True)
class MessageShortcut:
    """Somebody chose a shortcut in the menu of a message, whoever wrote that."""

    person: Person
    callback_id: str
    trigger_id: str
    place: Place
    """The message, and the thread it stands in if it is a reply."""

    links: tuple[str, ...]
    """Addresses in the message, in their order, each once."""

    is_ours: bool
    """Whether an app wrote the message."""

    answer_url: str = field(repr=False)

    @classmethod
    def parse(cls, body: Body) -> "MessageShortcut":
        """Read a ``message_action`` payload."""
        message = _mapping(body.get("message"))
        return cls(
            person=_person(body),
            callback_id=_text(body, "callback_id"),
            trigger_id=_text(body, "trigger_id"),
            place=_place(body),
            links=tuple(dict.fromkeys(_links(message))),
            is_ours=bool(message.get("bot_id")),
            answer_url=_optional(body, "response_url"),
        )


@dataclass(frozen=True, slots=True)
class ChannelMoved:
    """A channel has another id from now on."""

    old: str
    new: str

    @classmethod
    def parse(cls, body: Body) -> "ChannelMoved":
        """Read a ``channel_id_changed`` event."""
        event = _mapping(body.get("event"))
        return cls(_text(event, "old_channel_id"), _text(event, "new_channel_id"))


@dataclass(frozen=True, slots=True)
class ChannelNews:
    """Something happened to a channel, or somebody joined or left it."""

    channel: str
    is_about_us: bool
    """Whether it concerns the bot: the whole channel does, and of people the bot itself."""

    @classmethod
    def parse(cls, body: Body) -> "ChannelNews":
        """Read an event that names a channel, and perhaps who it is about."""
        event = _mapping(body.get("event"))
        user = _optional(event, "user")
        ours = [_optional(_mapping(one), "user_id") for one in _list(body.get("authorizations"))]
        is_personal = _text(event, "type").startswith("member_")
        return cls(_text(event, "channel"), not is_personal or user in ours)


def sender(body: Body) -> tuple[Person | None, Place, str]:
    """Find out who to tell about a failure, where, and through which response URL."""
    url = _optional(body, "response_url")
    if "command" in body:
        # Without the rest: the handler reads that, and it is on every command's way.
        person = Person(_text(body, "team_id"), _text(body, "user_id"))
        return person, Place(_text(body, "channel_id")), url
    if "user" not in body:
        return None, Place(channel=""), url
    return _person(body), _place(body), url


def _key(kind: str, person: Person, *parts: str) -> str:
    """Make one short text of what tells a click from every other."""
    told = json.dumps([kind, person.team, person.user, *parts])
    return f"{kind}/{hashlib.sha256(told.encode()).hexdigest()}"


def _person(body: Body) -> Person:
    user = _mapping(body.get("user"))
    return Person(_text(user, "team_id"), _text(user, "id"))


def _place(body: Body) -> Place:
    container = _mapping(body.get("container", {}))
    channel = _mapping(body.get("channel") or {})
    # The menu of a message has no container; what it is about stands beside it.
    message = _mapping(body.get("message") or {}) if not container else {}
    return Place(
        channel=_optional(container, "channel_id") or _optional(channel, "id"),
        message_ts=_optional(container, "message_ts") or _optional(message, "ts"),
        thread_ts=_optional(container, "thread_ts") or _optional(message, "thread_ts"),
        is_private=container.get("is_ephemeral") is True,
    )


def _links(message: Body) -> Iterator[str]:
    """Find the addresses in a message's text, blocks and attachments, in their order."""
    left: list[object] = [
        message.get("attachments"),
        message.get("blocks"),
        message.get("text"),
    ]
    seen = 0
    # Without recursion: how deep a payload goes is up to whoever wrote it.
    while left and seen < _MAX_PARTS:
        part = left.pop()
        seen += 1
        if isinstance(part, str):
            yield from _ADDRESS.findall(part)
        elif isinstance(part, list):
            left.extend(reversed(part))
        elif isinstance(part, dict):
            left.extend(reversed(part.values()))


def _values(state: Body) -> dict[str, str]:
    filled = {}
    for block_id, elements in _mapping(state.get("values", {})).items():
        for element in _mapping(elements).values():
            filled[block_id] = _filled(_mapping(element))
    return filled


def _filled(element: Body) -> str:
    """Read what stands in one field: its text, or the values of what is chosen."""
    moment = element.get("selected_date_time")
    if isinstance(moment, int) and not isinstance(moment, bool):
        return str(moment)
    if options := element.get("selected_options"):
        return ",".join(_optional(_mapping(one), "value") for one in _list(options))
    if option := element.get("selected_option"):
        return _optional(_mapping(option), "value")
    if users := element.get("selected_users"):
        return ",".join(one for one in _list(users) if isinstance(one, str))
    chosen = ("selected_conversation", "selected_time")
    return _optional(element, "value") or next(
        filter(None, (_optional(element, name) for name in chosen)), ""
    )


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise PayloadUnreadable
    return value


def _mapping(value: object) -> Body:
    if not isinstance(value, dict):
        raise PayloadUnreadable
    return value


def _text(body: Body, name: str) -> str:
    value = _optional(body, name)
    if not value:
        raise PayloadUnreadable
    return value


def _optional(body: Body, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        return ""
    if value.isascii() and "\0" not in value:
        return value
    # JSON can spell half a character, and no database stores one; PostgreSQL stores no NUL either.
    return value.encode(errors="replace").decode().replace("\0", "")
