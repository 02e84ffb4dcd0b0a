"""The metrics that the operator reads about are those that the bot has."""

import re
from pathlib import Path

import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot.errors import BuddyError
from bot.metrics import Delivered, Glance, Metric, Metrics, Paint, Poll, Spare, Work
from tests.contracts.test_runbook import situations

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/operations.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| `(greenlight_\w+)` \|([^|]*)\| .+ \|$", PAGE, re.MULTILINE))


def told() -> dict[str, set[str]]:
    """Name every metric with its labels, as Prometheus sees them once all have a value."""
    metrics = Metrics()
    metrics.describe(version="1", database="sqlite", door="http")
    metrics.acknowledged("http", 1)
    metrics.told("approve", "done", 1)
    metrics.job_ended("reply", "done")
    metrics.buddy_called("GET", "ok", 1)
    metrics.slack_called("chat.update", "ok")
    metrics.painted(1)
    metrics.delivered("webhook", Delivered.NEW)
    metrics.notified(1)
    work = Work("reply", {"waiting": 1}, 1)
    text, _ = metrics.written("", Glance([work], Spare(1, 0, 750), processes=1, sockets=0))
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text.decode()):
        name = family.name + ("_total" if family.type == "counter" else "")
        if name.startswith("greenlight_") and not name.endswith("_created"):
            labels = {label for sample in family.samples for label in sample.labels}
            found[name] = labels - {"le"}
    return found


def test_every_metric_has_a_row_with_its_labels() -> None:
    """The table names each once, and none that does not exist."""
    documented = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in ROWS.items()}
    assert documented == told()


def test_every_value_of_ours_is_explained() -> None:
    """What stands behind a label is a word of the page."""
    for word in (*Poll, *Paint, *Delivered):
        assert f"`{word.value}`" in PAGE
    assert all(f"greenlight_{metric.value}_total" in ROWS for metric in Metric)


def test_the_alerts_ask_for_what_there_is() -> None:
    """Names, labels and codes in the rules are the bot's own."""
    [rules] = [
        block for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "alert:" in block
    ]
    alerts = yaml.safe_load(rules)["groups"][0]["rules"]
    assert len(alerts) == 5
    known = {**told(), "greenlight_acknowledge_seconds_bucket": {"door"}}
    codes = {situation.code for situation in situations(BuddyError)}
    for alert in alerts:
        expression = alert["expr"]
        for name, selected in re.findall(r"(greenlight_\w+)(?:\{(.*?)\})?", expression):
            labels = dict(re.findall(r'(\w+)=~?"(.*?)"', selected))
            assert set(labels) <= known[name]
            assert set(labels.get("result", "token_rejected").split("|")) <= codes
        assert alert["annotations"]["summary"]
