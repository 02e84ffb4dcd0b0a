"""Slack's refusals, told apart: what each means for the bot."""

import asyncio
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import (
    BlocksRefused,
    ChannelUnreachable,
    FormExpired,
    MessageGone,
    SlackBusy,
    SlackError,
    SlackUnavailable,
)

NO_ANSWER = (aiohttp.ClientError, asyncio.TimeoutError, ConnectionError)
"""What the client library lets through when Slack does not answer."""

_GONE = frozenset(
    {"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"}
)
_UNREACHABLE = frozenset(
    {
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "is_inactive",
        "restricted_action",
        "user_not_in_channel",
        "cannot_dm_bot",
        "user_disabled",
    }
)
_EXPIRED = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"})
_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format"})
_DEFAULT_WAIT = 5.0


def meaning(error: SlackApiError) -> SlackError:
    """Turn Slack's answer into the situation it stands for. Source: the methods' error lists."""
    response: Any = error.response
    code = str(response.get("error") or "")
    if response.status_code == 429 or code in {"ratelimited", "rate_limited"}:  # noqa: PLR2004
        return SlackBusy(_wait(response))
    if code in _GONE:
        return MessageGone(code)
    if code in _UNREACHABLE:
        return ChannelUnreachable(code)
    if code in _EXPIRED:
        return FormExpired()
    if code in _BLOCKS:
        return BlocksRefused()
    # An error that Slack names was refused; a bare 5xx may have been done.
    return SlackUnavailable(code or f"status {response.status_code}", is_sure=bool(code))


def silence(error: Exception) -> SlackUnavailable:
    """Turn a lost connection or a time-out into the situation it stands for."""
    # Only a connection that never opened surely carried nothing.
    return SlackUnavailable(
        type(error).__name__, is_sure=isinstance(error, aiohttp.ClientConnectorError)
    )


def _wait(response: Any) -> float:  # noqa: ANN401 - the library's response, a mapping of anything
    headers = {str(name).lower(): value for name, value in response.headers.items()}
    try:
        return max(1.0, float(headers.get("retry-after", _DEFAULT_WAIT)))
    except (TypeError, ValueError):
        return _DEFAULT_WAIT


__all__ = ["NO_ANSWER", "SlackClientError", "meaning", "silence"]
