"""Who in Slack has an e-mail address, where the app may ask.

The scope for it is optional: an app that was not granted it knows nobody by address, and is asked
again only after a while.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.slack.answers import NO_ANSWER

log = structlog.get_logger()

KEPT = timedelta(hours=6)
"""How long it is believed whose an address is, or that it is nobody's."""

RETRY_AFTER = timedelta(minutes=10)
"""How long nobody is asked for, after Slack refused to tell or did not answer."""

MAX_KEPT = 10_000
_NOT_FOR_US = frozenset({"missing_scope", "no_permission", "not_allowed_token_type"})


@dataclass(slots=True)
class Addresses:
    """Finds full members of the team by their e-mail address, and remembers them."""

    client: AsyncWebClient
    clock: Clock
    _kept: dict[str, tuple[datetime, str]] = field(default_factory=dict, repr=False)
    _closed_until: datetime | None = None

    async def find(self, email: str) -> str:
        """Find the id of the account with an address; empty where nobody is known by it."""
        key = email.strip().casefold()
        now = self.clock.now()
        kept = self._kept.get(key)
        if kept is not None and now < kept[0]:
            return kept[1]
        if not key or (self._closed_until is not None and now < self._closed_until):
            return ""
        found = await self._ask(key)
        if found is None:
            self._closed_until = now + RETRY_AFTER
            return ""
        while len(self._kept) >= MAX_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = (now + KEPT, found)
        return found

    async def _ask(self, email: str) -> str | None:
        """Ask Slack; None where it does not tell."""
        try:
            answer = await self.client.users_lookupByEmail(email=email)
        except SlackApiError as error:
            code = str(error.response.get("error"))
            if code == "users_not_found":
                return ""
            log.info("addresses.not_told", error=code, lasting=code in _NOT_FOR_US)
            return None
        except (SlackClientError, *NO_ANSWER):
            log.info("addresses.not_told", error="no_answer")
            return None
        user = answer.get("user")
        return _full_member(user) if isinstance(user, dict) else ""


def _full_member(user: dict[str, Any]) -> str:
    """Take the account's id, unless it is one that may do nothing here."""
    signs = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
    return "" if any(user.get(sign) for sign in signs) else str(user.get("id") or "")
