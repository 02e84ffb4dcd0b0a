"""The benchmark of notifications, cut short: killed in the middle, and every card is there once."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.notify.flood import Flood, Flooded
from benchmarks.notify.pace import Pace, Paced
from benchmarks.notify.page import BOT, PLAIN, TITLE, Notifying, Row, section
from benchmarks.notify.storm import Outcome, Storm, made
from benchmarks.notify.town import STEP_SECONDS, opened
from benchmarks.report import exit_code, placed, section_of


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
        paced = await Pace(town, per_second=4, count=4, aftermath_seconds=0).play()
        assert (paced.cards, paced.lost, paced.refused) == (8, 0, 0)
        assert paced.cpu_each is None or paced.cpu_each > 0
        assert (await town.measured())["greenlight_notified_seconds_count"] >= 8


@pytest.mark.timeout(400)
async def test_a_flood_of_one_run_is_one_card_in_each_channel(tmp_path: Path) -> None:
    """Buddy is read a few times, not once for each delivery."""
    async with opened(tmp_path, pipelines=1, channels=2) as town:
        [run] = made(town, 1)
        await town.rests(STEP_SECONDS + 0.5)

        flooded = await Flood(town, run, 200).play()

        assert flooded.is_well, flooded.text()
        assert flooded.deliveries == 200
        assert 0 < flooded.reads <= 20


def test_what_became_of_a_flood_is_told() -> None:
    """In one sentence."""
    told = Flooded(200, 1.0, refused=1, reads=2, missing=3, doubled=4, untrue=5)
    assert not told.is_well
    assert told.text() == (
        "200 deliveries of one run: answered in 1.0 s, 1 refused, 2 reads; "
        "3 missing, 4 doubled, 5 untrue"
    )


async def test_the_plain_script_posts_what_it_is_told(tmp_path: Path) -> None:
    """Beside it the bot is measured, by the same load in the same places."""
    async with opened(tmp_path, pipelines=2, channels=1, is_plain=True) as town:
        paced = await Pace(town, per_second=20, count=6, aftermath_seconds=0).play()
        said = [message.text for [room] in town.places.values() for message in room.messages]

    assert (paced.cards, paced.lost, paced.refused) == (6, 0, 0)
    assert sorted(said) == [
        f"{project} / {name} #{number}: started"
        for project, name in (("shop", "p000"), ("shop", "p001"))
        for number in (1, 2, 3)
    ]


OUTCOME = Outcome(48, 1, 2.0, 3.0, cards=24, missing=0, doubled=0, untrue=0)
FLOODED = Flooded(200, 1.0, refused=0, reads=2, missing=0, doubled=0, untrue=0)
GOOD = Paced([0.1] * 100, 100, 0, 100, cpu=1.2, waited=0.3, far_cpu=0.5)
SHORT = Paced([0.01] * 100, 100, 0, 100, cpu=0.3, waited=0.0, far_cpu=0.4)


def run_of(*rounds: Paced, storm: Outcome = OUTCOME, flood: Flooded = FLOODED) -> Notifying:
    """Measure so many rounds, beside as many of the plain script."""
    rows = [Row(BOT, list(rounds)), Row(PLAIN, [SHORT] * len(rounds))]
    return Notifying(["2 cores"], 50, storm, flood, rows)


def test_what_became_of_a_storm_is_told() -> None:
    """In one sentence."""
    assert replace(OUTCOME, missing=1, doubled=2, untrue=3).text() == (
        "48 deliveries, the bot killed 1 times: answered in 2.0 s, all cards true 3.0 s later; "
        "24 cards wanted, 1 missing, 2 doubled, 3 untrue"
    )


def test_a_good_run_keeps_every_promise() -> None:
    """Three of a storm, one of a flood, two of a pace."""
    limits = run_of(GOOD, GOOD).limits

    assert exit_code(limits) == 0
    assert [limit.name for limit in limits] == [
        "48 deliveries, cards missing",
        "48 deliveries, cards doubled",
        "48 deliveries, cards untrue",
        "200 deliveries of one run, refused or a card amiss",
        "50 deliveries a second, until the card",
        "50 deliveries a second, refused or lost",
    ]


@pytest.mark.parametrize(
    "bad",
    [
        run_of(replace(GOOD, seconds=[0.1] * 98 + [2.5] * 2)),
        run_of(replace(GOOD, seconds=[0.1] * 99)),
        run_of(replace(GOOD, refused=1)),
        run_of(GOOD, storm=replace(OUTCOME, missing=1)),
        run_of(GOOD, storm=replace(OUTCOME, doubled=1)),
        run_of(GOOD, storm=replace(OUTCOME, untrue=1)),
        run_of(GOOD, flood=replace(FLOODED, doubled=1)),
    ],
)
def test_each_promise_can_be_missed(bad: Notifying) -> None:
    """A card that never comes is a late one, too."""
    assert exit_code(bad.limits) == 1


def test_the_page_has_a_section_of_its_own() -> None:
    """It is put in once, and written anew after that."""
    page = "# Benchmarks\n\n## Following\n\nold\n\n## What the rows are\n\nrows\n"
    once = placed(page, section(run_of(GOOD, GOOD, GOOD)))

    assert "| greenlight | 0.100 | 0.100 | 12.0 | 4.0 | 20 % | 5.0 |" in once
    assert "| plain script | 0.010 | 0.010 | 3.0 | 1.0 | 0 % | 4.0 |" in once
    assert once.index("## Following") < once.index("## Notifications") < once.index("## What the")
    assert placed(once, section(run_of(GOOD, GOOD, GOOD))) == once
    assert section_of(once, TITLE) == section(run_of(GOOD, GOOD, GOOD))
    assert section_of(page, TITLE) == ""
