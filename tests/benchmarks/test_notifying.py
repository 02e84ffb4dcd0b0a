"""The benchmark of notifications, cut short: killed in the middle, and every card is there once."""

from pathlib import Path

import pytest

from benchmarks.notify.__main__ import text
from benchmarks.notify.flood import Flood, Flooded, flood_text
from benchmarks.notify.storm import Outcome, Pace, Storm, made
from benchmarks.notify.town import STEP_SECONDS, opened


@pytest.mark.timeout(400)
async def test_a_bot_that_is_killed_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Twelve runs, told of four times each, in two channels each; then four more, at a pace."""
    async with opened(tmp_path, pipelines=2, channels=2) as town:
        runs = made(town, 12)
        await town.rests(STEP_SECONDS + 0.5)

        outcome = await Storm(town, runs, kills=1).play()

        assert (outcome.deliveries, outcome.cards) == (48, 24)
        assert (outcome.missing, outcome.doubled, outcome.untrue) == (0, 0, 0)
        assert town.bots == 2
        assert len(await Pace(town, per_second=4, count=4).play()) == 8
        assert (await town.measured())["greenlight_notified_seconds_count"] >= 8


@pytest.mark.timeout(150)
async def test_a_flood_of_one_run_is_one_card_in_each_channel(tmp_path: Path) -> None:
    """Buddy is read a few times, not once for each delivery."""
    async with opened(tmp_path, pipelines=1, channels=2) as town:
        [run] = made(town, 1)
        await town.rests(STEP_SECONDS + 0.5)

        flooded = await Flood(town, run, 200).play()

        assert flooded.is_well, flood_text(flooded)
        assert flooded.deliveries == 200
        assert 0 < flooded.reads <= 20


def test_what_became_of_a_flood_is_told() -> None:
    """In one sentence."""
    told = Flooded(200, 1.0, refused=1, reads=2, missing=3, doubled=4, untrue=5)
    assert not told.is_well
    assert flood_text(told) == (
        "200 deliveries of one run: answered in 1.0 s, 1 refused, 2 reads; "
        "3 missing, 4 doubled, 5 untrue"
    )


def test_what_became_of_a_storm_is_told() -> None:
    """In one sentence."""
    told = text(Outcome(48, 1, 2.0, 3.0, cards=24, missing=1, doubled=2, untrue=3))
    assert told == (
        "48 deliveries, the bot killed 1 times: answered in 2.0 s, all cards true 3.0 s later; "
        "24 cards wanted, 1 missing, 2 doubled, 3 untrue"
    )
