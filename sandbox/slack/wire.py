"""How Slack writes its objects in JSON: messages, views, people, channels.

Source: the sample payloads of Slack's documentation, and «User object», «Conversation object».
"""

from typing import Any

from sandbox.slack.state import Workspace
from sandbox.slack.surfaces import Channel, Member, Message, Role, View

Json = dict[str, Any]


def message_object(space: Workspace, message: Message) -> Json:
    """Write a message as interactions and Web API answers carry it."""
    member = space.members[message.author]
    written: Json = {"user": member.id, "type": "message", "ts": message.ts}
    if message.is_by_bot:
        written |= {"bot_id": space.bot_id, "app_id": space.app_id}
    written |= {"text": message.source, "team": member.team}
    replies = message.thread
    if message.thread_ts:
        written["thread_ts"] = message.thread_ts
        if parent := message.channel.find(message.thread_ts):
            written["parent_user_id"] = parent.author
    elif replies:
        written |= {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "latest_reply": replies[-1].ts,
        }
    if message.metadata is not None:
        written["metadata"] = message.metadata
    if message.edited_ts:
        written["edited"] = {"user": message.author, "ts": message.edited_ts}
    if message.layout:
        written["blocks"] = message.layout
    return written


def view_object(space: Workspace, view: View, *, with_values: bool = True) -> Json:
    """Write a view as Slack gives it back; what was typed is left out when it was closed."""
    spec = view.spec
    return {
        "id": view.id,
        "team_id": space.team,
        "type": view.kind,
        "blocks": view.layout,
        "private_metadata": spec.get("private_metadata", ""),
        "callback_id": spec.get("callback_id", ""),
        "state": {"values": view.values if with_values else {}},
        "hash": view.hash,
        "title": _plain(spec.get("title")) or _plain({"text": "View Title"}),
        "clear_on_close": spec.get("clear_on_close", False),
        "notify_on_close": spec.get("notify_on_close", False),
        "close": _plain(spec.get("close")),
        "submit": _plain(spec.get("submit")),
        "previous_view_id": view.previous,
        "root_view_id": view.root,
        "app_id": space.app_id,
        "external_id": spec.get("external_id", ""),
        "app_installed_team_id": space.team,
        "bot_id": space.bot_id,
    }


def user_object(member: Member) -> Json:
    """Write an account. A deactivated one has lost its flags, as in Slack."""
    written: Json = {
        "id": member.id,
        "team_id": member.team,
        "name": member.name,
        "deleted": member.role is Role.DEACTIVATED,
        "real_name": member.name.title(),
        "profile": {"real_name": member.name.title(), "display_name": member.name},
        "is_bot": member.role is Role.BOT,
        "is_app_user": False,
        "updated": 1795440000,
    }
    if member.role is Role.DEACTIVATED:
        return written
    single = member.role is Role.SINGLE_CHANNEL_GUEST
    written |= {
        "tz": "Europe/Warsaw",
        "is_admin": member.role is Role.ADMIN,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": single or member.role is Role.GUEST,
        "is_ultra_restricted": single,
    }
    if member.role is Role.STRANGER:
        written["is_stranger"] = True
    return written


def channel_object(space: Workspace, channel: Channel) -> Json:
    """Write a conversation; ``is_ext_shared`` alone decides whether outsiders read it."""
    written: Json = {
        "id": channel.id,
        "is_im": channel.is_direct,
        "is_archived": channel.archived,
        "is_private": channel.private,
        "is_shared": channel.shared,
        "is_ext_shared": channel.shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "context_team_id": space.team,
    }
    if channel.is_direct:
        return written | {"user": next(iter(channel.members)), "is_user_deleted": False}
    shared_with = [space.team, space.partner_team] if channel.shared else [space.team]
    return written | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.private,
        "is_group": channel.private,
        "is_mpim": False,
        "is_general": False,
        "is_member": channel.bot_is_member,
        "shared_team_ids": shared_with,
        "num_members": len(channel.members),
    }


def channel_name(channel: Channel) -> str:
    """Name a conversation as interactions do: a direct one is always ``directmessage``."""
    return "directmessage" if channel.is_direct else channel.name


def _plain(text: Json | None) -> Json | None:
    return text and {"type": "plain_text", "text": text["text"], "emoji": text.get("emoji", True)}
