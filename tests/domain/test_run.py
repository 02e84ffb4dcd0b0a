"""What a run lacks, by the pipeline it is for; and the mark by which it is found again."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.catalog import Pipeline, PipelineRef, VariableField
from bot.domain.command import Assignment
from bot.domain.execution import GitRef, GitRefKind
from bot.domain.mark import mark_of, marked, unmarked
from bot.domain.run import (
    MAX_TEXT,
    CommentLacks,
    Lack,
    MomentPassed,
    Part,
    PipelineOff,
    RefLacks,
    RevisionContradicts,
    RunRequest,
    SaidTwice,
    TextTooLong,
    TooManyVariables,
    ValueHasLines,
    ValueLacks,
    ValueNotOffered,
    asks_for_ref,
    effective,
    lacks,
    next_time,
)
from tests.domain.samples import NOON

AT = PipelineRef("api.buddy.works", "acme", "shop", 7)
MAIN = ("refs/heads/main",)
PLAIN = Pipeline(7, "deploy", "Deploy", "", MAIN, is_disabled=False, runs_concurrently=False)
PLAIN_RUN = RunRequest(AT)
BRANCH, TAG, PULL = (GitRef(kind, "x") for kind in GitRefKind)
FREE = VariableField("FREE", "", (), "", is_encrypted=False, has_file_options=False)
MENU = replace(FREE, key="MENU", options=("a", "b"))
HELD = replace(FREE, key="HELD", is_encrypted=True, has_value=True)
USUAL = replace(FREE, key="USUAL", default="x")
LONG = "x" * (MAX_TEXT + 1)


def given_values(**values: str) -> tuple[Assignment, ...]:
    """Write values for variables."""
    return tuple(Assignment(key, value) for key, value in values.items())


@pytest.mark.parametrize(
    ("refs", "asks"),
    [
        (MAIN, False),
        (("refs/tags/v1",), False),
        (("refs/heads/*",), True),
        (("refs/heads/main", "refs/heads/dev"), True),
        ((), True),
    ],
)
def test_which_pipelines_ask_for_a_ref(refs: tuple[str, ...], asks: bool) -> None:  # noqa: FBT001
    """A wildcard, several refs, or no fixed one; never one without a repository."""
    pipeline = replace(PLAIN, refs=refs)
    assert asks_for_ref(pipeline) is asks
    assert lacks(PLAIN_RUN, pipeline, (), NOON) == ((RefLacks(refs),) if asks else ())
    for ref in (BRANCH, TAG, PULL):
        assert lacks(replace(PLAIN_RUN, ref=ref), pipeline, (), NOON) == ()
    assert not asks_for_ref(replace(pipeline, is_codeless=True))


@pytest.mark.parametrize(
    ("request_", "pipeline", "inputs", "found"),
    [
        (PLAIN_RUN, PLAIN, (), ()),
        (replace(PLAIN_RUN, revision="abcd"), PLAIN, (), ()),
        (replace(PLAIN_RUN, ref=BRANCH, revision="abcd"), PLAIN, (), ()),
        (
            replace(PLAIN_RUN, ref=TAG, revision="abcd"),
            PLAIN,
            (),
            (RevisionContradicts(GitRefKind.TAG),),
        ),
        (
            replace(PLAIN_RUN, ref=PULL, revision="abcd"),
            PLAIN,
            (),
            (RevisionContradicts(GitRefKind.PULL_REQUEST),),
        ),
        (PLAIN_RUN, replace(PLAIN, needs_comment=True), (), (CommentLacks(),)),
        (
            replace(PLAIN_RUN, comment=" "),
            replace(PLAIN, needs_comment=True),
            (),
            (CommentLacks(),),
        ),
        (replace(PLAIN_RUN, comment="why"), replace(PLAIN, needs_comment=True), (), ()),
        (replace(PLAIN_RUN, comment=LONG), PLAIN, (), (TextTooLong(""),)),
        (PLAIN_RUN, PLAIN, (FREE, MENU, HELD, USUAL), (ValueLacks(FREE), ValueLacks(MENU))),
        (
            replace(PLAIN_RUN, variables=given_values(FREE="1", MENU="b")),
            PLAIN,
            (FREE, MENU),
            (),
        ),
        (
            replace(PLAIN_RUN, variables=given_values(FREE="", MENU="c")),
            PLAIN,
            (FREE, MENU),
            (ValueNotOffered(MENU), ValueLacks(FREE)),
        ),
        (
            replace(PLAIN_RUN, variables=given_values(A="1\n2", B=LONG, C="x" * MAX_TEXT)),
            PLAIN,
            (),
            (ValueHasLines("A"), TextTooLong("B")),
        ),
        (
            replace(PLAIN_RUN, variables=(*given_values(A="1"), *given_values(A="2"))),
            PLAIN,
            (),
            (SaidTwice("A"),),
        ),
        (
            replace(PLAIN_RUN, variables=given_values(**{f"V{n}": "1" for n in range(101)})),
            PLAIN,
            (),
            (TooManyVariables(101),),
        ),
        (
            replace(PLAIN_RUN, variables=given_values(**{f"V{n}": "1" for n in range(100)})),
            PLAIN,
            (),
            (),
        ),
        (replace(PLAIN_RUN, delay_until=NOON), PLAIN, (), (MomentPassed(NOON),)),
        (replace(PLAIN_RUN, delay_until=NOON + timedelta(seconds=1)), PLAIN, (), ()),
    ],
)
def test_what_is_missing_or_contradicts(
    request_: RunRequest,
    pipeline: Pipeline,
    inputs: tuple[VariableField, ...],
    found: tuple[Lack, ...],
) -> None:
    """One value for each thing, in the order in which a form asks for them."""
    assert lacks(request_, pipeline, inputs, NOON) == found
    assert all(isinstance(lack.part, Part) for lack in found)


@pytest.mark.parametrize(
    ("pipeline", "off"),
    [
        (replace(PLAIN, is_disabled=True, disabled_reason="Moving"), PipelineOff("Moving")),
        (replace(PLAIN, is_paused=True), PipelineOff("", is_paused=True)),
    ],
)
def test_a_pipeline_that_is_off_is_all_there_is_to_say(
    pipeline: Pipeline, off: PipelineOff
) -> None:
    """Whatever else is missing, nobody can mend that."""
    asked = replace(pipeline, refs=(), needs_comment=True)
    assert lacks(replace(PLAIN_RUN, comment=LONG), asked, (FREE,), NOON) == (off,)


def test_what_is_encrypted_in_buddy_is_flagged_whoever_gives_it() -> None:
    """And what a form flags stays flagged."""
    variables = (Assignment("HELD", "1"), Assignment("A", "2"), Assignment("B", "3", True))  # noqa: FBT003
    flags = [one.is_encrypted for one in effective(replace(PLAIN_RUN, variables=variables), [HELD])]
    assert flags == [True, False, True]


def test_no_value_shows_in_a_repr() -> None:
    """Reprs end up in logs."""
    assert "hunter2" not in repr(replace(PLAIN_RUN, variables=given_values(A="hunter2")))


@pytest.mark.parametrize(
    ("at", "now", "expected"),
    [
        (time(18, 30), "2026-11-27T12:00:00+00:00", "2026-11-27T17:30:00+00:00"),
        (time(13, 0), "2026-11-27T12:00:00+00:00", "2026-11-28T12:00:00+00:00"),
        (time(0, 5), "2026-11-27T23:30:00+00:00", "2026-11-28T23:05:00+00:00"),
        # Clocks go back in Warsaw at night: the same time of the next day is 25 hours later.
        (time(12, 0), "2026-10-24T10:00:00+00:00", "2026-10-25T11:00:00+00:00"),
    ],
)
def test_a_time_is_the_next_one_on_the_persons_clock(at: time, now: str, expected: str) -> None:
    """Today, or tomorrow if it is over."""
    found = next_time(at, datetime.fromisoformat(now), ZoneInfo("Europe/Warsaw"))
    assert found.astimezone(UTC) == datetime.fromisoformat(expected)


@given(st.text(), st.integers(min_value=0, max_value=2**40))
def test_a_mark_comes_off_as_it_was_put_on(comment: str, number: int) -> None:
    """And leaves what people wrote."""
    mark = mark_of(number)
    assert unmarked(marked(comment, mark)) == (comment.rstrip(), mark)


@given(st.text())
def test_a_comment_without_a_mark_stays_as_it_is(comment: str) -> None:
    """Whatever it says."""
    left, mark = unmarked(comment)
    assert mark or left == comment


def test_a_mark_looks_as_it_is_documented() -> None:
    """Short, and readable in Buddy."""
    assert marked("as agreed", mark_of(0)) == "as agreed [gl-222222]"
    assert marked("", mark_of(1)) == "[gl-322222]"
    assert unmarked("see [gl-222222] of yesterday") == ("see [gl-222222] of yesterday", "")
