"""What was acknowledged goes on: once, in its lane, again when it fails, until it is given up."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from bot.database import Database
from bot.jobs.queue import MAX_ATTEMPTS, Clash, Job, Jobs, Snooze
from sandbox.clock import START, SandboxClock

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
PAINT = Job("paint", "12")


@dataclass
class Worker:
    """Does jobs as a test tells it to, and remembers what it did and when."""

    clock: SandboxClock
    did: list[tuple[str, datetime]] = field(default_factory=list)
    answers: list[Snooze | Exception | None] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    most_busy: int = 0
    given_up: list[str] = field(default_factory=list)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)
    began: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self, job: Job) -> Snooze | None:
        """Do a job as soon as it may end."""
        self.busy.add(job.key)
        self.most_busy = max(self.most_busy, len(self.busy))
        self.did.append((job.key, self.clock.now()))
        self.began.set()
        try:
            await self.may_end.wait()
        finally:
            self.busy.discard(job.key)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def give_up(self, job: Job) -> None:
        """Be told that a job is given up."""
        self.given_up.append(job.key)

    @property
    def keys(self) -> list[str]:
        """Tell which jobs were begun, in order."""
        return [key for key, _ in self.did]

    @property
    def moments(self) -> list[timedelta]:
        """Tell when jobs were begun, counted from the start."""
        return [at - START for _, at in self.did]


@pytest.fixture
def clock() -> SandboxClock:
    """Let time stand still."""
    return SandboxClock()


@pytest.fixture
def worker(clock: SandboxClock) -> Worker:
    """Find somebody who ends jobs at once."""
    worker = Worker(clock)
    worker.may_end.set()
    return worker


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[EventDict]]:
    """Keep what is logged, instead of drawing tracebacks."""
    with capture_logs() as events:
        yield events


@pytest.fixture
async def jobs(clock: SandboxClock, worker: Worker) -> AsyncIterator[Jobs]:
    """Run jobs until the test is over."""
    jobs = Jobs(clock)
    jobs.handle("paint", worker.work, slots=10, give_up=worker.give_up)
    jobs.handle("narrow", worker.work, slots=2)
    running = asyncio.get_running_loop().create_task(jobs.run())
    yield jobs
    worker.may_end.set()
    await jobs.stop(SECOND)
    await running


async def pass_by(jobs: Jobs, clock: SandboxClock, duration: timedelta, steps: int = 1) -> None:
    """Let time pass, and everything happen that is due."""
    for _ in range(steps):
        clock.advance(duration / steps)
        await jobs.calm()


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


async def test_stopping_waits_for_what_runs_and_starts_nothing_more(
    jobs: Jobs, worker: Worker
) -> None:
    """What was begun is brought to an end."""
    worker.may_end.clear()
    jobs.add(Job("paint", "a", lane="12"))
    jobs.add(Job("paint", "b", lane="12"))
    await worker.began.wait()
    stopping = asyncio.get_running_loop().create_task(jobs.stop(5 * SECOND))
    await until(lambda: not stopping.done())
    worker.may_end.set()

    assert await stopping == 0
    assert worker.keys == ["a"]


async def test_stopping_waits_no_longer_than_it_may(jobs: Jobs, worker: Worker) -> None:
    """It tells how many were left, so that the log can say so."""
    worker.may_end.clear()
    jobs.add(Job("paint", "a"))
    jobs.add(Job("paint", "b"))
    await until(lambda: len(worker.busy) == 2)

    assert await jobs.stop(timedelta(milliseconds=20)) == 2


async def until(is_true: Callable[[], bool]) -> None:
    """Let tasks go on until something is so, and show that it stays so."""
    async with asyncio.timeout(5):
        while not is_true():
            await turn()
    for _ in range(10):
        await turn()
    assert is_true()


async def turn() -> None:
    """Let every other task go on once."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0):
            await asyncio.Event().wait()
