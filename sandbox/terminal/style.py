"""Colours, where somebody sees them and wants them."""

import os
from dataclasses import dataclass
from typing import TextIO

_RESET = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Style:
    """Paints pieces of text, or leaves them as they are."""

    has_colours: bool

    def bold(self, text: str) -> str:
        """Paint a title."""
        return self._paint("\x1b[1m", text)

    def faint(self, text: str) -> str:
        """Paint what stands beside the point."""
        return self._paint("\x1b[2m", text)

    def button(self, text: str) -> str:
        """Paint what can be pressed."""
        return self._paint("\x1b[1;36m", text)

    def good(self, text: str) -> str:
        """Paint who is typing."""
        return self._paint("\x1b[32m", text)

    def bad(self, text: str) -> str:
        """Paint a mistake."""
        return self._paint("\x1b[31m", text)

    def _paint(self, code: str, text: str) -> str:
        return f"{code}{text}{_RESET}" if self.has_colours and text else text


def style_for(out: TextIO) -> Style:
    """Use colours on a terminal, unless the person says NO_COLOR. Source: no-color.org."""
    # The terminal's own variables are no settings of the bot.
    refused = os.environ.get("NO_COLOR")
    return Style(has_colours=out.isatty() and not refused)


def can_move_cursor(out: TextIO) -> bool:
    """Whether this is a terminal that knows how to erase a line."""
    kind = os.environ.get("TERM", "dumb")
    return out.isatty() and kind != "dumb"
