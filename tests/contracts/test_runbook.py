"""What the log and the audit name, the runbook explains."""

import re
from collections.abc import Iterator
from pathlib import Path

from bot.errors import BotError

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "docs/operations.md").read_text("utf-8")


def situations(of: type[BotError] = BotError) -> Iterator[type[BotError]]:
    """Walk over the situations that are raised: the leaves of the tree of errors."""
    for kind in of.__subclasses__():
        yield from situations(kind)
        if not kind.__subclasses__() and kind.__module__.startswith("bot."):
            yield kind


def test_every_situation_has_a_row() -> None:
    """The table names each code once, and no code that does not exist."""
    rows = re.findall(r"^\| `(?!greenlight_)(\w+)` \| \S", RUNBOOK, re.MULTILINE)
    assert sorted(rows) == sorted(kind.code for kind in situations())


def test_every_chapter_exists() -> None:
    """A line of the log that names a chapter leads somewhere."""
    sources = [*(ROOT / "bot").rglob("*.py"), *(ROOT / "handlers").rglob("*.py")]
    named = {
        chapter
        for source in sources
        for chapter in re.findall(r'chapter="([^"]+)"', source.read_text("utf-8"))
    }
    chapters = set(re.findall(r"^### (.+)$", RUNBOOK, re.MULTILINE))
    assert named == chapters - {"Jobs"}
