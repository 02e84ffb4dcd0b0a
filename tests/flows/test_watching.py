"""Prometheus watches the bot: it sees what happened, and nobody it happened to."""

from pathlib import Path

from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as open_metrics,
)

from sandbox.faults import Fault
from tests.flows.acts import refused_as
from tests.prometheus import asked, sampled
from tests.world import World, both_doors, world_of

OPEN_METRICS = "application/openmetrics-text;version=1.0.0"


@both_doors
async def test_an_approval_leaves_its_traces(world: World, *, by_socket: bool) -> None:
    """What was called, how it ended and how long it took; no name, token, channel or address."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    await world.acts(maya.clicks(card, "Approve"))
    refused = Fault(path="chat.update", status=200, body=refused_as("is_archived"))
    world.slack.faults.order(refused)
    world.expected_refusals.add("chat.update: is_archived")
    await world.passes(10)

    status, text = await asked(world.stage.bot.metrics_url)
    told = sampled(text)

    assert status == 200
    assert told["greenlight_operations_total approve done"] == 1
    assert told["greenlight_told_seconds_count approve"] == 1
    door = "socket" if by_socket else "http"
    assert told[f"greenlight_acknowledge_seconds_count {door}"] == 4
    assert told["greenlight_buddy_calls_total PATCH ok"] == 1
    assert told["greenlight_buddy_call_seconds_count PATCH"] == 1
    assert told["greenlight_slack_calls_total chat.postMessage ok"] == 2
    assert told["greenlight_slack_calls_total chat.update channel_unreachable"] == 1
    assert told["greenlight_jobs_ended_total done operation"] == 1
    assert told["greenlight_jobs upkeep waiting"] == 1
    assert told["greenlight_database_up"] == 1
    assert told["greenlight_sockets"] == (2 if by_socket else 0)
    assert told["greenlight_buddy_tokens"] == 1
    assert told["greenlight_buddy_spare_least"] > 0
    assert told["greenlight_polls_total read"] >= 2
    assert told["greenlight_paints_total sent"] == told["greenlight_paint_seconds_count"] > 0
    secrets = [world.colleagues["maya"].token, *world.stage.settings.secrets()]
    people = [maya.id, world.deploys.id, "acme", "shop", run.pipeline.name]
    assert not [each for each in (*secrets, *people) if each in text]
    assert card.thread[0].reads
    assert card.reads


async def test_it_speaks_open_metrics_and_may_have_a_door_of_its_own(tmp_path: Path) -> None:
    """With its own address nothing of it can be reached where Slack comes in."""
    async with world_of(tmp_path, metrics_listen="127.0.0.1:0") as world:
        bot = world.stage.bot
        assert bot.metrics_url != bot.url
        status, text = await asked(bot.metrics_url, accept=OPEN_METRICS)
        assert status == 200
        names = [family.name for family in open_metrics(text)]  # type: ignore[no-untyped-call]  # left so
        assert "greenlight_build" in names
        assert (await asked(bot.url))[0] == 404
        assert (await asked(bot.metrics_url, "/healthz"))[0] == 404
