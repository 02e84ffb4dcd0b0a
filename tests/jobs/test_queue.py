"""What was acknowledged goes on: once per key, when it is due, or when it is poked."""

from datetime import timedelta

import pytest

from bot.jobs.queue import Clash, Job, Snooze
from tests.jobs.desk import HOUR, PAINT, SECOND, Desk, Doer, turn, until


async def test_a_job_is_done_once(desk: Desk, doer: Doer) -> None:
    """And is gone afterwards, so that its key is free again."""
    await desk.put(PAINT)
    await desk.calm()
    await desk.put(PAINT)
    await desk.calm()

    assert doer.keys == ["12", "12"]


async def test_a_job_is_put_only_when_its_transaction_is_stored(desk: Desk, doer: Doer) -> None:
    """A job without its row would find nothing to do; a row without its job would be forgotten."""

    async def put(*, fails: bool) -> None:
        async with desk.database.transaction() as transaction:
            await desk.jobs.put(transaction, PAINT)
            assert desk.worker.is_calm
            if fails:
                raise LookupError

    await desk.calm()
    with pytest.raises(LookupError):
        await put(fails=True)
    await desk.calm()
    assert doer.keys == []

    await put(fails=False)
    assert not desk.worker.is_calm
    await desk.calm()
    assert doer.keys == ["12"]


async def test_a_key_is_alive_once(desk: Desk, doer: Doer) -> None:
    """The same work asked for twice is done once; another kind or key is other work."""
    for job in (PAINT, PAINT, Job("narrow", "12"), Job("paint", "13")):
        await desk.put(job, after=SECOND)
    await desk.pass_by(SECOND)

    assert sorted(doer.keys) == ["12", "12", "13"]


@pytest.mark.parametrize(("clash", "times"), [(Clash.KEEP, 1), (Clash.POKE, 2), (Clash.REPLACE, 2)])
async def test_what_is_added_to_a_running_job(
    desk: Desk, doer: Doer, clash: Clash, times: int
) -> None:
    """KEEP leaves it alone; POKE has it look once more, however often it is poked."""
    doer.may_end.clear()
    await desk.put(PAINT)
    await doer.began.wait()
    for _ in range(3):
        await desk.put(PAINT, clash=clash)
    doer.may_end.set()
    await desk.calm()

    assert doer.keys == ["12"] * times


@pytest.mark.parametrize(
    ("clash", "after", "at"),
    [
        (Clash.KEEP, timedelta(0), HOUR),
        (Clash.POKE, timedelta(0), timedelta(0)),
        (Clash.POKE, 10 * SECOND, 10 * SECOND),
        (Clash.POKE, 2 * HOUR, HOUR),
        (Clash.REPLACE, 10 * SECOND, 10 * SECOND),
    ],
)
async def test_what_is_added_to_a_waiting_job(
    desk: Desk, doer: Doer, clash: Clash, after: timedelta, at: timedelta
) -> None:
    """POKE brings it forward, and never puts it off."""
    await desk.put(PAINT, after=HOUR)

    await desk.put(PAINT, clash=clash, after=after)
    await desk.calm()
    await desk.pass_by(10 * SECOND)
    await desk.pass_by(HOUR - 10 * SECOND)
    await desk.pass_by(2 * HOUR)

    assert doer.moments == [at]


async def test_a_poke_for_later_has_a_running_job_run_again_then(desk: Desk, doer: Doer) -> None:
    """The earliest of several pokes counts."""
    doer.may_end.clear()
    await desk.put(PAINT)
    await doer.began.wait()
    await desk.poke(PAINT, after=HOUR)
    await desk.poke(PAINT, after=10 * SECOND)
    await desk.poke(PAINT, after=HOUR)
    doer.may_end.set()
    await desk.calm()
    assert doer.moments == [timedelta(0)]

    await desk.pass_by(10 * SECOND)
    await desk.pass_by(2 * HOUR)

    assert doer.moments == [timedelta(0), 10 * SECOND]


async def test_a_poke_for_nobody_wakes_nobody(desk: Desk, doer: Doer) -> None:
    """The job may have ended a moment ago."""
    await desk.poke(PAINT)
    await desk.calm()

    assert doer.keys == []


async def test_a_job_that_snoozes_is_run_again_then(desk: Desk, doer: Doer) -> None:
    """As often as it asks; a poke wakes it early."""
    doer.answers = [Snooze(HOUR), Snooze(HOUR), Snooze(10 * HOUR)]
    await desk.put(PAINT)
    await desk.calm()
    await desk.pass_by(HOUR - SECOND)
    assert doer.moments == [timedelta(0)]

    await desk.pass_by(SECOND)
    await desk.pass_by(HOUR)
    await desk.poke(PAINT)
    await desk.calm()
    await desk.pass_by(20 * HOUR)

    assert doer.moments == [timedelta(0), HOUR, 2 * HOUR, 2 * HOUR]


async def test_a_job_that_is_poked_and_snoozes_runs_at_the_earlier_moment(
    desk: Desk, doer: Doer
) -> None:
    """What the poke was about is looked at in time."""
    doer.may_end.clear()
    doer.answers = [Snooze(HOUR)]
    await desk.put(PAINT)
    await doer.began.wait()
    await desk.poke(PAINT, after=SECOND)
    doer.may_end.set()
    await desk.calm()
    await desk.pass_by(SECOND)

    assert doer.moments == [timedelta(0), SECOND]


async def test_a_pause_that_the_far_side_asked_for_is_not_shortened(desk: Desk, doer: Doer) -> None:
    """However often the job is poked, while it runs or while it waits; a later poke counts."""
    doer.may_end.clear()
    doer.answers = [Snooze(HOUR, is_firm=True)]
    await desk.put(PAINT)
    await doer.began.wait()
    await desk.poke(PAINT)
    doer.may_end.set()
    await desk.calm()
    await desk.poke(PAINT)
    await desk.poke(PAINT, after=2 * HOUR)
    await desk.pass_by(HOUR - SECOND)
    assert doer.moments == [timedelta(0)]

    await desk.pass_by(SECOND)

    assert doer.moments == [timedelta(0), HOUR]


async def test_a_job_that_is_replaced_gets_the_new_data(desk: Desk, doer: Doer) -> None:
    """Whether it waits or runs: the last one counts, and nothing of the old one is left."""
    await desk.put(Job("paint", "12", data="old"), after=HOUR)
    await desk.put(Job("paint", "12", data="new"), clash=Clash.REPLACE)
    await desk.calm()
    doer.may_end.clear()
    doer.began.clear()
    await desk.put(Job("paint", "12", data="running"))
    await doer.began.wait()
    await desk.put(Job("paint", "12", data="newest"), clash=Clash.REPLACE)
    doer.may_end.set()
    await desk.calm()

    assert [job.data for job in doer.jobs] == ["new", "running", "newest"]


async def test_a_job_that_is_dropped_is_not_done(desk: Desk, doer: Doer) -> None:
    """Together with whatever made it needless."""
    await desk.put(PAINT, after=SECOND)

    async with desk.database.transaction() as transaction:
        await desk.jobs.drop(transaction, "paint", "12")
    await desk.pass_by(SECOND)

    assert doer.keys == []
    assert await desk.rows() == []


async def test_a_job_that_is_held_is_done_when_its_holder_says_so(desk: Desk, doer: Doer) -> None:
    """At once if its lane is free, in its turn if it is not; without a word, not at all."""
    doer.may_end.clear()
    first = await desk.hold(Job("paint", "a", lane="12"))
    second = await desk.hold(Job("paint", "b", lane="12"))
    forgotten = await desk.hold(Job("paint", "c"))
    await desk.pass_by(HOUR)
    assert first
    assert second
    assert forgotten
    assert doer.keys == []

    first.start()
    second.start()
    await doer.began.wait()
    assert doer.keys == ["a"]
    doer.may_end.set()
    await desk.calm()
    await desk.pass_by(HOUR)

    assert doer.keys == ["a", "b"]
    assert await desk.states() == {"c": "running"}


async def test_what_is_held_takes_no_more_hands_than_there_are(desk: Desk, doer: Doer) -> None:
    """A storm of clicks is carried out by so many at a time; the rest wait in the table."""
    doer.may_end.clear()
    for number in range(5):
        held = await desk.hold(Job("narrow", f"{number}"))
        assert held is not None
        held.start()
    await until(lambda: len(doer.busy) == 2)
    for _ in range(5):
        await turn()
    assert len(doer.busy) == 2

    doer.may_end.set()
    await desk.calm()

    assert sorted(doer.keys) == ["0", "1", "2", "3", "4"]
    assert doer.most_busy == 2


async def test_the_same_job_is_held_once(desk: Desk) -> None:
    """A click that is delivered twice is one click."""
    assert await desk.hold(PAINT) is not None
    assert await desk.hold(PAINT) is None


async def test_what_is_only_held_is_freed_by_nobody_alive(desk: Desk, doer: Doer) -> None:
    """Its person may have been told that it will not happen, while the database was away."""
    held = await desk.hold(Job("paint", "a", lane="12"))
    assert held is not None
    desk.worker._is_unsure = True  # noqa: SLF001 - as after a round whose answer got lost
    await desk.put(PAINT)
    await desk.calm()
    await desk.pass_by(HOUR)
    assert doer.keys == ["12"]

    await desk.pulse.end()

    assert await desk.rows() == []


async def test_two_ends_in_the_same_moment_are_both_remembered(desk: Desk, doer: Doer) -> None:
    """A job may end while another one's end is being stored."""
    doer.answers = [Snooze(SECOND) for _ in range(60)]
    await desk.put(*(Job("paint", f"{number}") for number in range(6)))
    for _ in range(10):
        await desk.calm()
        desk.clock.advance(SECOND)
    await desk.calm()

    assert len(doer.did) == 60 + 6
    assert await desk.rows() == []


async def test_what_is_sealed_in_a_job_is_gone_in_time(desk: Desk, doer: Doer) -> None:
    """It reaches whoever does the job, and nobody after its time, done or not."""
    async with desk.database.transaction() as transaction:
        for key in ("used", "late"):
            await desk.jobs.put(
                transaction,
                Job("paint", key, sealed="key:secret"),
                after=SECOND if key == "used" else HOUR,
                sealed_for=10 * SECOND,
            )
    await desk.pass_by(SECOND)
    assert [job.sealed for job in doer.jobs] == ["key:secret"]
    assert "secret" not in repr(doer.jobs)

    await desk.pass_by(10 * SECOND)
    async with desk.database.transaction() as transaction:
        await desk.jobs.wipe_expired(transaction)
    assert [(row["key"], row["sealed"]) for row in await desk.rows()] == [("late", "")]


async def test_a_secret_whose_time_is_over_reaches_nobody(desk: Desk, doer: Doer) -> None:
    """Also if everything stood still, so that nobody has wiped it yet."""
    async with desk.database.transaction() as transaction:
        sealed = Job("paint", "late", sealed="key:secret")
        await desk.jobs.put(transaction, sealed, after=HOUR, sealed_for=10 * SECOND)
    await desk.pass_by(HOUR)

    assert [job.sealed for job in doer.jobs] == [""]
