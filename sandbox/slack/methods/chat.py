"""``chat.*``: posting, editing and deleting messages. Source: Slack, the methods' own pages."""

from sandbox.slack.core import Answer, Args, Core, flag, needed
from sandbox.slack.refusal import Refusal
from sandbox.slack.surfaces import Channel, Message
from sandbox.slack.wire import message_object

MAX_UPDATE_TEXT = 4000


def post_message(core: Core, args: Args) -> Answer:
    """Post into a channel or thread."""
    channel = core.postable(args, "chat:write.public")
    content = core.content(args)
    message = core.space.post(
        channel,
        core.space.bot_user,
        content,
        core.thread(channel, args),
        is_broadcast=flag(args, "reply_broadcast"),
    )
    return _answer(core, message)


def update(core: Core, args: Args) -> Answer:
    """Edit an own message. Without blocks, earlier blocks are dropped."""
    channel = core.channel(args)
    message = _own_message(core, channel, needed(args, "ts"), "cant_update_message")
    if channel.archived:
        raise Refusal("is_inactive")
    core.space.edit(message, core.content(args, MAX_UPDATE_TEXT))
    return _answer(core, message) | {"text": message.source}


def delete(core: Core, args: Args) -> Answer:
    """Delete an own message."""
    channel = core.channel(args)
    message = _own_message(core, channel, needed(args, "ts"), "cant_delete_message")
    core.space.delete(message)
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(core: Core, args: Args) -> Answer:
    """Show a message to one member of the channel."""
    channel = core.postable(args)
    content = core.content(args)
    user = needed(args, "user")
    if user not in channel.members:
        raise Refusal("user_not_in_channel")
    note = core.space.whisper(channel, user, content, args.get("thread_ts") or None)
    return {"message_ts": note.ts}


def get_permalink(core: Core, args: Args) -> Answer:
    """Tell the address of a message."""
    channel = core.channel(args)
    message = channel.find(needed(args, "message_ts"))
    if message is None:
        raise Refusal("message_not_found")
    place = f"{channel.id}/p{message.ts.replace('.', '')}"
    thread = f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.thread_ts else ""
    link = f"https://{core.space.domain}.slack.com/archives/{place}{thread}"
    return {"channel": channel.id, "permalink": link}


def _own_message(core: Core, channel: Channel, ts: str, refusal: str) -> Message:
    if any(note.ts == ts for note in core.space.ephemerals):
        raise Refusal(refusal)
    message = channel.find(ts)
    if message is None:
        raise Refusal("message_not_found")
    if message.author != core.space.bot_user:
        raise Refusal(refusal)
    return message


def _answer(core: Core, message: Message) -> Answer:
    written = message_object(core.space, message)
    return {"channel": message.channel.id, "ts": message.ts, "message": written}
