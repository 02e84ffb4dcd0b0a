"""Which jobs may run at the same time, and which one is first."""

from bot.jobs.queue import Job, Jobs
from sandbox.clock import SandboxClock
from tests.jobs.worker import HOUR, PAINT, SECOND, Worker, until


async def test_jobs_of_one_lane_never_overlap(jobs: Jobs, worker: Worker) -> None:
    """Operations on one execution run one at a time, in the order in which they came."""
    worker.may_end.clear()
    for key in "abc":
        jobs.add(Job("paint", key, lane="execution 12"))
    jobs.add(Job("narrow", "d", lane="execution 12"))
    await worker.began.wait()
    await until(lambda: worker.keys == ["a"])
    worker.may_end.set()
    await jobs.calm()

    assert worker.keys == ["a", "b", "c", "d"]
    assert worker.most_busy == 1


async def test_lanes_do_not_wait_for_each_other(jobs: Jobs, worker: Worker) -> None:
    """Nor do jobs without a lane."""
    worker.may_end.clear()
    for job in (Job("paint", "a", "1"), Job("paint", "b", "2"), Job("paint", "c"), PAINT):
        jobs.add(job)

    await until(lambda: len(worker.busy) == 4)


async def test_a_kind_has_only_so_many_hands(jobs: Jobs, worker: Worker) -> None:
    """One kind of work cannot starve the others."""
    worker.may_end.clear()
    for key in "abcde":
        jobs.add(Job("narrow", key))
    await until(lambda: len(worker.busy) == 2)
    jobs.add(PAINT)
    await until(lambda: worker.keys == ["a", "b", "12"])
    worker.may_end.set()
    await jobs.calm()

    assert worker.keys == ["a", "b", "12", "c", "d", "e"]


async def test_what_was_due_first_is_done_first(
    jobs: Jobs, clock: SandboxClock, worker: Worker
) -> None:
    """Nobody is overtaken while hands are rare."""
    worker.may_end.clear()
    jobs.add(Job("narrow", "x"))
    jobs.add(Job("narrow", "y"))
    await until(lambda: len(worker.busy) == 2)
    jobs.add(Job("narrow", "late"), after=2 * SECOND)
    jobs.add(Job("narrow", "early"), after=SECOND)
    clock.advance(HOUR)
    worker.may_end.set()
    await jobs.calm()

    assert worker.keys == ["x", "y", "early", "late"]
