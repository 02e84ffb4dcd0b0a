"""What a run is held to, and the page that tells it."""

from benchmarks.document import Run, document
from benchmarks.load import Target
from benchmarks.promises import promises, soon_after_click
from benchmarks.report import Limit, markdown
from benchmarks.scenes import FLOOR, HELP, OPERATION, Scene, before, late
from tests.benchmarks.samples import a_line, some_operations
from tests.benchmarks.servers import NOWHERE

PEER = "bare Bolt, 30 listeners"


def a_scene(
    title: str = "Some requests", *, concurrency: int = 1, is_paced: bool = False, **p50s: float
) -> Scene:
    """Make a scene that was played once; an argument changes how long something took."""
    told = {FLOOR: 0.001, PEER: 0.012, HELP: 0.002, OPERATION: 0.008}
    told |= {before(HELP): 0.002, before(OPERATION): 0.008}
    told |= {late(HELP): 0.002, late(OPERATION): 0.008}
    told |= {{"help": HELP, "late_help": late(HELP)}[name]: took for name, took in p50s.items()}
    scene = Scene(
        title,
        [Target(name, NOWHERE, "") for name in (FLOOR, PEER, HELP, OPERATION)],
        requests=1,
        concurrency=concurrency,
        pause_seconds=0.1 if is_paced else 0.0,
        again_late=[Target(name, NOWHERE, "") for name in (OPERATION, HELP)],
        lines={name: a_line(name, took) for name, took in told.items()},
    )
    if is_paced:
        scene.commit_p50s.append(0.003)
    return scene


def missed(*scenes: Scene) -> list[str]:
    """Judge the scenes; return the rules that were broken."""
    return [limit.rule for limit in promises(scenes, PEER) if not limit.holds]


def test_every_pace_has_its_promise() -> None:
    """The floor, the commit, Bolt with all listeners, and late far sides at each of them."""
    scenes = [a_scene(), a_scene(is_paced=True), a_scene(concurrency=16), a_scene(concurrency=64)]

    limits = promises(scenes, PEER)

    assert [limit.rule for limit in limits[:3]] == [
        "2 x floor",
        "2 x floor + 2 x commit",
        f"1.5 x {PEER}",
    ]
    assert {limit.rule for limit in limits[3:]} == {"within 20 % of no delay"}
    assert len(limits[3:]) == 4 + 2 + 4 + 4
    assert all(limit.holds for limit in limits)


def test_a_slow_answer_misses_its_floor() -> None:
    """Twice the floor is the most that help may take; late far sides excuse nothing."""
    assert missed(a_scene(help=0.0021)) == ["2 x floor"]


def test_a_crowd_must_be_served_faster_than_by_bolt() -> None:
    """Less than one and a half times its requests is a miss."""
    crowd = a_scene(concurrency=64, help=0.009)

    assert missed(crowd) == [f"1.5 x {PEER}"]


def test_lateness_that_shows_misses_latency_and_rate() -> None:
    """A fifth is the most that late far sides may cost."""
    assert missed(a_scene(late_help=0.0025)) == ["within 20 % of no delay"] * 2


def a_run(scenes: list[Scene]) -> Run:
    """Make a finished run."""
    limits: list[Limit] = promises(scenes, PEER)
    return Run(["A machine"], 1, scenes, [some_operations()], limits, PEER, not_taken=0)


def test_the_page_tells_what_came_out() -> None:
    """Its first paragraph has the ratios of its own tables."""
    page = document(a_run([a_scene("Alone"), a_scene("A crowd", concurrency=64)]))

    assert "one request at a time is answered 6 times as fast" in page
    assert "at 64 requests at a time it answers 6.00 times as many per second" in page
    assert "### A crowd" in page
    assert "All 10 promises hold in this run." in page


def test_the_page_hides_no_miss() -> None:
    """A missed promise stands in the first paragraph and in the table."""
    page = document(a_run([a_scene("Alone", help=0.003)]))

    assert "**Missed in this run: 1 of 5 promises**" in page
    assert "| MISSED | Greenlight, /buddy help, one at a time | 3.00 ms | at most 2.00 ms |" in page


def test_the_page_tells_what_operations_cost_and_whether_the_aims_were_reached() -> None:
    """An aim that was not reached stands there like one that was, and breaks no promise."""
    page = document(a_run([a_scene("Alone")]))

    assert "| Greenlight, SQLite | 20.00 | 50.00 | 24.00 | 54.00 |" in page
    assert "| Greenlight, SQLite | 100 | 50 | 12.00 | 83 |" in page
    assert "| bare jobs engine, SQLite | 300 | - | 2.00 | 500 |" in page
    assert "| not reached | Greenlight, SQLite | 100 a second | at least 250 a second |" in page
    assert "| reached | bare jobs engine, SQLite | 300 a second | at least 250 a second |" in page
    assert "All 5 promises hold in this run." in page


def test_a_patch_must_leave_before_people_notice() -> None:
    """The middle click within 25 ms of the bot's own time, nearly every one within 60."""
    kept = soon_after_click(some_operations())
    slow = soon_after_click(some_operations(slower=1.3))

    assert [limit.holds for limit in kept] == [True, True]
    assert [limit.holds for limit in slow] == [False, False]


def test_figures_stand_on_the_right() -> None:
    """Names stand on the left, and so does a column with both."""
    table = markdown([("", "p50", "limit"), ("floor", "1,000", "at most 3"), ("help", "-", "2")])

    assert table.splitlines()[1] == "| --- | ---: | --- |"
