"""Count what an operator should be able to watch; every name stands here once.

A registry of our own: several bots of one process share no counter. A label's values come from a
short list of ours, so no person, channel, execution, address or token can be told from a metric.
``docs/operations.md`` has the same list in the operator's words, and a test compares the two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.exposition import choose_encoder
from prometheus_client.process_collector import ProcessCollector

PREFIX: Final = "greenlight"

OK: Final = "ok"
"""What a call's result is called that is no failure; a failure is called by its error's code."""

_ACK_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3)
"""Slack gives three seconds."""

_CALL_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_PAINT_BUCKETS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60)
_TOLD_BUCKETS = (0.25, 0.5, 1, 2, 5, 10, 30, 60, 300)


class Metric(StrEnum):
    """What happens so seldom that each time matters. A name is public: the runbook uses it."""

    PRIVATE_ANSWER_LOST = "private_answers_lost"
    """Private answers that no way of delivery reached."""

    CARD_UNCLEAR = "cards_unclear"
    """Cards of notifications whose answer got lost, and that were posted once more."""

    REPLY_UNCLEAR = "replies_unclear"
    """Thread replies whose answer got lost, and that are not posted again."""


class Poll(StrEnum):
    """What came of one look at an execution that is followed."""

    READ = "read"
    SHARED = "shared"
    """A list call that served several executions said that nothing changed."""

    HELD_BACK = "held_back"
    """Nobody who could read had a call to spare for following."""

    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    OUT_OF_SIGHT = "out_of_sight"
    """Nobody's token can see it any more."""


class Delivered(StrEnum):
    """What became of what Buddy sent to one of our addresses."""

    NEW = "new"
    REPEATED = "repeated"
    UNWANTED = "unwanted"
    """It is of a pipeline that no channel is told of, or of no execution."""

    UNREADABLE = "unreadable"
    """A step does not say which execution it is."""

    REFUSED = "refused"
    """There is no such address, or the secret is another."""


class Paint(StrEnum):
    """What came of a card that was to be painted."""

    SENT = "sent"
    UNCHANGED = "unchanged"
    HELD_BACK = "held_back"
    """Slack's budget was used up; a later paint shows the same or more."""


@dataclass(frozen=True, slots=True)
class Work:
    """How many jobs of a kind there are, by their state."""

    kind: str
    jobs: Mapping[str, int]
    lag_seconds: float


@dataclass(frozen=True, slots=True)
class Spare:
    """What people's tokens have to spare, all together."""

    tokens: int
    low: int
    """Those whose last calls are kept for their person's own clicks."""

    least: float
    """Calls that following may still use of the token that has the fewest."""


@dataclass(frozen=True, slots=True)
class Glance:
    """What is looked up when somebody asks for it, and not counted before."""

    work: Sequence[Work] | None
    """None: the database did not answer in time."""

    spare: Spare
    processes: int
    sockets: int


class Metrics:
    """The metrics of this process; counters begin at zero with it."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._info = Info("build", "What runs here.", namespace=PREFIX, registry=self._registry)
        self._seldom = {
            metric: self._counter(metric.value, "Look at the log, and at the runbook.")
            for metric in Metric
        }
        self._polls = self._counter("polls", "Looks at followed executions.", "result")
        self._paints = self._counter("paints", "Cards that were to be painted.", "result")
        for poll in Poll:
            self._polls.labels(poll.value)
        for paint in Paint:
            self._paints.labels(paint.value)
        self._paint_seconds = self._histogram(
            "paint_seconds", "From a read of Buddy to the card in Slack.", _PAINT_BUCKETS
        )
        self._operations = self._counter(
            "operations", "Operations that came to an end.", "operation", "outcome"
        )
        self._told_seconds = self._histogram(
            "told_seconds", "From a click to its outcome.", _TOLD_BUCKETS, "operation"
        )
        self._ack_seconds = self._histogram(
            "acknowledge_seconds", "From a request of Slack's to its answer.", _ACK_BUCKETS, "door"
        )
        self._ended = self._counter("jobs_ended", "Runs of jobs, by their end.", "kind", "end")
        self._buddy = self._counter("buddy_calls", "Requests to Buddy.", "method", "result")
        self._buddy_seconds = self._histogram(
            "buddy_call_seconds", "How long Buddy takes.", _CALL_BUCKETS, "method"
        )
        self._slack = self._counter("slack_calls", "Calls to Slack.", "method", "result")
        self._deliveries = self._counter("deliveries", "What Buddy sent to us.", "source", "result")
        self._notified_seconds = self._histogram(
            "notified_seconds", "From the first word of something to its card.", _TOLD_BUCKETS
        )
        self._tokens = self._gauge("buddy_tokens", "Tokens whose calls are counted.")
        self._low = self._gauge("buddy_tokens_low", "Tokens with no call to spare for following.")
        self._least = self._gauge("buddy_spare_least", "Calls to spare where they are fewest.")
        self._jobs = self._gauge("jobs", "Jobs in the database.", "kind", "state")
        self._lag = self._gauge(
            "jobs_lag_seconds", "How long the oldest due job has been due.", "kind"
        )
        self._database = self._gauge("database_up", "Whether the database answered just now.")
        self._processes = self._gauge("processes", "Processes that share the database.")
        self._sockets = self._gauge("sockets", "Connections to Slack in Socket Mode.")

    def describe(self, **facts: str) -> None:
        """Say what runs here: version, kind of database, way that Slack comes."""
        self._info.info(facts)

    def count(self, metric: Metric) -> None:
        """Note that it happened once more."""
        self._seldom[metric].inc()

    def read(self) -> dict[Metric, int]:
        """Tell how often each of those happened, the zeros too."""
        return {metric: self._value(f"{PREFIX}_{metric.value}_total") for metric in Metric}

    def polled(self, result: Poll) -> None:
        """Note one look at an execution that is followed."""
        self._polls.labels(result.value).inc()

    def painted(self, seconds: float | None) -> None:
        """Note that Slack took a card, so long after Buddy told what it shows.

        None: it shows that Buddy tells nothing.
        """
        self._paints.labels(Paint.SENT.value).inc()
        if seconds is not None:
            self._paint_seconds.observe(seconds)

    def unchanged(self) -> None:
        """Note that a card showed it already, so that nothing was sent."""
        self._paints.labels(Paint.UNCHANGED.value).inc()

    def held_back(self) -> None:
        """Note that a card must wait for Slack's budget."""
        self._paints.labels(Paint.HELD_BACK.value).inc()

    def acknowledged(self, door: str, seconds: float) -> None:
        """Note that a request of Slack's was answered."""
        self._ack_seconds.labels(door).observe(seconds)

    def told(self, operation: str, outcome: str, seconds: float) -> None:
        """Note that an operation came to an end, so long after its click was taken."""
        self._operations.labels(operation, outcome).inc()
        self._told_seconds.labels(operation).observe(max(0.0, seconds))

    def delivered(self, source: str, result: Delivered) -> None:
        """Note that Buddy sent something."""
        self._deliveries.labels(source, result.value).inc()

    def notified(self, seconds: float) -> None:
        """Note that a channel got a card, so long after the first word of what it shows."""
        self._notified_seconds.observe(max(0.0, seconds))

    def job_ended(self, kind: str, end: str) -> None:
        """Note how one run of a job ended."""
        self._ended.labels(kind, end).inc()

    def buddy_called(self, method: str, result: str, seconds: float) -> None:
        """Note one request to Buddy."""
        self._buddy.labels(method, result).inc()
        self._buddy_seconds.labels(method).observe(seconds)

    def slack_called(self, method: str, result: str) -> None:
        """Note one call to Slack."""
        self._slack.labels(method, result).inc()

    def written(self, accept: str, glance: Glance) -> tuple[bytes, str]:
        """Write everything down as the asker takes it; the bytes and their content type."""
        self._look(glance)
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type

    def _look(self, glance: Glance) -> None:
        self._jobs.clear()
        self._lag.clear()
        for work in glance.work or ():
            self._lag.labels(work.kind).set(work.lag_seconds)
            for state, number in work.jobs.items():
                self._jobs.labels(work.kind, state).set(number)
        self._database.set(glance.work is not None)
        self._processes.set(glance.processes)
        self._sockets.set(glance.sockets)
        self._tokens.set(glance.spare.tokens)
        self._low.set(glance.spare.low)
        self._least.set(glance.spare.least)

    def _value(self, name: str) -> int:
        return int(self._registry.get_sample_value(name) or 0)

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(name, says, labels, namespace=PREFIX, registry=self._registry)

    def _gauge(self, name: str, says: str, *labels: str) -> Gauge:
        return Gauge(name, says, labels, namespace=PREFIX, registry=self._registry)

    def _histogram(self, name: str, says: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(
            name, says, labels, namespace=PREFIX, registry=self._registry, buckets=buckets
        )
