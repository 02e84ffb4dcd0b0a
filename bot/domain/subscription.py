"""What a channel wants to be told of, and whether something that happened is that. Pure.

    scope     one pipeline, or every pipeline of a project
    moments   started · waiting · failed · succeeded · canceled · fixed
    branch    patterns such as ``main release/*``; one of them must fit; none: every branch
    by        only what one person started

An execution stands at several moments: one that failed was started, too. So whoever hears of it
late, or only once, tells the channel all the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from bot.domain.catalog import PipelineRef
from bot.domain.command import Moment
from bot.domain.execution import Execution, GitRefKind, Status
from bot.domain.person import Person

USUAL = (Moment.STARTED, Moment.WAITING, Moment.FAILED, Moment.SUCCEEDED, Moment.CANCELED)
"""What a channel is told of that does not say."""

ONLY_FAILURES = (Moment.FAILED, Moment.FIXED)
ONLY_GATES = (Moment.WAITING,)

SKEW = timedelta(seconds=10)
"""How far Buddy's clock and ours may differ, when it is asked what came first."""

_NEVER_RAN = frozenset({Status.SKIPPED, Status.NOT_EXECUTED})
_LINES_UP = frozenset({Status.INITIAL, Status.ENQUEUED, Status.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Scope:
    """What a subscription is about; names only build paths, except a whole project's."""

    host: str
    workspace: str
    project: str
    pipeline: int | None = None
    """None for every pipeline of the project."""

    @property
    def topic(self) -> str:
        """What is compared: a renamed project is still the place of the same pipeline."""
        if self.pipeline is None:
            return f"project/{self.workspace}/{self.project}"
        return f"pipeline/{self.pipeline}"

    @classmethod
    def covering(cls, pipeline: PipelineRef) -> tuple[str, str]:
        """Name the topics that something in a pipeline belongs to."""
        whole = cls(pipeline.host, pipeline.workspace, pipeline.project)
        alone = cls(pipeline.host, pipeline.workspace, pipeline.project, pipeline.pipeline)
        return alone.topic, whole.topic


@dataclass(frozen=True, slots=True)
class Wish:
    """Which of all that happens in its scope a channel is told of."""

    moments: tuple[Moment, ...] = USUAL
    branch: str = ""
    by_user: str = ""
    """Slack's id of the only person whose executions count; empty for everybody's."""

    broadcasts_failures: bool = False
    """Whether the thread's word of a failure is shown to the channel as well."""

    mention: str = ""
    """Whom to mention where somebody must act, in Slack's own writing; empty for nobody."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A channel's standing wish."""

    id: int
    team: str
    channel: str
    scope: Scope
    project_shown: str
    """Foreign text: what people call the project."""

    pipeline_shown: str
    """The same of the pipeline; empty for a whole project."""

    wish: Wish
    owner: Person
    """Who asked for it: their account reads."""

    created_at: datetime
    told_gone_at: datetime | None = None
    """When the owner was told that the channel cannot be reached; None while it can."""

    @property
    def is_gate_watch(self) -> bool:
        """Whether it must be known when a gate opens, which no webhook tells."""
        return Moment.WAITING in self.wish.moments


def moments_of(execution: Execution, *, was_broken: bool = False) -> tuple[Moment, ...]:
    """List the moments at which an execution stands, in the order in which they came.

    ``was_broken`` says that the run before it, of the same branch, had failed.
    """
    status = execution.status
    found = []
    if not execution.is_delayed and status not in _NEVER_RAN | _LINES_UP:
        found.append(Moment.STARTED)
    if execution.waits:
        found.append(Moment.WAITING)
    match status:
        case Status.FAILED:
            found.append(Moment.FAILED)
        case Status.TERMINATED:
            found.append(Moment.CANCELED)
        case Status.SUCCESSFUL:
            found.append(Moment.SUCCEEDED)
            if was_broken:
                found.append(Moment.FIXED)
        case _:
            pass
    return tuple(found)


def wanted(
    subscription: Subscription, execution: Execution, holds: Iterable[Moment], by: int | None
) -> tuple[Moment, ...]:
    """Tell for which moments the channel is told of an execution; none where it is not wanted.

    ``by`` is Buddy's number of the person whose executions alone count, if there is one.
    """
    wish = subscription.wish
    if wish.by_user and (by is None or execution.creator is None or execution.creator.id != by):
        return ()
    if is_older(subscription, execution) or not fits(wish.branch, execution):
        return ()
    return tuple(moment for moment in holds if moment in wish.moments)


def is_older(subscription: Subscription, execution: Execution) -> bool:
    """Whether an execution began before anybody wanted to be told of it."""
    began = execution.started_at or execution.finished_at
    return began is not None and began < subscription.created_at - SKEW


def fits(patterns: str, execution: Execution) -> bool:
    """Whether an execution is of a branch that one of the patterns names, case and all.

    A pull request and a tag have no branch, and fit only where any will do.
    """
    globs = patterns.split()
    if not globs:
        return True
    ref = execution.git_ref
    if ref is None or ref.kind is not GitRefKind.BRANCH:
        return False
    return any(fnmatchcase(ref.name, glob) for glob in globs)


def was_broken(execution: Execution, others: Sequence[Execution]) -> bool:
    """Whether the run before this one, of the same branch, ended badly.

    ``others`` are executions of the same pipeline; runs that nobody let end tell nothing.
    """
    ends = {Status.SUCCESSFUL, Status.FAILED}
    number = execution.ref.execution
    before = [
        each
        for each in others
        if each.ref.execution < number and each.git_ref == execution.git_ref and each.status in ends
    ]
    last = max(before, key=lambda each: each.ref.execution, default=None)
    return last is not None and last.status is Status.FAILED


def write_moments(moments: Iterable[Moment]) -> str:
    """Write moments as they are stored, each once and in their order."""
    told = set(moments)
    return ",".join(moment.value for moment in Moment if moment in told)


def read_moments(text: str) -> tuple[Moment, ...]:
    """Read what was stored; what a later version wrote is left out."""
    known = {moment.value: moment for moment in Moment}
    return tuple(known[word] for word in text.split(",") if word in known)
