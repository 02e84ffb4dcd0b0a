"""Text inside mrkdwn: foreign text made safe, links, moments, durations."""

from datetime import datetime, timedelta

from bot.errors import clean, code, link, quote

__all__ = ["clean", "code", "cut", "duration", "escape", "link", "moment", "time_of_day", "whole"]

escape = quote
"""Make foreign text safe: it can neither ping, link, style, break the line, nor flood."""


def moment(at: datetime) -> str:
    """Show a moment in each reader's own time zone. Source: Slack, «Date formatting»."""
    fallback = f"{at:%Y-%m-%d %H:%M} UTC"
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>"


def time_of_day(at: datetime) -> str:
    """Show a moment that is not long ago in each reader's own time zone."""
    return f"<!date^{int(at.timestamp())}^{{time}}|{at:%H:%M} UTC>"


def duration(length: timedelta) -> str:
    """Say a duration as people do: ``42 s``, ``2 min 10 s``, ``3 h 5 min``."""
    seconds = max(0, round(length.total_seconds()))
    if seconds < 60:  # noqa: PLR2004 - seconds in a minute
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:  # noqa: PLR2004 - minutes in an hour
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def cut(text: str, limit: int) -> str:
    """Shorten plain text to the limit, showing that something is missing."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def whole(text: str, limit: int) -> str:
    """Shorten mrkdwn to the limit without cutting a link or an entity in two."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    for opening, closing in (("<", ">"), ("&", ";")):
        if kept.rfind(opening) > kept.rfind(closing):
            kept = kept[: kept.rfind(opening)]
    return kept + "…"
