"""Measure notifications; fail when a card is missing, doubled or untrue, or late."""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import click

from benchmarks import stage
from benchmarks.notify import measuring
from benchmarks.notify.measuring import ALL, Wish
from benchmarks.notify.page import Notifying, section
from benchmarks.report import exit_code, placed

PAPER = Path(__file__).parents[2] / "docs" / "benchmarks.md"
KILLS, PACED, PER_SECOND, FLOOD = 3, 1_000, 50, 10_000


@click.command()
@click.option("--deliveries", default=5_000, show_default=True, help="At full speed.")
@click.option("--rounds", default=3, show_default=True, help="How often a pace is measured.")
@click.option("--only", type=click.Choice(sorted(ALL)), multiple=True, help="Leave the others out.")
@click.option("--quick", is_flag=True, help="A few of each, to see that everything runs.")
@click.option("--write", is_flag=True, help="Write the section of docs/benchmarks.md.")
@click.option(
    "--storage",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder for database files; should be on the disk that production uses.",
)
def main(
    deliveries: int,
    rounds: int,
    only: tuple[str, ...],
    *,
    quick: bool,
    write: bool,
    storage: Path | None,
) -> None:
    """Measure notifications; fail when a promise is missed."""
    wish = (
        Wish(80, 1, 50, PER_SECOND, 1, 200)
        if quick
        else Wish(deliveries, KILLS, PACED, PER_SECOND, rounds, FLOOD)
    )
    wish = replace(wish, only=frozenset(only) or ALL)
    runs: list[Notifying] = []

    async def measured() -> None:
        with tempfile.TemporaryDirectory(prefix="greenlight-bench-", dir=storage) as folder:
            runs.append(await measuring.measure(wish, Path(folder)))

    stage.run(measured())
    [run] = runs
    print("\n".join(["", *run.facts, "", *(limit.text() for limit in run.limits)]))
    if write:
        PAPER.write_text(placed(PAPER.read_text("utf-8"), section(run)), "utf-8")
        print(f"\nWritten: docs/{PAPER.name}")
    sys.exit(exit_code(run.limits))


if __name__ == "__main__":
    main()
