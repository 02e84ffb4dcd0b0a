"""How often something may be called: never too often, and the urgent ones first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.allowance import Bucket, Window

THREE = Window(calls=3, seconds=10)
DROPS = Bucket(burst=3, seconds=2)


@pytest.mark.parametrize(
    ("calls", "kept_free", "wait"),
    [
        ([], 0, 0),
        ([98, 99], 0, 0),
        ([95, 98, 99], 0, 5),
        ([90, 98, 99], 0, 0),  # the first one counts no more
        ([95, 98, 99, 99.5], 0, 8),
        ([99], 2, 9),  # the rest is for others
        ([], 2, 0),
        ([], 9, 0),  # one is always left
        ([99, 98, 95], 0, 5),  # in whatever order they stand
        ([200, 200, 200], 0, 10),  # of a clock that went ahead
    ],
)
def test_waits(calls: list[float], kept_free: int, wait: float) -> None:
    """Tell at 100 when the next call fits."""
    assert THREE.wait(calls, 100, kept_free=kept_free) == wait


@given(st.lists(st.tuples(st.floats(0, 5), st.booleans()), max_size=200), st.integers(0, 4))
def test_no_window_ever_holds_too_many(asked: list[tuple[float, bool]], kept_free: int) -> None:
    """Whoever asks, urgent or not: any ten seconds hold three calls at most."""
    now = 0.0
    made: list[float] = []
    all_made = []
    for pause, is_urgent in asked:
        now += pause
        if not THREE.wait(made, now, kept_free=0 if is_urgent else kept_free):
            made = THREE.after(made, now)
            all_made.append(now)
    for index, at in enumerate(all_made):
        assert sum(at <= other < at + 10 for other in all_made[index:]) <= 3


@pytest.mark.parametrize(
    ("state", "kept_free", "wait"),
    [
        ([], 0, 0),
        ([104], 0, 0),
        ([106], 0, 2),  # three were made at once: one more every two seconds
        ([107], 0, 3),
        ([90], 0, 0),  # after a rest
        ([102], 2, 2),
        ([], 9, 0),
    ],
)
def test_a_bucket_waits(state: list[float], kept_free: int, wait: float) -> None:
    """Tell at 100 when the next call fits."""
    assert DROPS.wait(state, 100, kept_free=kept_free) == wait


@given(st.lists(st.floats(0, 5), max_size=200))
def test_a_bucket_never_overflows(pauses: list[float]) -> None:
    """Any stretch of time holds a burst and one for each pause in it."""
    now, state = 0.0, list[float]()
    made = []
    for pause in pauses:
        now += pause
        if not DROPS.wait(state, now):
            state = DROPS.after(state, now)
            made.append(now)
    for first, since in enumerate(made):
        for count, at in enumerate(made[first:], start=1):
            assert count <= 3 + (at - since) / 2 + 1e-6
