"""The benchmark's parts play together, on the smallest of its servers."""

import asyncio
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from benchmarks.load import NotAcknowledged, Target, measure
from benchmarks.server import started
from benchmarks.slack import UNIQUE


async def test_the_floor_answers_what_is_signed_and_nothing_else() -> None:
    """A server starts in its own process, is measured, and stops with its context."""
    body = urlencode({"command": "/buddy", "trigger_id": f"1.2.{UNIQUE}"})
    async with started("benchmarks.peers.floor") as floor:
        target = Target("floor", floor, body)

        sample = await measure(target, requests=20, concurrency=4)

        assert len(sample.seconds) == 20
        assert 0 < max(sample.seconds) <= sample.elapsed
        assert sample.cpu_seconds is None or sample.cpu_seconds > 0
        forged = Target("floor", replace(floor, ready=replace(floor.ready, secret="guessed")), body)
        with pytest.raises(ExceptionGroup) as refused:
            await measure(forged, requests=1, concurrency=1)
        assert refused.group_contains(NotAcknowledged, match="401")

    async with asyncio.timeout(30):
        assert await floor.process.wait() == 0
