"""What is counted can be asked for, and tells nothing about anybody."""

from collections.abc import Sequence
from datetime import timedelta
from math import isnan, nan

from aiohttp.test_utils import make_mocked_request

from bot.buddy.budget import Budget
from bot.buddy.ledger import Ledger
from bot.database import StorageUnavailable
from bot.jobs.census import Depth
from bot.metrics import Glance, Metric, Metrics, Paint, Poll, Spare, Work
from handlers.scraping import Scraping
from sandbox.clock import SandboxClock
from tests.prometheus import sampled

HOUR = timedelta(hours=1)
NO_TOKENS = Spare(0, 0, nan)
NOTHING = Glance((), NO_TOKENS, processes=1, sockets=0)


def read(metrics: Metrics, glance: Glance = NOTHING) -> dict[str, float]:
    """Read what is written down for somebody."""
    body, _ = metrics.written("", glance)
    return sampled(body.decode())


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
    metrics.painted(None)
    metrics.unchanged()
    metrics.held_back()

    told = read(metrics)
    assert told["greenlight_polls_total read"] == 1
    paints = [told[f"greenlight_paints_total {each}"] for each in ("sent", "unchanged")]
    assert [*paints, told["greenlight_paints_total held_back"]] == [3, 1, 1]
    assert told["greenlight_paint_seconds_count"] == 2
    assert told["greenlight_paint_seconds_bucket 0.5"] == 1


async def test_tokens_are_added_up() -> None:
    """How many there are, how many are low, and what is to spare where it is least."""
    clock = SandboxClock()
    reset_at = clock.now() + HOUR
    ledgers = [Ledger(1000), Ledger(1000), Ledger(0)]
    ledgers[0].hear(Budget(1000, 900, reset_at), clock.now())
    ledgers[1].hear(Budget(1000, 249, reset_at), clock.now())

    told = await scraped(clock, ledgers)
    names = ("buddy_tokens", "buddy_tokens_low", "buddy_spare_least")
    assert [told[f"greenlight_{name}"] for name in names] == [2, 1, 0]

    clock.advance(HOUR)
    told = await scraped(clock, ledgers)
    assert [told[f"greenlight_{name}"] for name in names] == [2, 0, 750]
    assert isnan((await scraped(clock, []))["greenlight_buddy_spare_least"])


def test_a_kind_without_jobs_is_gone_from_the_next_scrape() -> None:
    """What was true a minute ago is not told again."""
    metrics = Metrics()
    work = Work("reply", {"waiting": 3, "running": 1, "dead": 0}, 4.5)
    told = read(metrics, Glance([work], NO_TOKENS, processes=2, sockets=2))
    assert told["greenlight_jobs reply waiting"] == 3
    assert told["greenlight_jobs_lag_seconds reply"] == 4.5
    assert told["greenlight_processes"] == told["greenlight_sockets"] == 2

    told = read(metrics, NOTHING)
    assert not [name for name in told if name.startswith("greenlight_jobs ")]


async def scraped(clock: SandboxClock, ledgers: Sequence[Ledger]) -> dict[str, float]:
    """Ask as Prometheus does, where the database does not answer."""

    async def depths() -> Sequence[Depth]:
        raise StorageUnavailable("gone")

    scraping = Scraping(Metrics(), clock, depths, lambda: ledgers, lambda: 1, lambda: 0)
    answer = await scraping.scrape(make_mocked_request("GET", "/metrics"))
    assert isinstance(answer.body, bytes)
    return sampled(answer.body.decode())


async def test_without_the_database_the_rest_is_told() -> None:
    """That is when somebody looks: the scrape works, and says what does not."""
    told = await scraped(SandboxClock(), [])

    assert told["greenlight_database_up"] == 0
    assert told["greenlight_processes"] == 1
