"""The report's figures: medians, ratios, verdicts and the exit code."""

import pytest

from benchmarks.report import HEAD, Kind, Line, exit_code, percentile, plain, rows
from tests.benchmarks.samples import a_limit, a_line, a_round


@pytest.mark.parametrize(
    ("percent", "value"), [(1, 1.0), (50, 2.0), (51, 3.0), (75, 3.0), (99, 4.0), (100, 4.0)]
)
def test_a_percentile_is_a_value_that_was_measured(percent: int, value: float) -> None:
    """It is the smallest that so many percent do not exceed, whatever the order."""
    assert percentile([4.0, 1.0, 3.0, 2.0], percent) == value


def test_a_line_takes_the_median_of_its_rounds() -> None:
    """One disturbed round changes neither latency nor rate nor processor time."""
    line = Line(
        "help",
        [
            a_round(0.001, 0.002, 0.003, elapsed=0.01, cpu=0.003),
            a_round(0.002, 0.003, 0.004, elapsed=0.02, cpu=0.006),
            a_round(1.0, 2.0, 3.0, elapsed=6.0, cpu=5.0),
        ],
    )

    assert line.percentiles(50) == [0.002, 0.003, 2.0]
    assert line.percentile(50) == 0.003
    assert line.rate == pytest.approx(150)
    assert line.cpu == pytest.approx(0.002)


def test_a_table_compares_with_its_first_line() -> None:
    """Latency and processor time are given in floors as well."""
    table = rows(
        [a_line("floor", 0.001, cpu=0.0002), a_line("help", 0.0025, cpu=0.0007)], is_paced=False
    )

    assert table == [
        ["floor", "1.00", "1.00", "1.00", "1,000", "200", "1.00"],
        ["help", "2.50", "2.50", "2.50", "400", "700", "3.50"],
    ]


def test_a_rate_with_rests_in_it_is_not_shown() -> None:
    """Nor is processor time where the system cannot say it."""
    [row] = rows([a_line("floor", 0.001)], is_paced=True)

    assert row == ["floor", "1.00", "1.00", "1.00", "-", "-", "-"]


def test_columns_stand_below_their_heads() -> None:
    """A terminal shows every line equally wide."""
    lines = plain([HEAD, *rows([a_line("floor", 0.001)], is_paced=False)]).splitlines()

    assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize(
    ("kind", "measured", "bound", "holds"),
    [
        (Kind.LATENCY, 0.001, 0.002, True),
        (Kind.LATENCY, 0.002, 0.002, True),
        (Kind.LATENCY, 0.003, 0.002, False),
        (Kind.RATE, 300.0, 200.0, True),
        (Kind.RATE, 200.0, 200.0, True),
        (Kind.RATE, 100.0, 200.0, False),
    ],
)
def test_less_time_is_better_and_so_is_a_higher_rate(
    kind: Kind, measured: float, bound: float, *, holds: bool
) -> None:
    """A limit that is just met is kept."""
    assert a_limit([measured], [bound], kind).holds is holds


def test_a_promise_is_judged_by_its_median_round_and_tells_how_many_keep_it() -> None:
    """A bad round breaks no promise, but it is counted."""
    limit = a_limit([0.001, 0.009, 0.0015], [0.002, 0.004, 0.002])

    assert limit.holds
    assert limit.rounds_kept == 2
    assert limit.text() == (
        "  ok      help: 1.50 ms, at most 2.00 ms (2 x floor); "
        "0.75 of it in the median round, 2 of 3 rounds keep it"
    )


@pytest.mark.parametrize("kind", Kind)
def test_rounds_on_a_slow_machine_are_compared_with_themselves(kind: Kind) -> None:
    """Where both sides took three times as long, the promise is as well kept as elsewhere."""
    steady = a_limit([10.0, 10.0, 10.0], [11.0, 11.0, 11.0], kind)
    moody = a_limit([10.0, 30.0, 30.0], [11.0, 33.0, 33.0], kind)

    assert moody.share == pytest.approx(steady.share)
    assert moody.holds is steady.holds


def test_a_missed_promise_is_said_and_fails_the_run() -> None:
    """One is enough for exit code 1."""
    kept = a_limit([2000.0], [1500.0], Kind.RATE)
    missed = a_limit([1000.0], [1500.0], Kind.RATE)

    assert missed.cells()[:4] == ["MISSED", "help", "1,000 req/s", "at least 1,500 req/s"]
    assert exit_code([kept]) == 0
    assert exit_code([kept, missed]) == 1
