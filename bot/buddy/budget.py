"""Read how many calls a token has left, and from when on it may call again. Pure.

Buddy sends ``X-Rate-Limit-Limit``, ``X-Rate-Limit-Remaining`` and ``X-Rate-Limit-Reset`` (seconds
since 1970). Source: the official Go client. Moments are counted from the answer's ``Date``, because
Buddy's clock and ours need not agree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

SHORTEST_WAIT = timedelta(seconds=1)
USUAL_WAIT = timedelta(minutes=1)
"""When Buddy does not say for how long."""

LONGEST_WAIT = timedelta(days=1)
_MAX_DIGITS = 11


@dataclass(frozen=True, slots=True)
class Budget:
    """What is left of a token's calls, as Buddy told last; None where it told nothing."""

    limit: int | None = None
    remaining: int | None = None
    reset_at: datetime | None = None
    """By our clock."""

    def after(self, headers: Mapping[str, str], now: datetime) -> "Budget":
        """Learn from an answer's headers; one that tells nothing changes nothing."""
        limit = _whole(headers.get("x-rate-limit-limit"))
        remaining = _whole(headers.get("x-rate-limit-remaining"))
        reset = _reset(headers)
        if limit is None and remaining is None and reset is None:
            return self
        if reset is None:
            return Budget(limit, remaining)
        left = _from_server(reset, headers, now)
        return Budget(limit, remaining, now + _between(timedelta(0), left))


def retry_at(headers: Mapping[str, str], now: datetime) -> datetime:
    """Tell from when on a refused token may call again, by our clock."""
    return now + _between(SHORTEST_WAIT, _wait(headers, now))


def _between(shortest: timedelta, wait: timedelta) -> timedelta:
    return min(LONGEST_WAIT, max(shortest, wait))


def _wait(headers: Mapping[str, str], now: datetime) -> timedelta:
    after = headers.get("retry-after", "")
    if (seconds := _whole(after)) is not None:
        return timedelta(seconds=seconds)
    moment = _http_date(after) or _reset(headers)
    return USUAL_WAIT if moment is None else _from_server(moment, headers, now)


def _from_server(moment: datetime, headers: Mapping[str, str], now: datetime) -> timedelta:
    return moment - (_http_date(headers.get("date", "")) or now)


def _reset(headers: Mapping[str, str]) -> datetime | None:
    seconds = _whole(headers.get("x-rate-limit-reset"))
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _whole(raw: str | None) -> int | None:
    text = (raw or "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        return None
    return int(text)


def _http_date(raw: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(raw)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
