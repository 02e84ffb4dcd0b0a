"""The payloads of what people do, key for key like the samples of Slack's documentation."""

from collections.abc import Callable
from typing import Any

from sandbox.slack.core import Core
from sandbox.slack.shape import Values
from sandbox.slack.surfaces import Channel, Ephemeral, Member, Message, View
from sandbox.slack.wire import channel_name, message_object, view_object

Json = dict[str, Any]

DEPRECATED_TOKEN = "deprecated-verification-token"


class Payloads:
    """Writes payloads; each hands out a fresh trigger id, and a response URL where Slack does."""

    def __init__(self, core: Core, base: Callable[[], str]) -> None:
        self._core = core
        self._space = core.space
        self._base = base

    def command(self, member: Member, channel: Channel, command: str, text: str) -> dict[str, str]:
        """Write the form of a slash command; it has no thread and escapes nothing."""
        return {
            "token": DEPRECATED_TOKEN,
            "team_id": self._space.team,
            "team_domain": self._space.domain,
            "channel_id": channel.id,
            "channel_name": channel_name(channel),
            "user_id": member.id,
            "user_name": member.name,
            "command": command,
            "text": text,
            "api_app_id": self._space.app_id,
            "is_enterprise_install": "false",
            "response_url": self._response_url(member, channel, None),
            "trigger_id": self._core.tickets.trigger(member.id),
        }

    def in_message(
        self, member: Member, shown: Message | Ephemeral, action: Json, values: Values
    ) -> Json:
        """Write a click in a message; ``values`` are what this person chose in it so far.

        A private message does not travel with the click.
        """
        channel = shown.channel
        container: Json = {
            "type": "message",
            "message_ts": shown.ts,
            "channel_id": channel.id,
            "is_ephemeral": isinstance(shown, Ephemeral),
        }
        if shown.thread_ts:
            container["thread_ts"] = shown.thread_ts
        written = self._interaction("block_actions", member) | {
            "container": container,
            "trigger_id": self._core.tickets.trigger(member.id),
            "channel": {"id": channel.id, "name": channel_name(channel)},
            "state": {"values": values},
            "response_url": self._response_url(member, channel, shown),
            "actions": [action],
        }
        if isinstance(shown, Message):
            written["message"] = message_object(self._space, shown)
        return written

    def in_view(self, member: Member, view: View, action: Json) -> Json:
        """Write a click in a modal or Home tab, which has neither channel nor response URL."""
        return self._interaction("block_actions", member) | {
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": self._core.tickets.trigger(member.id, self._modal(view)),
            "view": view_object(self._space, view),
            "actions": [action],
        }

    def suggestion(
        self, member: Member, shown: Message | Ephemeral | View, element: Json, typed: str
    ) -> Json:
        """Write the question for the options of a menu that is filled while typing."""
        written = self._interaction("block_suggestion", member) | element | {"value": typed}
        if isinstance(shown, View):
            written["container"] = {"type": "view", "view_id": shown.id}
            written["view"] = view_object(self._space, shown)
            return written
        channel = shown.channel
        written["container"] = {
            "type": "message",
            "message_ts": shown.ts,
            "channel_id": channel.id,
            "is_ephemeral": isinstance(shown, Ephemeral),
        }
        written["channel"] = {"id": channel.id, "name": channel_name(channel)}
        if isinstance(shown, Message):
            written["message"] = message_object(self._space, shown)
        return written

    def submission(self, member: Member, view: View) -> Json:
        """Write the submission of a modal."""
        return self._interaction("view_submission", member) | {
            "trigger_id": self._core.tickets.trigger(member.id, view),
            "view": view_object(self._space, view),
            "response_urls": self._response_urls(member, view),
        }

    def closing(self, member: Member, view: View, *, is_cleared: bool) -> Json:
        """Write that a modal was closed without submitting it; what was typed stays out."""
        return self._interaction("view_closed", member) | {
            "view": view_object(self._space, view, with_values=False),
            "is_cleared": is_cleared,
        }

    def shortcut(self, member: Member, callback_id: str, message: Message | None) -> Json:
        """Write a shortcut: from a message's menu, or a global one that knows no channel."""
        written: Json = {
            "type": "message_action" if message else "shortcut",
            "token": DEPRECATED_TOKEN,
            "action_ts": self._space.ids.stamp(),
            "team": {"id": self._space.team, "domain": self._space.domain},
            "user": {"id": member.id, "username": member.name, "team_id": member.team},
            "is_enterprise_install": False,
            "enterprise": None,
            "callback_id": callback_id,
            "trigger_id": self._core.tickets.trigger(member.id),
        }
        if message is None:
            return written
        written["user"]["name"] = member.name
        return written | {
            "channel": {"id": message.channel.id, "name": channel_name(message.channel)},
            "response_url": self._response_url(member, message.channel, message),
            "message_ts": message.ts,
            "message": message_object(self._space, message),
        }

    def event(self, event: Json, *, is_shared: bool = False) -> Json:
        """Wrap an event as the Events API does."""
        now = self._core.clock.now()
        key = self._space.ids.make("Ev")
        return {
            "token": DEPRECATED_TOKEN,
            "team_id": self._space.team,
            "context_team_id": self._space.team,
            "context_enterprise_id": None,
            "api_app_id": self._space.app_id,
            "event": {"event_ts": self._space.ids.stamp(), **event},
            "type": "event_callback",
            "event_id": key,
            "event_time": int(now.timestamp()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": self._space.team,
                    "user_id": self._space.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": is_shared,
            "event_context": f"4-{key}",
        }

    def _interaction(self, kind: str, member: Member) -> Json:
        return {
            "type": kind,
            "user": {
                "id": member.id,
                "username": member.name,
                "name": member.name,
                "team_id": member.team,
            },
            "api_app_id": self._space.app_id,
            "token": DEPRECATED_TOKEN,
            "team": {"id": self._space.team, "domain": self._space.domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _modal(self, view: View) -> View | None:
        return view if view.kind == "modal" else None

    def _response_url(
        self, member: Member, channel: Channel, origin: Message | Ephemeral | None
    ) -> str:
        key = self._core.tickets.response_url(member.id, channel, origin and origin.original)
        return f"{self._base()}/response/{key}"

    def _response_urls(self, member: Member, view: View) -> list[Json]:
        """Hand out one URL for each menu of channels that asked for it and was filled."""
        urls = []
        for block in view.layout:
            element = block.get("element", {})
            if not element.get("response_url_enabled"):
                continue
            state = view.values[block["block_id"]][element["action_id"]]
            chosen = state.get("selected_conversation") or state.get("selected_channel")
            if (channel := self._space.channels.get(str(chosen))) is not None:
                urls.append(
                    {
                        "block_id": block["block_id"],
                        "action_id": element["action_id"],
                        "channel_id": channel.id,
                        "response_url": self._response_url(member, channel, None),
                    }
                )
        return urls
