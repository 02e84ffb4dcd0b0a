"""What a message is made of, and Slack's limits for it.

Source of every limit: Slack's Block Kit reference.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

Block = dict[str, Any]
"""One Block Kit block as Slack takes it."""

MAX_BLOCKS = 50
"""Blocks in one message."""

MAX_SECTION_TEXT = 3000
"""Characters in a section's text."""

MAX_MESSAGE_TEXT = 4000
"""Characters in a message's ``text``; ``chat.update`` refuses more with ``msg_too_long``."""

MAX_BUTTON_VALUE = 2000
"""Characters in a button's ``value``."""

MAX_BUTTON_TEXT = 75
"""Characters on a button."""

MAX_OPTION_TEXT = 75
"""Characters of an option's text."""

MAX_OPTION_VALUE = 150
"""Characters in an option's ``value``."""

MAX_CONFIRM_TEXT = 300
"""Characters in a confirm dialog's text."""

MAX_VIEW_BLOCKS = 100
"""Blocks in one modal."""

MAX_OPTIONS = 100
"""Options of one menu."""

MAX_OPTION_TEXT = 75
"""Characters of an option's text, and of its description."""

MAX_OPTION_VALUE = 150
"""Characters in an option's ``value``."""

MAX_INPUT_TEXT = 3000
"""Characters in a field to type into."""

MAX_METADATA = 3000
"""Characters in a view's ``private_metadata``."""

MAX_PLAN_TASKS = 50
"""Tasks in a ``plan`` block, by the careful reading of Slack's documentation."""


@dataclass(frozen=True, slots=True)
class Card:
    """A message: blocks, and the text that notifications and screen readers say."""

    text: str
    blocks: tuple[Block, ...] = ()
    plain_blocks: tuple[Block, ...] | None = None
    """The same without block types that Slack has not given to every workspace yet."""

    discreet: "Card | None" = None
    """What a channel is shown instead that another organisation shares; None for the same."""

    def blocks_for(self, *, plain: bool) -> tuple[Block, ...]:
        """Choose the blocks for a workspace that refused the newer types, or did not."""
        return self.plain_blocks if plain and self.plain_blocks is not None else self.blocks

    @property
    def digest(self) -> str:
        """Tell two cards apart, so that an unchanged one is not sent again."""
        told = json.dumps([self.text, self.blocks], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Form:
    """A modal view as Slack takes it."""

    view: dict[str, Any]
