"""Measure notifications; fail when a card is missing, doubled or untrue, or late."""

import sys
import tempfile
from pathlib import Path

import click

from benchmarks import stage
from benchmarks.notify.flood import Flood, flood_text
from benchmarks.notify.storm import Outcome, Pace, Storm, made
from benchmarks.notify.town import STEP_SECONDS, opened
from benchmarks.report import percentile

P99_SECONDS = 2.0
PER_SECOND = 50


async def measure(folder: Path, deliveries: int, kills: int, paced: int, flood: int) -> list[str]:
    """Measure, and print as it goes; what was promised and missed."""
    missed = []
    runs = deliveries // 4
    async with opened(folder, pipelines=max(1, runs // 12), channels=2) as town:
        several = made(town, runs)
        await town.rests(STEP_SECONDS + 0.5)
        outcome = await Storm(town, several, kills).play()
        print(text(outcome), flush=True)
        if outcome.missing or outcome.doubled or outcome.untrue:
            missed.append("every run has one true card in every channel")
    paced_folder = folder / "paced"
    paced_folder.mkdir()
    async with opened(paced_folder, pipelines=PER_SECOND, channels=1) as town:
        seconds = await Pace(town, PER_SECOND, paced).play()
        told = [percentile(seconds, percent) for percent in (50, 99)]
        print(
            f"{paced} runs at {PER_SECOND} a second: {len(seconds)} cards, "
            f"p50 {told[0]:.2f} s, p99 {told[1]:.2f} s",
            flush=True,
        )
        if told[1] > P99_SECONDS or len(seconds) != paced:
            missed.append(f"p99 from delivery to card at most {P99_SECONDS:g} s")
    flooded_folder = folder / "flooded"
    flooded_folder.mkdir()
    async with opened(flooded_folder, pipelines=1, channels=2) as town:
        [run] = made(town, 1)
        await town.rests(STEP_SECONDS + 0.5)
        flooded = await Flood(town, run, flood).play()
        print(flood_text(flooded), flush=True)
        if not flooded.is_well:
            missed.append("one run has one card, however often it is told of")
    return missed


def text(outcome: Outcome) -> str:
    """Write what became of a storm."""
    return (
        f"{outcome.deliveries} deliveries, the bot killed {outcome.kills} times: answered in "
        f"{outcome.seconds:.1f} s, all cards true {outcome.settled_seconds:.1f} s later; "
        f"{outcome.cards} cards wanted, {outcome.missing} missing, {outcome.doubled} doubled, "
        f"{outcome.untrue} untrue"
    )


@click.command()
@click.option("--deliveries", default=5_000, show_default=True, help="At full speed.")
@click.option("--kills", default=3, show_default=True, help="How often the bot is killed.")
@click.option("--paced", default=1_000, show_default=True, help=f"At {PER_SECOND} a second.")
@click.option("--flood", default=10_000, show_default=True, help="Of one execution.")
@click.option("--quick", is_flag=True, help="A few of each, to see that everything runs.")
def main(deliveries: int, kills: int, paced: int, flood: int, *, quick: bool) -> None:
    """Measure notifications."""
    count = (80, 1, 50, 200) if quick else (deliveries, kills, paced, flood)
    missed: list[str] = []

    async def measured() -> None:
        with tempfile.TemporaryDirectory(prefix="greenlight-bench-") as folder:
            missed.extend(await measure(Path(folder), *count))

    stage.run(measured())
    for each in missed:
        print(f"MISSED: {each}")
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
