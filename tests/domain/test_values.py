"""What is given to a gate is understood exactly, or refused; no error and no repr shows a value."""

import pytest

from bot.domain.catalog import VariableField
from bot.domain.command import Assignment
from bot.domain.values import (
    MAX_VALUE,
    Entries,
    check_names,
    choices,
    distinct,
    fitting,
    is_menu,
    is_single_line,
    place,
    places,
    typed,
    understand,
)
from bot.errors import (
    UnknownVariable,
    ValueNotOffered,
    ValueOfSeveralLines,
    ValuesChanged,
    ValuesError,
    ValuesMissing,
)


def field(key: str, *options: str, default: str = "") -> VariableField:
    """Make a field."""
    return VariableField(key, default, options, "", is_encrypted=False, has_file_options=False)


FIELDS = (field("VERSION", default="1.0"), field("REGION", "eu", "us"))
FIRST, SECOND = places(FIELDS)
US = place(1, "us")


def test_a_form_is_understood_by_its_places() -> None:
    """Values come back in the order of the gate's fields, choices as the whole value."""
    given = Entries({SECOND: US, FIRST: "2.1"})

    assert understand(FIELDS, given) == (Assignment("VERSION", "2.1"), Assignment("REGION", "us"))


def test_what_was_typed_is_understood_by_its_names() -> None:
    """In any order; an empty value is one."""
    given = typed([Assignment("REGION", "us"), Assignment("VERSION", "")])

    assert understand(FIELDS, given) == (Assignment("VERSION", ""), Assignment("REGION", "us"))


@pytest.mark.parametrize(
    ("entries", "refusal"),
    [
        (Entries({FIRST: "2.1"}), ValuesChanged),
        (Entries({FIRST: "2.1", SECOND: US, "2.00": "x"}), ValuesChanged),
        (Entries({FIRST: "2.1", SECOND: place(1, "them")}), ValuesChanged),
        (Entries({FIRST: "2.1", SECOND: ""}), ValuesChanged),
        (Entries({place(0, "REGION"): "2.1", SECOND: US}), ValuesChanged),
        (Entries({FIRST: "2\n1", SECOND: US}), ValueOfSeveralLines),
        (Entries({"VERSION": "2.1"}, is_typed=True), ValuesMissing),
        (Entries({"VERSION": "2.1", "REGION": "mars"}, is_typed=True), ValueNotOffered),
        (Entries({"VERSION": "2.1", "REGIONS": "us"}, is_typed=True), UnknownVariable),
        (Entries({"VERSION": "x" * 3001, "REGION": "us"}, is_typed=True), ValueOfSeveralLines),
        # A form is no command, and a command no form.
        (Entries({FIRST: "2.1", SECOND: US}, is_typed=True), UnknownVariable),
        (Entries({"VERSION": "2.1", "REGION": "us"}), ValuesChanged),
    ],
)
def test_what_does_not_fit_is_refused(entries: Entries, refusal: type[ValuesError]) -> None:
    """Nothing is guessed, and the message holds no value."""
    with pytest.raises(refusal) as caught:
        understand(FIELDS, entries)

    assert "2.1" not in caught.value.explain()
    assert "mars" not in caught.value.explain()


def test_the_nearest_name_is_named() -> None:
    """Whatever its case; where none resembles it, none is."""
    with pytest.raises(UnknownVariable) as near:
        check_names(FIELDS, Entries({"versions": "1"}, is_typed=True))
    with pytest.raises(UnknownVariable) as far:
        check_names(FIELDS, Entries({"X": "1"}, is_typed=True))

    assert (near.value.nearest, far.value.nearest) == ("VERSION", "")
    assert near.value.choices == ("VERSION", "REGION")


def test_a_variable_that_is_listed_twice_is_asked_for_once() -> None:
    """The first one counts, and the order stays."""
    twice = (field("A", default="1"), field("B"), field("A", default="2"))

    assert distinct(twice) == twice[:2]


def test_choices_are_a_menu_up_to_a_hundred() -> None:
    """Slack takes no more; two that are equal are still two places."""
    hundred = field("A", *map(str, range(100)))

    assert is_menu(hundred)
    assert len(choices(hundred)) == 100
    assert not is_menu(field("A", *map(str, range(101))))
    assert not is_menu(field("A"))
    assert len(choices(field("A", "x", "x"))) == 2


@pytest.mark.parametrize(
    ("was", "became"),
    [
        (("eu", "us"), ()),
        ((), ("eu", "us")),
        (("eu", "us"), tuple(map(str, range(101)))),
    ],
)
def test_a_menu_that_became_a_text_is_another_field(
    was: tuple[str, ...], became: tuple[str, ...]
) -> None:
    """What a menu gives is the place of a choice, which nobody ever means as a value."""
    [at] = places([field("REGION", *was)])
    chosen = next(iter(choices(field("REGION", *was))), "us")

    with pytest.raises(ValuesChanged):
        understand([field("REGION", *became)], Entries({at: chosen}))


@pytest.mark.parametrize("mark", "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
def test_a_value_has_a_single_line(mark: str) -> None:
    """Every kind of line break counts; a tab does not."""
    assert not is_single_line(f"a{mark}b")
    assert is_single_line("a\tb")
    assert is_single_line("x" * MAX_VALUE)


def test_what_was_typed_begins_a_form_where_it_fits() -> None:
    """What another gate asks for is left out."""
    given = Entries({"VERSION": "2.1", "OTHER": "x"}, is_typed=True)

    assert fitting(FIELDS, given) == {"VERSION": "2.1"}
    assert fitting(FIELDS, None) == {}


@pytest.mark.parametrize("is_typed", [False, True])
def test_entries_are_written_and_read(*, is_typed: bool) -> None:
    """They are sealed as one text, and shown nowhere."""
    entries = Entries({"A": 'ä"\u202e\t', "B": ""}, is_typed=is_typed)

    assert Entries.read(entries.write()) == entries
    assert "ä" not in repr(entries)
