"""How well Buddy tells us of a workspace, and so how often we must look ourselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.database import Database
from bot.domain.cadence import pause, tempo
from bot.domain.catalog import PipelineRef
from bot.domain.execution import Execution
from bot.domain.subscription import Subscription
from bot.jobs.queue import Outcome, Snooze
from bot.services.following.sharing import Sharing
from bot.services.identity import Actor
from bot.store import hooks
from bot.store.hooks import HookKind

LATE = timedelta(minutes=2)
"""How much later than something happened Buddy may tell of it and still counts as telling."""

TOLD_ANYWAY = timedelta(minutes=5)
"""How often to look at an execution of which Buddy will tell."""

LONGEST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Hearing:
    """Knows which workspaces tell what happens in them."""

    database: Database
    sharing: Sharing
    clock: Clock

    async def tells(self, team: str, pipeline: PipelineRef, latest: datetime | None) -> bool:
        """Tell whether a workspace's webhook works: it told of the latest thing that happened.

        One that was never called does not; whether it will, nobody knows.
        """
        return await self._is_called(team, pipeline, HookKind.WEBHOOK, latest)

    async def next_look(
        self, execution: Execution, actor: Actor, left: Sequence[Subscription]
    ) -> Outcome:
        """Tell when to look at an execution again, for channels that may yet be told of it."""
        if not left or execution.status.is_final:
            return None
        rest = await self._rest(execution, left)
        return Snooze(self.sharing.next_look(actor, execution.ref, rest))

    async def _rest(self, execution: Execution, left: Sequence[Subscription]) -> timedelta:
        now = self.clock.now()
        if execution.is_delayed and execution.delay_until is not None:
            return min(LONGEST, max(timedelta(seconds=5), execution.delay_until - now))
        pipeline, latest = PipelineRef.of(execution.ref), last_change(execution)
        team = left[0].team
        is_told = await self.tells(team, pipeline, latest)
        if is_told and any(one.is_gate_watch for one in left):
            # Of gates only a step of the pipeline tells, and whether this one has it, nobody knows.
            is_told = False
        if is_told:
            return TOLD_ANYWAY
        quiet_for = timedelta(0) if latest is None else max(timedelta(0), now - latest)
        return min(LONGEST, pause(tempo(execution), quiet_for) or LONGEST)

    async def _is_called(
        self, team: str, pipeline: PipelineRef, kind: HookKind, latest: datetime | None
    ) -> bool:
        async with self.database.snapshot() as transaction:
            found = await hooks.of_workspace(transaction, team, pipeline.host, pipeline.workspace)
        called = [one.last_delivery_at for one in found if one.kind is kind]
        last = max((at for at in called if at is not None), default=None)
        return last is not None and (latest is None or last >= latest - LATE)


def last_change(execution: Execution) -> datetime | None:
    """Tell when something happened to an execution last, as far as it says."""
    moments = [execution.started_at, execution.finished_at]
    for action in execution.actions:
        moments += [action.started_at, action.finished_at]
    return max((at for at in moments if at is not None), default=None)
