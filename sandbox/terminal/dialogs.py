"""What must be answered before anything else: a confirmation; forms stand in ``filling``."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from sandbox.terminal.screen import Screen


class Dialog(Protocol):
    """Something that wants an answer."""

    @property
    def prompt(self) -> str:
        """What stands before the answer."""
        ...

    @property
    def words(self) -> list[str]:
        """Answers that can be completed."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether it still wants an answer."""
        ...

    async def takes(self, line: str) -> None:
        """Take an answer."""
        ...


@dataclass(slots=True)
class Confirm:
    """Yes or no before a click is sent."""

    label: str
    press: Callable[[], Awaitable[None]]
    screen: Screen
    is_open: bool = True

    @property
    def prompt(self) -> str:
        """Ask."""
        return f"{self.label}? y/n ▸ "

    @property
    def words(self) -> list[str]:
        """Both answers."""
        return ["yes", "no"]

    async def takes(self, line: str) -> None:
        """Press the button, or do not."""
        answer = line.casefold()
        if answer in {"y", "yes", self.label.casefold()}:
            self.is_open = False
            await self.press()
        elif answer in {"", "n", "no", "cancel", "back"}:
            self.is_open = False
            self.screen.says("Nothing was pressed.")
        else:
            self.screen.says("Answer y or n.")
