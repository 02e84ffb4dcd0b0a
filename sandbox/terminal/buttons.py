"""Number the buttons that are on the screen.

A button keeps its number for as long as the sandbox runs, and a number never means another button:
what somebody is about to type stays right while a card changes under their hands. What was printed
last is what a number presses, so a button that has gone since can be pressed as on a screen that
was not refreshed.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.looks import dialog
from sandbox.slack.shape import elements
from sandbox.slack.surfaces import Ephemeral, Message

GLUE = "\u00a0"
"""A space that no line is broken at, so that a number stays with its button."""

Shown = Message | Ephemeral


@dataclass(slots=True)
class Numbered:
    """One button as it was printed last."""

    number: int
    label: str
    place: int
    """Its place among the buttons of what it stands on."""

    shown: Shown
    confirm: str
    """What Slack asks before it sends the click; empty if it asks nothing."""

    url: str
    is_there: bool = True


@dataclass(slots=True)
class Buttons:
    """All buttons that were ever printed."""

    by_number: dict[int, Numbered] = field(default_factory=dict)
    _numbers: dict[tuple[str, str, int], int] = field(default_factory=dict)

    def read(self, shown: Shown) -> str:
        """Read something aloud, with a number before each of its buttons."""
        text = shown.reads
        found = [] if shown.deleted else self._number(shown)
        if not found:
            return text
        lines, places = [], iter(found)
        for block in shown.layout:
            line = shown.reader.read([block])
            if any(one["type"] == "button" for _, one in elements([block])):
                line = _replaced(line, block, shown, places)
            lines.append(line)
        return "\n".join(lines)

    def labelled(self, label: str) -> list[Numbered]:
        """Find the buttons on the screen that say this."""
        wanted = label.casefold()
        everything = self.by_number.values()
        return [one for one in everything if one.is_there and one.label.casefold() == wanted]

    def _number(self, shown: Shown) -> list[Numbered]:
        for old in self.by_number.values():
            if old.shown.original is shown:
                old.is_there = False
        still, seen = shown.snapshot(), Counter[str]()
        pressed = [one for _, one in elements(shown.layout) if one["type"] == "button"]
        found = []
        for place, element in enumerate(pressed):
            label = str(element["text"]["text"])
            key = (shown.ts, label, seen[label])
            seen[label] += 1
            number = self._numbers.setdefault(key, len(self._numbers) + 1)
            confirm, url = _asks(element, shown), str(element.get("url", ""))
            one = Numbered(number, label, place, still, confirm, url)
            self.by_number[number] = one
            found.append(one)
        return found


def _replaced(line: str, block: dict[str, Any], shown: Shown, places: Iterator[Numbered]) -> str:
    for _, element in elements([block]):
        if element["type"] != "button":
            continue
        one = next(places)
        # From the right: a section's button stands behind its text, which may say anything.
        head, _, tail = line.rpartition(shown.reader.element(element))
        line = f"{head}[{one.number}]{GLUE}{one.label.replace(' ', GLUE)}{tail}"
    return line


def _asks(element: dict[str, Any], shown: Shown) -> str:
    if (confirm := element.get("confirm")) is None:
        return ""
    parts = ("title", "text", "confirm", "deny")
    return dialog("\n".join(shown.reader.element(confirm[part]) for part in parts))
