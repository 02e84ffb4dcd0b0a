"""A form in front of somebody, filled in field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack import Person, View
from sandbox.slack.forms import find_input
from sandbox.slack.shape import Block, value_field
from sandbox.terminal.answers import Answers, Unclear
from sandbox.terminal.screen import Screen


@dataclass(slots=True)
class Filling:
    """A modal in front of somebody, filled in field by field."""

    person: Person
    view: View
    screen: Screen
    shortcuts: Mapping[str, str] = field(repr=False)
    """Words that stand for something too long to type, where a field's label names them."""

    answers: Answers
    answered: set[str] = field(default_factory=set)
    """Labels of fields that are answered: a form that changes meanwhile does not ask again."""

    _layout: Any = None
    _fields: list[str] = field(default_factory=list)
    _submit: str = ""

    def __post_init__(self) -> None:
        """Draw the form, and say how to go on."""
        self._layout = self.view.layout
        self._fields = [label for label in self.view.labels if label not in self.answered]
        self._submit = str(self.view.spec.get("submit", {}).get("text", ""))
        self.screen.shows(f"a form, before {self.person.name}", self.view.reads, has_title=True)
        if not self._fields:
            return
        if not self.answered:
            self.screen.says(
                "Fill it in field by field. After the last field the sandbox presses "
                f"[{self._submit}]; `send` presses it at once, and `cancel` closes the form and "
                "sends nothing."
            )
        self._explain()

    @property
    def is_open(self) -> bool:
        """Whether the person still sees exactly this; another form takes its place."""
        return self.person.modal is self.view and self._layout is self.view.layout

    @property
    def asks(self) -> bool:
        """Whether there is anything to fill in, or to send."""
        return bool(self._fields or self._submit)

    @property
    def prompt(self) -> str:
        """Name the field."""
        if not self._fields:
            return f"{self._submit}? y/n ▸ " if self._submit else "Enter closes the form ▸ "
        label = self._fields[0]
        return f"{label}{self._note(label)} ▸ "

    @property
    def words(self) -> list[str]:
        """Answers that can be completed."""
        if not self._fields:
            return ["yes", "no"] if self._submit else []
        return [*self._offered(), *self.view.buttons, "send", "cancel"]

    async def takes(self, line: str) -> None:
        """Take an answer to the field; after the last one, send the form."""
        if not self._fields and line.casefold() in {"y", "yes"} and self._submit:
            await self._send()
            return
        if not self._fields or line.casefold() == "cancel":
            await self.person.closes_modal()
            self.screen.says("Closed. Nothing was sent." if self.asks else "Closed.")
            return
        if line.casefold() == "send":
            await self._send()
        elif line in self.view.buttons:
            await self.person.clicks(self.view, line)
        elif not line or await self._fill(self._offered().get(line.casefold(), line)):
            await self._go_on()

    async def _fill(self, line: str) -> bool:
        label = self._fields[0]
        try:
            answer = await self.answers.read(self.person, self.view, label, line)
            await self.person.fills({label: answer})
        except (LookupError, Unclear) as unknown:
            self.screen.says(f"{unknown}")
            return False
        return True

    async def _go_on(self) -> None:
        self.answered.add(self._fields.pop(0))
        if not self._fields:
            await self._send()
        elif self.is_open:
            self._explain()

    async def _send(self) -> None:
        self.answered.clear()
        await self.person.submits()
        errors = self.person.modal_errors
        if not errors:
            self.screen.says(f"({self.person.name} presses [{self._submit}])")
            return
        for label, problem in errors.items():
            self.screen.shows(label or "the form", f"{problem}")
        labels = self.view.labels
        self._fields = [label for label in labels if label in errors] or labels
        self.screen.says("Once more; `cancel` closes the form.")

    def _explain(self) -> None:
        if hint := self.answers.hint(self.view, self._fields[0]):
            self.screen.says(hint)
        for word in self._offered():
            self.screen.says(f"`{word}` pastes {self.person.name}'s own, made in Buddy just now.")

    def _offered(self) -> dict[str, str]:
        label = self._fields[0].casefold()
        return {word: text for word, text in self.shortcuts.items() if word in label}

    def _note(self, label: str) -> str:
        """Say what happens if nothing is typed."""
        block = find_input(self.view, label)
        if filled_in(self.view, block) and label not in self.person.modal_errors:
            return " (Enter leaves it)"
        return " (may stay empty)" if block["optional"] else ""


def filled_in(view: View, block: Block) -> bool:
    """Whether something stands in a field already."""
    element = block["element"]
    state = view.values.get(block["block_id"], {}).get(element["action_id"], {})
    return bool(state.get(value_field(element)))
