"""Measure acknowledgements, operations and following, beside peers, in one run."""

import contextlib
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import click

from benchmarks import databases, operations, stage
from benchmarks.document import Run, document
from benchmarks.follow import measuring
from benchmarks.gates import not_taken
from benchmarks.greenlight import LOG
from benchmarks.load import Target
from benchmarks.machine import Others, cores, surroundings
from benchmarks.notify.page import TITLE as NOTIFICATIONS
from benchmarks.operations import Operations
from benchmarks.promises import promises, soon_after_click
from benchmarks.report import exit_code, placed, section_of
from benchmarks.scenes import FLOOR, HELP, OPERATION, Scene
from benchmarks.server import Server, started

PAPER = Path(__file__).parents[1] / "docs" / "benchmarks.md"

PACE_SECONDS = 0.1
"""Rest between clicks in the scene with operations: the last click's job has ended by then."""

PACED_PART = 10
"""A scene with rests has one request where the others have this many."""

TURNS = 15
"""How often each of a crowd has its turn, at least."""

CLICK_TURNS = 3
"""How often with clicks, whose work goes on long after their acknowledgement."""

FEW, MANY = 2, 50
"""Rounds, and requests in each, of a quick look."""

AMOUNT, QUICK_AMOUNT = operations.Plan(clicks=60, burst=300), operations.Plan(clicks=5, burst=30)
"""Clicks in each round, each for an execution of its own."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run measures."""

    rounds: int
    requests: int
    concurrency: tuple[int, ...]
    operations: operations.Plan
    following: measuring.Wish


@dataclass(frozen=True, slots=True)
class Cast:
    """All servers of a run, each in its own process."""

    bot: Server
    floor: Server
    one: Server
    many: Server
    storage: Server

    @property
    def peer(self) -> str:
        """The name of Bolt with as many listeners as the bot has routes."""
        return f"bare Bolt, {self.bot.ready.routes} listeners"

    def scenes(self, plan: Plan) -> list[Scene]:
        """List what to measure."""
        body = self.bot.ready.bodies["help"]
        floor, help_ = Target(FLOOR, self.floor, body), Target(HELP, self.bot, body)
        approve = Target(OPERATION, self.bot, self.bot.ready.bodies["approve"])
        bare = [
            Target("bare Bolt, 1 listener", self.one, body),
            Target(self.peer, self.many, body),
        ]
        quick = [floor, *bare, help_]
        # While help is asked for again, clicks from just before still wait for the late answers.
        paced = Scene(
            f"One request at a time, {PACE_SECONDS:g} s apart",
            [floor, help_, approve],
            max(10, plan.requests // PACED_PART),
            pause_seconds=PACE_SECONDS,
            again_late=[approve, help_],
            storage=self.storage,
        )
        in_a_row = Scene(
            "One request at a time, without a rest", quick, plan.requests, again_late=[help_]
        )
        crowds = []
        for crowd in plan.concurrency:
            clicks = replace(approve, requests=CLICK_TURNS * crowd)
            requests = max(plan.requests, TURNS * crowd)
            title = f"{crowd} requests at a time"
            crowds.append(
                Scene(title, [*quick, clicks], requests, crowd, again_late=[clicks, help_])
            )
        return [in_a_row, paced, *crowds]


async def bench(plan: Plan, storage: Path) -> Run:
    """Start all servers, measure, and print as it goes."""
    facts, others = surroundings(), Others()
    print("\n".join(facts), flush=True)
    server_core, load_core = cores()
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
    done = await operate(plan, server_core, storage)
    following = await measuring.measure(plan.following, storage)
    beside = others.facts()
    print("\n".join(["", *beside]))
    refused = refusals(storage)
    kept = promises(scenes, everybody.peer)
    kept += [limit for one in done for limit in soon_after_click(one)]
    told = (scenes, done, kept, everybody.peer, refused, following)
    return Run([*facts, *beside], plan.rounds, *told)


def refusals(storage: Path) -> int:
    """Count the clicks that any bot of the run did not take."""
    return sum(not_taken(log) for log in storage.rglob(LOG))


async def operate(plan: Plan, core: int, storage: Path) -> list[Operations]:
    """Measure operations in interleaved rounds, after one that only warms up."""
    async with databases.opened(core, storage) as everybody:
        for number in range(-1, plan.rounds):
            for one in everybody:
                await one.play(plan.operations, counts=number >= 0)
    print(f"\n{operations.text(everybody)}", flush=True)
    return everybody


@click.command()
@click.option("--rounds", default=5, show_default=True, help="How often everything is measured.")
@click.option("--requests", default=300, show_default=True, help="Requests in each round.")
@click.option(
    "--concurrency",
    type=click.IntRange(min=2),
    default=(16, 64),
    show_default=True,
    multiple=True,
    help="Requests at a time, beside 1, which is always measured. May be given again.",
)
@click.option("--quick", is_flag=True, help="Two short rounds, to see that everything runs.")
@click.option("--write", is_flag=True, help="Write docs/benchmarks.md from this run.")
@click.option(
    "--storage",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder for database files; should be on the disk that production uses.",
)
def main(
    rounds: int,
    requests: int,
    concurrency: tuple[int, ...],
    *,
    quick: bool,
    write: bool,
    storage: Path | None,
) -> None:
    """Measure acknowledgements, operations and following; fail when a promise is missed."""
    amount = QUICK_AMOUNT if quick else AMOUNT
    following = measuring.QUICK_WISH if quick else measuring.WISH
    count = (FEW, MANY) if quick else (rounds, requests)
    plan = Plan(*count, concurrency, amount, following)
    runs: list[Run] = []

    async def measured() -> None:
        with tempfile.TemporaryDirectory(prefix="greenlight-bench-", dir=storage) as folder:
            runs.append(await bench(plan, Path(folder)))

    stage.run(measured())
    [run] = runs
    if run.not_taken:
        print(f"\n{run.not_taken} clicks were not taken in time; their people were told so.")
    kept = [*run.limits, *(run.following.limits if run.following else [])]
    print("\n".join(["", *(limit.text() for limit in kept)]))
    if write:
        page, beside = document(run), section_of(PAPER.read_text("utf-8"), NOTIFICATIONS)
        # What another run measured stands there until that is written anew.
        PAPER.write_text(placed(page, beside) if beside else page, "utf-8")
        print(f"\nWritten: docs/{PAPER.name}")
    sys.exit(exit_code(kept))


if __name__ == "__main__":
    main()
