"""The limits that a run is held to; each compares figures of the same rounds.

one at a time   a request that changes nothing takes at most twice the floor
at a pace       an operation takes at most twice the floor and twice a commit
a crowd of 64   at least 1.5 times the requests of bare Bolt with as many listeners
far sides late  at most 20 % slower than just before, while they answer at once
click to PATCH  p50 at most 25 ms and p99 at most 60 ms of the bot's own time, on both databases
"""

from collections.abc import Sequence

from benchmarks.operations import Operations
from benchmarks.report import Kind, Limit
from benchmarks.scenes import FLOOR, HELP, LATE_SECONDS, OPERATION, Scene, before, late

FACTOR = 2
CROWD = 64
ADVANTAGE = 1.5
TOLERANCE = 1.2
PATCH_P50_SECONDS = 0.025
PATCH_P99_SECONDS = 0.060


def promises(scenes: Sequence[Scene], peer: str) -> list[Limit]:
    """List every promise that these scenes can judge; the peer is Bolt with all listeners."""
    found = []
    for scene in scenes:
        if scene.is_paced:
            found.append(operation_beside_commit(scene))
        elif scene.concurrency == 1:
            found.append(help_beside_floor(scene))
        elif scene.concurrency == CROWD:
            found.append(crowd_beside_bolt(scene, peer))
    return found + [limit for scene in scenes for limit in unharmed_by_lateness(scene)]


def help_beside_floor(scene: Scene) -> Limit:
    """Hold what changes nothing to the floor."""
    return Limit(
        f"{HELP}, one at a time",
        f"{FACTOR} x floor",
        Kind.LATENCY,
        scene.lines[HELP].percentiles(50),
        [FACTOR * floor for floor in scene.lines[FLOOR].percentiles(50)],
    )


def operation_beside_commit(scene: Scene) -> Limit:
    """Hold what is stored before it is acknowledged to the floor and a bare commit."""
    floors = scene.lines[FLOOR].percentiles(50)
    return Limit(
        f"{OPERATION}, one at a time",
        f"{FACTOR} x floor + {FACTOR} x commit",
        Kind.LATENCY,
        scene.lines[OPERATION].percentiles(50),
        [
            FACTOR * (floor + commit)
            for floor, commit in zip(floors, scene.commit_p50s, strict=True)
        ],
    )


def crowd_beside_bolt(scene: Scene, peer: str) -> Limit:
    """Hold the rate under load to that of Bolt with the same routes."""
    return Limit(
        f"{HELP}, {CROWD} at a time",
        f"{ADVANTAGE:g} x {peer}",
        Kind.RATE,
        scene.lines[HELP].rates,
        [ADVANTAGE * rate for rate in scene.lines[peer].rates],
    )


def soon_after_click(operations: Operations) -> list[Limit]:
    """Hold the bot's own time until the PATCH arrives to what people do not notice."""
    rule = "far sides' answers excluded"
    return [
        Limit(
            f"Greenlight, click to PATCH, {operations.database}, {word}",
            rule,
            Kind.LATENCY,
            measured,
            [bound] * len(measured),
        )
        for word, measured, bound in (
            ("p50", operations.own_p50s, PATCH_P50_SECONDS),
            ("p99", operations.own_p99s, PATCH_P99_SECONDS),
        )
    ]


def unharmed_by_lateness(scene: Scene) -> list[Limit]:
    """Hold what is measured while the far sides are late to the same without delay."""
    found = []
    percent = round((TOLERANCE - 1) * 100)
    rule = f"within {percent} % of no delay"
    manner = "at a pace" if scene.is_paced else f"{scene.concurrency} at a time"
    for target in scene.again_late:
        prompt, delayed = scene.lines[before(target.name)], scene.lines[late(target.name)]
        name = f"{target.name}, {manner}, far sides {LATE_SECONDS} s late"
        bounds = [TOLERANCE * seconds for seconds in prompt.percentiles(50)]
        found.append(Limit(name, rule, Kind.LATENCY, delayed.percentiles(50), bounds))
        if not scene.is_paced:
            rates = [rate / TOLERANCE for rate in prompt.rates]
            found.append(Limit(name, rule, Kind.RATE, delayed.rates, rates))
    return found
