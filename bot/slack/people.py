"""Who somebody is in Slack: a full member of our team, or nobody who may act.

Buttons can be pressed by anybody in the channel: guests, people of partner companies in shared
channels, and accounts that were deactivated a minute ago. So Slack is asked, the answer is kept for
a few minutes, and without an answer nobody is admitted.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.domain.person import Person
from bot.errors import (
    AccountClosed,
    GuestRefused,
    PersonRefused,
    PersonUnverified,
    StrangerRefused,
)
from bot.slack.answers import NO_ANSWER

log = structlog.get_logger()

KEPT = timedelta(minutes=3)
"""How long a verdict holds: short, since a guest or a leaver must not act on an old one."""

MAX_KEPT = 10_000
"""People remembered at once."""


@dataclass(frozen=True, slots=True)
class Team:
    """The Slack team the bot is installed in, from ``auth.test``."""

    id: str
    enterprise_id: str = ""


@dataclass(frozen=True, slots=True)
class Ourselves:
    """Who the bot is in Slack, from ``auth.test``."""

    team: Team
    bot_user_id: str
    bot_id: str


@dataclass(slots=True)
class People:
    """Admits full members of the team, and remembers them for a while."""

    client: AsyncWebClient
    team: Team
    clock: Clock
    _verdicts: dict[Person, tuple[datetime, PersonRefused | None]] = field(default_factory=dict)
    _zones: dict[Person, tzinfo] = field(default_factory=dict)

    async def admit(self, person: Person) -> None:
        """Let a full member of our team pass.

        Raises:
            PersonRefused: a guest, somebody of another organisation, a bot, a closed account, or
                nobody could say who it is.
        """
        if not self.team.enterprise_id and person.team != self.team.id:
            raise StrangerRefused
        kept = self._verdicts.get(person)
        if kept is None or self.clock.now() - kept[0] > KEPT:
            kept = (self.clock.now(), await self._ask(person))
            while len(self._verdicts) >= MAX_KEPT:
                del self._verdicts[next(iter(self._verdicts))]
            self._verdicts[person] = kept
        if (refusal := kept[1]) is not None:
            # A fresh one each time: an exception that is raised twice collects tracebacks.
            raise type(refusal)

    def zone_of(self, person: Person) -> tzinfo:
        """Tell in which time zone somebody lives who was admitted; UTC where Slack does not say."""
        return self._zones.get(person, UTC)

    async def _ask(self, person: Person) -> PersonRefused | None:
        try:
            answer = await self.client.users_info(user=person.user)
        except SlackApiError as error:
            code = str(error.response.get("error"))
            if code in {"user_not_found", "user_not_visible"}:
                return StrangerRefused()
            log.warning("people.not_told", error=code)
            raise PersonUnverified from None
        except (SlackClientError, *NO_ANSWER):
            log.warning("people.no_answer")
            raise PersonUnverified from None
        user = answer.get("user")
        if not isinstance(user, dict):
            return AccountClosed()
        while len(self._zones) >= MAX_KEPT:
            del self._zones[next(iter(self._zones))]
        self._zones[person] = _zone(user)
        return self._judge(user)

    def _judge(self, user: dict[str, Any]) -> PersonRefused | None:
        if user.get("is_stranger") or not self._is_ours(user):
            return StrangerRefused()
        if user.get("deleted") or user.get("is_bot"):
            return AccountClosed()
        if user.get("is_restricted") or user.get("is_ultra_restricted"):
            return GuestRefused()
        return None

    def _is_ours(self, user: dict[str, Any]) -> bool:
        if user.get("team_id") == self.team.id:
            return True
        enterprise = user.get("enterprise_user") or {}
        ours = self.team.enterprise_id
        return bool(ours) and enterprise.get("enterprise_id") == ours


def _zone(user: dict[str, Any]) -> tzinfo:
    """Read somebody's time zone: its name, else what it is now. Source: Slack, «User object»."""
    try:
        return ZoneInfo(str(user["tz"]))
    except (KeyError, ValueError, OSError, ZoneInfoNotFoundError):
        offset = user.get("tz_offset")
    if isinstance(offset, int) and abs(offset) < timedelta(days=1).total_seconds():
        return timezone(timedelta(seconds=offset))
    return UTC
