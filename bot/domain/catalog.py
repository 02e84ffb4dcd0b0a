"""What Buddy offers to choose from: workspaces, projects, pipelines, and what a gate asks."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bot.domain.execution import ExecutionRef, Status

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Workspace:
    """A Buddy workspace; ``domain`` is its handle in paths."""

    domain: str
    name: str


@dataclass(frozen=True, slots=True)
class Project:
    """A project; ``name`` is its id in paths, ``display_name`` is what people type."""

    name: str
    display_name: str
    is_active: bool
    url: str = ""
    """Page in Buddy's web app; empty when Buddy gave none."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline; ``identifier`` is its human id and empty on old Buddy versions."""

    id: int
    identifier: str
    name: str
    url: str
    refs: tuple[str, ...]
    is_disabled: bool
    runs_concurrently: bool
    last_status: Status | None = None
    """How its latest execution stands; None where Buddy does not say."""

    last_revision: str = ""
    disabled_reason: str = ""
    """In Buddy's words; empty where it gives none."""

    is_paused: bool = False
    needs_comment: bool = False
    """Whether a run must say why."""

    is_codeless: bool = False
    """Whether it runs without a repository: no refs and no events. Source: Buddy's API schema,
    ``refs``.
    """


@dataclass(frozen=True, slots=True)
class PipelineRef:
    """Where a pipeline lives; names only build the path, identity is host and number."""

    host: str
    workspace: str
    project: str
    pipeline: int

    def execution(self, number: int) -> ExecutionRef:
        """Say where one of its executions lives."""
        return ExecutionRef(self.host, self.workspace, self.project, self.pipeline, number)

    @classmethod
    def of(cls, ref: ExecutionRef) -> "PipelineRef":
        """Say where the pipeline of an execution lives."""
        return cls(ref.host, ref.workspace, ref.project, ref.pipeline)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of a Buddy workspace."""

    id: int
    name: str
    email: str = field(default="", repr=False)
    """Empty where the token may not read addresses."""


@dataclass(frozen=True, slots=True)
class VariableField:
    """One variable that a gate asks for, or that is meant to be set for a run."""

    key: str
    default: str
    options: tuple[str, ...]
    """Choices, from newline-separated defaults; empty for free text."""

    description: str
    is_encrypted: bool
    has_file_options: bool
    """Whether the choices stand in a file that only Buddy can read (``init_path``)."""

    has_value: bool = False
    """Whether Buddy holds a value for it already, be it one that it does not show."""


@dataclass(frozen=True, slots=True)
class GateQuestion:
    """What a gate asks, and who may answer by Buddy's own rule."""

    question: str
    fields: tuple[VariableField, ...]
    approver_ids: tuple[int, ...]
    approver_group_ids: tuple[int, ...]
    others_may_answer: bool
    prevents_self_approval: bool = False
    """Whether who started the execution may not answer."""


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """One entry of a menu that searches while somebody types."""

    label: str
    """Foreign text, as people know it."""

    means: T


@dataclass(frozen=True, slots=True)
class Choices(Generic[T]):
    """What a menu offers for what was typed so far, the best first."""

    found: tuple[Choice[T], ...]
    is_partial: bool = False
    """Whether not all that may fit was looked through: a moment later there may be more."""
