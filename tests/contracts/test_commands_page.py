"""The page about the commands names exactly those that the grammar has."""

import re
from pathlib import Path

from bot.domain.grammar import ACTIVE, parse

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/commands.md").read_text("utf-8")
ROWS = re.findall(r"^\| `(\w+)` \| `/buddy ([^`]+)` \| \S", PAGE, re.MULTILINE)


def test_the_page_names_every_command_once() -> None:
    """Help and page cannot disagree about what there is."""
    assert sorted(word for word, _ in ROWS) == sorted(usage.word for usage in ACTIVE)


def test_every_example_of_the_page_can_be_typed() -> None:
    """Whoever copies an example gets what its row describes."""
    examples = {usage.word: usage.example for usage in ACTIVE}
    for word, example in ROWS:
        assert parse(example) == parse(examples[word])
