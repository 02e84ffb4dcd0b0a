"""Small rules that together describe JSON, and say in Slack's words what is wrong and where.

A rule takes a value and its JSON pointer and yields one message for each mistake. The wording
follows what Slack's Web API answers (``response_metadata.messages``).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Rule = Callable[[Any, str], Iterator[str]]

_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:\S+")


def problem(text: str, pointer: str) -> str:
    """Write one message as Slack does."""
    return f"{text} [json-pointer:{pointer}]"


def anything(_value: object, _pointer: str) -> Iterator[str]:
    """Accept everything: a field whose inside Slack does not document."""
    return iter(())


def boolean(value: object, pointer: str) -> Iterator[str]:
    """Accept true and false."""
    if not isinstance(value, bool):
        yield problem("must provide a boolean", pointer)


def number(value: object, pointer: str) -> Iterator[str]:
    """Accept any number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield problem("must provide a number", pointer)


def integer(low: int, high: int) -> Rule:
    """Accept whole numbers of a range."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield problem("must provide an integer", pointer)
        elif not low <= value <= high:
            yield problem(f"must be between {low} and {high}", pointer)

    return check


def string(most: int | None = None, least: int = 1) -> Rule:
    """Accept text of some length."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield problem("must provide a string", pointer)
        elif len(value) < least:
            yield problem(f"must be more than {least - 1} characters", pointer)
        elif most is not None and len(value) > most:
            yield problem(f"must be less than {most + 1} characters", pointer)

    return check


def url(most: int = 3000) -> Rule:
    """Accept an address."""
    length = string(most)

    def check(value: object, pointer: str) -> Iterator[str]:
        yield from length(value, pointer)
        if isinstance(value, str) and value and not _URL.fullmatch(value):
            yield problem("invalid url", pointer)

    return check


def enum(*choices: str) -> Rule:
    """Accept one of a few words."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if value not in choices:
            yield problem("must be a valid enum value", pointer)

    return check


def array(item: Rule, most: int | None = None, least: int = 1) -> Rule:
    """Accept a list of some length."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield problem("must provide an array", pointer)
            return
        if len(value) < least:
            yield problem(f"no fewer than {least} items allowed", pointer)
        if most is not None and len(value) > most:
            yield problem(f"no more than {most} items allowed", pointer)
        for index, child in enumerate(value):
            yield from item(child, f"{pointer}/{index}")

    return check


def fields(needs: Mapping[str, Rule], may: Mapping[str, Rule] | None = None) -> Rule:
    """Accept an object with these fields and no others."""
    known = {**needs, **(may or {})}

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield problem("must provide an object", pointer)
            return
        for name in needs:
            if name not in value:
                yield problem(f"missing required field: {name}", pointer)
        for name, child in value.items():
            if name in known:
                yield from known[name](child, f"{pointer}/{name}")
            else:
                yield problem(f"invalid additional property: {name}", pointer)

    return check


def typed(kinds: Mapping[str, Rule]) -> Rule:
    """Accept an object whose ``type`` is one of these, by the rule of its type.

    The rules need not mention ``type`` themselves.
    """

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield problem("must provide an object", pointer)
            return
        kind = value.get("type")
        if kind is None:
            yield problem("missing required field: type", pointer)
        elif not isinstance(kind, str) or kind not in kinds:
            yield problem(f"unsupported type: {kind}", f"{pointer}/type")
        else:
            rest = {name: child for name, child in value.items() if name != "type"}
            yield from kinds[kind](rest, pointer)

    return check


def both(*rules: Rule) -> Rule:
    """Accept what all rules accept; later rules see only what the earlier ones accepted."""

    def check(value: object, pointer: str) -> Iterator[str]:
        for rule in rules:
            found = list(rule(value, pointer))
            yield from found
            if found:
                return

    return check


def any_field_of(*names: str) -> Rule:
    """Accept an object that has at least one of these fields."""

    def check(value: dict[str, Any], pointer: str) -> Iterator[str]:
        if not any(value.get(name) for name in names):
            listed = " or ".join(f"`{name}`" for name in names)
            yield problem(f"must define either {listed}", pointer)

    return check


def unique(values: Sequence[tuple[object, str]], name: str) -> Iterator[str]:
    """Refuse the second use of a value; each comes with its pointer."""
    met = set()
    for value, pointer in values:
        if value in met:
            yield problem(f"`{name}` {value} already exists", pointer)
        met.add(value)
