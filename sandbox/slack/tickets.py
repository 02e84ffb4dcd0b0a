"""Short-lived rights that Slack hands out: trigger ids, response URLs, tickets for a socket."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.clock import SandboxClock
from sandbox.slack.ids import Ids
from sandbox.slack.refusal import Refusal
from sandbox.slack.surfaces import Channel, Ephemeral, Message, View

TRIGGER_LIFE = timedelta(seconds=3)
"""Source: Slack, «Handling user interaction»: a trigger id expires after three seconds."""

RESPONSE_LIFE = timedelta(minutes=30)
RESPONSE_USES = 5
"""Source: Slack, «Handling user interaction»: five responses within 30 minutes."""


@dataclass(slots=True)
class Trigger:
    """The right to open one modal for the person who just acted."""

    user: str
    issued: datetime
    view: View | None = None
    """The modal that the person acted in: only there may another one be pushed."""
    is_used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """The right to answer one interaction a few times."""

    user: str
    channel: Channel
    issued: datetime
    origin: Message | Ephemeral | None
    """What the interaction came from; a slash command comes from nothing that could be replaced."""
    uses: int = 0


@dataclass(slots=True)
class Tickets:
    """All rights that were handed out."""

    clock: SandboxClock
    ids: Ids
    _triggers: dict[str, Trigger] = field(default_factory=dict)
    _urls: dict[str, ResponseUrl] = field(default_factory=dict)
    _sockets: set[str] = field(default_factory=set)

    def trigger(self, user: str, view: View | None = None) -> str:
        """Hand out a trigger id."""
        key = self.ids.trigger()
        self._triggers[key] = Trigger(user, self.clock.now(), view)
        return key

    def use_trigger(self, key: str) -> Trigger:
        """Take a trigger id back; it works once, and not for long."""
        trigger = self._triggers.get(key)
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if trigger.is_used:
            raise Refusal("exchanged_trigger_id")
        # A bot answers in real time, however fast the simulated days go by.
        if self.clock.now() - trigger.issued > TRIGGER_LIFE * max(1.0, self.clock.rate):
            raise Refusal("expired_trigger_id")
        trigger.is_used = True
        return trigger

    def response_url(
        self, user: str, channel: Channel, origin: Message | Ephemeral | None = None
    ) -> str:
        """Hand out the key of a response URL."""
        key = secrets.token_urlsafe(18)
        self._urls[key] = ResponseUrl(user, channel, self.clock.now(), origin)
        return key

    def use_response_url(self, key: str) -> ResponseUrl:
        """Count one use. The two refusals are known from reports, not from the documentation."""
        url = self._urls.get(key)
        if url is None or self.clock.now() - url.issued > RESPONSE_LIFE:
            raise Refusal("expired_url")
        if url.uses >= RESPONSE_USES:
            raise Refusal("used_url")
        url.uses += 1
        return url

    def socket(self) -> str:
        """Hand out the ticket that opens one WebSocket."""
        key = secrets.token_urlsafe(24)
        self._sockets.add(key)
        return key

    def use_socket(self, key: str) -> bool:
        """Take a WebSocket's ticket back; it works once."""
        if key not in self._sockets:
            return False
        self._sockets.discard(key)
        return True
