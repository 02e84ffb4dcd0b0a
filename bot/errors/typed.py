"""What somebody typed or pressed that leads nowhere."""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from bot.errors.base import BotError
from bot.errors.text import code, in_column, quote, without_markup


@dataclass(eq=False, repr=False)
class InputError(BotError):
    """Somebody typed or pressed something that leads nowhere."""

    code: ClassVar[str] = "input_error"


@dataclass(eq=False, repr=False)
class CommandSyntaxError(InputError):
    """The text is no command; knows the column (from 0) and one correct example."""

    code: ClassVar[str] = "command_syntax"

    text: str
    column: int
    problem: str
    example: str

    @override
    def explain(self) -> str:
        typed = f"{self.command} "
        start = max(0, self.column - 40)
        # One character for each, or the pointer would stand under the wrong one.
        shown = "".join(map(in_column, self.text[start : self.column + 40]))
        lead = "…" if start else typed
        pointer = " " * (len(lead) + self.column - start) + "^"
        line = f"{lead}{without_markup(shown)}".rstrip()
        return (
            f"{self.problem}\n```{line}\n{pointer}```\n"
            f"For example: `{typed}{self.example}`. All commands: `{typed}help`."
        )


@dataclass(eq=False, repr=False)
class TokenInText(InputError):
    """Somebody typed a token as slash text, where it stays in their history."""

    code: ClassVar[str] = "token_in_text"

    @override
    def explain(self) -> str:
        return (
            "This looks like a token, and slash commands are no safe place for one: it stays in "
            "your history. I did not store it. Revoke it in Buddy (avatar → Security → Personal "
            f"Access Tokens), create a new one, and paste that into the form of `{self.command} "
            "connect`."
        )


@dataclass(eq=False, repr=False)
class TokenMalformed(InputError):
    """What was pasted cannot be a Buddy token."""

    code: ClassVar[str] = "token_malformed"

    @override
    def explain(self) -> str:
        return (
            "A Buddy token looks like 01234567-89ab-cdef-0123-456789abcdef. "
            "Copy it again from Buddy and paste it here."
        )


@dataclass(eq=False, repr=False)
class UnknownName(InputError):
    """Nothing of that name is visible to this person."""

    code: ClassVar[str] = "unknown_name"

    kind: str
    name: str
    nearest: str = ""

    @override
    def explain(self) -> str:
        hint = f" Did you mean “{quote(self.nearest)}”?" if self.nearest else ""
        return (
            f"I find no {self.kind} “{quote(self.name)}” among what your Buddy account may "
            f"see.{hint} Check the name in Buddy's address bar and try again."
        )


@dataclass(eq=False, repr=False)
class AmbiguousName(InputError):
    """Several things fit the name; ``choices`` can be typed in its place as they stand."""

    code: ClassVar[str] = "ambiguous_name"

    kind: str
    name: str
    choices: tuple[str, ...]

    @override
    def explain(self) -> str:
        listed = ", ".join(dict.fromkeys(code(choice) for choice in self.choices[:10]))
        return f"“{quote(self.name)}” can mean {listed}. Type one of these in full."


@dataclass(eq=False, repr=False)
class UnknownAction(InputError):
    """The execution has no action of that name."""

    code: ClassVar[str] = "unknown_action"

    name: str
    choices: tuple[str, ...]

    @override
    def explain(self) -> str:
        listed = ", ".join(dict.fromkeys(f"“{quote(choice, 60)}”" for choice in self.choices[:10]))
        known = f"Type one of these: {listed}." if listed else "None of its actions has begun."
        return f"This execution has no action “{quote(self.name)}”. {known}"


@dataclass(eq=False, repr=False)
class ForeignLink(InputError):
    """The pasted link leads to another Buddy than the configured one, or to no Buddy at all."""

    code: ClassVar[str] = "foreign_link"

    host: str
    ours: str

    @override
    def explain(self) -> str:
        return (
            f"This link leads to {code(self.host)}, and I am connected to {code(self.ours)}. "
            "Nothing was sent. Use a link of that Buddy, or type project/pipeline#12."
        )


@dataclass(eq=False, repr=False)
class NumberUnknown(InputError):
    """The link names an execution by its hash, and none of the latest ones has it."""

    code: ClassVar[str] = "number_unknown"

    pipeline: str

    @override
    def explain(self) -> str:
        return (
            "I do not find the execution of this link among the latest of its pipeline, or Buddy "
            "does not show it to you. Nothing was sent. Open the link, read the execution's "
            f"number there, and type it: {code(f'{self.pipeline}#12')} with that number."
        )


@dataclass(eq=False, repr=False)
class NothingRunYet(InputError):
    """The pipeline has no execution at all."""

    code: ClassVar[str] = "nothing_run_yet"

    pipeline: str

    @override
    def explain(self) -> str:
        return f"{code(self.pipeline)} has no execution yet. Try again once one runs in Buddy."


@dataclass(eq=False, repr=False)
class ChoiceOfAnother(InputError):
    """The button carries on with what somebody else typed."""

    code: ClassVar[str] = "choice_of_another"

    @override
    def explain(self) -> str:
        return (
            "This choice was offered to somebody else. Nothing was sent. Type the command "
            f"yourself; `{self.command} help` shows how."
        )


@dataclass(eq=False, repr=False)
class ButtonUnreadable(InputError):
    """The button's value is not one this version can read."""

    code: ClassVar[str] = "button_unreadable"

    @override
    def explain(self) -> str:
        return (
            "This card was made by another version of me, so I do not trust its button. Nothing "
            f"was sent. Post a fresh card with `{self.command} show`."
        )


@dataclass(eq=False, repr=False)
class ForeignHost(InputError):
    """The card belongs to another Buddy installation than the configured one."""

    code: ClassVar[str] = "foreign_host"

    @override
    def explain(self) -> str:
        return (
            "This belongs to another Buddy installation than the one I am connected to. "
            "Nothing was sent. Open it in Buddy instead."
        )


@dataclass(eq=False, repr=False)
class ForeignInstallation(InputError):
    """Another installation of the bot, with the same Slack app, made the card."""

    code: ClassVar[str] = "foreign_installation"

    @override
    def explain(self) -> str:
        return (
            "This card was made by another installation of me that shares this Slack app, and I "
            "know nothing of its people and decisions. Nothing was sent. Click again, it may get "
            f"there; or post a card of mine with `{self.command} show`, and tell whoever runs me."
        )


@dataclass(eq=False, repr=False)
class ChoiceGone(InputError):
    """What was offered to choose from was chosen already, or is too old."""

    code: ClassVar[str] = "choice_gone"

    @override
    def explain(self) -> str:
        return (
            "This choice is made already, or too old to count. Nothing was sent. "
            f"Type it again with `{self.command} run`."
        )
