"""Edit one line: moving, erasing, history, completion. Pure: it draws nothing."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.terminal.keys import Key

MAX_LINE = 3000
"""Characters; more is no longer typing."""


def width_of(text: str) -> int:
    """Count the columns that a text takes on a terminal."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


@dataclass(slots=True)
class Editor:
    """The line that is being typed."""

    text: str = ""
    cursor: int = 0
    history: list[str] = field(default_factory=list)
    _place: int = 0
    """Where in the history; its length means the line of one's own."""

    def press(self, key: Key | str) -> None:
        """Do what a key says; keys that do not edit are somebody else's."""
        if isinstance(key, str):
            self._insert(key)
        elif key in _MOVES:
            self.cursor = _MOVES[key](self)
        elif key in {Key.UP, Key.DOWN}:
            self._recall(-1 if key is Key.UP else 1)
        else:
            self._erase(key)

    def complete(self, offer: Callable[[str], list[str]]) -> list[str]:
        """Go on as far as all offered lines agree; where they part, return them."""
        found = offer(self.text[: self.cursor])
        common = _common_beginning(found) if found else ""
        if len(common) <= self.cursor:
            return found if len(found) > 1 else []
        self.text, self.cursor = common, len(common)
        return []

    def clear(self) -> None:
        """Throw the line away."""
        self.text, self.cursor, self._place = "", 0, len(self.history)

    def take(self, *, remember: bool) -> str:
        """Finish the line, and begin an empty one."""
        line = self.text.strip()
        if remember and line and self.history[-1:] != [line]:
            self.history.append(line)
        self.clear()
        return line

    def window(self, room: int) -> tuple[str, int]:
        """Choose what fits into so many columns, and tell in which of them the cursor stands."""
        start = 0
        while width_of(self.text[start : self.cursor]) >= room and start < self.cursor:
            start += 1
        end = self.cursor
        while end < len(self.text) and width_of(self.text[start : end + 1]) < room:
            end += 1
        return self.text[start:end], width_of(self.text[start : self.cursor])

    def _insert(self, typed: str) -> None:
        typed = typed[: MAX_LINE - len(self.text)]
        self.text = self.text[: self.cursor] + typed + self.text[self.cursor :]
        self.cursor += len(typed)

    def _erase(self, key: Key) -> None:
        before, after = self.text[: self.cursor], self.text[self.cursor :]
        match key:
            case Key.BACKSPACE:
                before = before[:-1]
            case Key.DELETE:
                after = after[1:]
            case Key.ERASE_BEFORE:
                before = ""
            case Key.ERASE_AFTER:
                after = ""
            case Key.ERASE_WORD:
                before = before.rstrip()
                before = before[: before.rfind(" ") + 1]
            case _:
                return
        self.text, self.cursor = before + after, len(before)

    def _recall(self, step: int) -> None:
        place = min(max(self._place + step, 0), len(self.history))
        if place != self._place:
            self._place = place
            self.text = self.history[place] if place < len(self.history) else ""
            self.cursor = len(self.text)


def _common_beginning(lines: list[str]) -> str:
    first, last = min(lines), max(lines)
    for index, character in enumerate(first):
        if last[index : index + 1] != character:
            return first[:index]
    return first


_MOVES: dict[Key, Callable[[Editor], int]] = {
    Key.LEFT: lambda line: max(0, line.cursor - 1),
    Key.RIGHT: lambda line: min(len(line.text), line.cursor + 1),
    Key.HOME: lambda _: 0,
    Key.END: lambda line: len(line.text),
}
