"""The form that starts a run: what it shows, and that what was filled in is read back as it was."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.menus import read_ref
from bot.cards.run_filled import Filled, say
from bot.cards.run_form import Sheet, run_form
from bot.cards.run_inputs import MAX_FIELDS, read_fields, variable_fields
from bot.cards.run_memo import Memo
from bot.domain.catalog import PipelineRef, VariableField
from bot.domain.click import Place
from bot.domain.command import Assignment
from bot.domain.execution import GitRef, GitRefKind
from bot.domain.run import (
    CommentLacks,
    Lack,
    MomentPassed,
    PipelineOff,
    RefLacks,
    RevisionContradicts,
    SaidTwice,
    TextTooLong,
    TooManyVariables,
    ValueHasLines,
    ValueLacks,
    ValueNotOffered,
)
from bot.domain.run_entries import Entries, LineUnreadable, read_lines, write_lines
from bot.errors import ButtonUnreadable
from sandbox.slack.limits import check_view
from sandbox.slack.shape import initial_values
from tests.cards import run_forms
from tests.cards.run_forms import AT, CASES, FILLED, FOLDER, HERE, INPUTS, NOON, asked, pipeline
from tests.cards.samples import HOSTILE

TEXTS = st.text(max_size=200)


def filled(view: dict[str, Any]) -> dict[str, str]:
    """Send a form untouched: what stands in its fields, as the handlers read it."""
    told = {}
    for block_id, elements in initial_values(view["blocks"]).items():
        [state] = elements.values()
        value = next(value for key, value in state.items() if key != "type")
        if isinstance(value, list):
            value = ",".join(one["value"] for one in value)
        told[block_id] = str(value["value"] if isinstance(value, dict) else value or "")
    return told


@pytest.mark.parametrize("name", CASES)
def test_a_form_looks_as_its_golden_file_shows(name: str) -> None:
    """A change of what people see is seen in review; see ``tests.cards.run_forms``."""
    path = FOLDER / f"{name}.json"
    assert json.loads(run_forms.written(name)) == json.loads(path.read_text(encoding="utf-8"))
    check_view(CASES[name].view)


def test_every_golden_file_has_a_case() -> None:
    """A file that nobody compares with is worth nothing."""
    assert {path.stem for path in FOLDER.iterdir()} == set(CASES)


def test_what_stands_in_the_form_is_read_back() -> None:
    """Sent untouched, it asks for what it was opened with."""
    view = CASES["whole"].view
    memo = Memo.decode(view["private_metadata"])
    read = Filled.read(filled(view), memo)

    assert (memo, read.at, read.errors) == (HERE, AT, {})
    assert read.entries == replace(FILLED, channel="C0DEPLOY01")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_form_survives_hostile_text(text: str) -> None:
    """Slack refuses a form as a whole, and the click would be lost."""
    inputs = (
        asked(text or "x", text, description=text),
        asked("A", "", text, f"{text} ", description=text),
    )
    entries = replace(
        FILLED,
        ref=GitRef(GitRefKind.TAG, text),
        comment=text,
        variables=(Assignment("A", text), Assignment("B", text)),
    )
    wild = pipeline(name=text, refs=(text, f"refs/tags/{text}"))
    for each in (
        Sheet(replace(HERE, name=text), entries, wild, inputs),
        Sheet(replace(HERE, at=PipelineRef("h", "w", text, 1)), entries),
    ):
        check_view(run_form(each).view)


@given(st.lists(st.tuples(TEXTS.filter(bool), TEXTS, st.lists(TEXTS, max_size=3)), max_size=4))
def test_any_variables_make_a_form_that_is_read_back(
    told: list[tuple[str, str, list[str]]],
) -> None:
    """Whatever Buddy asks for, Slack takes the form, and what it shows is what it sends."""
    inputs = tuple(asked(key, default, *options) for key, default, options in told)
    view = run_form(Sheet(HERE, pipeline=pipeline(), inputs=inputs)).view
    check_view(view)
    known: dict[str, VariableField] = {}
    for one in inputs:
        known.setdefault(one.key, one)
    for read in read_fields(filled(view)):
        assert read.value == known[read.key].default


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300))
def test_any_value_of_one_line_is_read_back(value: str) -> None:
    """Emoji, right-to-left and markup included."""
    shown = variable_fields([asked("KEY")], {"KEY": value}, 1)
    told = filled({"blocks": list(shown.fields)})
    kept = value if len(value.splitlines()) <= 1 else ""
    assert read_fields(told) == ((Assignment("KEY", kept),) if kept else ())


@pytest.mark.parametrize("count", [1, MAX_FIELDS, MAX_FIELDS + 1, 500])
def test_the_blocks_of_a_view_hold(count: int) -> None:
    """However many variables there are; those without a value are never left out first."""
    inputs = [asked(f"V{number}", "x") for number in range(count - 1)] + [asked("NEEDED")]
    view = run_form(Sheet(Memo(AT), FILLED, pipeline(), tuple(inputs), ("note",), last_at=NOON))
    check_view(view.view)
    assert any(one.get("block_id", "").endswith(".NEEDED") for one in view.view["blocks"])


def test_menus_and_notes_hold_the_limits_of_a_view() -> None:
    """What does not fit as a menu is free text; many notes are one block."""
    choices = [f"{number:03}{'x' * 120}" for number in range(100)]
    inputs = tuple(
        asked(f"V{number}", "", *choices, description="ß" * 1000) for number in range(MAX_FIELDS)
    )
    notes = tuple(f"note {number}: {'x' * 400}" for number in range(MAX_FIELDS))
    view = run_form(Sheet(Memo(AT), FILLED, pipeline(), inputs, notes, last_at=NOON)).view
    check_view(view)
    kinds = [one["element"]["type"] for one in view["blocks"] if "V" in one.get("block_id", "")]
    assert (len(kinds), kinds[0], kinds[-1]) == (MAX_FIELDS, "static_select", "plain_text_input")


@pytest.mark.parametrize(
    "memo",
    [
        Memo(),
        HERE,
        Memo(AT, "<!channel> 🚀", 7, 9, Place("D1", thread_ts="1.2", is_private=True)),
        Memo(PipelineRef("h", "w", "p" * 121, 2**63 - 1), place=Place("C1")),
    ],
)
def test_a_memo_is_read_as_it_was_written(memo: Memo) -> None:
    """A name that is too long is left out: the number finds the pipeline."""
    at = memo.at
    kept = replace(at, project="") if at and len(at.project) > 120 else at
    assert Memo.decode(memo.encode()) == replace(memo, at=kept)


@given(st.text() | st.from_type(dict[str, int]).map(json.dumps))
def test_a_foreign_memo_is_refused(text: str) -> None:
    """It travelled through Slack, so it may be anything."""
    with pytest.raises(ButtonUnreadable):
        Memo.decode(text)


LACKS: list[tuple[Lack, str]] = [
    (RefLacks(()), "ref.1"),
    (RevisionContradicts(GitRefKind.TAG), "commit.1"),
    (RevisionContradicts(GitRefKind.PULL_REQUEST), "commit.1"),
    (CommentLacks(), "comment.1"),
    (ValueLacks(INPUTS[0]), "v.1.VERSION"),
    (ValueLacks(asked("NO_FIELD")), "more.1"),
    (ValueNotOffered(INPUTS[1]), "v.1.STAGE"),
    (ValueHasLines("EXTRA"), "more.1"),
    (TextTooLong("PASSWORD"), "s.1.PASSWORD"),
    (TextTooLong(""), "comment.1"),
    (SaidTwice("VERSION"), "v.1.VERSION"),
    (TooManyVariables(101), "more.1"),
    (MomentPassed(NOON), "start.1"),
]


@pytest.mark.parametrize(("lack", "block_id"), LACKS)
def test_a_lack_is_said_at_its_field(lack: Lack, block_id: str) -> None:
    """In plain text, as Slack shows an error."""
    read = Filled.read(filled(CASES["whole"].view), HERE)
    assert read.refused([lack]) == {block_id: say(lack)}
    assert say(lack)


def test_that_a_pipeline_is_off_may_be_old() -> None:
    """It is said in the form, but never stops a submission: Buddy knows best."""
    read = Filled.read({}, HERE)
    assert read.refused([PipelineOff("why"), CommentLacks()]) == {"pipeline.1": say(CommentLacks())}
    assert say(PipelineOff("why")) == (
        "This pipeline is switched off in Buddy: why. Choose another, or switch it on there."
    )
    assert "paused in Buddy." in say(PipelineOff("", is_paused=True))


@pytest.mark.parametrize("start", ["", "never", "9" * 30, "-9" * 9, "1795521600"])
def test_a_moment_that_is_none_is_no_moment(start: str) -> None:
    """Slack sends seconds; anything else was made up."""
    read = Filled.read({"start.1": start}, HERE)
    expected = datetime(2026, 11, 24, 12, tzinfo=UTC) if start == "1795521600" else None
    assert read.entries.starts_at == expected


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("A=1", [("A", "1")]),
        (" A = a = b \r\n\n_B2=", [("A", "a = b"), ("_B2", "")]),
    ],
)
def test_lines_are_variables(text: str, found: list[tuple[str, str]]) -> None:
    """One a line, as people write them."""
    assert [(one.key, one.value) for one in read_lines(text)] == found


def test_a_line_that_is_none_is_named() -> None:
    """By its number."""
    with pytest.raises(LineUnreadable) as caught:
        read_lines("A=1\n\n2=A")
    assert caught.value.args == (3,)


@given(
    st.lists(st.tuples(st.from_regex(r"[A-Z_][A-Z0-9_]{0,5}", fullmatch=True), TEXTS.filter(bool)))
)
def test_written_lines_are_read_back(told: list[tuple[str, str]]) -> None:
    """Whatever stands in a value; what does not fit a line is put into one."""
    variables = [Assignment(key, value) for key, value in told]
    expected = [(key, " ".join(value.splitlines()).strip()) for key, value in told]
    assert [(one.key, one.value) for one in read_lines(write_lines(variables))] == expected


def test_only_what_was_typed_goes_along() -> None:
    """A default is the pipeline's own."""
    entries = Entries(variables=(Assignment("A", "1"), Assignment("B", "2")))
    assert entries.without_defaults({"A": "1", "B": "1"}).variables == (Assignment("B", "2"),)
    assert read_ref("") is None


def test_what_cannot_be_read_is_said_and_stays() -> None:
    """Each at its field; lines that are none stay to be mended."""
    told = {
        "ref.1": "-",
        "commit.1": "no hash",
        "lines.1": "A=1\nnonsense",
        "pipeline.1": "-",
        "v.2.OLD": "of another turn",
    }
    memo = Memo()
    read = Filled.read(told, memo)

    assert read.at is None
    assert read.entries.unread == "A=1\nnonsense"
    assert read.entries.variables == ()
    assert read.blocks_of(read.errors) == {
        "lines.1": "Line 2 is no KEY=VALUE.",
        "ref.1": "That was only a note. Choose a branch, or type its name.",
        "commit.1": "A commit is 4 to 64 hexadecimal digits.",
        # What the form does not show is said where everything begins.
        "pipeline.1": "Choose one of the pipelines that the menu finds.",
    }
    shown = run_form(Sheet(memo, read.entries)).view
    assert filled(shown)["more.1"] == "A=1\nnonsense"
    chosen = run_form(Sheet(memo, Entries(channel="C0SHOP0001"))).view["blocks"][-1]
    assert chosen["element"]["initial_conversation"] == "C0SHOP0001"


def test_hints_say_what_a_field_does_not_show() -> None:
    """Choices that a menu cannot hold, and those that only Buddy can read."""
    many = asked("MANY", "", *(f"choice {number}" for number in range(101)))
    of_file = asked("FILE", has_file_options=True)
    hints = [one["hint"]["text"] for one in variable_fields([many, of_file], {}, 1).fields]
    assert hints[0].startswith("One of: choice 0, choice 1")
    assert hints[1] == "Its choices stand in a file that only Buddy can read."
    twins = asked("TWINS", "", "a  b", "a b")
    [menu] = variable_fields([twins], {}, 1).fields
    assert [one["text"]["text"] for one in menu["element"]["options"]] == ["a b", "a b (2)"]
    long = Entries(variables=tuple(Assignment(f"K{number}", "x" * 900) for number in range(4)))
    shown = json.dumps(run_form(Sheet(HERE, long, pipeline())).view, ensure_ascii=False)
    assert "Too long to show here, so fill in again what you need of `K0`" in shown
