"""Wait for what shall be, however busy the machine; and judge what shall be quick."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import perf_counter

from sandbox.clock import hold_up

TRIES = 5
"""Something quick is quick at least once in so many times, even while others use the machine."""

_LOOK_EVERY = timedelta(milliseconds=5)


async def until(is_so: Callable[[], object]) -> None:
    """Look until it is so; the test's own time limit ends a vain wait."""
    while not is_so():
        await hold_up(_LOOK_EVERY)


async def seconds_of(act: Callable[[], Awaitable[object]]) -> float:
    """Measure how long something takes; the quickest of several times counts.

    What the code costs it costs each time; what a neighbour on the machine takes, only sometimes.
    """
    taken = []
    for _ in range(TRIES):
        began = perf_counter()
        await act()
        taken.append(perf_counter() - began)
    return min(taken)
