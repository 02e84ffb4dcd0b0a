"""Measure how fast Slack is acknowledged: the bot beside its peers, all in one run."""

import contextlib
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks import stage
from benchmarks.greenlight import LOG
from benchmarks.load import Target
from benchmarks.report import surroundings
from benchmarks.scenes import FLOOR, HELP, OPERATION, Scene, limits
from benchmarks.server import Server, started

PACE_SECONDS = 0.1
"""Rest between clicks in the scene with operations: the last click's job has ended by then."""

PACED_PART = 5
"""A scene with rests has one request where the others have this many."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run measures."""

    rounds: int
    requests: int
    concurrency: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cast:
    """All servers of a run, each in its own process."""

    bot: Server
    floor: Server
    one: Server
    many: Server
    storage: Server

    def scenes(self, plan: Plan) -> list[Scene]:
        """List what to measure; the first two are what the promises are held to."""
        body, routes = self.bot.ready.bodies["help"], self.bot.ready.routes
        floor, help_ = Target(FLOOR, self.floor, body), Target(HELP, self.bot, body)
        approve = Target(OPERATION, self.bot, self.bot.ready.bodies["approve"])
        bare = [
            Target("bare Bolt, 1 listener", self.one, body),
            Target(f"bare Bolt, {routes} listeners", self.many, body),
        ]
        paced = Scene(
            f"One request at a time, {PACE_SECONDS:g} s apart",
            [floor, help_, approve],
            max(10, plan.requests // PACED_PART),
            pause_seconds=PACE_SECONDS,
            storage=self.storage,
        )
        quick = [floor, *bare, help_]
        crowds = [
            Scene(f"{crowd} requests at a time", [*quick, approve], plan.requests, crowd)
            for crowd in plan.concurrency
            if crowd > 1
        ]
        in_a_row = Scene("One request at a time, without a rest", quick, plan.requests)
        return [in_a_row, paced, *crowds]


def cores() -> tuple[int, int]:
    """Choose a core for the servers and one for the load; -1 where there is no choice."""
    if not hasattr(os, "sched_getaffinity"):
        return -1, -1
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[-1]


async def bench(plan: Plan, storage: Path) -> bool:
    """Start all servers, measure, print; tell whether every promise was kept."""
    server_core, load_core = cores()
    print(surroundings(storage, plan.rounds, plan.requests), flush=True)
    stage.pin(load_core)
    core = ("--core", str(server_core))
    place = ("--storage", str(storage))
    async with contextlib.AsyncExitStack() as stack:

        async def start(module: str, *options: str) -> Server:
            return await stack.enter_async_context(started(f"benchmarks.{module}", *core, *options))

        bot = await start("greenlight", *place)
        everybody = Cast(
            bot=bot,
            floor=await start("peers.floor"),
            one=await start("peers.bolt_one"),
            many=await start("peers.bolt_many", "--listeners", str(bot.ready.routes)),
            storage=await start("peers.commit", *place),
        )
        scenes = everybody.scenes(plan)
        for scene in scenes:
            await scene.play(plan.rounds)
            print(f"\n{scene.text()}", flush=True)
        if refused := (storage / LOG).read_text().count('"click.not_taken"'):
            print(f"\n{refused} clicks were not taken in time; their people were told so.")
    promises = limits(*scenes[:2])
    print("\n".join(["", *(promise.text() for promise in promises)]))
    return all(promise.holds for promise in promises)


@click.command()
@click.option("--rounds", default=5, show_default=True, help="How often everything is measured.")
@click.option("--requests", default=300, show_default=True, help="Requests in each round.")
@click.option(
    "--concurrency",
    default=(1,),
    show_default=True,
    multiple=True,
    help="Requests at a time; 1 is always measured. Give it again for more, as 16 and 64.",
)
@click.option("--quick", is_flag=True, help="Two short rounds, to see that everything runs.")
@click.option(
    "--storage",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder for database files; should be on the disk that production uses.",
)
def main(
    *, rounds: int, requests: int, concurrency: tuple[int, ...], quick: bool, storage: Path | None
) -> None:
    """Measure acknowledgement latency; fail when a promised limit is missed."""
    plan = Plan(2 if quick else rounds, 50 if quick else requests, concurrency)
    kept = False

    async def measured() -> None:
        nonlocal kept
        with tempfile.TemporaryDirectory(prefix="greenlight-bench-", dir=storage) as folder:
            kept = await bench(plan, Path(folder))

    stage.run(measured())
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
