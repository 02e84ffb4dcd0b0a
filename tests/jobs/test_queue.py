"""What was acknowledged goes on: once per key, when it is due, or when it is poked."""

from datetime import timedelta

import pytest

from bot.database import Database
from bot.jobs.queue import Clash, Job, Jobs, Snooze
from sandbox.clock import SandboxClock
from tests.jobs.worker import HOUR, PAINT, SECOND, Worker, pass_by


async def test_a_job_is_done_once(jobs: Jobs, worker: Worker) -> None:
    """And is gone afterwards, so that its key is free again."""
    jobs.add(PAINT)
    await jobs.calm()
    jobs.add(PAINT)
    await jobs.calm()

    assert worker.keys == ["12", "12"]


async def test_a_job_is_put_only_when_its_transaction_is_stored(
    database: Database, jobs: Jobs, worker: Worker
) -> None:
    """A job without its row would find nothing to do; a row without its job would be forgotten."""

    async def put(*, fails: bool) -> None:
        async with database.transaction() as transaction:
            jobs.put(transaction, PAINT)
            assert jobs.is_calm
            if fails:
                raise LookupError

    with pytest.raises(LookupError):
        await put(fails=True)
    await jobs.calm()
    assert worker.keys == []

    await put(fails=False)
    assert not jobs.is_calm
    await jobs.calm()
    assert worker.keys == ["12"]


async def test_a_key_is_alive_once(jobs: Jobs, clock: SandboxClock, worker: Worker) -> None:
    """The same work asked for twice is done once; another kind or key is other work."""
    for job in (PAINT, PAINT, Job("narrow", "12"), Job("paint", "13")):
        jobs.add(job, after=SECOND)
    await pass_by(jobs, clock, SECOND)

    assert sorted(worker.keys) == ["12", "12", "13"]


@pytest.mark.parametrize(("clash", "times"), [(Clash.KEEP, 1), (Clash.POKE, 2)])
async def test_what_is_added_to_a_running_job(
    jobs: Jobs, worker: Worker, clash: Clash, times: int
) -> None:
    """KEEP leaves it alone; POKE has it look once more, however often it is poked."""
    worker.may_end.clear()
    jobs.add(PAINT)
    await worker.began.wait()
    for _ in range(3):
        jobs.add(PAINT, clash=clash)
    worker.may_end.set()
    await jobs.calm()

    assert worker.keys == ["12"] * times


@pytest.mark.parametrize(
    ("clash", "after", "at"),
    [
        (Clash.KEEP, timedelta(0), HOUR),
        (Clash.POKE, timedelta(0), timedelta(0)),
        (Clash.POKE, 10 * SECOND, 10 * SECOND),
        (Clash.POKE, 2 * HOUR, HOUR),
    ],
)
async def test_what_is_added_to_a_waiting_job(
    jobs: Jobs, clock: SandboxClock, worker: Worker, clash: Clash, after: timedelta, at: timedelta
) -> None:
    """POKE brings it forward, and never puts it off."""
    jobs.add(PAINT, after=HOUR)

    jobs.add(PAINT, clash=clash, after=after)
    await jobs.calm()
    await pass_by(jobs, clock, 10 * SECOND)
    await pass_by(jobs, clock, 3 * HOUR - 10 * SECOND, steps=3 * 360 - 1)

    assert worker.moments == [at]


async def test_a_poke_for_later_has_a_running_job_run_again_then(
    jobs: Jobs, clock: SandboxClock, worker: Worker
) -> None:
    """The earliest of several pokes counts."""
    worker.may_end.clear()
    jobs.add(PAINT)
    await worker.began.wait()
    jobs.poke("paint", "12", after=HOUR)
    jobs.poke("paint", "12", after=10 * SECOND)
    jobs.poke("paint", "12", after=HOUR)
    worker.may_end.set()
    await jobs.calm()
    assert worker.moments == [timedelta(0)]

    await pass_by(jobs, clock, 10 * SECOND)
    await pass_by(jobs, clock, 2 * HOUR)

    assert worker.moments == [timedelta(0), 10 * SECOND]


async def test_a_poke_for_nobody_wakes_nobody(jobs: Jobs, worker: Worker) -> None:
    """The job may have ended a moment ago."""
    jobs.poke("paint", "12")
    await jobs.calm()

    assert worker.keys == []


async def test_a_job_that_snoozes_is_run_again_then(
    jobs: Jobs, clock: SandboxClock, worker: Worker
) -> None:
    """As often as it asks; a poke wakes it early."""
    worker.answers = [Snooze(HOUR), Snooze(HOUR), Snooze(10 * HOUR)]
    jobs.add(PAINT)
    await jobs.calm()
    await pass_by(jobs, clock, HOUR - SECOND)
    assert worker.moments == [timedelta(0)]

    await pass_by(jobs, clock, SECOND)
    await pass_by(jobs, clock, HOUR)
    jobs.poke("paint", "12")
    await jobs.calm()
    await pass_by(jobs, clock, 20 * HOUR)

    assert worker.moments == [timedelta(0), HOUR, 2 * HOUR, 2 * HOUR]


async def test_a_job_that_is_poked_and_snoozes_runs_at_the_earlier_moment(
    jobs: Jobs, clock: SandboxClock, worker: Worker
) -> None:
    """What the poke was about is looked at in time."""
    worker.may_end.clear()
    worker.answers = [Snooze(HOUR)]
    jobs.add(PAINT)
    await worker.began.wait()
    jobs.poke("paint", "12", after=SECOND)
    worker.may_end.set()
    await jobs.calm()
    await pass_by(jobs, clock, SECOND)

    assert worker.moments == [timedelta(0), SECOND]


async def test_a_pause_that_the_far_side_asked_for_is_not_shortened(
    jobs: Jobs, clock: SandboxClock, worker: Worker
) -> None:
    """However often the job is poked, while it runs or while it waits; a later poke counts."""
    worker.may_end.clear()
    worker.answers = [Snooze(HOUR, is_firm=True)]
    jobs.add(PAINT)
    await worker.began.wait()
    jobs.poke("paint", "12")
    worker.may_end.set()
    await jobs.calm()
    jobs.poke("paint", "12")
    jobs.poke("paint", "12", after=2 * HOUR)
    await pass_by(jobs, clock, HOUR - SECOND)
    assert worker.moments == [timedelta(0)]

    await pass_by(jobs, clock, SECOND)

    assert worker.moments == [timedelta(0), HOUR]
