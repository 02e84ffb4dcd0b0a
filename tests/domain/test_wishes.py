"""What is asked about subscriptions is written down and read back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.command import Moment, Subscribe, Topic
from bot.domain.person import Person
from bot.domain.reference import PipelineLink, PipelineName, ProjectName
from bot.domain.subscription import USUAL, Wish
from bot.domain.wishes import (
    Begin,
    Change,
    Deed,
    DeedUnreadable,
    End,
    Remove,
    SetUp,
    read,
    typed,
    write,
)

MAYA = Person("T1", "MAYA")
NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
NUMBERS = st.integers(1, 2**31 - 1)
TOPICS: st.SearchStrategy[Topic] = st.one_of(
    st.builds(ProjectName, st.just("") | NAMES, NAMES),
    st.builds(PipelineName, st.just("") | NAMES, NAMES, NAMES),
    st.builds(PipelineLink, st.just("app.buddy.works"), st.just("acme"), NAMES, NUMBERS),
)
WISHES = st.builds(
    Wish,
    st.lists(st.sampled_from(Moment), unique=True).map(tuple),
    st.text(max_size=50),
    st.sampled_from(["", "MAYA"]),
    st.booleans(),
    st.sampled_from(["", "<@MAYA>", "<@MAYA> <@TOM>"]),
)
DEEDS: st.SearchStrategy[Deed] = st.one_of(
    st.builds(Begin, TOPICS, WISHES),
    st.builds(Change, NUMBERS, WISHES),
    st.builds(End, st.none() | TOPICS),
    st.builds(Remove, NUMBERS),
    st.builds(SetUp, NUMBERS, st.sampled_from(["webhook", "step"])),
)


@given(DEEDS)
def test_a_deed_is_read_back_as_itself(deed: Deed) -> None:
    """Whatever names Buddy gave."""
    assert read(write(deed)) == deed


@pytest.mark.parametrize("text", ["", "{}", '{"do": "begin"}', '{"do": "dance"}', "[1]"])
def test_what_another_version_wrote(text: str) -> None:
    """It is refused, and not guessed at."""
    with pytest.raises(DeedUnreadable):
        read(text)


def test_a_typed_wish() -> None:
    """Without moments the usual ones; several branches with commas or spaces."""
    topic = ProjectName("", "shop")
    assert typed(Subscribe(topic), MAYA) == Begin(topic, Wish(USUAL))
    asked = Subscribe(topic, (Moment.FAILED,), "main, release/*", by_me=True)
    wish = Wish((Moment.FAILED,), "main release/*", "MAYA")
    assert typed(asked, MAYA) == Begin(topic, wish)
