"""What the Web API works on: the workspace, the rights handed out, and the app's installation."""

from collections.abc import Mapping
from typing import Any

from sandbox.clock import SandboxClock
from sandbox.slack.limits import check_message
from sandbox.slack.ratelimits import RateLimits
from sandbox.slack.refusal import Refusal
from sandbox.slack.state import Content, Workspace
from sandbox.slack.surfaces import Channel
from sandbox.slack.tickets import Tickets
from sandbox.slack.tokens import Installation

Args = Mapping[str, Any]
Answer = dict[str, Any]

MAX_TEXT = 40_000
"""Source: Slack, chat.postMessage. Slack cuts the text there; refusing makes it visible."""

MAX_MARKDOWN_TEXT = 12_000
MAX_METADATA_BYTES = 8_000


class Core:
    """One workspace with one installed app, as the Web API sees it."""

    def __init__(self, clock: SandboxClock) -> None:
        self.clock = clock
        self.space = Workspace(clock)
        self.tickets = Tickets(clock, self.space.ids)
        self.installation = Installation()
        self.rates = RateLimits(clock)
        self.supports_plan = True
        self.base = ""
        """The address that this Slack listens on; set by the server."""

    def channel(self, args: Args) -> Channel:
        """Find a channel that the bot can see; a person's id means the conversation with them."""
        key = needed(args, "channel")
        if key in self.space.members and key != self.space.bot_user:
            return self.space.direct(key)
        channel = self.space.channels.get(key)
        if channel is None or (channel.private and not channel.bot_is_member):
            raise Refusal("channel_not_found")
        return channel

    def postable(self, args: Args, public_scope: str = "") -> Channel:
        """Find a channel that the bot may write to."""
        channel = self.channel(args)
        if channel.archived:
            raise Refusal("is_archived")
        if not channel.bot_is_member and public_scope not in self.installation.scopes:
            raise Refusal("not_in_channel")
        return channel

    def thread(self, channel: Channel, args: Args) -> str | None:
        """Read the thread to post in, named by its parent, never by a reply.

        Source: Slack, «Threading messages».
        """
        thread_ts = args.get("thread_ts") or None
        parent = channel.find(thread_ts) if thread_ts else None
        if thread_ts and (parent is None or parent.thread_ts):
            raise Refusal("thread_not_found")
        return thread_ts

    def content(self, args: Args, most: int = MAX_TEXT) -> Content:
        """Read text, blocks and metadata of a message, refusing what Slack refuses."""
        if "attachments" in args:
            raise Refusal("invalid_attachments", ["attachments are not simulated"])
        text, markdown = args.get("text") or "", args.get("markdown_text") or ""
        blocks = args.get("blocks") or []
        if markdown and (text or blocks):
            raise Refusal("markdown_text_conflict")
        if len(text) > most or len(markdown) > MAX_MARKDOWN_TEXT:
            raise Refusal("msg_too_long")
        if not isinstance(blocks, list):
            raise Refusal("invalid_blocks_format")
        if markdown:
            blocks = [{"type": "markdown", "text": markdown}]
        if not blocks and not text.strip():
            raise Refusal("no_text")
        if problems := check_message(blocks, supports_plan=self.supports_plan):
            raise Refusal("invalid_blocks", problems)
        finds_names = args.get("parse") == "full" or flag(args, "link_names")
        return Content(text or markdown, tuple(blocks), _metadata(args), finds_names=finds_names)


def needed(args: Args, name: str) -> str:
    """Read an argument that must be there."""
    value = args.get(name)
    if not isinstance(value, str) or not value:
        message = f"missing required field: {name}"
        raise Refusal("invalid_arguments", [message])
    return value


def flag(args: Args, name: str) -> bool:
    """Read a yes or no, which arrives as JSON or as a word."""
    return args.get(name) in (True, "true", "True", "1", 1)


def _metadata(args: Args) -> dict[str, Any] | None:
    metadata = args.get("metadata")
    match metadata:
        case None | "":
            return None
        case {"event_type": str(), "event_payload": dict()}:
            if len(str(metadata).encode()) > MAX_METADATA_BYTES:
                raise Refusal("metadata_too_large")
            return dict(metadata)
        case _:
            raise Refusal("invalid_metadata_format")
