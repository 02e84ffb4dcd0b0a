"""Buttons of private answers: each carries on with what somebody typed.

The value holds the command as text, which the grammar reads again, so that a button can do nothing
that could not be typed. It also names who was asked: a value is untrusted input all the same, and
who presses is told by Slack alone.
"""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.cards import actions
from bot.cards.actions import PREFIX
from bot.cards.card import MAX_BUTTON_VALUE
from bot.domain.command import Carriable
from bot.domain.execution import Binding, Operation
from bot.domain.grammar import parse, write
from bot.errors import ButtonUnreadable, CommandSyntaxError, TokenInText

CHOOSE = f"{PREFIX}.choose"
"""One of several things that a name can mean; the choice stands in its place afterwards."""

BROWSE = f"{PREFIX}.browse"
"""What stands beside an entry of a list: one level further down."""

NEXT = f"{PREFIX}.next"
PREVIOUS = f"{PREFIX}.previous"
CONFIRM = f"{PREFIX}.confirm"
"""Sends what was typed without the execution's number, now that the person saw which it is."""

CARRYING = (CHOOSE, BROWSE, NEXT, PREVIOUS)
MAX_PAGE = 100_000


class _Value(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    v: int = Field(ge=1, le=1)
    u: str = Field(min_length=1, max_length=32)


class _Command(_Value):
    c: str
    n: int = Field(default=1, ge=1, le=MAX_PAGE)


class _Operation(_Value):
    o: Operation = Field(strict=False)
    b: str
    r: str = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """A command to carry on with, and which page of its answer."""

    command: Carriable
    user: str
    page: int = 1

    def encode(self) -> str | None:
        """Write it into a button's value; None if it would not be read back as itself."""
        try:
            text = _Command(v=1, u=self.user, c=write(self.command), n=self.page).model_dump_json()
            is_same = self.decode(text) == self
        except (ValidationError, ButtonUnreadable):
            return None
        return text if is_same and len(text) <= MAX_BUTTON_VALUE else None

    @classmethod
    def decode(cls, text: str) -> "Carried":
        """Read a button's value.

        Raises:
            ButtonUnreadable: it is of another version, or was never written by ``encode``.
        """
        try:
            value = _Command.model_validate_json(text)
            command = parse(value.c)
        except (ValueError, CommandSyntaxError, TokenInText):
            raise ButtonUnreadable from None
        if not isinstance(command, Carriable):
            raise ButtonUnreadable
        return cls(command, value.u, value.n)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """An operation that was typed, bound to what the person is shown."""

    operation: Operation
    binding: Binding
    user: str
    reason: str = ""

    def encode(self) -> str | None:
        """Write it into a button's value; None if that cannot hold it."""
        binding = actions.encode(self.binding)
        if binding is None:
            return None
        try:
            value = _Operation(v=1, u=self.user, o=self.operation, b=binding, r=self.reason)
        except ValidationError:
            return None
        text = value.model_dump_json()
        return text if len(text) <= MAX_BUTTON_VALUE else None

    @classmethod
    def decode(cls, text: str) -> "Confirmed":
        """Read a button's value.

        Raises:
            ButtonUnreadable: it is of another version, or was never written by ``encode``.
        """
        try:
            value = _Operation.model_validate_json(text)
        except ValueError:
            raise ButtonUnreadable from None
        return cls(value.o, actions.decode(value.b), value.u, value.r)
