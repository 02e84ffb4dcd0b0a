"""What a button says survives the way through Slack; anything else is refused."""

import json
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.actions import OPERATION_BY_ACTION, Asked, action_id, decode, encode
from bot.cards.card import MAX_BUTTON_VALUE
from bot.domain.click import Place
from bot.domain.execution import Attempt, Binding, ExecutionRef, Operation
from bot.errors import ButtonUnreadable
from tests.domain.samples import AT_GATE_BINDING

names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=255)
numbers = st.integers(0, 2**53)
zones = st.integers(-720, 720).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.none() | st.datetimes(timezones=st.just(UTC) | zones)
bindings = st.builds(
    Binding,
    ref=st.builds(ExecutionRef, names, names, names, numbers, numbers),
    attempt=st.builds(Attempt, moments, numbers),
    gate_id=st.just("") | names,
    gate_started_at=moments,
    installation=st.just("") | st.text("0123456789abcdef", min_size=16, max_size=16),
)


@given(bindings)
def test_a_binding_comes_back_as_it_was_written(binding: Binding) -> None:
    """Unless Slack would refuse the button: then there is none."""
    value = encode(binding)

    assert value is None or len(value) <= MAX_BUTTON_VALUE
    assert value is None or decode(value) == binding


def test_what_could_not_be_read_back_is_not_written() -> None:
    """A button that leads nowhere is worse than a link."""
    ref = AT_GATE_BINDING.ref
    attempt = AT_GATE_BINDING.attempt

    for broken in (
        ExecutionRef(ref.host, "w" * 256, ref.project, 7, 12),
        ExecutionRef(ref.host, "", ref.project, 7, 12),
        ExecutionRef(ref.host, ref.workspace, "half \ud83d", 7, 12),
        ExecutionRef("\x00" * 255, "\x00" * 255, ref.project, 7, 12),
    ):
        assert encode(Binding(broken, attempt)) is None


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
forged = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys("vhwplesngtix", values),
).map(lambda changes: json.dumps({**json.loads(encode(AT_GATE_BINDING) or ""), **changes}))


def is_refused(text: str) -> bool:
    """Tell whether a value is refused; any other failure fails the test."""
    try:
        decode(text)
    except ButtonUnreadable:
        return True
    return False


@settings(max_examples=60)
@given(st.text() | values.map(json.dumps) | forged)
def test_a_forged_value_is_read_or_refused(text: str) -> None:
    """What comes back from Slack is untrusted, and never more than refused."""
    assert is_refused(text) or isinstance(decode(text), Binding)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "[" * 5000,
        '{"v":2}',
        "\ud83d",
        (encode(AT_GATE_BINDING) or "").replace('"v":1', '"v":2'),
        (encode(AT_GATE_BINDING) or "").replace('"e":12', '"e":"12"'),
        (encode(AT_GATE_BINDING) or "").replace('"e":12', '"e":-12'),
        (encode(AT_GATE_BINDING) or "").replace('"n":0', '"n":0,"x":1'),
        (encode(AT_GATE_BINDING) or "").replace("+00:00", ""),
        (encode(AT_GATE_BINDING) or "").replace("2026-", "later-"),
    ],
)
def test_a_value_of_another_version_is_refused(text: str) -> None:
    """A moment without a zone or a number as text was never written by this version."""
    assert text != encode(AT_GATE_BINDING)
    assert is_refused(text)


@pytest.mark.parametrize("operation", Operation)
def test_an_action_id_names_its_operation(operation: Operation) -> None:
    """Handlers find the operation by it."""
    assert OPERATION_BY_ACTION[action_id(operation)] is operation


places = st.builds(Place, st.text(), st.text(), st.text(), is_private=st.booleans())


@given(st.sampled_from(Operation), bindings.filter(encode), places)
def test_a_form_remembers_what_was_asked(
    operation: Operation, binding: Binding, place: Place
) -> None:
    """From its opening to its submission."""
    asked = Asked(operation, binding, place)

    assert Asked.decode(asked.encode()) == asked


def test_what_a_form_remembers_fits_into_it() -> None:
    """Slack takes 3,000 characters."""
    ref = ExecutionRef("h" * 255, "w" * 255, "ż" * 255, 10**12, 10**12)
    binding = Binding(ref, AT_GATE_BINDING.attempt, "g" * 255, AT_GATE_BINDING.gate_started_at)
    asked = Asked(Operation.REJECT, binding, Place("C" * 32, "1" * 32, "1" * 32))

    assert len(asked.encode()) <= 3000


told = json.loads(Asked(Operation.REJECT, AT_GATE_BINDING, Place("C1")).encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        '"text"',
        "[]",
        "{}",
        "[" * 100_000,
        json.dumps({**told, "operation": "merge"}),
        json.dumps({**told, "operation": []}),
        json.dumps({**told, "binding": None}),
        json.dumps({key: told[key] for key in told if key != "channel"}),
    ],
)
def test_what_no_form_remembered_is_refused(text: str) -> None:
    """It is as untrusted as a button's value."""
    with pytest.raises(ButtonUnreadable):
        Asked.decode(text)


@settings(max_examples=60)
@given(
    st.text()
    | values.map(json.dumps)
    | st.fixed_dictionaries({key: values | st.just(told[key]) for key in told}).map(json.dumps)
)
def test_a_forged_form_is_read_or_refused(text: str) -> None:
    """Whatever it holds."""
    try:
        asked = Asked.decode(text)
    except ButtonUnreadable:
        return
    assert isinstance(asked.binding, Binding)
