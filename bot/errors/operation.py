"""The world is not as the button said."""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from bot.errors.base import BotError
from bot.errors.text import link, quote


@dataclass(eq=False, repr=False)
class OperationError(BotError):
    """The world is not as the button said; nothing was sent, unless the class says otherwise."""

    code: ClassVar[str] = "operation_error"


@dataclass(eq=False, repr=False)
class NotTaken(OperationError):
    """The click could not be stored in time: it will not happen, now or later."""

    code: ClassVar[str] = "not_taken"

    @override
    def explain(self) -> str:
        return (
            "Not taken: I could not write down your request, so nothing was sent and nothing will "
            "be. Try again in a moment."
        )


@dataclass(eq=False, repr=False)
class AttemptChanged(OperationError):
    """The execution was retried after the button was made."""

    code: ClassVar[str] = "attempt_changed"

    execution: int
    state: str

    @override
    def explain(self) -> str:
        return (
            f"This button is of an earlier moment: #{self.execution} was started or retried since, "
            f"and is now *{self.state}*. Nothing was sent. Use the buttons of the updated card, or "
            f"post a fresh one with `{self.command} show`."
        )


@dataclass(eq=False, repr=False)
class GateGone(OperationError):
    """The gate no longer waits: it was answered, stopped, or another one waits now."""

    code: ClassVar[str] = "gate_gone"

    gate: str
    state: str
    by: str = ""
    """Who answered, already written as a mention or escaped name; empty if it cannot be told."""

    @override
    def explain(self) -> str:
        gate = f"“{quote(self.gate)}”" if self.gate else "The gate of this button"
        who = f" It was answered by {self.by}." if self.by else ""
        return (
            f"{gate} no longer waits: the execution is *{self.state}*.{who} Nothing was sent. "
            "The card shows what can be done now."
        )


@dataclass(eq=False, repr=False)
class AlreadyDecided(OperationError):
    """Somebody was first; ``by`` is a mention or an escaped name, ``did`` a past participle."""

    code: ClassVar[str] = "already_decided"

    by: str
    did: str
    is_same_person: bool

    @override
    def explain(self) -> str:
        who = "you" if self.is_same_person else self.by
        return (
            f"Already {self.did} by {who}, so nothing more was sent. "
            "The card and its thread show how it went on."
        )


@dataclass(eq=False, repr=False)
class Superseded(OperationError):
    """A newer run of the same pipeline and branch exists."""

    code: ClassVar[str] = "superseded"

    execution: int
    newer: int

    @override
    def explain(self) -> str:
        return (
            f"#{self.execution} was overtaken by the newer run #{self.newer}, and Buddy lets only "
            "the newest run of a branch be approved. Nothing was sent. "
            f"Look at #{self.newer}: approve or retry that one."
        )


@dataclass(eq=False, repr=False)
class StateForbids(OperationError):
    """The execution's state does not allow the operation."""

    code: ClassVar[str] = "state_forbids"

    wanted: str
    execution: int
    state: str

    @override
    def explain(self) -> str:
        return (
            f"#{self.execution} is *{self.state}*, so there is nothing to {self.wanted}. "
            "Nothing was sent. The card shows what can be done now."
        )


@dataclass(eq=False, repr=False)
class GateNotNamed(OperationError):
    """Several gates wait and the command did not say which."""

    code: ClassVar[str] = "gate_not_named"

    gates: tuple[str, ...]

    @override
    def explain(self) -> str:
        listed = ", ".join(dict.fromkeys(f"“{quote(gate)}”" for gate in self.gates[:10]))
        return f"Several gates wait: {listed}. Nothing was sent. Choose one below."


@dataclass(eq=False, repr=False)
class ValuesNeeded(OperationError):
    """The gate asks for variables, and none were given."""

    code: ClassVar[str] = "values_needed"

    url: str

    @override
    def explain(self) -> str:
        where = link(self.url, "Open it in Buddy")
        return (
            "This gate asks for variables, so a yes is not enough. Nothing was sent. Use its "
            f"*Provide variables…*, or do it on Buddy's page. {where} and fill them in there."
        )


@dataclass(eq=False, repr=False)
class BindingImpossible(OperationError):
    """Buddy says too little to be sure which attempt or gate is meant."""

    code: ClassVar[str] = "binding_impossible"

    url: str

    @override
    def explain(self) -> str:
        where = link(self.url, "Open it in Buddy")
        return (
            "Buddy does not tell me exactly which gate this is, so I do not answer it. "
            f"Nothing was sent. {where} and decide there."
        )


@dataclass(eq=False, repr=False)
class StillSettling(OperationError):
    """An operation was sent a moment ago and Buddy does not show its effect yet."""

    code: ClassVar[str] = "still_settling"

    by: str
    did: str

    @override
    def explain(self) -> str:
        return (
            f"It was {self.did} by {self.by} a moment ago and Buddy does not show it yet. "
            "Nothing more was sent. Wait for the card to change, then decide."
        )


@dataclass(eq=False, repr=False)
class EffectUnclear(OperationError):
    """It was sent, and the execution can no longer be read to see what came of it."""

    code: ClassVar[str] = "effect_unclear"

    @override
    def explain(self) -> str:
        return (
            "It was sent, but I can no longer read the execution with your Buddy account, so I "
            "cannot tell what came of it. I do not send it again by myself. Look at the execution "
            "in Buddy, then decide."
        )
