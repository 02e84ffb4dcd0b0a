"""``conversations.*``: channels, their members and what was said there."""

from sandbox.slack.core import Answer, Args, Core, needed
from sandbox.slack.refusal import Refusal
from sandbox.slack.surfaces import Channel, Message
from sandbox.slack.wire import channel_object, message_object


def info(core: Core, args: Args) -> Answer:
    """Describe a channel."""
    channel = core.channel(args)
    core.installation.require(_scope(channel, "read"))
    return {"channel": channel_object(core.space, channel)}


def members(core: Core, args: Args) -> Answer:
    """List a channel's members on one page."""
    channel = core.channel(args)
    core.installation.require(_scope(channel, "read"))
    bot = [core.space.bot_user] if channel.bot_is_member else []
    return {"members": sorted(channel.members) + bot, "response_metadata": {"next_cursor": ""}}


def open_direct(core: Core, args: Args) -> Answer:
    """Open the conversation with one person."""
    user = needed(args, "users")
    if user not in core.space.members:
        raise Refusal("user_not_found")
    channel = core.space.direct(user)
    return {"channel": channel_object(core.space, channel)}


def history(core: Core, args: Args) -> Answer:
    """List the newest messages of a channel's top level, newest first."""
    channel = _readable(core, args)
    found = [_seen(core, one, args) for one in reversed(channel.messages)]
    return {"messages": found[: _limit(args)], "has_more": len(found) > _limit(args)}


def replies(core: Core, args: Args) -> Answer:
    """List a thread, its parent first."""
    channel = _readable(core, args)
    parent = channel.find(needed(args, "ts"))
    if parent is None:
        raise Refusal("thread_not_found")
    found = [_seen(core, one, args) for one in (parent, *parent.thread)]
    return {"messages": found[: _limit(args)], "has_more": len(found) > _limit(args)}


def _seen(core: Core, message: Message, args: Args) -> Answer:
    """Write a message; its metadata only where it is asked for.

    Source: Slack, conversations.history and .replies, ``include_all_metadata``.
    """
    written = message_object(core.space, message)
    if str(args.get("include_all_metadata", "")).lower() not in {"true", "1"}:
        written.pop("metadata", None)
    return written


def _readable(core: Core, args: Args) -> Channel:
    channel = core.channel(args)
    core.installation.require(_scope(channel, "history"))
    if not channel.bot_is_member:
        raise Refusal("not_in_channel")
    return channel


def _scope(channel: Channel, right: str) -> str:
    if channel.is_direct:
        return f"im:{right}"
    return f"groups:{right}" if channel.private else f"channels:{right}"


def _limit(args: Args) -> int:
    return min(int(args.get("limit") or 100), 1000)
