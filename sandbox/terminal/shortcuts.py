"""The app's shortcuts, as a terminal offers them: those of a message, and those for anywhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.manifest import Offer, find_manifest
from sandbox.slack import Channel, Message, Person
from sandbox.terminal.commands import Misunderstood
from sandbox.terminal.screen import Screen


def _offer() -> Offer:
    return Offer.of(find_manifest().read_text("utf-8"))


@dataclass(slots=True)
class Shortcuts:
    """Lists what the app's manifest offers, and chooses from it."""

    channel: Channel
    screen: Screen
    offer: Offer = field(default_factory=_offer)

    async def of_message(self, person: Person, text: str) -> None:
        """List the shortcuts of a message, given by its number, or choose one of them by name.

        Raises:
            Misunderstood: there is no such message, or no such shortcut.
        """
        number, _, name = text.partition(" ")
        messages = self.channel.messages
        if not number.isdecimal() or not 1 <= int(number) <= len(messages):
            raise Misunderstood("Type a message's number, and what of its menu: more 1 approve")
        offered = self.offer.shortcuts_of("message")
        if not name:
            self._list(offered, f"more {number}")
            return
        await self._choose(person, offered, name, messages[int(number) - 1])

    async def anywhere(self, person: Person, text: str) -> None:
        """List the shortcuts that need no message, or choose one of them by name.

        Raises:
            Misunderstood: there is no such shortcut.
        """
        offered = self.offer.shortcuts_of("global")
        if not text:
            self._list(offered, "shortcut")
            return
        await self._choose(person, offered, text, None)

    def _list(self, offered: Mapping[str, str], word: str) -> None:
        if not offered:
            raise Misunderstood("The app offers no shortcut here. `help` shows what can be typed.")
        self.screen.lists([(f"{word} {_first(name)}", name) for name in offered.values()])

    async def _choose(
        self, person: Person, offered: Mapping[str, str], name: str, message: Message | None
    ) -> None:
        wanted = name.casefold()
        found = [key for key, shown in offered.items() if shown.casefold().startswith(wanted)]
        if len(found) != 1:
            listed = ", ".join(f"`{_first(shown)}`" for shown in offered.values())
            raise Misunderstood(f"Type one of {listed}." if listed else "There is no shortcut.")
        try:
            await person.uses_shortcut(found[0], message)
        except LookupError as refused:
            raise Misunderstood(f"{refused}.".capitalize()) from None
        self.screen.says(f"({person.name} chooses {offered[found[0]]})")


def _first(name: str) -> str:
    return name.split(maxsplit=1)[0].strip("…").casefold()
