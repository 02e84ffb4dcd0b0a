"""Print what changed in Slack since the last look, as far as one person sees it."""

import difflib
import re
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack import Channel, Ephemeral, Message, Person
from sandbox.terminal.buttons import Buttons
from sandbox.terminal.commands import Misunderstood
from sandbox.terminal.screen import Screen

GAP = "⋮"
_PERCENT = re.compile(r"(: | · )?\d+ %")
_BUTTON = re.compile(r"\[\d+\]")


@dataclass(slots=True)
class News:
    """Remembers what was printed; prints what is new, and of an edited message what changed."""

    channel: Channel
    screen: Screen
    buttons: Buttons
    _layouts: dict[str, Any] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)

    def tell(self, person: Person) -> None:
        """Print everything that is new to this person."""
        for message in [*self.channel.log, *person.dms]:
            if self._has_changed(message):
                self._tell_message(message)
        for note in person.ephemerals:
            if self._has_changed(note) and not note.deleted:
                self.screen.shows(_private_heading(note, person), self.buttons.read(note))

    def show_all(self, person: Person) -> None:
        """Print the channel as it stands, and the last thing only this person sees."""
        messages = self.channel.messages
        if not messages:
            self.screen.says(f"#{self.channel.name} is empty.")
        for message in messages:
            heading = self._heading(message)
            if replies := len(message.thread):
                heading += f", {replies} in its thread"
            self.screen.shows(heading, self._read(message), has_title=True)
        notes = [note for note in person.ephemerals if not note.deleted]
        if notes:
            self.screen.shows(_private_heading(notes[-1], person), self.buttons.read(notes[-1]))

    def show_thread(self, number: int) -> None:
        """Print a message and its thread.

        Raises:
            Misunderstood: there is no message of this number.
        """
        messages = self.channel.messages
        if not 1 <= number <= len(messages):
            many = f"There are {len(messages)} messages" if messages else "There is no message"
            raise Misunderstood(f"{many} in #{self.channel.name}. `look` shows them.")
        top = messages[number - 1]
        self.screen.shows(self._heading(top), self._read(top), has_title=True)
        for reply in top.thread:
            self.screen.shows(self._heading(reply), self._read(reply))
        if not top.thread:
            self.screen.says("Nothing in its thread yet.")

    def _has_changed(self, shown: Message | Ephemeral) -> bool:
        """Notice a new or replaced layout; Slack makes a fresh one with each edit."""
        key = f"{shown.channel.id} {shown.ts}"
        known = self._layouts.get(key)
        self._layouts[key] = None if shown.deleted else shown.layout
        if shown.deleted:
            return known is not None
        return known is not shown.layout

    def _tell_message(self, message: Message) -> None:
        before = self._texts.get(message.ts)
        text = self._read(message)
        is_top = message.thread_ts is None
        if message.deleted:
            self.screen.says(f"A message was deleted: {text.splitlines()[0]}")
        elif before is None:
            self.screen.shows(self._heading(message), text, has_title=is_top)
        elif _PERCENT.sub("", before) != _PERCENT.sub("", text):
            heading = f"{self._heading(message)}, edited"
            self.screen.shows(heading, _changes(before, text), has_title=is_top)

    def _read(self, message: Message) -> str:
        text = self._texts[message.ts] = self.buttons.read(message)
        return text

    def _heading(self, message: Message) -> str:
        if message.channel.is_direct:
            return f"direct message to {message.channel.name}"
        tops = [one.ts for one in self.channel.messages]
        parent = message.thread_ts or message.ts
        number = tops.index(parent) + 1 if parent in tops else 0
        if message.thread_ts is None:
            return f"#{self.channel.name}, message {number}"
        return f"thread of message {number}" if number else "thread of a deleted message"


def _private_heading(note: Ephemeral, person: Person) -> str:
    who = "" if note.is_by_bot else ", from Slack itself"
    return f"only visible to {person.name}{who}"


def _changes(before: str, after: str) -> str:
    """Keep the title, what is new, and every button; a gap stands for the rest."""
    old, new = before.splitlines(), after.splitlines()
    kept = {0, *(index for index, line in enumerate(new) if _BUTTON.search(line))}
    for tag, _, _, start, end in difflib.SequenceMatcher(a=old, b=new).get_opcodes():
        if tag != "equal":
            kept.update(range(start, end))
    lines: list[str] = []
    for index, line in enumerate(new):
        if index in kept:
            lines.append(line)
        elif lines[-1] != GAP:
            lines.append(GAP)
    return "\n".join(lines)
