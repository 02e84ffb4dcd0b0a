"""Time is handed in: the machine's own, or one that moves when told."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import Clock, SystemClock
from sandbox.clock import START, SandboxClock, hold_up, wall_time

SOON = timedelta(milliseconds=20)
LATER = timedelta(hours=1)


async def waiting(clock: Clock, wake: asyncio.Event, until: datetime | None) -> asyncio.Task[None]:
    """Begin to wait, and let the wait settle."""
    task = asyncio.get_running_loop().create_task(clock.wait(wake, until))
    await settle()
    return task


async def settle() -> None:
    """Let every task that can go on go on."""
    for _ in range(10):
        await hold_up(timedelta(0))


def test_the_machines_time_is_aware_and_in_utc() -> None:
    """And agrees with the seconds that signatures are made from."""
    now = SystemClock().now()

    assert now.tzinfo is UTC
    assert abs(now.timestamp() - wall_time()) < 5


async def test_the_machines_clock_waits_in_real_time() -> None:
    """A sleep takes at least as long as it was told."""
    clock = SystemClock()
    began = clock.now()

    await clock.sleep(SOON)

    assert clock.now() - began >= SOON * 0.9


@pytest.mark.parametrize("late", [timedelta(0), SOON, -LATER])
async def test_a_wait_ends_at_its_moment(late: timedelta) -> None:
    """Also if the moment is over already."""
    clock = SystemClock()

    await clock.wait(asyncio.Event(), clock.now() + late)


@pytest.mark.parametrize("until", [None, START + LATER])
@pytest.mark.parametrize("clock", [SystemClock(), SandboxClock(), SandboxClock(rate=2)])
async def test_a_wait_ends_with_its_event(clock: Clock, until: datetime | None) -> None:
    """A poke is worth more than the plan."""
    wake = asyncio.Event()
    wait = await waiting(clock, wake, until and clock.now() + LATER)
    assert not wait.done()

    wake.set()

    await wait


def test_simulated_time_stands_still_until_it_is_moved() -> None:
    """So that a test says what time it is."""
    clock = SandboxClock()
    assert clock.now() == clock.now() == START

    clock.advance(LATER)

    assert clock.now() == START + LATER


async def test_a_short_sleep_moves_simulated_time_by_itself() -> None:
    """A pause between two tries needs no push."""
    clock = SandboxClock()

    await clock.sleep(LATER)

    assert clock.now() == START + LATER


async def test_sleepers_side_by_side_do_not_add_up() -> None:
    """Two who sleep for an hour are awake after an hour."""
    clock = SandboxClock()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(clock.sleep(LATER))
        tasks.create_task(clock.sleep(LATER))
        tasks.create_task(clock.sleep(timedelta(0)))

    assert clock.now() == START + LATER


async def test_an_idle_wait_moves_no_simulated_time() -> None:
    """It ends when somebody moves time far enough, and not before."""
    clock = SandboxClock()
    wait = await waiting(clock, asyncio.Event(), START + LATER)

    clock.advance(LATER - SOON)
    await settle()
    assert not wait.done()
    clock.advance(SOON)

    await wait


async def test_a_wait_for_a_moment_that_is_over_ends_at_once() -> None:
    """As with the machine's clock."""
    clock = SandboxClock()

    await clock.wait(asyncio.Event(), START)

    assert clock.now() == START


async def test_simulated_time_may_run_faster_than_real_time() -> None:
    """For the sandbox: an hour of waiting passes while one looks on."""
    clock = SandboxClock(rate=LATER / SOON)

    await clock.sleep(LATER)
    await clock.wait(asyncio.Event(), clock.now() + LATER)

    assert clock.now() >= START + 2 * LATER * 0.9
