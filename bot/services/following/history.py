"""What is known of pipelines from their executions: how long they take, which one is the newest.

Learnt from whatever is read anyway, and from a page of the list of executions where nothing was. It
is kept in memory: whoever starts anew learns it again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.buddy.client import BuddyClient
from bot.clock import Clock
from bot.domain import history
from bot.domain.execution import Execution, GitRef
from bot.domain.history import Sample
from bot.errors import BuddyError

log = structlog.get_logger()

KEPT = timedelta(minutes=15)
"""How long a list, and what a pipeline allows, is believed; and how often it is asked for at most.
"""

PER_PAGE = 30
_MAX_PIPELINES = 5_000
_MAX_SAMPLES = 60
_MAX_REFS = 100
_RESERVED = 4
"""One part of so many of a token's calls is left to people: nothing here is worth those."""

Key = tuple[str, int]


@dataclass(slots=True)
class Known:
    """What is known of one pipeline."""

    listed_at: datetime | None = None
    """When its list was read, or tried to."""

    listed: dict[int, Sample] = field(default_factory=dict)
    """From lists, which do not tell what gates there were."""

    followed: dict[int, Sample] = field(default_factory=dict)
    """From executions that were read with their actions."""

    newest: dict[GitRef | None, int] = field(default_factory=dict)
    runs_concurrently: tuple[datetime, bool] | None = None


@dataclass(slots=True)
class Histories:
    """Remembers what executions teach about their pipelines."""

    clock: Clock
    _known: dict[Key, Known] = field(default_factory=dict)

    def learn(self, executions: Iterable[Execution], *, is_list: bool = False) -> None:
        """Learn from executions that were read; ``is_list`` for a page of a pipeline's list."""
        for execution in executions:
            known = self._of(execution)
            number = execution.ref.execution
            if number > known.newest.get(execution.git_ref, 0):
                _keep(known.newest, execution.git_ref, number, _MAX_REFS)
            if is_list:
                known.listed_at = self.clock.now()
            if told := history.sample(execution):
                _keep(known.listed if is_list else known.followed, number, told, _MAX_SAMPLES)

    async def usual(self, execution: Execution, buddy: BuddyClient) -> timedelta | None:
        """Tell how long executions of this pipeline take, of this branch where that is known.

        With gates only those count that were followed: a list does not tell how long people took.
        """
        known = self._of(execution)
        if history.has_gates(execution):
            return history.usual(known.followed.values(), execution)
        if self._may_list(known, buddy):
            known.listed_at = self.clock.now()
            ref = execution.ref
            try:
                page = await buddy.executions(
                    ref.workspace, ref.project, ref.pipeline, per_page=PER_PAGE
                )
            except BuddyError as error:
                log.info("history.not_read", code=error.code)
            else:
                self.learn(page.executions, is_list=True)
        return history.usual({**known.listed, **known.followed}.values(), execution)

    def is_overtaken(self, execution: Execution, by: int | None) -> bool:
        """Tell whether a newer run of its branch is known than ``by``, or than itself.

        Where runs go on side by side, none overtakes another.
        """
        known = self._of(execution)
        told = known.runs_concurrently
        is_alone = told is None or not told[1]
        newest = known.newest.get(execution.git_ref, 0)
        return is_alone and newest > (by or execution.ref.execution)

    async def overtaker(self, execution: Execution, buddy: BuddyClient) -> int | None:
        """Name a newer execution of the same branch, if Buddy lets only the newest go on."""
        known = self._of(execution)
        newest = known.newest.get(execution.git_ref, 0)
        if newest <= execution.ref.execution:
            return None
        told = known.runs_concurrently
        if told is None or self.clock.now() - told[0] > KEPT:
            ref = execution.ref
            try:
                pipeline = await buddy.pipeline(ref.workspace, ref.project, ref.pipeline)
            except BuddyError as error:
                log.info("pipeline.not_read", code=error.code)
                return None
            told = known.runs_concurrently = (self.clock.now(), pipeline.runs_concurrently)
        return None if told[1] else newest

    def _may_list(self, known: Known, buddy: BuddyClient) -> bool:
        if known.listed_at is not None and self.clock.now() - known.listed_at < KEPT:
            return False
        budget = buddy.budget
        if budget.limit is None or budget.remaining is None:
            return True
        return budget.remaining * _RESERVED > budget.limit

    def _of(self, execution: Execution) -> Known:
        key = execution.ref.host, execution.ref.pipeline
        if key not in self._known:
            _keep(self._known, key, Known(), _MAX_PIPELINES)
        return self._known[key]


def _keep(kept: dict, key: object, value: object, most: int) -> None:  # type: ignore[type-arg]
    """Keep a value as the latest one; the oldest goes where there are too many."""
    kept.pop(key, None)
    kept[key] = value
    while len(kept) > most:
        del kept[next(iter(kept))]
