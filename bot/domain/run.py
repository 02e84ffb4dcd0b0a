"""A run that somebody asks for: what it says, and what its pipeline wants besides.

    wanted    what was asked for: words of a command, or a form that was filled in
    request   the same for one pipeline, ready to be held against what that pipeline asks
    lack      what is missing or contradicts itself, one value for each thing

Pure: no clock, no look at Buddy. What only Buddy can say (an unknown branch, no permission), Buddy
says when it is asked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from enum import Enum

from bot.domain.catalog import Pipeline, PipelineRef, VariableField
from bot.domain.click import Place, Way
from bot.domain.command import Assignment, Priority, Run
from bot.domain.execution import GitRef, GitRefKind
from bot.domain.person import Person

MAX_VARIABLES = 100
"""As many as a form can show: each is a block, and a view has at most 100."""

MAX_TEXT = 3_000
"""Characters of a value or a comment: what a field of a form holds. Source: Slack, «Plain-text
input element», ``max_length``.
"""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What one run of one pipeline is to be."""

    pipeline: PipelineRef
    ref: GitRef | None = None
    revision: str = ""
    """A commit; empty for the newest one. Beside a branch it says which commit of it."""

    variables: tuple[Assignment, ...] = ()
    comment: str = ""
    from_scratch: bool = False
    clear_cache: bool = False
    priority: Priority | None = None
    delay_until: datetime | None = None
    """When it starts (aware); None for at once."""


NOTHING = Run()
"""Of which nobody said anything yet."""

Wanted = Run | RunRequest
"""A typed command, whose pipeline and time are still words, or a form that knows both."""


@dataclass(frozen=True, slots=True)
class RunClick:
    """One wish for a run, as it is taken."""

    key: str
    """Unique for this typing or this form: the same one delivered twice has the same key."""

    person: Person
    way: Way
    place: Place
    """Where it was asked for, and where the card appears."""

    wanted: Wanted
    answer_url: str = field(default="", repr=False)
    trigger_id: str = field(default="", repr=False)
    """Opens a form within three seconds, where something is missing; never stored."""


class Part(Enum):
    """The part of a request that a lack is about: the field of a form that mends it."""

    PIPELINE = "pipeline"
    REF = "ref"
    REVISION = "revision"
    VARIABLES = "variables"
    COMMENT = "comment"
    DELAY = "delay"


@dataclass(frozen=True, slots=True)
class RefLacks:
    """The pipeline runs for several branches, tags or pull requests: which one?"""

    patterns: tuple[str, ...]
    """As Buddy writes them: ``refs/heads/release/*``; none, where it is fixed to nothing."""

    part = Part.REF


@dataclass(frozen=True, slots=True)
class RevisionContradicts:
    """A tag or a pull request says already which commit it is."""

    kind: GitRefKind
    part = Part.REVISION


@dataclass(frozen=True, slots=True)
class CommentLacks:
    """The pipeline wants to be told why it runs."""

    part = Part.COMMENT


@dataclass(frozen=True, slots=True)
class ValueLacks:
    """A variable that is to be set for a run has no value, neither here nor in Buddy."""

    input: VariableField
    part = Part.VARIABLES


@dataclass(frozen=True, slots=True)
class ValueNotOffered:
    """The variable is a menu in Buddy, and this value is none of it."""

    input: VariableField
    part = Part.VARIABLES


@dataclass(frozen=True, slots=True)
class ValueHasLines:
    """Buddy's variables have a single line."""

    key: str
    part = Part.VARIABLES


@dataclass(frozen=True, slots=True)
class TextTooLong:
    """A value or the comment is longer than ``MAX_TEXT``; ``key`` is empty for the comment."""

    key: str

    @property
    def part(self) -> Part:
        """Which field it is about."""
        return Part.VARIABLES if self.key else Part.COMMENT


@dataclass(frozen=True, slots=True)
class SaidTwice:
    """A variable has two values."""

    key: str
    part = Part.VARIABLES


@dataclass(frozen=True, slots=True)
class TooManyVariables:
    """More than ``MAX_VARIABLES`` are given."""

    count: int
    part = Part.VARIABLES


@dataclass(frozen=True, slots=True)
class MomentPassed:
    """The moment it was to start at is over."""

    at: datetime
    part = Part.DELAY


@dataclass(frozen=True, slots=True)
class PipelineOff:
    """Nobody can run it now, whatever a form says: it is switched off or paused."""

    reason: str
    """Buddy's own words; empty where it gives none."""

    is_paused: bool = False
    part = Part.PIPELINE


Lack = (
    RefLacks
    | RevisionContradicts
    | CommentLacks
    | ValueLacks
    | ValueNotOffered
    | ValueHasLines
    | TextTooLong
    | SaidTwice
    | TooManyVariables
    | MomentPassed
    | PipelineOff
)


def lacks(
    request: RunRequest, pipeline: Pipeline, inputs: Sequence[VariableField], now: datetime
) -> tuple[Lack, ...]:
    """Tell what is missing or contradicts itself; empty, if it can be sent.

    ``inputs`` are the variables of the pipeline that are meant to be set for a run, as far as the
    person's token may see them. A pipeline that is off is all there is to say.
    """
    if pipeline.is_disabled or pipeline.is_paused:
        return (PipelineOff(pipeline.disabled_reason, is_paused=not pipeline.is_disabled),)
    return (*_of_ref(request, pipeline), *_of_texts(request, pipeline, inputs, now))


def asks_for_ref(pipeline: Pipeline) -> bool:
    """Whether a run must say what it is for. Source: Buddy's API, «Run execution»."""
    if pipeline.is_codeless:
        return False
    return len(pipeline.refs) != 1 or "*" in pipeline.refs[0]


def effective(request: RunRequest, inputs: Sequence[VariableField]) -> tuple[Assignment, ...]:
    """Give the values to send: what Buddy keeps masked is flagged, whoever typed it."""
    masked = {one.key for one in inputs if one.is_encrypted}
    return tuple(
        Assignment(one.key, one.value, is_encrypted=one.is_encrypted or one.key in masked)
        for one in request.variables
    )


def next_time(at: time, now: datetime, zone: tzinfo) -> datetime:
    """Tell when a clock in this zone shows a time next: today, or tomorrow if that is over."""
    here = now.astimezone(zone)
    today = here.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0, fold=0)
    return today if today > here else today + timedelta(days=1)


def _of_ref(request: RunRequest, pipeline: Pipeline) -> Iterator[Lack]:
    if request.ref is None:
        if asks_for_ref(pipeline):
            yield RefLacks(pipeline.refs)
    elif request.revision and request.ref.kind is not GitRefKind.BRANCH:
        yield RevisionContradicts(request.ref.kind)


def _of_texts(
    request: RunRequest, pipeline: Pipeline, inputs: Sequence[VariableField], now: datetime
) -> Iterator[Lack]:
    if pipeline.needs_comment and not request.comment.strip():
        yield CommentLacks()
    if len(request.comment) > MAX_TEXT:
        yield TextTooLong("")
    yield from _of_variables(request.variables, {one.key: one for one in inputs})
    if request.delay_until is not None and request.delay_until <= now:
        yield MomentPassed(request.delay_until)


def _of_variables(given: Sequence[Assignment], inputs: dict[str, VariableField]) -> Iterator[Lack]:
    if len(given) > MAX_VARIABLES:
        yield TooManyVariables(len(given))
    values: dict[str, str] = {}
    for one in given:
        if one.key in values:
            yield SaidTwice(one.key)
        values[one.key] = one.value
        yield from _of_value(one, inputs.get(one.key))
    for wanted in inputs.values():
        if not (values.get(wanted.key) or wanted.default or wanted.has_value):
            yield ValueLacks(wanted)


def _of_value(one: Assignment, asked: VariableField | None) -> Iterator[Lack]:
    if len(one.value) > MAX_TEXT:
        yield TextTooLong(one.key)
    if len(one.value.splitlines()) > 1:
        yield ValueHasLines(one.key)
    elif asked and asked.options and one.value and one.value not in asked.options:
        yield ValueNotOffered(asked)
