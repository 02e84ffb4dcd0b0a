"""Many runs on one database: find the boundaries, strike at all of them, keep what came of it."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import NullPool, create_engine, make_url, select

from bot.store.tables import click, run
from sandbox.clock import hold_up
from tests.crash.plays import in_turn, plays
from tests.crash.runs import How, Result, Strike, play
from tests.crash.scenes import SECRET, NotSetUp
from tests.crash.traps import ARRIVED, CALLERS, DONE, NEVER, is_inside
from tests.crash.universe import QUICK, Pace, Universe, universe
from tests.crash.zygote import Zygote
from tests.postgres import OwnServer

_TRIES = 3
"""How often a run may fail to begin."""

_MOST_MISSED = 4
"""How often those that missed are made up for: a boundary need not come every time."""


_WIPED_WITHIN_SECONDS = 60
"""How long sealed values may be left behind the last run: until its process counts as dead."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a campaign is to do."""

    kills: int = 0
    twice: int = 0
    stops: int = 0
    freezes: int = 0
    restarts: int = 0
    universes: int = 2
    seed: int = 0
    pace: Pace = QUICK
    only: str = ""
    """A part of the names of the only strikes that are made."""

    surely: str = ""
    """A part of the names of strikes of which one is a kill in any case."""

    troubled: bool = True
    """Whether far sides have their troubles too."""


@dataclass(slots=True)
class Campaign:
    """Runs on one database, in several universes at once."""

    zygote: Zygote
    folder: Path
    wish: Wish
    server: OwnServer | None = None
    results: list[Result] = field(default_factory=list)
    found: list[Strike] = field(default_factory=list)
    """Every boundary of every play."""

    failed: list[str] = field(default_factory=list)
    """What could not even begin."""

    _number: int = 0

    @property
    def boundaries(self) -> set[str]:
        """Name all boundaries that were found."""
        return {strike.boundary for strike in self.found}

    async def run(self) -> None:
        """Do all of it."""
        wish = self.wish
        async with contextlib.AsyncExitStack() as stack:
            universes = [
                await stack.enter_async_context(self._universe(place))
                for place in range(wish.universes)
            ]
            wanted = [one for one in plays(troubled=wish.troubled) if one.may_be(wish.only)]
            await _share(universes, wanted, self._look)
            chosen = in_turn(self.found, wish.seed, wish.only)
            inside = [strike for strike in self.found if is_inside(strike.boundary)]
            await self._strike(universes, chosen, How.KILL, wish.kills)
            if wish.surely:
                await self._strike(
                    universes, in_turn(self.found, wish.seed, wish.surely), How.KILL, 1
                )
            await self._strike(
                universes, in_turn(inside, wish.seed, wish.only), How.TWICE, wish.twice
            )
            await self._strike(universes, chosen, How.STOP, wish.stops)
            if self.server is not None:
                # A restart strikes every universe of its server, so only one of them is at work.
                await self._strike(universes, chosen, How.FREEZE, wish.freezes)
                await self._strike(universes[:1], chosen, How.RESTART, wish.restarts)

    async def _look(self, here: Universe, strike: Strike) -> None:
        """Play without a strike, and list the boundaries by which it came."""
        result = await self._play(here, strike)
        if result is None:
            return
        case = result.case
        names = [name for _, name in here.traced(case.traced_before, case.traced_until)]
        calls = [call.path for call in here.slack.journal.calls[case.asked_before :]]
        calls += [call.method for call in here.buddy.journal.calls[case.patched_before :]]
        for call in calls:
            names += [call + ARRIVED, call + NEVER, call + DONE] if call in CALLERS else []
        self.found += [replace(strike, boundary=name) for name in dict.fromkeys(names)]

    async def _strike(
        self, universes: Sequence[Universe], chosen: Iterator[Strike], how: How, wanted: int
    ) -> None:
        """Strike so often, however many strikes miss."""
        struck = 0

        async def strike_at(here: Universe, strike: Strike) -> None:
            nonlocal struck
            result = await self._play(here, strike)
            struck += result is not None and result.is_struck

        for _ in range(_MOST_MISSED):
            left = max(0, wanted - struck)
            turns = (replace(strike, how=how) for strike in itertools.islice(chosen, left))
            await _share(universes, turns, strike_at)

    async def _play(self, here: Universe, strike: Strike) -> Result | None:
        why = ""
        for _ in range(_TRIES):
            self._number += 1
            try:
                result = await play(here, self._number, strike)
            except NotSetUp as failed:
                why = str(failed)
                continue
            self.results.append(result)
            return result
        self.failed.append(f"{strike}: {why}")
        return None

    @contextlib.asynccontextmanager
    async def _universe(self, place: int) -> AsyncIterator[Universe]:
        folder = self.folder / f"universe-{place}"
        await asyncio.to_thread(folder.mkdir)
        async with universe(
            f"bot-{place}",
            folder,
            self.zygote,
            server=self.server,
            pace=self.wish.pace,
            may_read=place % 2 == 0,
        ) as here:
            for name in ("maya", "jon"):
                await here.admit(name)
            yield here
            self.failed += await asyncio.to_thread(_leaks, folder)
            self.failed += await _remains_for_long(here.database)


def _leaks(folder: Path) -> list[str]:
    """Name the files in which a variable's value stands in clear: rows, logs, traces."""
    files = [each for each in folder.rglob("*") if each.is_file()]
    found = [each.name for each in files if SECRET.encode() in each.read_bytes()]
    return [f"a value stands in clear in {name}" for name in found]


async def _remains_for_long(address: str) -> list[str]:
    """Name what is left of values once those who took over have had time to wipe it."""
    for _ in range(_WIPED_WITHIN_SECONDS):
        if not await asyncio.to_thread(_remains, address):
            return []
        await hold_up(timedelta(seconds=1))
    return await asyncio.to_thread(_remains, address)


def _remains(address: str) -> list[str]:
    """Name the tables that still hold sealed values, though all is told."""
    url = make_url(address)
    driver = "sqlite" if url.drivername.startswith("sqlite") else "postgresql+psycopg"
    engine = create_engine(url.set(drivername=driver), poolclass=NullPool)
    with engine.connect() as connection:
        found = [
            table.name
            for table in (click, run)
            if connection.execute(select(table.c.id).where(table.c.sealed_values != "")).first()
        ]
    return [f"sealed values are left in table {name}" for name in found]


async def _share(
    universes: Sequence[Universe],
    work: "Sequence[Strike] | Iterator[Strike]",
    do: Callable[[Universe, Strike], Awaitable[None]],
) -> None:
    """Let every universe take the next piece of work whenever it is done with the last."""
    left = iter(work)

    async def take(here: Universe) -> None:
        for strike in left:
            await do(here, strike)

    async with asyncio.TaskGroup() as tasks:
        for here in universes:
            tasks.create_task(take(here))
