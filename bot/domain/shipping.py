"""What an execution brings with it: the commits since the last one that was successful. Pure.

What cannot be told for sure is not told: between revisions of which none descends from the other
there is a history that was rewritten, or another branch, and counting would mislead.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.execution import Execution, Revision, Status

MAX_COUNTED = 50
"""Commits that are counted; of more it is said that they are more."""

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What only one of two revisions has, the newest first, as Buddy lists it."""

    commits: tuple[Revision, ...]
    url: str
    """Page in Buddy's web app; empty when Buddy gave none."""

    is_whole: bool
    """Whether the list was read to its end."""


@dataclass(frozen=True, slots=True)
class Ships:
    """What is new since an execution that was successful."""

    since: int
    """The number of that execution."""

    since_url: str
    commits: tuple[Revision, ...] = ()
    """The newest first, at most ``MAX_COUNTED``; none if it is the very same revision."""

    is_more: bool = False
    """Whether there are more than those."""

    url: str = ""
    """Where Buddy shows them; empty when it gave no page."""

    @property
    def people(self) -> int:
        """How many wrote them; those of whom Buddy tells nothing count as one."""
        authors = (one.author for one in self.commits)
        return len({None if one is None else one.id or one.name for one in authors})


def last_success(execution: Execution, others: Iterable[Execution]) -> Execution | None:
    """Find the successful execution that finished last, which is what stands now.

    Of several that run at once it need not be the one with the highest number.
    """
    done = (
        other
        for other in others
        if other.status is Status.SUCCESSFUL and other.ref.identity != execution.ref.identity
    )
    return max(done, key=lambda one: (one.finished_at or _NEVER, one.ref.execution), default=None)


def shipped(execution: Execution, base: Execution, between: Comparison | None) -> Ships | None:
    """Tell what is new since ``base``; ``between`` is None where both have the same revision.

    None where that cannot be said for sure. The list holds what only the base has, too: then the
    base itself is in it, as what goes out is no descendant of what stands.
    """
    if execution.revision is None or base.revision is None:
        return None
    since = Ships(base.ref.execution, base.url)
    if between is None:
        return since if execution.revision.sha == base.revision.sha else None
    listed = {one.sha for one in between.commits}
    if not between.is_whole or base.revision.sha in listed or execution.revision.sha not in listed:
        return None
    commits = between.commits[:MAX_COUNTED]
    is_more = len(between.commits) > MAX_COUNTED
    return Ships(since.since, since.since_url, commits, is_more, between.url)
