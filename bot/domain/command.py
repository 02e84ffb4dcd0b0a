"""What can be asked for after the slash command, each a value; how it is typed, ``grammar`` knows.

``Command`` is what the bot carries out, and ``Planned`` what the grammar knows besides.
"""

from dataclasses import dataclass, field, replace
from datetime import time
from enum import StrEnum

from bot.domain.execution import GitRef, Operation
from bot.domain.reader import read_pipeline, read_project
from bot.domain.reference import AnyPipeline, ExecutionName, ProjectName


@dataclass(frozen=True, slots=True)
class Connect:
    """Link a Buddy account."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Forget the linked Buddy account."""


@dataclass(frozen=True, slots=True)
class Whoami:
    """Show the linked Buddy account."""


@dataclass(frozen=True, slots=True)
class Help:
    """Explain all commands, or one."""

    topic: str = ""


@dataclass(frozen=True, slots=True)
class Projects:
    """List the projects."""


@dataclass(frozen=True, slots=True)
class Pipelines:
    """List the pipelines of a project; without one, of the only project, or ask which."""

    project: ProjectName | None = None


@dataclass(frozen=True, slots=True)
class Executions:
    """List the executions of a pipeline; without one, of the only pipeline, or ask which."""

    pipeline: AnyPipeline | None = None


@dataclass(frozen=True, slots=True)
class Show:
    """Put the live card of an execution into the channel."""

    execution: ExecutionName


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """Tell the state in one glance; without an execution, of what goes on in this channel."""

    execution: ExecutionName | None = None


@dataclass(frozen=True, slots=True)
class Logs:
    """Show the end of an action's log; without an action, of the one that matters most."""

    execution: ExecutionName
    action: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """Explain what this person may do with an execution, and what stands against it."""

    execution: ExecutionName


@dataclass(frozen=True, slots=True)
class Assignment:
    """A value for a variable; it may be a secret."""

    key: str
    value: str = field(repr=False)
    is_encrypted: bool = False
    """Whether Buddy is to keep it out of logs."""


@dataclass(frozen=True, slots=True)
class Operate:
    """Approve, reject, cancel, retry or start an execution."""

    operation: Operation
    execution: ExecutionName
    reason: str = ""
    variables: tuple[Assignment, ...] = ()

    @property
    def meant(self) -> Operation:
        """What is asked for: with values it is only for a gate that asks for some."""
        return Operation.PROVIDE if self.variables else self.operation

    @property
    def bare(self) -> "Operate":
        """The same without values, which no button may carry."""
        return replace(self, variables=())


class Priority(StrEnum):
    """How soon a run gets its turn."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Run:
    """Start an execution; what is missing is asked for."""

    pipeline: AnyPipeline | None = None
    ref: GitRef | None = None
    revision: str = ""
    """Instead of a branch, a tag or a pull request."""

    variables: tuple[Assignment, ...] = ()
    comment: str = ""
    from_scratch: bool = False
    clear_cache: bool = False
    priority: Priority | None = None
    at: time | None = None
    """When it starts, by the clock of the person who asks."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """List what waits for the person, and what they started that still runs."""


class Moment(StrEnum):
    """What a channel can be told of."""

    STARTED = "started"
    WAITING = "waiting"
    FAILED = "failed"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"
    FIXED = "fixed"


Topic = ProjectName | AnyPipeline
"""What a channel can subscribe to. Two parts are a project and its pipeline."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Tell this channel of what goes on; without moments, of the usual ones.

    Without a topic it is asked for, together with the rest.
    """

    topic: Topic | None = None
    moments: tuple[Moment, ...] = ()
    branch: str = ""
    """Patterns such as ``main release/*``; empty for every branch."""

    by_me: bool = False


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Tell this channel no more; without a topic, of its only one, or ask which."""

    topic: Topic | None = None


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """List what this channel is told of."""


@dataclass(frozen=True, slots=True)
class Alias:
    """Give a pipeline a short name; without a pipeline, take it back; without a name, list them."""

    name: str = ""
    pipeline: AnyPipeline | None = None
    for_team: bool = False
    """For the whole team, and not for this channel alone."""


@dataclass(frozen=True, slots=True)
class ShowSettings:
    """Show what is set for this channel and this person."""


@dataclass(frozen=True, slots=True)
class Doctor:
    """Tell what is wrong, and how to mend it."""


Finding = Projects | Pipelines | Executions | Show | ShowStatus | Logs | Why | Inbox | Operate
"""Commands that name something in Buddy, or list what could be named."""

Subscribing = Subscribe | Unsubscribe | Subscriptions | ShowSettings
"""Commands about what a channel is told."""

Carriable = Finding | Subscribing
"""Commands that a button of a private answer carries on with."""

Command = Connect | Disconnect | Whoami | Help | Alias | Run | Finding | Subscribing

Planned = Doctor

AnyCommand = Command | Planned


def with_choice(command: Carriable, kind: str, choice: str) -> Carriable:
    """Put what somebody chose into a command that was not exact; ``kind`` is what was chosen."""
    match command:
        case Projects() | Inbox() | Subscriptions() | ShowSettings():
            return command
        case Subscribe() | Unsubscribe():
            chosen = read_project(choice) if kind == "project" else read_pipeline(choice)
            return replace(command, topic=chosen)
        case Pipelines():
            return Pipelines(read_project(choice))
        case Executions():
            return Executions(read_pipeline(choice))
        case Logs() if kind == "action":
            return replace(command, action=choice)
        case _:
            named = ExecutionName(read_pipeline(choice))
            if command.execution is not None:
                named = replace(command.execution, pipeline=named.pipeline)
            return replace(command, execution=named)


def pipeline_of(command: Finding) -> AnyPipeline | None:
    """Tell which pipeline a command names; None if it names none."""
    match command:
        case Projects() | Pipelines() | Inbox() | ShowStatus(None):
            return None
        case Executions():
            return command.pipeline
        case _:
            assert command.execution is not None  # noqa: S101 - the first case took what has none
            return command.execution.pipeline


def with_pipeline(command: Finding, pipeline: AnyPipeline) -> Finding:
    """Let a command be about a pipeline; of one without an execution, its latest."""
    match command:
        case Projects() | Pipelines() | Inbox():
            return command
        case Executions():
            return Executions(pipeline)
        case ShowStatus(None):
            return ShowStatus(ExecutionName(pipeline))
        case _:
            assert command.execution is not None  # noqa: S101 - the cases above took what has none
            return replace(command, execution=replace(command.execution, pipeline=pipeline))
