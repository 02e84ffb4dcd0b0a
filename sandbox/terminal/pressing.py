"""Press numbered buttons as a person: with what Slack asks first, twice, or long gone."""

import re
from dataclasses import dataclass

from sandbox.slack import Person
from sandbox.terminal.buttons import Buttons, Numbered
from sandbox.terminal.commands import Misunderstood
from sandbox.terminal.dialogs import Confirm
from sandbox.terminal.screen import Screen

_NUMBER = re.compile(r"\[?(\d{1,6})\]?", re.ASCII)
ONCE, TWICE = 1, 2


def is_number(text: str) -> bool:
    """Whether somebody typed nothing but a button's number."""
    return _NUMBER.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Pressing:
    """Presses what is on the screen."""

    buttons: Buttons
    screen: Screen

    async def press(self, person: Person, text: str, times: int = ONCE) -> Confirm | None:
        """Press a button, given by its number or label; or return what must be answered first.

        Raises:
            Misunderstood: there is no such button, or more than one.
        """
        button = self._find(text)

        async def press() -> None:
            await self._send(person, button, times)

        if not button.is_there:
            self.screen.says(
                f"[{button.number}] {button.label} is gone by now. It can still be pressed, as on "
                "a screen that was not refreshed."
            )
            return Confirm("Press it", press, self.screen)
        if button.confirm:
            self.screen.shows(f"Slack asks {person.name}", button.confirm)
            return Confirm(button.label, press, self.screen)
        await press()
        return None

    async def _send(self, person: Person, button: Numbered, times: int) -> None:
        try:
            if times == TWICE:
                await person.double_clicks(button.shown, button.place)
            else:
                await person.clicks(button.shown, button.place)
        except LookupError:
            raise Misunderstood(
                f"{person.name} does not see [{button.number}] {button.label}."
            ) from None
        twice = " twice" if times == TWICE else ""
        self.screen.says(f"({person.name} presses {button.label}{twice})")
        if button.url:
            self.screen.says(f"A browser would open {button.url} now.")

    def _find(self, text: str) -> Numbered:
        if number := _NUMBER.fullmatch(text):
            if found := self.buttons.by_number.get(int(number[1])):
                return found
            raise Misunderstood(f"There is no button {number[1]}. {self._offer()}")
        found_all = self.buttons.labelled(text)
        if len(found_all) == 1:
            return found_all[0]
        if found_all:
            numbers = ", ".join(f"[{one.number}]" for one in found_all)
            raise Misunderstood(f"Several buttons say {text}: {numbers}. Type the number.")
        raise Misunderstood(f"Type a button's number. {self._offer()}")

    def _offer(self) -> str:
        there = [one for one in self.buttons.by_number.values() if one.is_there]
        if not there:
            return "No button is on the screen: /buddy show shop/deploy#1 brings a card with some."
        listed = ", ".join(f"[{one.number}] {one.label}" for one in there[-6:])
        return f"On the screen: {listed}"
