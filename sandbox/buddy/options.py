"""What may be said about a pipeline when it is made, and about an execution when it is started."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from sandbox.buddy.actions import Field, Value


class PipelineOptions(TypedDict, total=False):
    """Fields of a ``Pipeline`` that a story may set."""

    identifier: str
    refs: Sequence[str]
    events: Sequence[dict[str, object]]
    tags: Sequence[str]
    folder: str | None
    concurrent: bool
    disabled_reason: str | None
    description_required: bool
    paused: bool
    inputs: Sequence[Field]
    others: str


class OrderOptions(TypedDict, total=False):
    """The fields of an ``Order``, for callers that name a few of them."""

    branch: str | None
    tag: str | None
    pull_request: str | None
    revision: str
    comment: str
    priority: str
    refresh: bool
    clear_cache: bool
    delay_until: datetime | None
    variables: Sequence[Value]
    actions_to_run: Sequence[int]
    triggered_on: str


@dataclass(frozen=True, slots=True)
class Order:
    """A wish for one execution. Source of the fields: S6."""

    branch: str | None = None
    tag: str | None = None
    pull_request: str | None = None
    revision: str = "HEAD"
    comment: str = ""
    priority: str = "NORMAL"
    refresh: bool = False
    clear_cache: bool = False
    delay_until: datetime | None = None
    variables: Sequence[Value] = ()
    actions_to_run: Sequence[int] = ()
    """Ids of the only actions to run; empty for all."""

    triggered_on: str = "CLICK"

    @property
    def names_a_ref(self) -> bool:
        """Whether it says what to run on."""
        return bool(self.branch or self.tag or self.pull_request)
