"""What is counted can be asked for, and tells nothing about anybody."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import isnan

from aiohttp.test_utils import make_mocked_request
from prometheus_client.parser import text_string_to_metric_families

from bot.database import StorageUnavailable
from bot.jobs.census import Depth
from bot.metrics import MAX_TOKENS, Glance, Metric, Metrics, Paint, Poll, Work
from handlers.scraping import Scraping
from sandbox.clock import SandboxClock

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOTHING = Glance(NOON, (), processes=1, sockets=0)


def read(metrics: Metrics, glance: Glance = NOTHING) -> dict[str, float]:
    """Read all samples as Prometheus does, by name and labels."""
    body, _ = metrics.written("", glance)
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }


def test_counters_begin_at_zero_and_count_each_time() -> None:
    """Every name is there from the start, so that a dashboard has no holes."""
    metrics = Metrics()
    assert metrics.read() == dict.fromkeys(Metric, 0)

    metrics.count(Metric.PRIVATE_ANSWER_LOST)
    metrics.count(Metric.PRIVATE_ANSWER_LOST)

    assert metrics.read()[Metric.PRIVATE_ANSWER_LOST] == 2
    assert Metrics().read()[Metric.PRIVATE_ANSWER_LOST] == 0
    fresh = read(Metrics())
    assert all(fresh[f"greenlight_polls_total {poll.value}"] == 0 for poll in Poll)
    assert all(fresh[f"greenlight_paints_total {paint.value}"] == 0 for paint in Paint)


def test_the_life_of_a_card_is_counted() -> None:
    """Looks, paints that were sent, spared and held back, and how old they were when they came."""
    metrics = Metrics()
    metrics.polled(Poll.READ)
    metrics.painted(0.3)
    metrics.painted(7)
    metrics.unchanged()
    metrics.held_back()

    told = read(metrics)
    assert told["greenlight_polls_total read"] == 1
    paints = [told[f"greenlight_paints_total {each}"] for each in ("sent", "unchanged")]
    assert [*paints, told["greenlight_paints_total held_back"]] == [2, 1, 1]
    assert told["greenlight_paint_seconds_count"] == 2
    assert told["greenlight_paint_seconds_bucket 0.5"] == 1


def test_budgets_are_told_as_a_sum_of_all_tokens() -> None:
    """How many are known, how many are low, and the least; forgotten when their time is over."""
    metrics = Metrics()
    assert isnan(read(metrics)["greenlight_buddy_budget_least"])
    metrics.budget(1, 900, 1000, NOON + HOUR)
    metrics.budget(1, 800, 1000, NOON + HOUR)
    metrics.budget(2, 249, 1000, NOON + HOUR)
    metrics.budget(3, 30, None, NOON + HOUR)
    metrics.budget(4, 0, 1000, NOON)

    told = read(metrics)
    names = ("buddy_tokens", "buddy_tokens_low", "buddy_budget_least")
    assert [told[f"greenlight_{name}"] for name in names] == [3, 1, 30]

    for whose in range(MAX_TOKENS + 10):
        metrics.budget(whose, 10, 1000, NOON + HOUR)
    assert read(metrics)["greenlight_buddy_tokens"] == MAX_TOKENS


def test_a_kind_without_jobs_is_gone_from_the_next_scrape() -> None:
    """What was true a minute ago is not told again."""
    metrics = Metrics()
    work = Work("reply", {"waiting": 3, "running": 1, "dead": 0}, 4.5)
    told = read(metrics, Glance(NOON, [work], processes=2, sockets=2))
    assert told["greenlight_jobs reply waiting"] == 3
    assert told["greenlight_jobs_lag_seconds reply"] == 4.5
    assert told["greenlight_processes"] == told["greenlight_sockets"] == 2

    told = read(metrics, NOTHING)
    assert not [name for name in told if name.startswith("greenlight_jobs ")]


async def test_without_the_database_the_rest_is_told() -> None:
    """That is when somebody looks: the scrape works, and says what does not."""

    async def depths() -> Sequence[Depth]:
        raise StorageUnavailable("gone")

    metrics = Metrics()
    scraping = Scraping(metrics, SandboxClock(), depths, lambda: 1, lambda: 0)

    answer = await scraping.scrape(make_mocked_request("GET", "/metrics"))

    assert isinstance(answer.body, bytes)
    assert b"greenlight_database_up 0.0" in answer.body
    assert b"process_resident_memory_bytes" in answer.body
