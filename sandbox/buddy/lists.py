"""Sort and cut lists, as the query says. 1-based pages of 20 unless told otherwise (S5, S12)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sandbox.buddy.errors import bad

MOST_DIGITS = 9

T = TypeVar("T")
Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list, with the counters that only the list of executions shows (S5)."""

    number: int
    size: int
    total: int
    items: Sequence[T]

    @property
    def counters(self) -> dict[str, int]:
        """Write the counters."""
        return {
            "page": self.number,
            "page_size": self.size,
            "total_page_count": -(-self.total // self.size),
            "element_count": len(self.items),
            "total_element_count": self.total,
        }


def cut(items: Sequence[T], query: Query) -> Page[T]:
    """Take the page that was asked for; past the end it is empty."""
    number = read_number(query, "page", 1, least=1)
    size = read_number(query, "per_page", 20, least=1)
    first = (number - 1) * size
    return Page(number, size, len(items), items[first : first + size])


def arrange(items: Sequence[T], query: Query, keys: Mapping[str, Callable[[T], Any]]) -> list[T]:
    """Sort by what was asked for, else leave the order."""
    wanted, direction = query.get("sort_by"), query.get("sort_direction", "ASC").upper()
    if direction not in {"ASC", "DESC"}:
        raise bad("Parameter sort_direction must be ASC or DESC")
    if wanted is None:
        return list(items)
    if wanted not in keys:
        raise bad(f"Parameter sort_by must be one of {', '.join(keys)}")
    return sorted(items, key=keys[wanted], reverse=direction == "DESC")


def read_number(
    query: Query, name: str, default: int, *, least: int = 0, most: int | None = None
) -> int:
    """Read a number; that a wrong one is refused is unknown, chosen."""
    text = query.get(name, str(default))
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else -1
    if number < least or (most is not None and number > most):
        raise bad(f"Parameter {name} is out of range")
    return number
