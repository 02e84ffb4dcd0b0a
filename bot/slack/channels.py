"""Whether another organisation reads along in a channel.

Commit messages, names, logs and reasons are nobody else's business. So before they are shown, Slack
is asked whether the channel is shared, or about to be; the answer is kept for a while. Where Slack
does not tell (the scope was not granted, no answer), the channel counts as shared.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.slack.answers import NO_ANSWER

log = structlog.get_logger()

KEPT = timedelta(minutes=10)
"""How long an answer holds."""

RETRY_AFTER = timedelta(minutes=1)
"""How long a channel counts as shared because Slack did not answer."""

MAX_KEPT = 10_000
"""Channels remembered at once."""

ABSENT = timedelta(seconds=5)
"""How long it is believed that we may not write somewhere: an invitation is tried out at once."""

_UNKNOWN = "channel_not_found"
_LASTING = frozenset({"missing_scope", "no_permission", _UNKNOWN})
"""Slack's words for what asking again soon would not change. Source: conversations.info, «Errors».
"""

_DIRECT = "D"
"""How the id of a conversation with one person begins; outsiders are in none with the bot."""


@dataclass(slots=True)
class Channels:
    """Tells which channels only our own organisation reads, and remembers it for a while."""

    client: AsyncWebClient
    clock: Clock
    shows_in_shared: bool = False
    """Whether the operator allows everything to be shown to other organisations, too."""

    _kept: dict[str, tuple[datetime, bool]] = field(default_factory=dict)
    """Until when a channel counts as shared or not."""

    _absent: dict[str, datetime] = field(default_factory=dict)
    """Until when the bot counts as no member of a channel; left out, it may be one."""

    _asking: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def is_discreet(self, channel: str) -> bool:
        """Whether what is shown in a channel must be fit for other organisations."""
        if self.shows_in_shared or channel.startswith(_DIRECT):
            return False
        if (known := self._known(channel)) is not None:
            return known
        # Many cards of one channel ask at the same moment; one question answers all.
        async with self._asking.setdefault(channel, asyncio.Lock()):
            if (known := self._known(channel)) is not None:
                return known
            return await self._ask(channel)

    async def is_closed(self, channel: str) -> bool:
        """Whether Slack surely takes no message of ours there; asked before something is started.

        Where Slack does not tell, the message itself finds out.
        """
        absent = self._absent.get(channel)
        if absent is None or self.clock.now() >= absent:
            # Somebody may have invited us a moment ago.
            self._absent.pop(channel, None)
            self.forget(channel)
            await self.is_discreet(channel)
        return channel in self._absent

    def forget(self, channel: str) -> None:
        """Ask anew the next time: something happened to the channel."""
        self._kept.pop(channel, None)
        self._absent.pop(channel, None)

    def _known(self, channel: str) -> bool | None:
        kept = self._kept.get(channel)
        return kept[1] if kept is not None and self.clock.now() < kept[0] else None

    async def _ask(self, channel: str) -> bool:
        holds, is_shared = RETRY_AFTER, True
        try:
            answer = await self.client.conversations_info(channel=channel)
        except SlackApiError as error:
            code = str(error.response.get("error"))
            log.info("channel.not_told", error=code)
            holds = KEPT if code in _LASTING else RETRY_AFTER
            if code == _UNKNOWN:
                self._absent[channel] = self.clock.now() + ABSENT
        except (SlackClientError, *NO_ANSWER):
            log.info("channel.not_told", error="no_answer")
        else:
            found = answer.get("channel")
            if isinstance(found, dict):
                holds, is_shared = KEPT, _is_shared(found)
                if found.get("is_member") is False or found.get("is_archived") is True:
                    self._absent[channel] = self.clock.now() + ABSENT
        while len(self._kept) >= MAX_KEPT:
            oldest = next(iter(self._kept))
            del self._kept[oldest]
            self._absent.pop(oldest, None)
            self._asking.pop(oldest, None)
        self._kept[channel] = (self.clock.now() + holds, is_shared)
        return is_shared


def _is_shared(channel: dict[str, Any]) -> bool:
    """Tell whether another organisation reads a channel, or was invited to.

    ``is_shared`` alone may mean other teams of the same organisation. Source: Slack, «Conversation
    object».
    """
    signs = (
        "is_ext_shared",
        "is_pending_ext_shared",
        "pending_shared",
        "pending_connected_team_ids",
    )
    return any(channel.get(sign) for sign in signs)
