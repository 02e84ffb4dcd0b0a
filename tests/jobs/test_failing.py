"""A job that fails is tried again, until it is given up; it harms no other."""

from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest
from structlog.typing import EventDict

from bot.database import StorageUnavailable
from bot.jobs.queue import ATTEMPTS, Again, Job, Outcome, Snooze
from bot.jobs.worker import LONGEST_PAUSE
from bot.lease import LeaseLost
from tests.jobs.desk import HOUR, PAINT, SECOND, Desk, Doer


async def test_a_job_that_fails_is_tried_again_until_it_is_dead(
    desk: Desk, doer: Doer, logged: list[EventDict]
) -> None:
    """With pauses that may grow; then it is said once, and the job is kept with its error."""
    doer.answers = [LookupError() for _ in range(ATTEMPTS)]
    await desk.put(PAINT)
    await desk.calm()
    for number in range(1, ATTEMPTS):
        await desk.pass_by(min(LONGEST_PAUSE, 2**number * SECOND))

    pauses = [later - earlier for earlier, later in pairwise(doer.moments)]
    assert len(doer.did) == ATTEMPTS
    assert [job.attempt for job in doer.jobs] == list(range(1, ATTEMPTS + 1))
    assert all(pause <= min(LONGEST_PAUSE, 2**n * SECOND) for n, pause in enumerate(pauses, 1))
    assert doer.given_up == ["12"]
    events = [event["event"] for event in logged if event["log_level"] == "error"]
    assert events == ["job.failed"] * ATTEMPTS + ["job.given_up"]
    assert [(row["state"], row["error"]) for row in await desk.rows()] == [("dead", "LookupError")]
    await desk.pass_by(HOUR)
    assert len(doer.did) == ATTEMPTS


async def test_a_dead_job_leaves_its_key_to_the_next(desk: Desk, doer: Doer) -> None:
    """What was given up once may be asked for again."""
    doer.answers = [LookupError() for _ in range(ATTEMPTS)]
    await desk.put(PAINT)
    for _ in range(ATTEMPTS):
        await desk.pass_by(LONGEST_PAUSE)
    assert await desk.states() == {"12": "dead"}

    await desk.put(PAINT)
    await desk.calm()

    assert len(doer.did) == ATTEMPTS + 1
    assert await desk.states() == {"12": "dead"}


async def test_one_success_forgives_earlier_failures(desk: Desk, doer: Doer) -> None:
    """A job that lives for days may fail now and then."""
    failures: list[Outcome | Exception] = [LookupError() for _ in range(ATTEMPTS - 1)]
    doer.answers = [*failures, Snooze(SECOND), *failures]
    await desk.put(PAINT)
    await desk.calm()
    for _ in range(2 * ATTEMPTS):
        await desk.pass_by(LONGEST_PAUSE)

    assert len(doer.did) == 2 * ATTEMPTS
    assert doer.given_up == []


async def test_a_failing_job_may_be_poked(desk: Desk, doer: Doer) -> None:
    """Whoever pokes knows that something changed."""
    doer.answers = [LookupError()]
    await desk.put(PAINT)
    await desk.calm()
    await desk.poke(PAINT)
    await desk.calm()

    assert [job.attempt for job in doer.jobs] == [1, 2]


async def test_the_far_side_says_when_to_try_again(desk: Desk, doer: Doer) -> None:
    """Its word counts more than a poke, and the try is counted all the same."""
    doer.answers = [Again("slack_busy", after=30 * SECOND)]
    await desk.put(PAINT)
    await desk.calm()
    await desk.poke(PAINT)
    await desk.pass_by(29 * SECOND)
    assert [job.attempt for job in doer.jobs] == [1]

    await desk.pass_by(SECOND)

    assert [job.attempt for job in doer.jobs] == [1, 2]


@pytest.mark.parametrize("interruption", [StorageUnavailable("gone"), LeaseLost()])
async def test_an_interruption_is_no_failure_and_is_not_forgotten(
    desk: Desk, doer: Doer, interruption: Exception
) -> None:
    """However often the database is away; but what was about to be sent may have been sent."""
    doer.answers = [interruption] * (2 * ATTEMPTS)
    await desk.put(PAINT)
    await desk.calm()
    for _ in range(2 * ATTEMPTS):
        await desk.pass_by(SECOND)

    assert [job.attempt for job in doer.jobs] == [1] + [2] * (2 * ATTEMPTS)
    assert doer.given_up == []
    assert await desk.rows() == []


async def fail(_job: Job) -> Outcome:
    """Fail whatever is asked."""
    raise LookupError


async def fail_to_tell(_job: Job) -> None:
    """Fail to tell anybody."""
    raise LookupError


@pytest.mark.parametrize("give_up", [None, fail_to_tell])
async def test_a_job_that_cannot_even_be_given_up_harms_no_other(
    desk: Desk, doer: Doer, give_up: Callable[[Job], Awaitable[None]] | None
) -> None:
    """Its lane and its hands are free again."""
    desk.jobs.handle("narrow", fail, slots=1, attempts=1, give_up=give_up)
    await desk.put(Job("narrow", "a", lane="12"), Job("paint", "b", lane="12"))
    await desk.calm()

    assert doer.keys == ["b"]
    assert await desk.states() == {"a": "dead"}
