"""What is measured of following, what it is held to, and what the page says of it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.follow import many
from benchmarks.follow.crowd import Outcome
from benchmarks.follow.many import NAIVE, Follower, Plan, Round
from benchmarks.follow.page import Following, section
from benchmarks.follow.promises import MANY, promises
from benchmarks.follow.rows import fill
from benchmarks.report import placed
from sandbox.journal import Call
from tests.benchmarks.servers import NOWHERE

GOOD = Round(1500, 0.9, 0.05, 0.5, 1.5, rss_mb=150, cold=12, edits=0)


def a_follower(
    name: str = "Greenlight, SQLite", count: int = MANY, measured: Round = GOOD
) -> Follower:
    """Make somebody who was measured once."""
    return Follower(name, count, lambda: many.far_side(-1), NOWHERE, [measured])


def an_outcome(*, gate: float = 6.0, status: int = 200, error: str = "") -> Outcome:
    """Make a crowd of two."""
    at = datetime(2026, 11, 23, tzinfo=UTC)
    said = {"error": error} if error else {}
    waits = {"gate": [1.0, gate], "answer": [20.0], "end": [5.0]}
    buddy = [Call(at, "GET", "/executions/1", "Maya", None, status)]
    slack = [Call(at, "POST", "chat.update", "", said, 200)]
    return Outcome(2, 12.0, buddy, slack, waits)


def missed(*followers: Follower, outcome: Outcome | None = None) -> list[str]:
    """Judge; return what was missed."""
    return [limit.name for limit in promises(followers, outcome) if not limit.holds]


def test_ten_thousand_are_held_to_every_promise_and_fewer_to_none() -> None:
    """Each figure that is too bad breaks its own promise; the naive way breaks none."""
    naive = a_follower(NAIVE, measured=Round(500, 0.95, 0.05, 0.5, 9, rss_mb=600, cold=90, edits=0))

    assert missed(a_follower(), naive, a_follower(count=1000, measured=replace(GOOD, rate=1))) == []
    for name, bad in {
        "reads of one core": replace(GOOD, rate=450, cores=0.5),
        "lateness": replace(GOOD, late_p99=2.1),
        "memory": replace(GOOD, rss_mb=201),
        "start": replace(GOOD, cold=21),
        "cards painted": replace(GOOD, edits=1),
    }.items():
        assert missed(a_follower(measured=bad), naive) == [f"Greenlight, SQLite, 10,000, {name}"]
    thrifty = a_follower(NAIVE, measured=replace(GOOD, cores=0.8))
    assert missed(a_follower(), thrifty) == ["Greenlight, SQLite, 10,000, processor time of a read"]


def test_a_crowd_is_held_to_the_limits_and_to_what_people_wait_for() -> None:
    """One refused call is one too many; an answer given in Buddy is reported, not promised."""
    assert missed(outcome=an_outcome()) == []
    assert missed(outcome=an_outcome(gate=11)) == ["2 runs, a gate opened"]
    assert missed(outcome=an_outcome(status=429)) == ["2 runs, refused by Buddy"]
    assert missed(outcome=an_outcome(error="ratelimited")) == ["2 runs, refused by Slack"]


def test_the_section_takes_the_place_of_the_one_before_and_no_other() -> None:
    """It is written alone as well as with the whole page."""
    followers, outcome = [a_follower(), a_follower(NAIVE)], an_outcome()
    measured = Following(["A machine"], 1, followers, outcome, promises(followers, outcome))

    new = section(measured)
    page = placed("# Benchmarks\n\n## What the rows are\n\nRows.\n", new)
    again = placed(page, new)

    assert again == page
    assert page.startswith("# Benchmarks\n\n## Following\n\n- A machine.\n")
    assert page.endswith("\n\n## What the rows are\n\nRows.\n")
    assert "| Greenlight, SQLite, 10,000 | 1,500 | 0.90 | 0.05 | 600 | 1,667 | 500 | 1500 |" in page
    assert "| a gate opened | 2 | 1 | 6 | 6 |" in page


async def test_the_bot_follows_what_was_filled_in_and_paints_nothing(tmp_path: Path) -> None:
    """The cards were rendered as it renders them, so it reads and leaves them alone."""
    database = f"sqlite:///{tmp_path / 'follow.db'}"
    async with many.far_side(-1) as far:
        await fill(database, far, 3)
        follower = Follower("Greenlight", 3, many.bot(database, far, -1), far)

        await follower.play(Plan(rest=0, steady=0.1))

    [measured] = follower.rounds
    assert measured.cold > 0
    assert measured.rss_mb > 0
    assert measured.edits == 0
