"""Variables that a gate asks for, and what somebody gave. No message ever holds a value."""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from bot.errors.operation import OperationError
from bot.errors.text import code, link

_LISTED = 10


@dataclass(eq=False, repr=False)
class ValuesError(OperationError):
    """What was given is not what the gate takes; nothing was sent."""

    code: ClassVar[str] = "values_error"


@dataclass(eq=False, repr=False)
class NoValuesWanted(ValuesError):
    """Values were typed, and the gate takes a plain yes."""

    code: ClassVar[str] = "no_values_wanted"

    @override
    def explain(self) -> str:
        return (
            "What waits there takes a plain yes and no variables, so the values that you typed fit "
            f"nowhere. Nothing was sent. Type `{self.command} approve` without them."
        )


@dataclass(eq=False, repr=False)
class UnknownVariable(ValuesError):
    """The gate does not ask for a variable of this name."""

    code: ClassVar[str] = "unknown_variable"

    name: str
    nearest: str
    choices: tuple[str, ...]

    @override
    def explain(self) -> str:
        meant = f" Did you mean {code(self.nearest)}?" if self.nearest else ""
        return (
            f"This gate does not ask for {code(self.name)}.{meant} It asks for: "
            f"{_listed(self.choices)}. Nothing was sent. Type it again with one of these names."
        )


@dataclass(eq=False, repr=False)
class ValuesMissing(ValuesError):
    """Not every variable that the gate asks for has a value."""

    code: ClassVar[str] = "values_missing"

    choices: tuple[str, ...]

    @override
    def explain(self) -> str:
        return (
            f"This gate also asks for: {_listed(self.choices)}. Nothing was sent. "
            "Use *Provide variables…* to fill in the rest."
        )


@dataclass(eq=False, repr=False)
class ValueNotOffered(ValuesError):
    """The variable takes one of several values only, and this is none of them."""

    code: ClassVar[str] = "value_not_offered"

    name: str
    choices: tuple[str, ...]

    @override
    def explain(self) -> str:
        return (
            f"{code(self.name)} takes only one of: {_listed(self.choices)}. Nothing was sent. "
            "Choose one of these, exactly as it is written."
        )


@dataclass(eq=False, repr=False)
class ValueOfSeveralLines(ValuesError):
    """A value has more than one line, or more characters than are taken."""

    code: ClassVar[str] = "value_of_several_lines"

    name: str

    @override
    def explain(self) -> str:
        return (
            f"The value of {code(self.name)} must be a single line of at most 3,000 characters. "
            "Nothing was sent. Try a shorter one, or one without line breaks."
        )


@dataclass(eq=False, repr=False)
class ValuesChanged(ValuesError):
    """Somebody changed what the gate asks for while the form was open."""

    code: ClassVar[str] = "values_changed"

    @override
    def explain(self) -> str:
        return (
            "The pipeline was edited meanwhile: this gate now asks for other variables than the "
            "form did. Nothing was sent, and what you filled in is not kept. Use *Provide "
            "variables…* again."
        )


@dataclass(eq=False, repr=False)
class ValuesLost(ValuesError):
    """Something kept the values from being sent in time; they are wiped."""

    code: ClassVar[str] = "values_lost"

    @override
    def explain(self) -> str:
        return (
            "I was interrupted before I could pass on your variables. Nothing was sent, and what "
            "you gave is wiped: I never send kept values later. Use *Provide variables…* and fill "
            "them in again."
        )


@dataclass(eq=False, repr=False)
class FieldsUnknown(ValuesError):
    """Buddy does not tell which variables the gate asks for."""

    code: ClassVar[str] = "fields_unknown"

    url: str

    @override
    def explain(self) -> str:
        where = link(self.url, "Open it in Buddy")
        return (
            "Buddy does not tell me which variables this gate asks for. Nothing was sent. "
            f"{where} and fill them in there."
        )


@dataclass(eq=False, repr=False)
class FormTooLarge(ValuesError):
    """The gate asks for more than fits into a form of Slack's."""

    code: ClassVar[str] = "form_too_large"

    url: str
    count: int

    @override
    def explain(self) -> str:
        where = link(self.url, "Open it in Buddy")
        return (
            f"This gate asks for {self.count} variables: more than a form in Slack can hold, which "
            "is 100 fields, or 250 kB with their texts. Nothing was sent. "
            f"{where} and fill them in there."
        )


def _listed(names: tuple[str, ...]) -> str:
    told = ", ".join(code(name, 80) for name in names[:_LISTED])
    return f"{told} and {len(names) - _LISTED} more" if len(names) > _LISTED else told
