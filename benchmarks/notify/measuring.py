"""Measure notifications: a storm with kills, a flood, and a pace beside the plain script."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import stage
from benchmarks.machine import Others, cores, surroundings
from benchmarks.notify.flood import Flood, Flooded
from benchmarks.notify.pace import Pace, Paced
from benchmarks.notify.page import BOT, PLAIN, Notifying, Row
from benchmarks.notify.storm import Outcome, Storm, made
from benchmarks.notify.town import STEP_SECONDS, opened

STORM, FLOOD = "storm", "flood"
ALL = frozenset({STORM, FLOOD, BOT, PLAIN})


@dataclass(frozen=True, slots=True)
class Wish:
    """How much to measure."""

    deliveries: int
    kills: int
    paced: int
    """Deliveries of a round at a pace."""

    per_second: int
    rounds: int
    flood: int
    """Deliveries of one execution."""

    only: frozenset[str] = field(default=ALL)


async def measure(wish: Wish, storage: Path) -> Notifying:
    """Measure, and print as it goes."""
    facts, others = surroundings(), Others()
    print("\n".join(facts), flush=True)
    server_core, load_core = cores()
    stage.pin(load_core)
    storm = await weather(wish, _made(storage, STORM), server_core) if STORM in wish.only else None
    flood = await flooded(wish, _made(storage, FLOOD), server_core) if FLOOD in wish.only else None
    rows = [Row(name) for name in (BOT, PLAIN) if name in wish.only]
    for number in range(wish.rounds):
        for row in _in_turn(rows, number):
            folder = _made(storage, f"{row.name}-{number}")
            row.rounds.append(await paced(wish, folder, server_core, is_plain=row.name == PLAIN))
            print(f"{row.name}: {row.text(row.rounds[-1])}", flush=True)
    return Notifying([*facts, *others.facts()], wish.per_second, storm, flood, rows)


async def weather(wish: Wish, folder: Path, core: int) -> Outcome:
    """Send everything at full speed, and kill the bot meanwhile."""
    runs = wish.deliveries // 4
    async with opened(folder, max(1, runs // 12), channels=2, core=core) as town:
        several = made(town, runs)
        await town.rests(STEP_SECONDS + 0.5)
        outcome = await Storm(town, several, wish.kills).play()
    print(outcome.text(), flush=True)
    return outcome


async def flooded(wish: Wish, folder: Path, core: int) -> Flooded:
    """Tell of one execution again and again."""
    async with opened(folder, 1, channels=2, core=core) as town:
        [run] = made(town, 1)
        await town.rests(STEP_SECONDS + 0.5)
        outcome = await Flood(town, run, wish.flood).play()
    print(outcome.text(), flush=True)
    return outcome


async def paced(wish: Wish, folder: Path, core: int, *, is_plain: bool) -> Paced:
    """Send at a pace. Each channel gets a card every other second: Slack takes one a second."""
    pipelines = 2 * wish.per_second
    async with opened(folder, pipelines, channels=1, core=core, is_plain=is_plain) as town:
        return await Pace(town, wish.per_second, wish.paced).play()


def _in_turn(rows: list[Row], number: int) -> Iterable[Row]:
    """Begin each round with another one."""
    return rows[number % len(rows) :] + rows[: number % len(rows)] if rows else ()


def _made(storage: Path, name: str) -> Path:
    folder = storage / name
    folder.mkdir()
    return folder
