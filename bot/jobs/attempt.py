"""One attempt at a job: what may be sent for it, what may be stored, and what a failure means."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from bot.database import StorageUnavailable, Transaction
from bot.jobs import statements
from bot.jobs.job import Again, Job, Kind, Outcome
from bot.jobs.pulse import Pulse
from bot.lease import LeaseLost

log = structlog.get_logger()


@dataclass(slots=True)
class Lease:
    """Asked before anything is sent for a job."""

    pulse: Pulse
    owner: str
    has_acted: bool = False

    def check(self) -> None:
        """Refuse to send anything once the job may be another process's."""
        if self.pulse.id != self.owner or not self.pulse.is_trusted:
            raise LeaseLost
        self.has_acted = True


def keeps_ours(job: Job, owner: str) -> Callable[[Transaction], Awaitable[None]]:
    """Make what keeps a transaction of a job from being stored once the job is another's."""

    async def is_ours(transaction: Transaction) -> None:
        rows = await transaction.run(statements.still_ours, {"id_": job.id, "me": owner})
        if rows.first() is None:
            raise LeaseLost

    return is_ours


async def tried(job: Job, kind: Kind) -> Outcome:
    """Do a job once; what it raises is a failed attempt."""
    if job.attempt > kind.attempts:
        return Again("process_died")
    try:
        return await kind.handler(job)
    except (LeaseLost, StorageUnavailable):
        raise
    except Exception as failure:
        log.exception("job.failed", attempt=job.attempt, chapter="Incidents")
        return Again(type(failure).__name__)


async def give_up(job: Job, kind: Kind) -> None:
    """Let the kind tell that nobody tries any more."""
    log.error("job.given_up", chapter="Dead jobs")
    if kind.give_up is None:
        return
    try:
        await kind.give_up(job)
    except (LeaseLost, StorageUnavailable):
        raise
    except Exception:
        log.exception("job.give_up_failed", chapter="Incidents")
