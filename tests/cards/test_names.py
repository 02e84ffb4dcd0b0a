"""Names on buttons and in menus can be told apart, however long and alike they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.names import apart, names_told


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["Legal", "Budget"], ["Legal", "Budget"]),
        (["Legal", "legal"], ["Legal (1)", "legal (2)"]),
        (["Legal", "Budget", "Legal"], ["Legal (1)", "Budget", "Legal (2)"]),
        (["", " "], ["a gate (1)", "a gate (2)"]),
        (["x" * 30, "x" * 29 + "y"], ["x" * 15 + "… (1)", "x" * 15 + "… (2)"]),
        # What looks like a numbered one is numbered in front, with all the others.
        (["A", "A", "A (1)"], ["1: A", "2: A", "3: A (1)"]),
    ],
)
def test_names_are_numbered_where_they_must_be(names: list[str], shown: list[str]) -> None:
    """And nowhere else: most gates have names of their own."""
    assert apart(names, 20, "a gate") == shown


@given(st.lists(st.text(max_size=60), max_size=30))
def test_no_two_names_look_alike(names: list[str]) -> None:
    """Whatever they are: none is longer than the limit, and none equals another."""
    shown = apart(names, 40, "a gate")

    assert len({each.casefold() for each in shown}) == len(names)
    assert all(0 < len(each) <= 40 for each in shown)


def test_names_of_variables_are_listed() -> None:
    """As people list things; a few of many."""
    assert names_told(["A"]) == "`A`"
    assert names_told(["A", "B`", "<C>"]) == "`A`, `B'` and `&lt;C&gt;`"
    assert names_told([str(number) for number in range(12)]).endswith("`9` and 2 more")
