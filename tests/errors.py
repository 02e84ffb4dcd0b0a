"""One of each failure that a person can be told about, with texts of somebody's choice."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from bot.errors import BotError
from tests.domain.samples import NOON

URL = "https://app.buddy.works/acme?<!channel>|x&y=1"
_OURS: dict[str, Any] = {
    "by": "<@TOM>",
    "state": "waiting for approval",
    "did": "approved",
    "wanted": "approve",
    "kind": "project",
    "problem": "A name is missing here.",
    "example": "show shop/deploy#12",
    "column": 3,
    "count": 101,
    "execution": 12,
    "newer": 14,
    "status": 422,
    "seconds": 30.0,
    "retry_at": NOON,
    "is_same_person": False,
    "is_sure": True,
    "url": URL,
}
"""Fields that hold our own words, numbers, or markup that is safe already."""

_SEVERAL = frozenset({"choices", "gates"})


def every_class(root: type[BotError] = BotError) -> Iterator[type[BotError]]:
    """Walk over all classes, families first."""
    yield root
    for child in root.__subclasses__():
        yield from every_class(child)


def situations() -> list[type[BotError]]:
    """List the classes that stand for one situation each: those without children."""
    return [each for each in every_class() if not each.__subclasses__()]


def sample_of(situation: type[BotError], foreign: str) -> BotError:
    """Make a failure in which every foreign field holds this text."""
    values = {
        field.name: _OURS.get(field.name, (foreign,) * 12 if field.name in _SEVERAL else foreign)
        for field in fields(situation)
        if field.init
    }
    return situation(**values)


def samples_of(foreign: str) -> list[BotError]:
    """Make one failure of each situation."""
    return [sample_of(situation, foreign) for situation in situations()]
