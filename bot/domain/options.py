"""The kinds of options that commands have, each with its mark, its reading and its writing."""

import difflib
import re
from collections.abc import Callable
from datetime import time
from enum import StrEnum
from typing import TypeVar

from bot.domain import quotes
from bot.domain.command import Assignment
from bot.domain.execution import GitRef, GitRefKind
from bot.domain.form import Option
from bot.domain.link import MAX_NUMBER_DIGITS
from bot.domain.reader import Reader

E = TypeVar("E", bound=StrEnum)

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?!\S)")
_REVISION = re.compile(r"[0-9a-fA-F]{4,64}(?!\S)")
_NUMBER = re.compile(rf"[1-9][0-9]{{0,{MAX_NUMBER_DIGITS - 1}}}(?!\S)")
_ITEM = re.compile(r"[^\s,]*")
_COMMA = re.compile(",")
_RUN_ON = "revision"
"""A run is for one branch, tag, pull request or revision."""


def text(word: str, field: str, label: str = "TEXT") -> Option:
    """Make an option with a text, in quotes where it has spaces."""
    return Option(
        f"{word}:{label}",
        field,
        _mark(f"{word}:"),
        lambda reader, _: _filled(reader, label),
        lambda value: f"{word}:{quotes.word(value)}" if value else "",
    )


def reason() -> Option:
    """Make the option with a reason, which may be the rest of the line."""
    return Option(
        "reason:TEXT",
        "reason",
        _mark("reason:"),
        lambda reader, _: reader.reason(),
        lambda value: f"reason:{quotes.rest(value)}" if value else "",
    )


def flag(word: str, field: str) -> Option:
    """Make an option that is said or not."""
    mark = re.compile(rf"{re.escape(word)}(?!\S)", re.IGNORECASE | re.ASCII)
    return Option(word, field, mark, lambda *_: True, lambda value: word if value else "")


def choice(word: str, field: str, values: type[E]) -> Option:
    """Make an option that is one of several words."""
    return Option(
        f"{word}:{'|'.join(values)}",
        field,
        _mark(f"{word}:"),
        lambda reader, _: _one_of(reader, values),
        lambda value: f"{word}:{value}" if value else "",
    )


def choices(word: str, field: str, values: type[E]) -> Option:
    """Make an option that is some of several words, with commas between them."""
    return Option(
        f"{word}:{','.join(values)}",
        field,
        _mark(f"{word}:"),
        lambda reader, _: _some_of(reader, values),
        lambda value: f"{word}:{','.join(value)}" if value else "",
    )


def clock(word: str, field: str) -> Option:
    """Make an option with a time of the day."""
    return Option(
        f"{word}:18:30",
        field,
        _mark(f"{word}:"),
        lambda reader, _: _time(_like(reader, _CLOCK, "A time is written like 18:30.")),
        lambda value: f"{word}:{value:%H:%M}" if value is not None else "",
    )


def assignments() -> Option:
    """Make the option with values for variables."""
    return Option(
        "KEY=VALUE …",
        "variables",
        re.compile(r"[A-Za-z_][A-Za-z0-9_]*="),
        lambda reader, mark: Assignment(mark[:-1], reader.value()),
        lambda one: f"{one.key}={quotes.word(one.value)}",
        is_repeated=True,
    )


def named(mark: str, label: str, kind: GitRefKind) -> Option:
    """Make an option with the name of a branch or a tag."""
    return _ref(mark, label, kind, lambda reader: _filled(reader, label))


def pull_request(mark: str) -> Option:
    """Make an option with the number of a pull request."""
    read = lambda reader: _like(reader, _NUMBER, "A pull request has a number.")  # noqa: E731
    return _ref(mark, "NUMBER", GitRefKind.PULL_REQUEST, read)


def revision(mark: str) -> Option:
    """Make an option with the hash of a commit, or the beginning of it."""
    problem = "A revision is 4 to 64 hexadecimal digits."
    return Option(
        f"{mark}SHA",
        "revision",
        _mark(mark),
        lambda reader, _: _like(reader, _REVISION, problem).lower(),
        lambda value: f"{mark}{value}" if value else "",
        group=_RUN_ON,
    )


def _ref(mark: str, label: str, kind: GitRefKind, read: Callable[[Reader], str]) -> Option:
    return Option(
        f"{mark}{label}",
        "ref",
        _mark(mark),
        lambda reader, _: GitRef(kind, read(reader)),
        lambda ref: f"{mark}{quotes.word(ref.name)}" if ref and ref.kind is kind else "",
        group=_RUN_ON,
    )


def _mark(typed: str) -> re.Pattern[str]:
    return re.compile(re.escape(typed), re.IGNORECASE | re.ASCII)


def _filled(reader: Reader, label: str) -> str:
    at = reader.at
    value = reader.value()
    if not value.strip():
        raise reader.stop(f"Here comes {label}.", at)
    return value


def _like(reader: Reader, pattern: re.Pattern[str], problem: str) -> str:
    if taken := reader.take(pattern):
        return taken
    raise reader.stop(problem)


def _time(written: str) -> time:
    hour, _, minute = written.partition(":")
    return time(int(hour), int(minute))


def _some_of(reader: Reader, values: type[E]) -> tuple[E, ...]:
    found = [_one_of(reader, values)]
    while reader.take(_COMMA):
        found.append(_one_of(reader, values))
    return tuple(dict.fromkeys(found))


def _one_of(reader: Reader, values: type[E]) -> E:
    at = reader.at
    word = reader.take(_ITEM).lower()
    known = list(values)
    if word in known:
        return values(word)
    nearest = difflib.get_close_matches(word, known, n=1)
    hint = f"Did you mean `{nearest[0]}`?" if nearest else f"One of {', '.join(known)} fits."
    raise reader.stop(hint, at)
