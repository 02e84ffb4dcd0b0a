"""Measure following: thousands of executions beside a task for each, and a crowd with budgets."""

import sys
import tempfile
from pathlib import Path

import click

from benchmarks import stage
from benchmarks.follow import measuring
from benchmarks.follow.measuring import COUNTS, PLAN, QUICK, ROUNDS, Wish
from benchmarks.follow.page import Following, section
from benchmarks.report import exit_code, placed

PAPER = Path(__file__).parents[2] / "docs" / "benchmarks.md"


@click.command()
@click.option(
    "--count",
    "counts",
    type=click.IntRange(min=1),
    default=COUNTS,
    show_default=True,
    multiple=True,
    help="Open executions. May be given again.",
)
@click.option("--rounds", default=ROUNDS, show_default=True, help="How often each is measured.")
@click.option(
    "--only",
    type=click.Choice(["sqlite", "postgresql", "naive", "crowd"]),
    multiple=True,
    help="Leave the others out. May be given again.",
)
@click.option("--quick", is_flag=True, help="A few seconds each, to see that everything runs.")
@click.option("--write", is_flag=True, help="Write the section of docs/benchmarks.md.")
@click.option(
    "--storage",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder for database files; should be on the disk that production uses.",
)
def main(
    counts: tuple[int, ...],
    rounds: int,
    only: tuple[str, ...],
    *,
    quick: bool,
    write: bool,
    storage: Path | None,
) -> None:
    """Measure following; fail when a promised limit is missed."""
    wish = Wish(counts, rounds, QUICK if quick else PLAN, frozenset(only) or measuring.ALL)
    runs: list[Following] = []

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
