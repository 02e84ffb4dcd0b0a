"""Options of menus that are filled while somebody types."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import menus
from bot.cards.card import MAX_OPTIONS, Block
from bot.domain.catalog import Choice, Choices, PipelineRef
from bot.domain.execution import GitRef, GitRefKind
from bot.errors import (
    BotError,
    BuddyUnavailable,
    GuestRefused,
    LinkUnreadable,
    NotLinked,
    StrangerRefused,
    TokenRejected,
)
from sandbox.slack.parts import SUGGESTIONS

AT = PipelineRef("api.buddy.works", "acme", "shop", 7)
NONE: Choices[str] = Choices(())


def texts(options: list[Block]) -> list[str]:
    """Read what a menu offers."""
    assert not list(SUGGESTIONS({"options": options}, ""))
    return [one["text"]["text"] for one in options]


def refs(options: list[Block]) -> list[GitRef]:
    """Read what can be chosen in a menu."""
    return [ref for one in options if (ref := menus.read_ref(one["value"]))]


def branches(*names: str, is_partial: bool = False) -> Choices[str]:
    """Offer branches."""
    return Choices(tuple(Choice(name, name) for name in names), is_partial=is_partial)


def test_pipelines_say_where_they_are() -> None:
    """Two of one name in different places are told apart."""
    choices = Choices((Choice("Web Shop / Deploy", AT),))
    [option] = menus.pipeline_options(choices)
    assert option["description"]["text"] == "acme/shop"
    assert menus.read_pipeline(option["value"]) == AT


@pytest.mark.parametrize(
    ("found", "is_partial", "last"),
    [
        (0, False, ""),
        (0, True, "This takes longer than a menu waits. Type on, and I look again."),
        (1, True, "There may be more. Type a project and a pipeline, like shop/deploy."),
        (menus.LIMIT, False, "More fit. Type a project and a pipeline, like shop/deploy."),
    ],
)
def test_the_last_option_says_what_is_missing(found: int, is_partial: bool, last: str) -> None:  # noqa: FBT001 - a table
    """And choosing it means nothing."""
    each = tuple(
        Choice(f"P{number}", PipelineRef("h", "w", "p", number)) for number in range(found)
    )
    options = menus.pipeline_options(Choices(each, is_partial=is_partial))
    assert len(options) <= MAX_OPTIONS
    assert texts(options)[found:] == ([last] if last else [])
    if last:
        assert menus.read_pipeline(options[-1]["value"]) is None
        assert menus.read_ref(options[-1]["value"]) is None


def test_what_was_typed_can_be_several_things() -> None:
    """Nobody lists tags, and a repository may be out of sight."""
    offered = menus.ref_options("12", branches("release-12"))
    assert texts(offered) == ["release-12", "12", "Tag 12", "Pull request 12"]
    assert [(ref.kind, ref.name) for ref in refs(offered)] == [
        (GitRefKind.BRANCH, "release-12"),
        (GitRefKind.BRANCH, "12"),
        (GitRefKind.TAG, "12"),
        (GitRefKind.PULL_REQUEST, "12"),
    ]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("main", ["main", "Tag main"]),
        ("@main", ["main"]),
        ("tag:v1", ["Tag v1"]),
        ("Tag v1", ["Tag v1"]),
        ("#7", ["Pull request 7"]),
        ("pr:7", ["Pull request 7"]),
        ("Pull request 7", ["Pull request 7"]),
        ("two words", ["Type the name of a branch or a tag, or the number of a pull request."]),
        ("", ["Type the name of a branch or a tag, or the number of a pull request."]),
    ],
)
def test_typed_as_in_a_command(typed: str, shown: list[str]) -> None:
    """Marks of the command line, and the menu's own words, say which is meant."""
    assert texts(menus.ref_options(typed, NONE)) == shown


def test_branches_belong_to_a_pipeline() -> None:
    """Before one is chosen, the menu says so."""
    assert texts(menus.unchosen_options()) == ["Choose the pipeline first."]


def test_a_name_that_does_not_fit_is_left_out() -> None:
    """Cut, it would be another branch."""
    assert refs(menus.ref_options("b" * 149, NONE)) == []
    assert menus.ref_option(GitRef(GitRefKind.TAG, "t" * 149)) is None
    assert menus.ref_option(None) is None
    assert menus.pipeline_option("x", PipelineRef("h", "w" * 150, "p", 1)) is None
    assert menus.pipeline_options(Choices((Choice("x", PipelineRef("h", "w" * 150, "", 1)),))) == []
    long = menus.pipeline_option("x", PipelineRef("h", "w", "p" * 150, 1))
    assert long is not None
    assert menus.read_pipeline(long["value"]) == PipelineRef("h", "w", "", 1)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (NotLinked(), "Connect your Buddy account first: /ship connect"),
        (LinkUnreadable(), "Connect your Buddy account again: /ship connect"),
        (TokenRejected(), "Connect your Buddy account again: /ship connect"),
        (GuestRefused(), "Only full members of this Slack team can do this."),
        (StrangerRefused(), "Only full members of this Slack team can do this."),
        (BuddyUnavailable(), "This takes longer than a menu waits. Type on, and I look again."),
    ],
)
def test_why_a_menu_is_empty(error: BotError, says: str) -> None:
    """In the menu itself: nobody reads anything else while they type."""
    assert texts([menus.problem_option(error, "/ship")]) == [says]


@given(st.text(max_size=300), st.lists(st.text(max_size=300)), st.booleans())
def test_any_typing_makes_a_menu_that_slack_takes(
    typed: str,
    names: list[str],
    is_partial: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    """Whatever the branches are called; what can be chosen is exactly what exists or was typed."""
    known = [name for name in names if name]
    options = menus.ref_options(typed, branches(*known, is_partial=is_partial))
    assert texts(options)
    for ref in refs(options):
        assert ref.name in known or ref.name in typed


@given(st.text(max_size=200))
def test_any_value_is_read_or_refused(value: str) -> None:
    """It travelled through Slack, so it may be anything."""
    menus.read_pipeline(value)
    menus.read_ref(value)


@pytest.mark.parametrize(
    "value",
    ["", "-", "null", "[]", '["h",1,"w"]', '["h",true,"w","p"]', '["h",-1,"w","p"]', "[" * 5000],
)
def test_what_is_no_pipeline(value: str) -> None:
    """Notes, and whatever was made up."""
    assert menus.read_pipeline(value) is None
