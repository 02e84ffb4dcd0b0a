"""What pipelines are made of: steps that take time and gates that wait for somebody."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from sandbox.buddy.errors import bad, forbidden
from sandbox.buddy.people import Person
from sandbox.buddy.workspaces import Group


class GateKind(StrEnum):
    """What a gate wants from a person."""

    APPROVAL = "approval"
    VARIABLES = "variables"
    SETTABLE_VARIABLES = "settable_variables"
    VISUAL_TESTS = "visual_tests"

    @property
    def type(self) -> str:
        """The action's ``type``. S18, S19; for visual tests S4."""
        return _TYPES[self]

    @property
    def status(self) -> str:
        """The status while it waits. S7, S11."""
        return _STATUSES[self]

    @property
    def operation(self) -> str:
        """The operation that answers it. S2, S4; that each kind has its own is inferred."""
        return _OPERATIONS[self]

    @property
    def asks_for_values(self) -> bool:
        """Whether an answer needs ``variables``."""
        return self in {GateKind.VARIABLES, GateKind.SETTABLE_VARIABLES}


_TYPES = {
    GateKind.APPROVAL: "WAIT_FOR_APPLY",
    GateKind.VARIABLES: "WAIT_FOR_VARIABLES",
    GateKind.SETTABLE_VARIABLES: "SET_VARIABLES",
    GateKind.VISUAL_TESTS: "APPROVE_VT",
}
_STATUSES = {
    GateKind.APPROVAL: "WAITING_FOR_APPLY",
    GateKind.VARIABLES: "WAITING_FOR_VARIABLES",
    GateKind.SETTABLE_VARIABLES: "WAITING_FOR_SETTABLE_VARIABLES",
    GateKind.VISUAL_TESTS: "WAITING_FOR_VT_SESSION",
}
_OPERATIONS = {
    GateKind.APPROVAL: "APPLY",
    GateKind.VARIABLES: "APPLY_VARIABLES",
    GateKind.SETTABLE_VARIABLES: "SET_VARIABLES",
    GateKind.VISUAL_TESTS: "APPROVE_VT",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A value that a gate asks for (S19).

    With options it is a menu; with ``init_path`` the options stand in a file that the API does not
    show.
    """

    key: str
    value: str = ""
    options: Sequence[str] = ()
    description: str = ""
    encrypted: bool = False
    init_path: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A value that somebody gave."""

    key: str
    value: str = field(repr=False)
    encrypted: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Step:
    """Something that runs; ``type`` may be one that no client knows."""

    name: str
    seconds: float = 10
    type: str = "BUILD"
    logs: Sequence[str] = ()
    fails: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Gate:
    """Something that waits for a person."""

    name: str
    kind: GateKind = GateKind.APPROVAL
    question: str = ""
    fields: Sequence[Field] = ()
    approvers: Sequence[Person] | None = None
    """Who may answer it (S18); None for everybody who may run the pipeline."""

    groups: Sequence[Group] = ()
    """Whose people may answer it, too, where it has a list."""

    prevent_self_approval: bool = False
    """S19 for Pass arguments; for the other gates inferred."""

    @property
    def type(self) -> str:
        """The action's ``type``."""
        return self.kind.type

    @property
    def defaults(self) -> tuple[Value, ...]:
        """What Buddy's own dialog begins with: each value, else the first choice (chosen)."""
        return tuple(
            Value(asked.key, asked.value or next(iter(asked.options), ""), asked.encrypted)
            for asked in self.fields
        )

    def check_person(self, person: Person, creator: Person | None) -> None:
        """Refuse who may not answer. That the answer is 403 is inferred."""
        if not self.admits(person):
            raise forbidden("You are not allowed to approve this action")
        if self.prevent_self_approval and person is creator:
            raise forbidden("You cannot approve an execution that you triggered yourself")

    def admits(self, person: Person) -> bool:
        """Whether its list names a person, themselves or through a group."""
        if self.approvers is None and not self.groups:
            return True
        listed = [*(self.approvers or ()), *(one for group in self.groups for one in group.people)]
        return person in listed

    def check_values(self, values: Sequence[Value]) -> None:
        """Refuse an answer that lacks a value. All of them are needed: unknown, the strictest."""
        if not self.kind.asks_for_values:
            return
        if not values:
            raise bad("Field variables is required")
        given = {value.key for value in values}
        if lacking := [asked.key for asked in self.fields if asked.key not in given]:
            raise bad(f"Missing variables: {', '.join(lacking)}")

    def seal(self, values: Sequence[Value]) -> tuple[Value, ...]:
        """Mark the values that the gate wants to be kept from view."""
        secret = {asked.key for asked in self.fields if asked.encrypted}
        return tuple(
            replace(value, encrypted=value.encrypted or value.key in secret) for value in values
        )


@dataclass(frozen=True, eq=False, slots=True)
class Parallel:
    """Actions that start together; what follows waits for all of them."""

    actions: Sequence[Step | Gate]


Plan = Sequence[Step | Gate | Parallel]


@dataclass(frozen=True, eq=False, slots=True)
class Action:
    """A step or a gate with its place in a pipeline."""

    id: int
    what: Step | Gate
    group: int
    """Actions of one group run at once, groups one after the other."""

    run_next: str
    """S19: whether the next action waits for this one."""

    @property
    def name(self) -> str:
        """What people call it."""
        return self.what.name

    @property
    def gate(self) -> Gate | None:
        """The gate, if it is one."""
        return self.what if isinstance(self.what, Gate) else None
