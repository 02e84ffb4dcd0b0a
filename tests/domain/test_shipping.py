"""What ships is said only where it is sure."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.execution import Execution, Member, Revision, Status
from bot.domain.shipping import MAX_COUNTED, Comparison, last_success, shipped
from tests.domain.samples import NOON, RUNNING

MAYA, BEN, NAMELESS = Member(7, "Maya"), Member(8, "Ben"), Member(None, "ci")


def commit(number: int, author: Member | None = MAYA) -> Revision:
    """Make a commit."""
    return Revision(f"{number:040x}", f"Step {number}\n\nmore", author)


def run(number: int, at: int | None, status: Status = Status.SUCCESSFUL) -> Execution:
    """Make an execution of a commit, or of none."""
    ref = replace(RUNNING.ref, execution=number)
    revision = None if at is None else commit(at)
    return replace(RUNNING, ref=ref, status=status, revision=revision, url=f"https://b/{number}")


WAITING = run(12, 9, Status.INPROGRESS)


def test_the_newest_success_is_what_stands() -> None:
    """Whatever failed, was cancelled, or is the execution itself counts for nothing."""
    others = [
        run(12, 9),
        run(11, 8, Status.FAILED),
        run(9, 6),
        run(10, 7),
        run(8, 5, Status.TERMINATED),
    ]
    found = last_success(WAITING, others)

    assert found is not None
    assert found.ref.execution == 10
    assert last_success(WAITING, [run(11, 8, Status.FAILED)]) is None


def test_of_several_at_once_the_one_that_finished_last_stands() -> None:
    """Whatever its number; one of which Buddy tells no end comes before all others."""
    late = replace(run(9, 6), finished_at=NOON + timedelta(minutes=9))
    early = replace(run(11, 8), finished_at=NOON)

    assert last_success(WAITING, [early, run(10, 7), late]) is late


def test_commits_are_counted_with_their_people() -> None:
    """Somebody without a number is known by name; of whom nothing is known, all are one."""
    found = tuple(
        commit(number, author)
        for number, author in ((9, MAYA), (8, BEN), (7, MAYA), (6, NAMELESS), (5, None), (4, None))
    )
    ships = shipped(WAITING, run(10, 3), Comparison(found, "https://b/commits", is_whole=True))

    assert ships is not None
    assert (ships.since, ships.since_url, ships.url) == (10, "https://b/10", "https://b/commits")
    assert (len(ships.commits), ships.people, ships.is_more) == (6, 4, False)


@pytest.mark.parametrize(
    ("base", "between"),
    [
        pytest.param(3, Comparison((commit(9), commit(3)), "", is_whole=True), id="rewritten"),
        pytest.param(3, Comparison((commit(9),), "", is_whole=False), id="too long to be sure"),
        pytest.param(3, Comparison((commit(8),), "", is_whole=True), id="not of this revision"),
        pytest.param(3, Comparison((), "", is_whole=True), id="goes back"),
        pytest.param(3, None, id="another revision that was not compared"),
        pytest.param(None, None, id="no revision"),
    ],
)
def test_what_is_not_sure_is_not_said(base: int | None, between: Comparison | None) -> None:
    """Nothing rather than something wrong."""
    assert shipped(WAITING, run(10, base), between) is None


def test_the_same_revision_ships_nothing_new() -> None:
    """No commits need be read for that."""
    ships = shipped(WAITING, run(10, 9), None)

    assert ships is not None
    assert (ships.commits, ships.people) == ((), 0)


def test_only_so_many_are_counted() -> None:
    """Of more it is only said that they are more."""
    found = tuple(commit(number) for number in range(9, 9 + MAX_COUNTED + 5))
    ships = shipped(WAITING, run(10, 3), Comparison(found, "", is_whole=True))

    assert ships is not None
    assert ships.is_more
    assert len(ships.commits) == MAX_COUNTED
