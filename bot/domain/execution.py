"""An execution of a pipeline: its state, its gates, and what may be asked of it.

    INITIAL ─▶ ENQUEUED ─▶ INPROGRESS ⇄ WAITING_… ─▶ SUCCESSFUL | FAILED
                   │             └──▶ TERMINATING ─▶ TERMINATED
                   └──▶ SKIPPED | NOT_EXECUTED          (RETRY leads back to ENQUEUED)

A gate is an action that waits for a person. A button is bound to one *attempt* of an execution
and, at a gate, to that gate: RETRY keeps the execution's number, so the number alone does not say
which attempt somebody meant.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import assert_never


class Status(StrEnum):
    """State of an execution or of one of its actions. Source: Buddy's API, «status»."""

    INITIAL = "INITIAL"
    ENQUEUED = "ENQUEUED"
    INPROGRESS = "INPROGRESS"
    TERMINATING = "TERMINATING"
    SUCCESSFUL = "SUCCESSFUL"
    FAILED = "FAILED"
    TERMINATED = "TERMINATED"
    SKIPPED = "SKIPPED"
    NOT_EXECUTED = "NOT_EXECUTED"
    WAITING_FOR_APPLY = "WAITING_FOR_APPLY"
    WAITING_FOR_VARIABLES = "WAITING_FOR_VARIABLES"
    WAITING_FOR_SETTABLE_VARIABLES = "WAITING_FOR_SETTABLE_VARIABLES"
    WAITING_FOR_VT_SESSION = "WAITING_FOR_VT_SESSION"
    UNKNOWN = "UNKNOWN"

    @classmethod
    def parse(cls, raw: str | None) -> "Status":
        """Read Buddy's word; one that is new to us is UNKNOWN, never an error."""
        return _BY_WORD.get(raw or "", cls.UNKNOWN)

    @property
    def is_final(self) -> bool:
        """Whether Buddy will not move it any further by itself."""
        return self in _FINAL

    @property
    def is_running(self) -> bool:
        """Whether it is on its way and waits for nobody."""
        return self in _RUNNING

    @property
    def waits(self) -> bool:
        """Whether it waits for a person."""
        return self in _WAITING


_BY_WORD = {status.value: status for status in Status}
_FINAL = frozenset(
    {Status.SUCCESSFUL, Status.FAILED, Status.TERMINATED, Status.SKIPPED, Status.NOT_EXECUTED}
)
_RUNNING = frozenset({Status.INITIAL, Status.ENQUEUED, Status.INPROGRESS, Status.TERMINATING})


class GateKind(StrEnum):
    """What a gate wants from a person."""

    APPROVAL = "approval"
    VARIABLES = "variables"
    SETTABLE_VARIABLES = "settable_variables"
    VISUAL_TESTS = "visual_tests"

    @property
    def needs_values(self) -> bool:
        """Whether the gate asks for variables besides a yes."""
        return self in {GateKind.VARIABLES, GateKind.SETTABLE_VARIABLES}

    @property
    def answered_by(self) -> "Operation":
        """Which operation lets the execution pass."""
        match self:
            case GateKind.APPROVAL:
                return Operation.APPROVE
            case GateKind.VISUAL_TESTS:
                return Operation.APPROVE_VISUAL_TESTS
            case GateKind.VARIABLES | GateKind.SETTABLE_VARIABLES:
                return Operation.PROVIDE
        assert_never(self)


_GATE_KINDS = {
    Status.WAITING_FOR_APPLY: GateKind.APPROVAL,
    Status.WAITING_FOR_VARIABLES: GateKind.VARIABLES,
    Status.WAITING_FOR_SETTABLE_VARIABLES: GateKind.SETTABLE_VARIABLES,
    Status.WAITING_FOR_VT_SESSION: GateKind.VISUAL_TESTS,
}
_WAITING = frozenset(_GATE_KINDS)
_GATE_TYPES = {
    "WAIT_FOR_APPLY": GateKind.APPROVAL,
    "WAIT_FOR_VARIABLES": GateKind.VARIABLES,
    "SET_VARIABLES": GateKind.SETTABLE_VARIABLES,
    "APPROVE_VT": GateKind.VISUAL_TESTS,
}
"""Types of actions that wait for a person. Source: Buddy's API, «Add action»."""


class Effect(StrEnum):
    """The kind of change an operation makes; first one wins per attempt (and gate)."""

    ANSWER = "answer"
    STOP = "stop"
    RETRY = "retry"
    START = "start"


class Operation(StrEnum):
    """What a person asks of an execution."""

    APPROVE = "approve"
    APPROVE_VISUAL_TESTS = "approve_visual_tests"
    PROVIDE = "provide"
    """Answer a gate that asks for variables."""

    REJECT = "reject"
    CANCEL = "cancel"
    RETRY = "retry"
    START = "start"

    @property
    def effect(self) -> Effect:
        """Which change it makes; Reject and Cancel make the same one."""
        match self:
            case Operation.APPROVE | Operation.APPROVE_VISUAL_TESTS | Operation.PROVIDE:
                return Effect.ANSWER
            case Operation.REJECT | Operation.CANCEL:
                return Effect.STOP
            case Operation.RETRY:
                return Effect.RETRY
            case Operation.START:
                return Effect.START
        assert_never(self)

    @property
    def needs_gate(self) -> bool:
        """Whether it answers a gate, and therefore must say which."""
        return self.effect is Effect.ANSWER or self is Operation.REJECT


@dataclass(frozen=True, slots=True)
class ExecutionRef:
    """Where an execution lives.

    ``host`` is the host of the configured Buddy API. Names only build the path; identity is host,
    pipeline and execution, so a renamed project is still the same execution.
    """

    host: str
    workspace: str
    project: str
    pipeline: int
    execution: int

    @property
    def identity(self) -> tuple[str, int, int]:
        """What is compared and stored as key."""
        return self.host, self.pipeline, self.execution


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run of an execution: RETRY keeps the number and makes a new attempt.

    ``retries`` is our own count of retries asked for: Buddy may take a while to show a retry, and
    until then ``started_at`` alone still names the old attempt.
    """

    started_at: datetime | None
    retries: int


@dataclass(frozen=True, slots=True)
class Gate:
    """An action that waits for a person."""

    id: str
    """``action_execution_id``, else ``action:<id>``; empty where Buddy gives neither."""

    kind: GateKind
    name: str
    action_id: int | None
    started_at: datetime | None

    @property
    def wire_id(self) -> str:
        """What Buddy calls ``approve_action_id``."""
        return self.id.removeprefix("action:")

    @property
    def is_bindable(self) -> bool:
        """Whether a button can say exactly this gate of exactly this attempt."""
        return bool(self.id) and (not self.id.startswith("action:") or self.started_at is not None)

    def is_same(self, gate_id: str, started_at: datetime | None) -> bool:
        """Whether a button bound to that gate means this one."""
        return self.id == gate_id and self.started_at == started_at


@dataclass(frozen=True, slots=True)
class Binding:
    """What exactly a button is about: an attempt of an execution and, at a gate, the gate."""

    ref: ExecutionRef
    attempt: Attempt
    gate_id: str = ""
    gate_started_at: datetime | None = None
    installation: str = ""
    """Whose button it is: several installations may share one Slack app."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in Buddy."""

    id: int | None
    name: str


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit."""

    sha: str
    message: str
    author: Member | None

    @property
    def short_sha(self) -> str:
        """The first seven digits."""
        return self.sha[:7]

    @property
    def first_line(self) -> str:
        """The commit's subject."""
        return self.message.strip().partition("\n")[0].strip()


class GitRefKind(StrEnum):
    """What a run was started for."""

    BRANCH = "branch"
    TAG = "tag"
    PULL_REQUEST = "pull_request"


@dataclass(frozen=True, slots=True)
class GitRef:
    """A branch, a tag or a pull request."""

    kind: GitRefKind
    name: str


@dataclass(frozen=True, slots=True)
class PipelineAction:
    """One action (Buddy's step) of an execution."""

    id: str
    """``action_execution_id``: 24 hex digits, new for each attempt; empty on old Buddy versions."""

    action_id: int | None
    name: str
    type: str
    status: Status
    status_text: str
    progress: int
    """Percent, 0 to 100."""

    started_at: datetime | None
    finished_at: datetime | None
    approver_id: int | None = None
    approved_at: datetime | None = None
    terminator_id: int | None = None
    terminated_at: datetime | None = None
    error_message: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Values that Buddy marks as encrypted, where it tells any; never shown."""

    @property
    def gate_kind(self) -> GateKind | None:
        """What it wants from a person, if that is what it is for; whether it waits or not."""
        known = _GATE_TYPES.get(self.type) or _GATE_KINDS.get(self.status)
        return GateKind.APPROVAL if known is None and self.approver_id is not None else known

    @property
    def is_answered(self) -> bool:
        """Whether somebody answered the gate that it is."""
        is_passed = self.gate_kind is not None and self.status is Status.SUCCESSFUL
        return is_passed or self.approver_id is not None

    @property
    def gate_id(self) -> str:
        """The id a button names this action by, if it waits."""
        if self.id:
            return self.id
        return f"action:{self.action_id}" if self.action_id is not None else ""

    @property
    def gate(self) -> Gate | None:
        """The gate, if this action waits for a person in a way we know."""
        kind = _GATE_KINDS.get(self.status)
        if kind is None:
            return None
        return Gate(self.gate_id, kind, self.name, self.action_id, self.started_at)


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution as Buddy told it."""

    ref: ExecutionRef
    url: str
    """Page in Buddy's web app; empty when Buddy gave none."""

    pipeline_name: str
    status: Status
    status_text: str
    """Buddy's own word, also where ``status`` is UNKNOWN."""

    started_at: datetime | None
    finished_at: datetime | None
    delay_until: datetime | None
    trigger: str
    comment: str
    git_ref: GitRef | None
    revision: Revision | None
    creator: Member | None
    actions: tuple[PipelineAction, ...] = ()
    hash: str = ""
    """What its link calls it: 8 to 32 hex digits; empty where Buddy gave no such link."""

    mark: str = ""
    """What tells a run that was started through a bot; people never see it."""

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The gates that wait now. The top status may say INPROGRESS while one action waits."""
        if self.status.is_final or self.status is Status.TERMINATING:
            return ()
        return tuple(action.gate for action in self.actions if action.gate)

    @property
    def is_delayed(self) -> bool:
        """Whether it is scheduled and has not started. No status of its own is documented."""
        return (
            self.delay_until is not None
            and self.started_at is None
            and self.status in {Status.INITIAL, Status.ENQUEUED, Status.UNKNOWN}
        )

    @property
    def waits(self) -> bool:
        """Whether somebody is waited for, by the top status or by an action."""
        return bool(self.gates) or self.status.waits

    @property
    def is_only_waiting(self) -> bool:
        """Whether nothing moves before a person answers."""
        return self.waits and not any(action.status.is_running for action in self.actions)

    def gate(self, gate_id: str, started_at: datetime | None) -> Gate | None:
        """Find the waiting gate that a button was bound to."""
        return next((gate for gate in self.gates if gate.is_same(gate_id, started_at)), None)

    @property
    def terminator(self) -> PipelineAction | None:
        """The action by which Buddy tells who stopped it, if it tells."""
        return next((each for each in self.actions if each.terminator_id is not None), None)

    @property
    def failure(self) -> PipelineAction | None:
        """The first action that failed."""
        return next((each for each in self.actions if each.status is Status.FAILED), None)

    def action(self, gate_id: str) -> PipelineAction | None:
        """Find the action that a gate id names, waiting or not."""
        return next((action for action in self.actions if action.gate_id == gate_id), None)

    def allows(self, operation: Operation) -> bool:
        """Tell whether this state allows the operation. Source: Buddy's documented states."""
        match operation:
            case Operation.APPROVE | Operation.APPROVE_VISUAL_TESTS | Operation.PROVIDE:
                return any(gate.kind.answered_by is operation for gate in self.gates)
            case Operation.REJECT:
                return bool(self.gates)
            case Operation.CANCEL:
                return self.waits or self.status in _CANCELLABLE
            case Operation.RETRY:
                return self.status in {Status.FAILED, Status.TERMINATED}
            case Operation.START:
                return self.is_delayed
        assert_never(operation)

    @property
    def fingerprint(self) -> str:
        """A text that changes when anything an operation could change has changed."""
        actions = (
            f"{action.gate_id}:{action.status_text}:{action.started_at}" for action in self.actions
        )
        return "|".join([self.status_text, str(self.started_at), str(self.finished_at), *actions])


_CANCELLABLE = frozenset({Status.INITIAL, Status.ENQUEUED, Status.INPROGRESS})


@dataclass(frozen=True, slots=True)
class Deed:
    """Something a person did to an execution, as Buddy's record has it."""

    effect: Effect
    by: int
    """Buddy's number of the person."""

    at: datetime | None


def deeds(execution: Execution) -> tuple[Deed, ...]:
    """List what Buddy's record of this attempt tells of people."""
    found = []
    for action in execution.actions:
        if action.approver_id is not None:
            at = action.approved_at or action.finished_at
            found.append(Deed(Effect.ANSWER, action.approver_id, at))
        if action.terminator_id is not None:
            at = action.terminated_at or action.finished_at
            found.append(Deed(Effect.STOP, action.terminator_id, at))
    return tuple(found)
