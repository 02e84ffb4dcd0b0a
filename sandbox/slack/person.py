"""What a person of the simulated workspace does and sees.

Whatever a person does in Slack's client becomes the signed request that Slack would send to the
bot; what the client itself refuses (a button that is not there, a required field left empty) never
becomes one.
"""

from collections.abc import Mapping

from typing_extensions import override

from sandbox.slack.acks import failure
from sandbox.slack.delivery import Ack, Outgoing
from sandbox.slack.forms import Answer, by_label, filled, find_input, own_options, pick
from sandbox.slack.gestures import Clickable, Desk, Gestures
from sandbox.slack.shape import Block, elements, find_button
from sandbox.slack.surfaces import Channel, Ephemeral, Member, Message, Role, View


class Person:
    """One person in front of Slack's client."""

    def __init__(self, desk: Desk, member: Member) -> None:
        self.hands = Gestures(desk, member)
        self.modal_errors: dict[str, str] = {}
        """Errors in the open modal by label; under the empty label what concerns all of it."""
        self.warnings: list[str] = []
        """Failures that the client showed beside what was pressed."""
        self._desk = desk
        self._space = desk.core.space
        self._member = member

    @override
    def __repr__(self) -> str:
        return f"<Person {self.name}, {self.role}>"

    @property
    def id(self) -> str:
        """The id of the account."""
        return self._member.id

    @property
    def name(self) -> str:
        """The name as mentions show it."""
        return self._member.name

    @property
    def role(self) -> Role:
        """What the person is in the workspace; may change at any time."""
        return self._member.role

    @role.setter
    def role(self, role: Role) -> None:
        self._member.role = role
        self._space.changed("member", self._member)

    # What the person sees

    @property
    def modal(self) -> View | None:
        """The modal on top."""
        return self._space.views.top(self.id)

    @property
    def home(self) -> View | None:
        """The Home tab, once it was published."""
        return self._space.views.homes.get(self.id)

    @property
    def ephemerals(self) -> list[Ephemeral]:
        """Everything that was «only visible to you», newest last, deleted ones included."""
        return [note for note in self._space.ephemerals if note.to == self.id]

    @property
    def dms(self) -> list[Message]:
        """The bot's direct messages, oldest first."""
        channels = self._space.channels.values()
        direct = [one for one in channels if one.is_direct and self.id in one.members]
        return [message for one in direct for message in one.messages if message.is_by_bot]

    # What the person does

    def joins(self, channel: Channel) -> None:
        """Become a member of a channel."""
        channel.members.add(self.id)
        self._space.changed("channel", channel)

    def leaves(self, channel: Channel) -> None:
        """Stop being a member of a channel."""
        channel.members.discard(self.id)
        self._space.changed("channel", channel)

    async def says(self, text: str, in_: Channel, thread: Message | None = None) -> Ack:
        """Type into a channel: a slash command becomes a request, all else a message.

        Raises:
            LookupError: the person is not in the channel.
        """
        return await self.hands.says(text, in_, thread.thread_id if thread else None)

    async def clicks(self, shown: Clickable, button: str | int) -> Ack:
        """Press a button, given by its text or its place, and say yes if it asks.

        Raises:
            LookupError: there is no such button on this person's screen.
        """
        return self._judge(button, await self._desk.delivery.send(self._press(shown, button)))

    async def double_clicks(self, shown: Clickable, button: str | int) -> tuple[Ack, Ack]:
        """Press a button twice at once: two requests with different times and triggers."""
        first, second = self._press(shown, button), self._press(shown, button)
        one, two = await self._desk.delivery.send_twice(first, second)
        return self._judge(button, one), self._judge(button, two)

    async def redelivers(self, ack: Ack) -> Ack:
        """Let the very same signed request arrive again."""
        if ack.request is None:
            message = "nothing was sent that could be sent again"
            raise LookupError(message)
        return await self._desk.delivery.send(ack.request)

    async def chooses(self, shown: Clickable, menu: str, option: str) -> Ack:
        """Choose in a menu outside a form, given by its placeholder."""
        block, element = self._find_menu(shown, menu)
        found = await self._options(shown, block, element, option)
        if element["type"] == "overflow":
            state: Block = {"type": "overflow", "selected_option": pick(found, option)}
        else:
            state = filled(element, option, found)
        return await self._act(shown, block, element, state)

    async def searches(self, shown: Clickable, menu: str, text: str) -> list[str]:
        """Type into a menu that the bot fills, given by placeholder or label; read the options."""
        block, element = self._find_menu(shown, menu)
        return [one["text"]["text"] for one in await self._suggestions(shown, block, element, text)]

    async def fills(self, answers: Mapping[str, Answer]) -> None:
        """Fill in inputs of the open modal, given by their labels, without sending it."""
        for label, answer in answers.items():
            view = self._top()
            block = find_input(view, label)
            element = block["element"]
            typed = answer if isinstance(answer, str) else ""
            found = await self._options(view, block, element, typed)
            state = filled(element, answer, found)
            self.hands.fills_in(view, block, element, state)
            if block["dispatch_action"]:
                await self._act(view, block, element, state)

    async def submits(self, answers: Mapping[str, Answer] | None = None) -> Ack:
        """Fill in and send the open modal; ``modal_errors`` tells what came back.

        Where the client finds a mistake by itself, nothing is sent.
        """
        await self.fills(answers or {})
        view = self._top()
        if "submit" not in view.spec:
            message = f"the modal {view.title!r} has no button to send it"
            raise LookupError(message)
        ack, errors = await self.hands.submits(view)
        self.modal_errors = by_label(view, errors)
        return ack

    async def closes_modal(self) -> Ack:
        """Close the modal on top without sending it; the bot hears of it only if it asked to."""
        self.modal_errors = {}
        return await self.hands.closes(self._top())

    async def uses_shortcut(self, callback_id: str, message: Message | None = None) -> Ack:
        """Choose a shortcut: of a message's menu, or a global one."""
        return self._judge(callback_id, await self.hands.uses_shortcut(callback_id, message))

    def _top(self) -> View:
        if (view := self.modal) is None:
            message = f"{self.name} has no modal open"
            raise LookupError(message)
        return view

    def _press(self, shown: Clickable, button: str | int) -> Outgoing:
        self.hands.check_sight(shown)
        block, element = find_button(shown.layout, button, self.id)
        return self.hands.pressed(shown, block, element)

    async def _act(self, shown: Clickable, block: Block, element: Block, state: Block) -> Ack:
        request = self.hands.chosen(shown, block, element, state)
        return self._judge(element["action_id"], await self._desk.delivery.send(request))

    def _find_menu(self, shown: Clickable, menu: str) -> tuple[Block, Block]:
        self.hands.check_sight(shown)
        for block, element in elements(shown.layout):
            named = (element.get("placeholder"), block.get("label"))
            if menu in [one["text"] for one in named if one] or menu == element["type"]:
                return block, element
        message = f"there is no menu {menu!r}"
        raise LookupError(message)

    async def _options(
        self, shown: Clickable, block: Block, element: Block, text: str
    ) -> list[Block]:
        if "external_select" in element["type"]:
            return await self._suggestions(shown, block, element, text)
        return own_options(element)

    async def _suggestions(
        self, shown: Clickable, block: Block, element: Block, text: str
    ) -> list[Block]:
        ack, offered = await self.hands.searches(shown, block, element, text)
        self._judge(element["action_id"], ack)
        return own_options(offered)

    def _judge(self, pressed: str | int, ack: Ack) -> Ack:
        if problem := failure(ack):
            self.warnings.append(f"{pressed}: {problem}")
        return ack
