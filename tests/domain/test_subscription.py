"""What a channel wants to be told of, against how executions stand."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.catalog import PipelineRef
from bot.domain.command import Moment
from bot.domain.execution import Execution, GitRef, GitRefKind, Member, Status
from bot.domain.person import Person
from bot.domain.subscription import (
    USUAL,
    Scope,
    Subscription,
    Wish,
    fits,
    is_older,
    moments_of,
    read_moments,
    wanted,
    was_broken,
    write_moments,
)
from tests.domain.samples import NOON, REF, RUNNING

MAYA = Person("T1", "MAYA")
SCOPE = Scope(REF.host, REF.workspace, REF.project, REF.pipeline)
CHANNEL = Subscription(1, "T1", "C1", SCOPE, "Shop", "Deploy", Wish(), MAYA, NOON)
MAIN = GitRef(GitRefKind.BRANCH, "main")


def ran(number: int, status: Status, branch: str = "main") -> Execution:
    """Make a run of a branch."""
    ref = GitRef(GitRefKind.BRANCH, branch)
    return replace(
        RUNNING, ref=replace(REF, execution=number), status=status, git_ref=ref, actions=()
    )


@pytest.mark.parametrize(
    ("status", "moments"),
    [
        (Status.ENQUEUED, []),
        (Status.INITIAL, []),
        (Status.UNKNOWN, []),
        (Status.SKIPPED, []),
        (Status.NOT_EXECUTED, []),
        (Status.INPROGRESS, [Moment.STARTED]),
        (Status.TERMINATING, [Moment.STARTED]),
        (Status.WAITING_FOR_APPLY, [Moment.STARTED, Moment.WAITING]),
        (Status.WAITING_FOR_VARIABLES, [Moment.STARTED, Moment.WAITING]),
        (Status.FAILED, [Moment.STARTED, Moment.FAILED]),
        (Status.TERMINATED, [Moment.STARTED, Moment.CANCELED]),
        (Status.SUCCESSFUL, [Moment.STARTED, Moment.SUCCEEDED]),
    ],
)
def test_moments_hold(status: Status, moments: list[Moment]) -> None:
    """Whoever hears of it late tells the same as whoever heard of it all the time."""
    assert list(moments_of(ran(1, status))) == moments


def test_a_scheduled_run_has_not_started() -> None:
    """It stands at no moment before it does."""
    later = replace(RUNNING, status=Status.INITIAL, started_at=None, delay_until=NOON)
    assert moments_of(later) == ()


def test_what_was_broken_is_mended_once() -> None:
    """By the run of the same branch that came before, whatever happened on others."""
    runs = [
        ran(1, Status.SUCCESSFUL),
        ran(2, Status.FAILED),
        ran(3, Status.SUCCESSFUL, "other"),
        ran(4, Status.TERMINATED),
        ran(5, Status.SUCCESSFUL),
        ran(6, Status.SUCCESSFUL),
    ]
    broken = {run.ref.execution for run in runs if was_broken(run, runs)}
    assert broken == {4, 5}
    assert Moment.FIXED in moments_of(runs[4], was_broken=True)
    assert Moment.FIXED not in moments_of(runs[3], was_broken=True)


@pytest.mark.parametrize(
    ("patterns", "branch", "does"),
    [
        ("", "anything", True),
        ("main", "main", True),
        ("main", "Main", False),
        ("main", "mainline", False),
        ("release/*", "release/4/hotfix", True),
        ("main release/*", "release/4", True),
        ("*", "x", True),
        ("[", "[", True),
        ("v?", "v1", True),
    ],
)
def test_a_branch_fits_a_pattern(patterns: str, branch: str, does: bool) -> None:  # noqa: FBT001
    """With a star for whatever comes, and each pattern for itself."""
    assert fits(patterns, ran(1, Status.INPROGRESS, branch)) is does


@pytest.mark.parametrize("kind", [GitRefKind.TAG, GitRefKind.PULL_REQUEST])
def test_what_is_no_branch_fits_only_where_any_will_do(kind: GitRefKind) -> None:
    """A tag may be called like a branch."""
    tagged = replace(RUNNING, git_ref=GitRef(kind, "main"))
    assert not fits("main", tagged)
    assert fits("", tagged)
    assert not fits("main", replace(RUNNING, git_ref=None))


def test_whose_runs_count() -> None:
    """Only hers, by her number in Buddy; nobody's while she is not linked."""
    hers = replace(RUNNING, creator=Member(7, "Maya"))
    only = replace(CHANNEL, wish=Wish(by_user="MAYA"))
    holds = moments_of(hers)
    assert wanted(only, hers, holds, 7) == holds
    for run, by in ((hers, 8), (hers, None), (replace(hers, creator=None), 7)):
        assert wanted(only, run, holds, by) == ()


def test_what_began_before_is_not_told() -> None:
    """Give or take what the clocks differ; what has no beginning yet is new."""
    old = replace(RUNNING, started_at=NOON - timedelta(minutes=1))
    assert is_older(CHANNEL, old)
    assert not is_older(CHANNEL, replace(old, started_at=NOON - timedelta(seconds=5)))
    assert not is_older(CHANNEL, replace(old, started_at=None, finished_at=None))
    assert wanted(CHANNEL, old, tuple(Moment), None) == ()


def test_a_scope_covers_its_pipeline_under_whatever_name() -> None:
    """A pipeline is known by its number, a project by its name."""
    pipeline = PipelineRef.of(REF)
    renamed = replace(pipeline, project="storefront")
    assert SCOPE.topic in Scope.covering(pipeline)
    assert SCOPE.topic in Scope.covering(renamed)
    whole = replace(SCOPE, pipeline=None)
    assert whole.topic in Scope.covering(pipeline)
    assert whole.topic not in Scope.covering(renamed)


@given(st.sets(st.sampled_from(list(Moment))))
def test_moments_are_read_back(moments: set[Moment]) -> None:
    """In their own order, each once."""
    written = write_moments([*moments, *moments])
    assert set(read_moments(written)) == moments
    assert write_moments(read_moments(written)) == written


def test_a_moment_of_a_later_version_is_left_out() -> None:
    """The version before goes on with what it knows."""
    assert read_moments("started,approved,") == (Moment.STARTED,)
    assert set(USUAL) < set(Moment)
