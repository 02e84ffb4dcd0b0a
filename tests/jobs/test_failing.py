"""A job that fails is tried again, until it is given up; it harms no other."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest
from sqlalchemy import insert
from structlog.typing import EventDict

from bot.database import Database, StorageUnavailable
from bot.jobs.ends import LONGEST_PAUSE
from bot.jobs.queue import ATTEMPTS, Again, Job, Outcome, Snooze
from bot.jobs.table import job as table
from bot.lease import LeaseLost, guard
from sandbox.clock import SandboxClock
from tests.conftest import migrate
from tests.jobs.desk import HOUR, PAINT, SECOND, Desk, Doer, desk_at, turn, working
from tests.postgres import OwnServer


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
    failures: list[Outcome | BaseException] = [LookupError() for _ in range(ATTEMPTS - 1)]
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
async def test_an_interruption_is_no_failure(
    desk: Desk, doer: Doer, interruption: Exception
) -> None:
    """However often the database is away, the first try is the first one."""
    doer.answers = [interruption] * (2 * ATTEMPTS)
    await desk.put(PAINT)
    await desk.calm()
    for _ in range(2 * ATTEMPTS):
        await desk.pass_by(SECOND)

    assert [job.attempt for job in doer.jobs] == [1] * (2 * ATTEMPTS + 1)
    assert doer.given_up == []
    assert await desk.rows() == []


async def test_what_may_have_been_sent_is_not_forgotten(desk: Desk) -> None:
    """Whoever goes on after an interruption knows that it is not the first."""
    attempts = []

    async def send(job: Job) -> Outcome:
        attempts.append(job.attempt)
        guard()
        if len(attempts) < 4:
            raise StorageUnavailable("gone")
        return None

    desk.jobs.handle("narrow", send, slots=1)
    await desk.put(Job("narrow", "12"))
    for _ in range(5):
        await desk.pass_by(SECOND)

    assert attempts == [1, 2, 2, 2]


async def test_a_mistake_in_a_statement_is_a_failure(desk: Desk, doer: Doer) -> None:
    """It would be refused for ever: the job dies of it, and it is said."""

    async def write_nonsense(_job: Job) -> Outcome:
        async with desk.database.transaction() as transaction:
            await transaction.run(insert(table).values(kind="x"))
        return None

    desk.jobs.handle("narrow", write_nonsense, slots=1, attempts=2, give_up=doer.give_up)
    await desk.put(Job("narrow", "12"))
    await desk.pass_by(LONGEST_PAUSE, steps=3)

    assert doer.given_up == ["12"]
    assert [(row["state"], row["error"]) for row in await desk.rows()] == [
        ("dead", "StatementRefused")
    ]


async def test_a_job_that_is_cancelled_alone_is_not_stuck(desk: Desk, doer: Doer) -> None:
    """Its lane would be blocked for ever."""
    doer.answers = [asyncio.CancelledError()]
    await desk.put(Job("paint", "a", lane="1"), Job("paint", "b", lane="1"))
    await desk.pass_by(SECOND, steps=3)

    assert sorted(doer.keys) == ["a", "a", "b"]
    assert await desk.rows() == []


async def test_while_the_database_is_away_it_is_asked_now_and_then(
    own_server: OwnServer, clock: SandboxClock, logged: list[EventDict]
) -> None:
    """Not in a circle without a pause; and the work goes on when it is back."""
    url = own_server.url("asyncpg", "shop")
    await migrate(url)
    database = Database.open(url)
    async with working(desk_at(database, clock, dead_after=HOUR)) as desk:
        await desk.put(PAINT, after=SECOND)
        await desk.calm()
        await asyncio.to_thread(own_server.stop, "immediate")
        for _ in range(10):
            clock.advance(SECOND)
            await turn()
        await asyncio.to_thread(own_server.start)
        async with asyncio.timeout(60):
            while not desk.doer.keys:
                clock.advance(SECOND)
                await turn()
        assert desk.doer.keys == ["12"]
        failed = [event for event in logged if event["event"] == "jobs.round_failed"]
        assert 1 <= len(failed) < 50
    await database.close()


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
