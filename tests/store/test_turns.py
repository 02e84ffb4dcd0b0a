"""One writes at a time, in order; whoever is in a hurry comes first, and nobody's turn is lost."""

import asyncio
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.database.turns import Turns


class Crowd:
    """Everybody who wants to write."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.order: list[str] = []
        self.writing = 0

    async def writes(self, name: str, *, urgent: bool = False, seconds: float = 5) -> None:
        """Wait for a turn and write for a moment."""
        async with self.turns.turn(seconds, urgent=urgent):
            self.writing += 1
            assert self.writing == 1
            self.order.append(name)
            try:
                for _ in range(3):
                    await turn_of_the_loop()
            finally:
                self.writing -= 1


async def turn_of_the_loop() -> None:
    """Let the others go on once."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0):
            await asyncio.Event().wait()


async def test_a_click_does_not_wait_behind_a_crowd() -> None:
    """Among the urgent, and among the others, whoever came first is first."""
    crowd = Crowd()
    async with asyncio.TaskGroup() as tasks:
        for name in "abc":
            tasks.create_task(crowd.writes(name))
        await turn_of_the_loop()
        for name in "XY":
            tasks.create_task(crowd.writes(name, urgent=True))

    assert crowd.order == ["a", "X", "Y", "b", "c"]


async def test_whoever_waits_too_long_leaves_the_queue() -> None:
    """And the others have their turns as if it had never been there."""
    crowd = Crowd()
    async with crowd.turns.turn(5, urgent=False):
        with pytest.raises(TimeoutError):
            await crowd.writes("late", seconds=0.01)
        with pytest.raises(TimeoutError):
            await crowd.writes("late", seconds=0.01, urgent=True)
    await crowd.writes("next")

    assert crowd.order == ["next"]


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=12
    )
)
def test_no_turn_is_ever_lost(people: list[tuple[bool, int, int]]) -> None:
    """Whoever is cancelled at whatever moment, in the end everybody else wrote and it is free."""

    async def all_of_it() -> None:
        crowd = Crowd()

        async def comes(name: str, *, urgent: bool, after: int, stays: int) -> None:
            for _ in range(after):
                await turn_of_the_loop()
            task = asyncio.get_running_loop().create_task(crowd.writes(name, urgent=urgent))
            for _ in range(stays):
                await turn_of_the_loop()
            if stays % 2:
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

        async with asyncio.TaskGroup() as tasks:
            for number, (urgent, after, stays) in enumerate(people):
                tasks.create_task(comes(f"{number}", urgent=urgent, after=after, stays=stays))
        await crowd.writes("last")
        patient = {f"{n}" for n, (_, _, stays) in enumerate(people) if not stays % 2}
        assert patient <= set(crowd.order)
        assert crowd.order[-1] == "last"

    asyncio.run(all_of_it())
