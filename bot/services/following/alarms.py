"""Set and drop the reminders of gates: in the transaction that learns that one opened or closed.

One job for each gate. What it does when it is due, ``reminders.py`` says. A reminder that a thread
waits for still, since Slack was down, is dropped with it.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, BaseModel

from bot.clock import Clock
from bot.database import Transaction
from bot.domain.execution import Execution, ExecutionRef, Gate
from bot.jobs.queue import Job, Jobs
from bot.services.following.threads import KIND as REPLY
from bot.store import told

KIND = "remind"


class Alarm(BaseModel):
    """What the job of a gate knows of it."""

    v: Literal[1] = 1
    host: str
    pipeline: int
    execution: int
    gate: str
    started_at: AwareDatetime | None
    opened_at: AwareDatetime
    """When it opened, or when that was noticed."""

    noticed_at: AwareDatetime | None = None

    @property
    def identity(self) -> tuple[str, int, int]:
        """Whose gate it is."""
        return self.host, self.pipeline, self.execution

    @property
    def key(self) -> str:
        """Tell this gate from every other, those of other attempts too."""
        return _key(self.identity, self.gate, self.started_at)

    def about(self, rung: timedelta) -> str:
        """Name a rung of it; the same rung of a ladder that was changed is not told again."""
        return f"{_abouts(self.key)}{int(rung.total_seconds())}"


@dataclass(frozen=True, slots=True)
class Alarms:
    """Sets reminders, and drops them."""

    jobs: Jobs
    clock: Clock

    async def arm(self, transaction: Transaction, ref: ExecutionRef, gates: Iterable[Gate]) -> None:
        """Remind of gates from now on; those that are known already stay as they are."""
        host, pipeline, execution = ref.identity
        now = self.clock.now()
        for gate in gates:
            alarm = Alarm(
                host=host,
                pipeline=pipeline,
                execution=execution,
                gate=gate.id,
                started_at=gate.started_at,
                opened_at=gate.started_at or now,
                noticed_at=now,
            )
            await self.jobs.put(transaction, Job(KIND, alarm.key, data=alarm.model_dump_json()))

    async def drop(
        self, transaction: Transaction, ref: ExecutionRef, gate_id: str, started_at: datetime | None
    ) -> None:
        """Remind no more of a gate, not even where a reminder is about to be posted."""
        key = _key(ref.identity, gate_id, started_at)
        await self.jobs.drop(transaction, KIND, key)
        waiting = await told.waiting(transaction, ref, _abouts(key))
        # Jobs before rows, as everywhere: who posts a card's replies holds its job.
        for card_id in sorted({one.card_id for one in waiting}):
            await self.jobs.poke(transaction, REPLY, str(card_id))
        await told.unsay(transaction, [one.id for one in waiting])

    async def drop_all(
        self, transaction: Transaction, ref: ExecutionRef, gates: Iterable[Gate]
    ) -> None:
        """Remind no more of several gates."""
        for gate in gates:
            await self.drop(transaction, ref, gate.id, gate.started_at)

    async def follow(
        self, transaction: Transaction, execution: Execution, *, is_overtaken: bool
    ) -> None:
        """Remind of the gates that wait, and of no other of an execution that was read."""
        waiting = {} if is_overtaken else {gate.id: gate for gate in execution.gates}
        for action in execution.actions:
            if action.gate_kind is not None and action.gate_id not in waiting:
                await self.drop(transaction, execution.ref, action.gate_id, action.started_at)
        await self.arm(transaction, execution.ref, waiting.values())


def _abouts(key: str) -> str:
    """Tell how the names of a gate's reminders begin."""
    return f"{KIND}/{hashlib.sha256(key.encode()).hexdigest()[:24]}/"


def _key(identity: tuple[str, int, int], gate_id: str, started_at: datetime | None) -> str:
    host, pipeline, execution = identity
    told = f"{gate_id}@{started_at.timestamp() if started_at else '-'}"
    return f"{host}/{pipeline}/{execution}/{hashlib.sha256(told.encode()).hexdigest()[:24]}"[-255:]
