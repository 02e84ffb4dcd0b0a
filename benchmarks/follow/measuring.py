"""One whole measurement of following."""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import stage
from benchmarks.databases import postgresql
from benchmarks.follow import crowd, many
from benchmarks.follow.many import NAIVE, Follower, Plan
from benchmarks.follow.page import Following
from benchmarks.follow.promises import promises
from benchmarks.follow.rows import fill
from benchmarks.machine import Others, cores, surroundings
from bot.log import configure
from tests.postgres import EMPTY

COUNTS: Final = (1000, 10_000)
ROUNDS: Final = 3
PLAN, QUICK = Plan(rest=20, steady=20), Plan(rest=1, steady=6)
ALL: Final = frozenset({"sqlite", "postgresql", "naive", "crowd"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What to measure."""

    counts: tuple[int, ...]
    rounds: int
    plan: Plan
    only: frozenset[str]
    """Some of ``ALL``."""


WISH = Wish(COUNTS, ROUNDS, PLAN, ALL)
QUICK_WISH = Wish((COUNTS[0],), 1, QUICK, ALL)


async def measure(wish: Wish, storage: Path) -> Following:
    """Measure it, and print as it goes."""
    configure("error", "json")
    facts, others = surroundings(), Others()
    print("\n".join(facts), flush=True)
    outcome = None
    if "crowd" in wish.only:
        outcome = await crowd.play(storage)
        print(f"\n{crowd.text(outcome)}\n", flush=True)
    followers = await follow(wish, storage) if wish.only - {"crowd"} else []
    if followers:
        print(f"\n{many.text(followers)}", flush=True)
    told = [*facts, *others.facts()]
    return Following(told, wish.rounds, followers, outcome, promises(followers, outcome))


async def follow(wish: Wish, storage: Path) -> list[Follower]:
    """Let everybody follow so many executions, in turns."""
    server_core, load_core = cores()
    stage.pin(load_core)
    found = []
    async with contextlib.AsyncExitStack() as stack:
        far = await stack.enter_async_context(many.far_side(load_core))
        for count in wish.counts:
            for name, database in _databases(wish, storage, count, stack).items():
                await fill(database, far, count)
                start = many.bot(database, far, server_core)
                found.append(Follower(f"Greenlight, {name}", count, start, far))
            if "naive" in wish.only:
                found.append(Follower(NAIVE, count, many.naive(count, far, server_core), far))
        await many.play(found, wish.plan, wish.rounds)
    return found


def _databases(
    wish: Wish, storage: Path, count: int, stack: contextlib.AsyncExitStack
) -> dict[str, str]:
    """Name an empty database of each kind."""
    found = {}
    if "sqlite" in wish.only:
        found["SQLite"] = f"sqlite:///{storage / f'follow-{count}.db'}"
    if "postgresql" in wish.only:
        fresh = stack.enter_context(postgresql()).fresh(EMPTY)
        found["PostgreSQL"] = stack.enter_context(fresh).url("asyncpg")
    return found
