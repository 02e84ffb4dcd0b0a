"""What a thread is told, in words; and what other organisations are told of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards.approvers import Approvers
from bot.cards.facts import CardFacts
from bot.cards.tales import tale_card
from bot.domain.execution import Execution, PipelineAction, Revision, Status
from bot.domain.story import Kind, Tale
from sandbox.slack.reading import Reader
from tests.cards.golden import AT_GATE, FAILED, RUNS, ended
from tests.domain.samples import MAYA, NOON, action, approval

SUCCESS = ended(Status.SUCCESSFUL, Status.SUCCESSFUL, Status.SUCCESSFUL)
GATE = approval()
ANSWERED = replace(GATE, status=Status.SUCCESSFUL, approver_id=12)
VALUES = replace(ANSWERED, type="WAIT_FOR_VARIABLES", name="Which size?")
LINES = ("npm test", "expected 2, got 3")


def told(
    kind: Kind,
    execution: Execution = RUNS,
    about: PipelineAction | None = None,
    log: tuple[str, ...] | None = None,
    **facts: object,
) -> tuple[str, str]:
    """Read what our own organisation is told, and what others are."""
    people = {11: "<@MAYA>", 12: "<@TOM>"}
    made = replace(CardFacts(execution, people=people), **facts)  # type: ignore[arg-type]
    card = tale_card(Tale(kind, kind.value, about), made, log)
    read = Reader(lambda name: name).read
    return read(card.blocks), read((card.discreet or card).blocks)


@pytest.mark.parametrize(
    ("kind", "about", "text"),
    [
        (Kind.AGAIN, None, "was run again in Buddy"),
        (Kind.STARTED, None, "has started on main."),
        (Kind.ANSWERED, ANSWERED, "@TOM approved Go live? in Buddy."),
        (Kind.ANSWERED, VALUES, "@TOM answered Which size? in Buddy."),
        (Kind.ANSWERED, replace(ANSWERED, approver_id=None), "does not tell by whom"),
        (Kind.ANSWERED, replace(ANSWERED, approver_id=77), "Buddy user 77 approved Go live?"),
        (Kind.STOPPED, action(3, Status.TERMINATED, terminator_id=12), "@TOM cancelled this"),
        (Kind.STOPPED, None, "a time-out or a newer run may have done it"),
        (Kind.SKIPPED, None, "Buddy did not run this"),
    ],
)
def test_each_thing_is_told_in_one_sentence(
    kind: Kind, about: PipelineAction | None, text: str
) -> None:
    """By whom, where Buddy says so."""
    assert text in told(kind, about=about)[0]


def test_a_gate_calls_those_who_may_answer() -> None:
    """And asks its question, except before other organisations."""
    asked = {GATE.id: "Is support informed?"}
    may = {GATE.id: Approvers(("<@MAYA>",), ("Zoë <!here>",))}

    ours, theirs = told(Kind.REACHED, AT_GATE, GATE, questions=asked, approvers=may)

    assert ours == (
        ":raised_hand: Go live? waits for a decision.\n>Is support informed?\n"
        "May answer: @MAYA, Zoë <!here>"
    )
    assert theirs == (":raised_hand: Go live? waits for a decision.\nMay answer: @MAYA and 1 more")


def test_a_failure_shows_the_end_of_its_log_and_calls_its_author() -> None:
    """Before other organisations it says no more than the card does."""
    failed = replace(FAILED.actions[2], error_message="exit code 1")

    ours, theirs = told(Kind.FAILED, FAILED, failed, LINES)

    assert ":x: Migrate database failed after 42 s.\n>exit code 1\n@MAYA, this was yours." in ours
    assert "npm test\nexpected 2, got 3" in ours
    assert "What looks like a secret is masked. The whole log is in Buddy." in ours
    assert theirs == ":x: Migrate database failed after 42 s."


def test_who_started_it_and_whose_commit_it_was_are_called() -> None:
    """Whose commit it was knows more; who is not known here is not called."""
    toms = replace(FAILED, revision=Revision("a1b2", "Fix", replace(MAYA, id=12)))
    nobodys = replace(toms, revision=Revision("a1b2", "Fix", replace(MAYA, id=5)), creator=None)

    called = told(Kind.FAILED, toms, toms.failure)[0]
    assert "@MAYA, you started this; its latest commit is @TOM's." in called
    assert "this was yours" not in told(Kind.FAILED, nobodys, nobodys.failure)[0]


@pytest.mark.parametrize(
    ("log", "text"), [(None, "I could not read its log."), ((), "Its log is empty.")]
)
def test_a_failure_is_told_without_its_log(log: tuple[str, ...] | None, text: str) -> None:
    """What cannot be read keeps nothing else from being told."""
    ours = told(Kind.FAILED, FAILED, FAILED.failure, log)[0]

    assert "Migrate database failed" in ours
    assert text in ours


@pytest.mark.parametrize(
    ("usual", "text"),
    [
        (None, "Successful after 7 min 12 s."),
        (timedelta(minutes=7), "Successful after 7 min 12 s, about as usual."),
        (timedelta(minutes=5), "Successful after 7 min 12 s, 2 min 12 s longer than usual."),
        (timedelta(minutes=10), "Successful after 7 min 12 s, 2 min 48 s shorter than usual."),
    ],
)
def test_a_success_is_compared_with_what_is_usual(usual: timedelta | None, text: str) -> None:
    """Once there is a usual."""
    assert text in told(Kind.SUCCEEDED, SUCCESS, usual=usual)[0]


def test_the_time_at_gates_is_no_work() -> None:
    """How long a person took is told apart."""
    gate = replace(ANSWERED, started_at=NOON, finished_at=NOON + timedelta(minutes=5))
    stood = replace(SUCCESS, actions=(gate, *SUCCESS.actions[1:]))

    ours = told(Kind.SUCCEEDED, stood)[0]

    assert "Successful after 7 min 12 s, 5 min of it at gates." in ours


def test_an_unknown_moment_is_left_out() -> None:
    """Buddy need not tell when it ended."""
    assert told(Kind.SUCCEEDED, replace(SUCCESS, finished_at=None))[0].endswith("Successful.")
    overtaken = told(Kind.OVERTAKEN, AT_GATE, superseded_by=14)[0]
    assert "newer run #14" in overtaken
