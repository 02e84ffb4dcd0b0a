"""What must be answered before anything else: a confirmation, or a form field by field."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sandbox.slack import Person, View
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


@dataclass(slots=True)
class Filling:
    """A modal in front of somebody, filled in field by field."""

    person: Person
    view: View
    screen: Screen
    shortcuts: Mapping[str, str] = field(repr=False)
    """Words that stand for something too long to type, where a field's label names them."""

    _layout: Any = None
    _fields: list[str] = field(default_factory=list)
    _submit: str = ""

    def __post_init__(self) -> None:
        """Draw the form, and say how to go on."""
        self._layout = self.view.layout
        self._fields = [*self.view.labels]
        self._submit = str(self.view.spec.get("submit", {}).get("text", ""))
        self.screen.shows(f"a form, before {self.person.name}", self.view.reads, has_title=True)
        if not self._fields:
            return
        self.screen.says(
            "Fill it in field by field. After the last field the sandbox presses "
            f"[{self._submit}]; `cancel` closes the form and sends nothing."
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
        return f"{label}{' (may stay empty)' if self._is_optional(label) else ''} ▸ "

    @property
    def words(self) -> list[str]:
        """Answers that can be completed."""
        if not self._fields:
            return ["yes", "no"] if self._submit else []
        return [*self._offered(), "cancel"]

    async def takes(self, line: str) -> None:
        """Take an answer to the field; after the last one, send the form."""
        if not self._fields and line.casefold() in {"y", "yes"} and self._submit:
            await self._send()
            return
        if not self._fields or line.casefold() == "cancel":
            await self.person.closes_modal()
            self.screen.says("Closed. Nothing was sent." if self.asks else "Closed.")
            return
        label = self._fields[0]
        answer = self._offered().get(line.casefold(), line)
        if answer:
            try:
                await self.person.fills({label: answer})
            except LookupError as unknown:
                self.screen.says(f"{unknown}")
                return
        self._fields.pop(0)
        if self._fields:
            self._explain()
        else:
            await self._send()

    async def _send(self) -> None:
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
        for word in self._offered():
            self.screen.says(f"`{word}` pastes {self.person.name}'s own, made in Buddy just now.")

    def _offered(self) -> dict[str, str]:
        label = self._fields[0].casefold()
        return {word: text for word, text in self.shortcuts.items() if word in label}

    def _is_optional(self, label: str) -> bool:
        blocks = (block for block in self.view.layout if block["type"] == "input")
        return any(block["optional"] for block in blocks if block["label"]["text"] == label)
