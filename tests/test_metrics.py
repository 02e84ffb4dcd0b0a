"""What is counted can be asked for."""

from bot.metrics import Metric, Metrics


def test_counters_begin_at_zero_and_count_each_time() -> None:
    """Every name is there from the start, so that a dashboard has no holes."""
    metrics = Metrics()
    assert metrics.read() == dict.fromkeys(Metric, 0)

    metrics.count(Metric.PRIVATE_ANSWER_LOST)
    metrics.count(Metric.PRIVATE_ANSWER_LOST)

    assert metrics.read()[Metric.PRIVATE_ANSWER_LOST] == 2
    assert Metrics().read()[Metric.PRIVATE_ANSWER_LOST] == 0
