"""A job that fails is tried again, until it is given up; it harms no other."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from structlog.typing import EventDict

from bot.jobs.queue import MAX_ATTEMPTS, Job, Jobs, Snooze
from sandbox.clock import SandboxClock
from tests.jobs.worker import PAINT, SECOND, Worker, pass_by


async def test_a_job_that_fails_is_tried_again_after_growing_pauses(
    jobs: Jobs, clock: SandboxClock, worker: Worker, logged: list[EventDict]
) -> None:
    """Each about twice as long as the one before; then it is given up, and said so once."""
    worker.answers = [LookupError() for _ in range(MAX_ATTEMPTS)]
    jobs.add(PAINT)
    await jobs.calm()
    await pass_by(jobs, clock, 60 * SECOND, steps=600)

    pauses = [(b - a).total_seconds() for a, b in pairwise(worker.moments)]
    assert len(worker.did) == MAX_ATTEMPTS
    assert all(2**n / 2 <= pause <= 2**n + 0.11 for n, pause in enumerate(pauses, 1))
    assert worker.given_up == ["12"]
    assert [event["event"] for event in logged] == ["job.failed"] * 5 + ["job.given_up"]
    jobs.add(PAINT)
    await jobs.calm()
    assert len(worker.did) == MAX_ATTEMPTS + 1


async def test_one_success_forgives_earlier_failures(
    jobs: Jobs, clock: SandboxClock, worker: Worker
) -> None:
    """A job that lives for days may fail now and then."""
    failures: list[Snooze | Exception | None] = [LookupError() for _ in range(MAX_ATTEMPTS - 1)]
    worker.answers = [*failures, Snooze(SECOND), *failures]
    jobs.add(PAINT)
    await jobs.calm()
    await pass_by(jobs, clock, 120 * SECOND, steps=120)

    assert len(worker.did) == 2 * MAX_ATTEMPTS
    assert worker.given_up == []


async def test_a_failing_job_may_be_poked(jobs: Jobs, worker: Worker) -> None:
    """Whoever pokes knows that something changed."""
    worker.answers = [LookupError()]
    jobs.add(PAINT)
    await jobs.calm()
    jobs.poke("paint", "12")
    await jobs.calm()

    assert worker.moments == [timedelta(0), timedelta(0)]


async def fail(_job: Job) -> Snooze | None:
    """Fail whatever is asked."""
    raise LookupError


async def fail_to_tell(_job: Job) -> None:
    """Fail to tell anybody."""
    raise LookupError


@pytest.mark.parametrize("give_up", [None, fail_to_tell])
async def test_a_job_that_cannot_even_be_given_up_harms_no_other(
    jobs: Jobs,
    clock: SandboxClock,
    worker: Worker,
    give_up: Callable[[Job], Awaitable[None]] | None,
) -> None:
    """Its lane and its hands are free again."""
    jobs.handle("broken", fail, slots=1, give_up=give_up)
    jobs.add(Job("broken", "a", lane="12"))
    jobs.add(Job("paint", "b", lane="12"), after=50 * SECOND)
    await jobs.calm()
    await pass_by(jobs, clock, 60 * SECOND, steps=60)

    assert worker.keys == ["b"]
    assert jobs.is_calm
