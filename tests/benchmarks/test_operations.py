"""How long a click is the bot's own, and that bot, engine and far sides play together."""

from pathlib import Path

import pytest

from benchmarks.gates import Seen, Span
from benchmarks.operations import Operations, Plan, own_time, text
from benchmarks.server import started


@pytest.mark.parametrize(
    ("reads", "shared", "own"),
    [
        ([], [], 10.0),
        ([(2.0, 3.0)], [(4.0, 6.0)], 7.0),
        ([(2.0, 5.0)], [(4.0, 6.0)], 6.0),
        ([(2.0, 6.0)], [(3.0, 4.0)], 6.0),
        ([(-5.0, 1.0), (9.0, 20.0)], [], 8.0),
        ([(-5.0, -1.0), (11.0, 12.0)], [], 10.0),
    ],
)
def test_what_the_far_sides_needed_is_not_the_bots_own(
    reads: list[Span], shared: list[Span], own: float
) -> None:
    """What overlaps counts once, and only what lies between the click and its PATCH."""
    seen = Seen(1, patched=10.0, told=None, painted=None, reads=reads)

    assert own_time(0.0, seen, shared) == pytest.approx(own)


async def test_clicks_are_measured_until_everything_is_told(tmp_path: Path) -> None:
    """On the real bot and the bare engine, with as little as there can be."""
    engine_at = f"sqlite:///{tmp_path / 'engine.db'}"
    async with (
        started("benchmarks.greenlight", "--storage", str(tmp_path)) as bot,
        started("benchmarks.peers.engine", "--database", engine_at) as engine,
    ):
        operations = Operations("SQLite", bot, engine, aim=1)

        await operations.play(Plan(clicks=2, burst=3), counts=True)

    [paced], [burst], [alone] = operations.paced, operations.bursts, operations.engine_bursts
    assert len(paced.own) == 2
    assert all(0 < own < whole for own, whole in zip(paced.own, paced.whole, strict=True))
    assert burst.count == alone.count == 3
    assert burst.until_told is not None
    assert 0 < burst.until_patched < burst.until_told
    assert alone.until_patched > 0
    assert "bare jobs engine, SQLite" in text([operations])
