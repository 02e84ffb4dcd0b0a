"""Read a list of Buddy's to its end, page by page."""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import TypeVar

import structlog

T = TypeVar("T")
Hear = Callable[[Sequence[T]], None]
"""Is told after every page of a list what has come of it so far."""

log = structlog.get_logger(__name__)

MAX_PAGES = 50
"""Pages of a list that are read at most."""


async def whole(
    page: Callable[[int], Awaitable[Sequence[T]]],
    key: Callable[[T], Hashable],
    hear: Hear[T] | None = None,
) -> tuple[T, ...]:
    """Ask for one page after the other.

    These lists have no counters: they end with an empty page, or with one that says nothing new,
    where an older Buddy knows no pages and repeats the whole list.
    """
    found: dict[Hashable, T] = {}
    for number in range(1, MAX_PAGES + 1):
        items = {key(item): item for item in await page(number)}
        if items.keys() <= found.keys():
            break
        found |= items
        if hear is not None:
            hear(tuple(found.values()))
    else:
        log.warning("buddy.list_cut", pages=MAX_PAGES, items=len(found))
    return tuple(found.values())
