"""Run the whole suite: ``python -m tests.crash``; ``make crash`` does so on both databases.

It prints a table, names every run that broke a promise, and ends with an error if there is one.
"""

import argparse
import asyncio
import contextlib
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bot.clock import SystemClock
from tests.crash.campaign import Campaign, Wish
from tests.crash.report import Tally, table
from tests.crash.runs import How
from tests.crash.universe import Pace
from tests.crash.zygote import ROOT, Zygote, zygote
from tests.postgres import OwnServer, server

PAGE = ROOT / "docs" / "crash-suite.md"
MARK = "<!-- measured -->\n"
"""In the page, what follows is written by the command."""

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
PATIENT = Wish(kills=10, pace=Pace(dead_after=10, buddy_timeout=10), troubled=False)
"""Kills at the default times of an installation."""


def asked() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--database", choices=[*NAMES, "both"], default="both")
    parser.add_argument("--runs", type=int, default=200, help="kills; the rest in proportion")
    parser.add_argument("--how", choices=list(How), help="only this, so many times")
    parser.add_argument("--only", default="", help="a part of «story | trouble | boundary»")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--universes", type=int, default=3, help="how many runs at a time")
    parser.add_argument("--folder", type=Path, help="where logs and traces are kept")
    parser.add_argument("--write", action="store_true", help=f"write the table into {PAGE.name}")
    return parser.parse_args()


def wishes(told: argparse.Namespace) -> list[Wish]:
    """Say what is to be done on each database."""
    plain = Wish(universes=told.universes, seed=told.seed, only=told.only)
    runs = told.runs
    if told.how is not None:
        number = {
            How.KILL: replace(plain, kills=runs),
            How.TWICE: replace(plain, twice=runs),
            How.STOP: replace(plain, stops=runs),
            How.FREEZE: replace(plain, freezes=runs),
            How.RESTART: replace(plain, restarts=runs),
        }
        return [number[told.how]]
    whole = replace(
        plain,
        kills=runs,
        twice=runs // 8,
        stops=runs // 4,
        freezes=runs // 5,
        restarts=runs // 8,
    )
    return [whole, replace(PATIENT, seed=told.seed, only=told.only)]


async def campaigns(told: argparse.Namespace, database: str, folder: Path, bots: Zygote) -> Tally:
    """Do everything on one database."""
    tally = Tally(NAMES[database])
    with _server(database) as postgres:
        for number, wish in enumerate(wishes(told)):
            place = folder / f"{database}-{number}"
            await asyncio.to_thread(place.mkdir, parents=True)
            campaign = Campaign(bots, place, wish, postgres)
            await campaign.run()
            tally.take(campaign, is_patient=wish.pace == PATIENT.pace)
    return tally


@contextlib.contextmanager
def _server(database: str) -> Iterator[OwnServer | None]:
    with contextlib.ExitStack() as stack:
        yield stack.enter_context(server(durable=True)) if database == "postgresql" else None


async def main(told: argparse.Namespace, folder: Path) -> int:
    """Do everything; 1 if a promise was broken."""
    began = time.monotonic()
    ours = asyncio.current_task()
    assert ours is not None
    # As with Ctrl-C: everything is tidied up.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ours.cancel)
    chosen = list(NAMES) if told.database == "both" else [told.database]
    async with zygote() as bots:
        tallies = [await campaigns(told, database, folder, bots) for database in chosen]
    took = f"{(time.monotonic() - began) / 60:.0f} minutes, seed {told.seed}"
    drawn = table(tallies)
    sys.stdout.write(f"{drawn}\n\n{took}\n")
    for tally in tallies:
        for broken in tally.broken:
            sys.stdout.write(f"BROKEN on {tally.name}: {broken}\n")
        for note in tally.notes:
            sys.stdout.write(f"note on {tally.name}: {note}\n")
    if told.write:
        _write(f"Measured {SystemClock().now():%Y-%m-%d} in {took}:\n\n{drawn}\n")
    return int(any(tally.broken for tally in tallies))


def _write(measured: str) -> None:
    """Put what was measured into the page."""
    kept, _, _ = PAGE.read_text("utf-8").partition(MARK)
    PAGE.write_text(f"{kept}{MARK}\n{measured}", "utf-8")


if __name__ == "__main__":
    arguments = asked()
    with tempfile.TemporaryDirectory(prefix="greenlight-crash-") as temporary:
        with contextlib.suppress(asyncio.CancelledError, KeyboardInterrupt):
            sys.exit(asyncio.run(main(arguments, arguments.folder or Path(temporary))))
        sys.exit(1)
