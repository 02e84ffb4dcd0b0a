"""What a person does in Slack's part of the page: each POST becomes a gesture of theirs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from sandbox.manifest import Offer
from sandbox.page.asking import Body, bad, gone, missing, refused
from sandbox.page.marks import Marks
from sandbox.slack import Ack, Channel, Message, Person, Role, SimulatedSlack, View
from sandbox.slack.acks import failure
from sandbox.slack.forms import own_options
from sandbox.slack.gestures import Clickable
from sandbox.slack.shape import Block, elements
from sandbox.slack.states import Impossible, read_state
from sandbox.slack.surfaces import Shown

Json = dict[str, Any]

LONGEST = 12_000
"""Characters in what somebody types. Source: Slack, «Message limits» of its client."""

Place = tuple[str, str, str]
"""Who sees a menu, its block and its action id."""


@dataclass(slots=True, repr=False)
class Acts:
    """Everything that can be done with a mouse and a keyboard, by whoever is told."""

    slack: SimulatedSlack
    marks: Marks
    offer: Offer
    _offered: WeakKeyDictionary[Shown, dict[Place, dict[str, Block]]] = field(
        default_factory=WeakKeyDictionary
    )
    """Options that the bot offered while somebody typed, by their values."""

    async def say(self, person: Person, body: Body) -> Json:
        """Write into a conversation, or give a slash command."""
        channel = self._channel(person, body.text("channel"))
        if person.id not in channel.members:
            raise refused(f"{person.name} is not in #{channel.name}.")
        if channel.archived:
            raise refused(f"#{channel.name} is archived.")
        thread_ts = body.maybe_text("thread_ts")
        parent = self._message(channel, thread_ts) if thread_ts else None
        is_broadcast = parent is not None and body.flag("broadcast")
        said = await person.hands.says(
            body.text("text", LONGEST).strip(),
            channel,
            parent.thread_id if parent else None,
            is_broadcast=is_broadcast,
        )
        if said.message is None:
            return answer(said)
        self.marks.read(person.id, channel, said.message.ts)
        return answer(said) | {"ts": said.message.ts}

    async def press(self, person: Person, body: Body) -> Json:
        """Press a button, or choose in anything that holds a value."""
        shown, block, element = self._element(person, body)
        hands, kind = person.hands, element["type"]
        if "button" in kind:
            return answer(await self.slack.delivery.send(hands.pressed(shown, block, element)))
        state = self._state(person, shown, block, element, body.told.get("state"))
        if block["type"] == "input" and not block["dispatch_action"]:
            hands.fills_in(shown, block, element, state)
            return answer(Ack())
        return answer(await self.slack.delivery.send(hands.chosen(shown, block, element, state)))

    async def options(self, person: Person, body: Body) -> Json:
        """Type into a menu that the bot fills."""
        shown, block, element = self._element(person, body)
        if "external_select" not in element["type"]:
            raise bad("This menu has its options already.")
        query = body.told.get("query")
        if not isinstance(query, str) or len(query) < element.get("min_query_length", 3):
            raise bad("More has to be typed first.")
        ack, found = await person.hands.searches(shown, block, element, query)
        place = (person.id, block["block_id"], element["action_id"])
        known = self._offered.setdefault(shown, {}).setdefault(place, {})
        known.update({one["value"]: one for one in own_options(found)})
        told = answer(ack)
        warning = told["warning"] or ("" if found else "dispatch_failed")
        return told | {"ok": bool(found), "warning": warning} | found

    async def submit(self, person: Person, body: Body) -> Json:
        """Send the modal on top."""
        view = self._top(person, body)
        if "submit" not in view.spec:
            raise bad("This modal has nothing to send.")
        self._fill(person, view, body.inside("values").told)
        ack, errors = await person.hands.submits(view)
        return answer(ack) | {"ok": not errors, "errors": errors}

    async def close(self, person: Person, body: Body) -> Json:
        """Close the modal on top."""
        return answer(await person.hands.closes(self._top(person, body)))

    async def shortcut(self, person: Person, body: Body) -> Json:
        """Choose one of the app's shortcuts."""
        message = None
        if body.has("message"):
            where = body.inside("message")
            message = self._message(self._channel(person, where.text("channel")), where.text("ts"))
        name = body.text("callback_id")
        if name not in self.offer.shortcuts_of("message" if message else "global"):
            raise missing("shortcut")
        if person.role is Role.STRANGER:
            raise refused("People of another organisation are not offered the app's shortcuts.")
        return answer(await person.hands.uses_shortcut(name, message))

    async def join(self, person: Person, body: Body) -> Json:
        """Become a member of a public channel."""
        channel = self._channel(person, body.text("channel"))
        if person.id not in channel.members:
            person.joins(channel)
        return {"ok": True}

    async def leave(self, person: Person, body: Body) -> Json:
        """Stop being a member of a channel."""
        channel = self._channel(person, body.text("channel"))
        if channel.is_direct or person.role not in (Role.MEMBER, Role.ADMIN):
            raise refused("This conversation cannot be left.")
        person.leaves(channel)
        return {"ok": True}

    def find(self, person: Person, channel: str, ts: str) -> Message:
        """Find a message that somebody may see."""
        return self._message(self._channel(person, channel), ts)

    def read(self, person: Person, body: Body) -> tuple[Channel, bool]:
        """Note how far somebody has read; whether that is new."""
        channel = self._channel(person, body.text("channel"))
        return channel, self.marks.read(person.id, channel, body.text("ts"))

    # What is meant

    def _channel(self, person: Person, key: str) -> Channel:
        channel = self.slack.space.channels.get(key)
        if channel is None or not person.hands.may_read(channel):
            raise missing("conversation")
        return channel

    def _message(self, channel: Channel, ts: str) -> Message:
        message = channel.find(ts)
        if message is None:
            raise missing("message")
        return message

    def _top(self, person: Person, body: Body) -> View:
        view = person.modal
        if view is None or view.id != body.text("view"):
            raise gone("This form is closed by now.")
        return view

    def _shown(self, person: Person, on: Body) -> Clickable:
        """Find a message, a private message or a view that stands on this person's screen."""
        if on.has("view"):
            home = person.home
            if home is not None and home.id == on.text("view"):
                return home
            return self._top(person, on)
        is_private = on.has("ephemeral")
        where = on.inside("ephemeral" if is_private else "message")
        channel, ts = where.text("channel"), where.text("ts")
        if not is_private:
            return self.find(person, channel, ts)
        for note in person.ephemerals:
            if (note.channel.id, note.ts) == (channel, ts) and not note.deleted:
                return note
        raise missing("message")

    def _element(self, person: Person, body: Body) -> tuple[Clickable, Block, Block]:
        shown = self._shown(person, body.inside("on"))
        if isinstance(shown, View):
            self._fill(person, shown, body.inside("values").told)
        wanted = (body.text("block_id"), body.text("action_id"))
        for block, element in elements(shown.layout):
            viewers = element.get("visible_to_user_ids", [person.id])
            if (block["block_id"], element["action_id"]) == wanted and person.id in viewers:
                return shown, block, element
        raise gone("This is not on the screen any more.")

    # What is filled in

    def _fill(self, person: Person, view: View, told: Json) -> None:
        """Take over what stands in the window; what is gone from the view is left out."""
        for block, element in elements(view.layout):
            states = told.get(block["block_id"])
            state = states.get(element["action_id"]) if isinstance(states, dict) else None
            if state is not None and element["type"] != "overflow":
                read = self._state(person, view, block, element, state)
                person.hands.fills_in(view, block, element, read)

    def _state(
        self, person: Person, shown: Clickable, block: Block, element: Block, told: object
    ) -> Block:
        place = (person.id, block["block_id"], element["action_id"])
        offered = self._offered.get(shown, {}).get(place, {})
        initial = [*_initial(element), *offered.values()]
        try:
            return read_state(element, told, initial, lambda key: self._knows(person, key))
        except Impossible as impossible:
            raise bad(f"{impossible}.") from None

    def _knows(self, person: Person, key: str) -> bool:
        channel = self.slack.space.channels.get(key)
        if channel is not None:
            return person.hands.may_read(channel)
        return key in self.slack.space.members


def answer(ack: Ack) -> Json:
    """Say how the bot took it: whether something was sent, how long it took, what went wrong."""
    is_sent = ack.request is not None
    warning = failure(ack) if is_sent else ""
    told = {"ms": round(ack.elapsed * 1000, 1), "status": ack.status, "sent": is_sent}
    return {"ok": not warning, "ack": told, "warning": warning}


def _initial(element: Block) -> Iterator[Block]:
    if option := element.get("initial_option"):
        yield option
    yield from element.get("initial_options", ())
