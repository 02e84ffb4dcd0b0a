"""Read fields of Buddy's answers so that no version of Buddy and no surprise in one stops us.

Buddy's API has three generations of field names and uses null, missing and empty alike for "none".
So every field is optional, and a value of the wrong kind counts as missing.

Plain functions, since thousands of executions are read every few seconds: models that check each
field by such a function took twice as long.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

Object: TypeAlias = Mapping[str, Any]
"""A JSON object; what stands in it may be anything."""

MAX_NUMBER: Final = 2**63 - 1
"""The largest number that databases keep; a larger one is no id."""

NOTHING: Final[Object] = {}

_DIGITS = re.compile(r"[0-9]{1,19}")


def read_text(raw: object) -> str:
    """Take text, and a number as text: some ids are numbers in one place and text in another."""
    if isinstance(raw, str):
        # PostgreSQL stores no NUL, and no screen shows one.
        return raw.replace("\0", "")
    return str(raw) if _is_whole(raw) else ""


def read_number(raw: object) -> int | None:
    """Take a whole number from 0 on, also one that was written as text."""
    if isinstance(raw, str) and _DIGITS.fullmatch(raw):
        raw = int(raw)
    return raw if isinstance(raw, int) and _is_whole(raw) else None


def read_percent(raw: object) -> int:
    """Take a share from 0 to 100; nothing to show is 0."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return 0
    # In this order of arguments "not a number" gives 0.
    return int(min(100, max(0, raw)))


def read_moment(raw: object) -> datetime | None:
    """Take an ISO date in UTC; none, or garbage, is None.

    Buddy writes 0 to 3 digits of a second and "Z"; one page of its documentation has an offset.
    """
    if not isinstance(raw, str):
        return None
    try:
        moment = datetime.fromisoformat(raw.strip())
        if moment.tzinfo is UTC:
            return moment
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_texts(raw: object) -> tuple[str, ...]:
    """Take a list of texts, without the empty ones."""
    return tuple(filter(None, read_lines(raw)))


def read_lines(raw: object) -> tuple[str, ...]:
    """Take a list of texts, the empty ones included."""
    return tuple(map(read_text, raw)) if isinstance(raw, list) else ()


def read_object(raw: object) -> Object:
    """Take an object; anything else is one without fields."""
    return raw if isinstance(raw, dict) else NOTHING


def read_objects(raw: object) -> list[Object]:
    """Take a list of objects; anything else in it is left out."""
    return [item for item in raw if isinstance(item, dict)] if isinstance(raw, list) else []


def read_named(raw: object) -> str:
    """Take the name of a branch, a tag or a pull request.

    It is an object in answers and a plain name in older webhook deliveries.
    """
    return read_text(read_object(raw).get("name") if not isinstance(raw, str) else raw)


def _is_whole(raw: object) -> bool:
    return isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw <= MAX_NUMBER
