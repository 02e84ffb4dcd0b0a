"""What the person who asked for a run is told holds Slack's limits, and no value."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import blocks
from bot.cards.card import MAX_BUTTON_TEXT, MAX_BUTTON_VALUE, MAX_MESSAGE_TEXT, MAX_SECTION_TEXT
from bot.cards.lacking import example_of, explain, lacks_card
from bot.cards.running import (
    RunButton,
    fill_in_button,
    pipelines_to_choose_card,
    refused_card,
)
from bot.domain.catalog import PipelineRef, VariableField
from bot.domain.command import Assignment, Run
from bot.domain.execution import GitRef, GitRefKind
from bot.domain.grammar import parse
from bot.domain.reference import PipelineName
from bot.domain.run import (
    CommentLacks,
    Lack,
    MomentPassed,
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
    Wanted,
)
from bot.errors import AmbiguousName, ButtonUnreadable, RunRefused
from tests.domain.samples import NOON

NASTY = "<!channel> *x* `y` & z"
TYPED = Run(PipelineName("", "shop", "deploy"))
REQUEST = RunRequest(PipelineRef("h", "acme", "shop", 7))
ASKED = VariableField("KEY", "", ("a", "b"), NASTY, is_encrypted=False, has_file_options=False)
LACKS: tuple[Lack, ...] = (
    RefLacks(("refs/heads/*", f"refs/heads/{NASTY}")),
    RevisionContradicts(GitRefKind.TAG),
    CommentLacks(),
    ValueLacks(ASKED),
    ValueNotOffered(replace(ASKED, options=(NASTY,) * 100)),
    ValueHasLines(NASTY),
    TextTooLong(""),
    TextTooLong(NASTY),
    SaidTwice(NASTY),
    TooManyVariables(101),
    MomentPassed(NOON),
    PipelineOff(NASTY),
)


@pytest.mark.parametrize("lack", LACKS)
def test_every_lack_is_said_safely(lack: Lack) -> None:
    """Foreign text pings nobody."""
    said = explain(lack)
    assert said.startswith("*")
    assert "<!channel>" not in said


@pytest.mark.parametrize("wanted", [TYPED, REQUEST])
@given(values=st.dictionaries(st.from_regex(r"[A-Z]{1,9}", fullmatch=True), st.just("hunter2")))
def test_the_example_can_be_typed_and_tells_no_value(
    wanted: Wanted, values: dict[str, str]
) -> None:
    """Whatever is missing, the example is a command of ours."""
    given_ = tuple(Assignment(key, value) for key, value in values.items())
    said = example_of(replace(wanted, variables=given_), LACKS)
    assert isinstance(parse(said), Run)
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("patterns", "ref"),
    [
        ((), GitRef(GitRefKind.BRANCH, "main")),
        (("refs/heads/*",), GitRef(GitRefKind.BRANCH, "main")),
        (("refs/heads/release/*",), GitRef(GitRefKind.BRANCH, "release/1.0")),
        (("refs/heads/*", "refs/heads/dev"), GitRef(GitRefKind.BRANCH, "dev")),
        (("refs/tags/v*",), GitRef(GitRefKind.TAG, "v1.0")),
        (("refs/tags/*", "refs/tags/v1"), GitRef(GitRefKind.TAG, "v1")),
    ],
)
def test_the_example_names_a_ref_that_fits(patterns: tuple[str, ...], ref: GitRef) -> None:
    """The first that is no pattern, else one that is made from it."""
    typed = parse(example_of(TYPED, [RefLacks(patterns)]))
    assert isinstance(typed, Run)
    assert typed.ref == ref


def test_what_is_to_be_typed_can_be_copied() -> None:
    """An example, a pattern, a choice: each character as it has to be typed."""
    wanted = Run(PipelineName("", "my_shop", "de~ploy"), comment="*why*")
    menu = replace(ASKED, options=("a_b*c", "~d"))
    text = lacks_card(
        [RefLacks(("refs/heads/my_*",)), ValueNotOffered(menu)], wanted, None, "/b"
    ).text
    [*_, example, _end] = text.split("`")
    typed = parse(example.removeprefix("/b "))
    assert isinstance(typed, Run)
    assert (typed.pipeline, typed.comment) == (wanted.pipeline, wanted.comment)
    assert typed.ref == GitRef(GitRefKind.BRANCH, "my_1.0")
    assert [(one.key, one.value) for one in typed.variables] == [("KEY", "a_b*c")]
    assert "runs for `my_*`" in text
    assert "is one of `a_b*c`, `~d`." in text
    ambiguous = AmbiguousName("pipeline", "x", ("acme/my_shop/de~ploy",))
    assert "`acme/my_shop/de~ploy`" in pipelines_to_choose_card(7, "U1", ambiguous).text


def test_many_lacks_are_cut() -> None:
    """A message has its limits."""
    many = [ValueLacks(replace(ASKED, key=f"K{n}", description="x" * 9_999)) for n in range(100)]
    card = lacks_card(many, TYPED, fill_in_button(7, "U1", "Fill in…"), "/buddy")
    assert len(card.text) <= MAX_MESSAGE_TEXT
    assert all(len(b.get("text", {}).get("text", "")) <= MAX_SECTION_TEXT for b in card.blocks)
    assert "and 90 more" in card.text
    assert card.blocks[-1]["type"] == "actions"


def test_choices_are_cut_and_hold_no_more_than_a_button_does() -> None:
    """Ten of them, and how many more there are."""
    names = (f"acme/shop/{'x' * 3000}", *(f"acme/shop/p{n}" for n in range(20)))
    card = pipelines_to_choose_card(7, "U1", AmbiguousName("pipeline", NASTY, names))
    rows = [block for block in card.blocks if block["type"] == "actions"]
    assert len(rows) == 9
    for row in rows:
        [button] = row["elements"]
        assert len(button["value"]) <= MAX_BUTTON_VALUE
        assert len(button["text"]["text"]) <= MAX_BUTTON_TEXT
    assert "…and 11 more" in str(card.blocks)
    assert "<!channel>" not in card.text


@given(st.text())
def test_a_value_that_we_did_not_write_is_refused(text: str) -> None:
    """Untrusted input."""
    with pytest.raises(ButtonUnreadable):
        RunButton.decode(text)


def test_a_value_is_read_as_it_was_written() -> None:
    """Which run, whose, and what was chosen."""
    button = RunButton(r=7, u="U1", c="acme/shop/deploy")
    assert RunButton.decode(button.encode() or "") == button


def test_a_refusal_offers_the_form_only_where_there_is_one() -> None:
    """Without it, what happened is said all the same."""
    error = RunRefused(400, "")
    bare = refused_card(error, None, "/buddy")
    assert "(status 400)" in bare.text
    assert bare.blocks == (blocks.section(bare.text),)
    assert len(refused_card(error, fill_in_button(1, "U1", "Again"), "/buddy").blocks) == 2
