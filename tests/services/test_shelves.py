"""What is remembered of people's lists stays within bounds."""

from bot.domain.search import Names
from bot.services.finding.shelves import (
    MAX_ALL_ENTRIES,
    MAX_ENTRIES,
    MAX_PEOPLE,
    Kept,
    Key,
    Kind,
    Shelf,
    Shelves,
)
from sandbox.clock import START


def key(project: str) -> Key:
    """Name the pipelines of a project."""
    return Kind.PIPELINES, "acme", project


def kept(entries: int, turn: int = 1) -> Kept:
    """Make a list that counts for so many entries."""
    return Kept(Names(range(entries - 1), by=lambda one: (str(one),)), START, turn)


def test_one_person_has_room_for_twenty_thousand_pipelines() -> None:
    """Beyond that the lists go that were not used for the longest time."""
    shelf = Shelf()
    for number in range(5):
        shelf.put(key(str(number)), kept(MAX_ENTRIES // 5))
    assert len(shelf.lists) == 5
    shelf.lists.move_to_end(key("0"))
    shelf.put(key("5"), kept(10))

    assert list(shelf.lists) == [key(name) for name in ("2", "3", "4", "0", "5")]
    assert shelf.entries == MAX_ENTRIES // 5 * 4 + 10
    shelf.put(key("6"), kept(MAX_ENTRIES + 1))
    assert list(shelf.lists) == [key("6")]
    shelf.drop(key("6"))
    shelf.drop(key("6"))
    assert shelf.entries == 0


def test_a_reading_that_began_earlier_replaces_none_that_began_later() -> None:
    """Answers may come in another order than they were asked for."""
    shelf, late, early = Shelf(), kept(2, turn=8), kept(3, turn=7)
    shelf.put(key("shop"), late)
    shelf.put(key("shop"), early)

    assert shelf.lists[key("shop")] is late
    assert shelf.entries == 2


def test_who_asked_for_nothing_for_the_longest_time_is_forgotten_first() -> None:
    """The lists of all people together have a bound, and so has their number."""
    shelves = Shelves()
    for person in range(6):
        shelves.of((person, 1)).put(key("shop"), kept(MAX_ENTRIES))
        shelves.of((0, 1))
        shelves.make_room()

    left = [person for person in range(6) if shelves.of((person, 1)).entries]
    assert left == [0, 2, 3, 4, 5]
    assert len(left) * MAX_ENTRIES == MAX_ALL_ENTRIES
    assert not shelves.of((0, 2)).entries, "another generation of the token"
    for person in range(MAX_PEOPLE):
        shelves.of((person, 3))
    shelves.make_room()
    assert not shelves.of((5, 1)).entries
