"""Reading that nobody waits for comes to an end, and its end is known."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import BuddyUnavailable
from bot.services.finding.background import Background

LONG = timedelta(minutes=1)


async def nothing_for_ever() -> None:
    """Wait for something that never happens."""
    await asyncio.Event().wait()


async def test_what_takes_too_long_is_given_up() -> None:
    """A Buddy that never answers holds nothing up for ever."""
    background = Background()
    task = background.start(nothing_for_ever, timedelta(milliseconds=1))

    with pytest.raises(BuddyUnavailable):
        await asyncio.shield(task)
    assert background.count == 0


async def test_a_stop_cuts_off_what_is_at_work() -> None:
    """Nothing is lost by it, since it only reads."""
    background = Background()
    task = background.start(nothing_for_ever, LONG)
    await background.close()

    assert task.cancelled()
    assert background.count == 0


async def test_a_bug_in_the_background_does_not_stay_there() -> None:
    """Nobody waits for it, so the loop's own handler hears of it."""
    heard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context))

    async def fails() -> None:
        raise ValueError

    background = Background()
    _ = background.start(fails, LONG)
    await background.idle()

    assert [type(context["exception"]) for context in heard] == [ValueError]
