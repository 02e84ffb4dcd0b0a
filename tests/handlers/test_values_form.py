"""Whatever fields Buddy gives, Slack takes the form, and it gives back what was entered."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.actions import Asked
from bot.cards.card import Form
from bot.cards.values import values_form
from bot.domain.catalog import GateQuestion, VariableField
from bot.domain.click import Place
from bot.domain.execution import Operation, Status
from bot.domain.values import MAX_VALUE, Entries, distinct, is_single_line, understand
from bot.errors import FieldsUnknown, FormTooLarge
from handlers.payloads import FormSubmission
from sandbox.slack.limits import check_view
from tests.domain.samples import AT_GATE_BINDING, action, waiting

STANDING = waiting(action(3, Status.WAITING_FOR_VARIABLES, "Which size?"))
ASKED = Asked(Operation.PROVIDE, AT_GATE_BINDING, Place("C1"))
ANYTHING = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)
CHOICES = ANYTHING.filter(str.strip).filter(is_single_line)
VALUES = st.one_of(ANYTHING.filter(is_single_line), st.just("v" * MAX_VALUE))
FIELDS = st.builds(
    VariableField,
    key=st.text(min_size=1, max_size=300),
    default=st.one_of(st.text(max_size=50), st.just("d" * 4000)),
    options=st.one_of(
        st.just(()),
        st.lists(CHOICES, min_size=2, max_size=12).map(tuple),
        st.just(tuple(f"{'o' * 100}{number}" for number in range(100))),
    ),
    description=st.text(max_size=600),
    is_encrypted=st.booleans(),
    has_file_options=st.booleans(),
)


def form_of(fields: tuple[VariableField, ...], begins: dict[str, str]) -> Form:
    """Make the form of a gate."""
    question = GateQuestion("Why?", fields, (), (), others_may_answer=True)
    return values_form(ASKED, STANDING, STANDING.gates[0], question, begins)


def sent(form: Form, state: dict[str, Any]) -> FormSubmission:
    """Send the form as Slack does."""
    view = {
        **{name: form.view[name] for name in ("callback_id", "private_metadata")},
        "id": "V1",
        "state": {"values": state},
    }
    return FormSubmission.parse({"user": {"team_id": "T1", "id": "MAYA"}, "view": view})


def inputs_of(form: Form) -> list[dict[str, Any]]:
    """List the form's fields."""
    return [block for block in form.view["blocks"] if block["type"] == "input"]


@settings(max_examples=60, deadline=None)
@given(st.lists(FIELDS, min_size=1, max_size=8).map(tuple), st.data())
def test_what_is_entered_comes_back(fields: tuple[VariableField, ...], data: st.DataObject) -> None:
    """Text as it was typed, choices as the whole value, in the order of the fields."""
    asked = distinct(fields)
    begins = data.draw(st.dictionaries(st.sampled_from([each.key for each in asked]), VALUES))
    form = form_of(fields, begins)
    check_view(form.view)
    state: dict[str, Any] = {}
    entered: list[str] = []
    for field, block in zip(asked, inputs_of(form), strict=True):
        element = block["element"]
        if element["type"] == "static_select":
            index = data.draw(st.integers(0, len(field.options) - 1))
            filled: dict[str, Any] = {"selected_option": element["options"][index]}
            entered.append(field.options[index])
        else:
            filled = {"value": data.draw(VALUES)}
            entered.append(filled["value"])
        state[block["block_id"]] = {"value": {"type": element["type"], **filled}}

    got = sent(form, state)

    assert Asked.decode(got.private_metadata) == ASKED
    values = understand(fields, Entries(got.values))
    assert [each.key for each in values] == [each.key for each in asked]
    assert [each.value for each in values] == entered


@settings(max_examples=60, deadline=None)
@given(st.lists(FIELDS, min_size=1, max_size=8).map(tuple))
def test_what_a_field_begins_with_is_the_whole_value(fields: tuple[VariableField, ...]) -> None:
    """Nothing is cut: a value that does not fit is left out, and the field says so."""
    for field, block in zip(distinct(fields), inputs_of(form_of(fields, {})), strict=True):
        element = block["element"]
        if "initial_value" in element:
            assert element["initial_value"] == field.default
        elif "initial_option" in element:
            index = element["options"].index(element["initial_option"])
            assert field.options[index] == field.default
        elif field.default and not field.options:
            assert "left out" in block["hint"]["text"]


@given(st.lists(CHOICES, min_size=2, max_size=100).map(tuple))
def test_no_two_choices_look_alike(options: tuple[str, ...]) -> None:
    """However long they are, and whatever characters they hold that nobody sees."""
    field = VariableField("A", "", options, "", is_encrypted=False, has_file_options=False)
    [block] = inputs_of(form_of((field,), {}))

    labels = [option["text"]["text"].casefold() for option in block["element"]["options"]]
    assert len(set(labels)) == len(labels)


def test_what_does_not_fit_into_a_form_is_said() -> None:
    """Too many fields, too large ones, or none at all."""
    blank = VariableField("A", "", (), "", is_encrypted=False, has_file_options=False)
    large = tuple(
        VariableField(f"K{n}", "d" * 2900, (), "", is_encrypted=False, has_file_options=False)
        for n in range(90)
    )
    many = tuple(
        VariableField(f"K{n}", "", (), "", is_encrypted=False, has_file_options=False)
        for n in range(101)
    )

    check_view(form_of((blank,), {}).view)
    check_view(form_of(many[:100], {}).view)
    for fields, refusal in ((many, FormTooLarge), (large, FormTooLarge), ((), FieldsUnknown)):
        with pytest.raises(refusal):
            form_of(fields, {})
