"""What a person's hands do, named by ids: type, press, choose, search, submit, close.

``Person`` finds things by what stands on the screen, a page by the ids in its blocks; both come
here, where a gesture becomes the signed request that Slack would send. What the client itself
refuses never becomes one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sandbox.slack.acks import settle_command, settle_submission, settle_suggestions
from sandbox.slack.core import Core
from sandbox.slack.delivery import Ack, Delivery, Outgoing
from sandbox.slack.forms import mistakes
from sandbox.slack.payloads import Payloads
from sandbox.slack.shape import Block, Values, initial_state, overlaid
from sandbox.slack.state import Content
from sandbox.slack.surfaces import Channel, Ephemeral, Member, Message, Role, Shown, View

Clickable = Message | Ephemeral | View

_OF_A_BUTTON = ("action_id", "text", "value", "style", "url")


@dataclass(slots=True)
class Desk:
    """What a person works with: the workspace, the way to the bot, and the commands on offer."""

    core: Core
    delivery: Delivery
    payloads: Payloads
    commands: set[str]


class Gestures:
    """One person's hands."""

    def __init__(self, desk: Desk, member: Member) -> None:
        self._desk = desk
        self._space = desk.core.space
        self._member = member
        self._chosen: WeakKeyDictionary[Shown, Values] = WeakKeyDictionary()
        """What stands in the menus of messages: each reader has a choice of their own."""

    # What is in sight

    def may_read(self, channel: Channel) -> bool:
        """Full members may open any public channel and press what stands there."""
        is_full = self._member.role in (Role.MEMBER, Role.ADMIN)
        return self._member.id in channel.members or (is_full and not channel.private)

    def sees(self, shown: Clickable) -> bool:
        """Whether this stands on this person's screen, or one click away from it."""
        match shown:
            case View():
                return shown.owner == self._member.id and shown.is_open
            case Ephemeral():
                return shown.to == self._member.id and not shown.deleted
            case Message():
                return self.may_read(shown.channel) and not shown.deleted

    def check_sight(self, shown: Clickable) -> None:
        """Refuse what this person's screen does not show.

        Raises:
            LookupError: it does not.
        """
        if not self.sees(shown):
            message = f"{self._member.name} does not see this"
            raise LookupError(message)

    # In a conversation

    async def says(
        self,
        text: str,
        channel: Channel,
        thread_ts: str | None = None,
        *,
        is_broadcast: bool = False,
    ) -> Ack:
        """Type into a channel: a slash command becomes a request, all else a message.

        Raises:
            LookupError: the person is not in the channel.
        """
        member = self._member
        if member.id not in channel.members:
            message = f"{member.name} is not in #{channel.name}"
            raise LookupError(message)
        command, _, rest = text.partition(" ")
        # In a thread a third-party command is just text. Source: Slack, «Slash commands».
        if thread_ts is not None or not text.startswith("/"):
            said = Content(text)
            made = self._space.post(channel, member.id, said, thread_ts, is_broadcast=is_broadcast)
            return Ack(message=made)
        # Somebody of another organisation is not offered the app's commands.
        if command not in self._desk.commands or member.role is Role.STRANGER:
            said = Content(f"{command} is not a valid command.")
            self._space.whisper(channel, member.id, said, is_by_bot=False)
            return Ack(problem="unknown command")
        fields = self._desk.payloads.command(member, channel, command, rest)
        ack = await self._desk.delivery.send(self._desk.delivery.command(fields))
        settle_command(self._desk.core, member, channel, command, ack)
        return ack

    # On blocks

    def pressed(self, shown: Clickable, block: Block, button: Block) -> Outgoing:
        """Write what pressing a button sends."""
        action = {key: button[key] for key in _OF_A_BUTTON if key in button}
        return self._action(shown, block, action | {"type": "button"})

    def chosen(self, shown: Clickable, block: Block, element: Block, state: Block) -> Outgoing:
        """Write what choosing in a menu sends; it stays chosen."""
        self.fills_in(shown, block, element, state)
        return self._action(shown, block, {**state, "action_id": element["action_id"]})

    def fills_in(self, shown: Clickable, block: Block, element: Block, state: Block) -> None:
        """Let an element hold a value, without a word to the bot."""
        if initial_state(element) is None:
            return
        original = shown.original
        if isinstance(original, View):
            values = original.typed
        else:
            values = self._chosen.setdefault(original, {})
        values.setdefault(block["block_id"], {})[element["action_id"]] = state

    async def searches(
        self, shown: Clickable, block: Block, element: Block, text: str
    ) -> tuple[Ack, Block]:
        """Type into a menu that the bot fills; tell its ``options`` or ``option_groups``."""
        self.check_sight(shown)
        asked = {"action_id": element["action_id"], "block_id": block["block_id"]}
        payload = self._desk.payloads.suggestion(self._member, shown, asked, text)
        ack = await self.sends(payload)
        return ack, settle_suggestions(self._desk.core, ack)

    # In a modal

    async def submits(self, view: View) -> tuple[Ack, dict[str, str]]:
        """Send a modal; tell what is wrong by block id, under the empty id what concerns all of it.

        Where the client finds a mistake by itself, nothing is sent.
        """
        view.seen = True
        if errors := mistakes(view):
            return Ack(problem="the client found mistakes"), errors
        ack = await self.sends(self._desk.payloads.submission(self._member, view))
        return ack, settle_submission(self._desk.core, view, ack)

    async def closes(self, view: View) -> Ack:
        """Close a modal without sending it; the bot hears of it only if it asked to."""
        is_cleared = bool(view.spec.get("clear_on_close"))
        if is_cleared:
            self._space.views.clear(self._member.id)
        else:
            self._space.views.close(view)
        if not view.spec.get("notify_on_close"):
            return Ack()
        return await self.sends(
            self._desk.payloads.closing(self._member, view, is_cleared=is_cleared)
        )

    # Elsewhere

    async def uses_shortcut(self, callback_id: str, message: Message | None) -> Ack:
        """Choose a shortcut: of a message's menu, or a global one.

        Raises:
            LookupError: the app offers this person none, or not at this message.
        """
        # Source: Slack Connect, «Slash commands and shortcuts»: for the installing workspace only.
        if self._member.role is Role.STRANGER:
            problem = f"{self._member.name} is not offered the app's shortcuts"
            raise LookupError(problem)
        if message is not None:
            self.check_sight(message)
            message.seen = message.original.seen = True
        return await self.sends(self._desk.payloads.shortcut(self._member, callback_id, message))

    async def sends(self, payload: Mapping[str, Any]) -> Ack:
        """Sign an interaction and send it."""
        return await self._desk.delivery.send(self._desk.delivery.interaction(dict(payload)))

    def _action(self, shown: Clickable, block: Block, action: Block) -> Outgoing:
        self.check_sight(shown)
        shown.seen = shown.original.seen = True
        made = self._desk.payloads
        stamp = self._space.ids.stamp()
        action = {**action, "block_id": block["block_id"], "action_ts": stamp}
        if isinstance(shown, View):
            payload = made.in_view(self._member, shown, action)
        else:
            values = overlaid(shown.layout, self._chosen.get(shown.original, {}))
            payload = made.in_message(self._member, shown, action, values)
        return self._desk.delivery.interaction(payload)
