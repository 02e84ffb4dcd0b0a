"""Turn the bytes that a terminal sends into keys."""

import codecs
import re
from enum import Enum, auto


class Key(Enum):
    """A key that is no character."""

    ENTER = auto()
    TAB = auto()
    ESCAPE = auto()
    BACKSPACE = auto()
    DELETE = auto()
    LEFT = auto()
    RIGHT = auto()
    HOME = auto()
    END = auto()
    UP = auto()
    DOWN = auto()
    ERASE_WORD = auto()
    ERASE_BEFORE = auto()
    ERASE_AFTER = auto()
    CLEAR_SCREEN = auto()
    INTERRUPT = auto()
    END_OF_INPUT = auto()


_KEYS = {
    "\r": Key.ENTER,
    "\n": Key.ENTER,
    "\t": Key.TAB,
    "\x1b": Key.ESCAPE,
    "\x7f": Key.BACKSPACE,
    "\x08": Key.BACKSPACE,
    "\x01": Key.HOME,
    "\x02": Key.LEFT,
    "\x03": Key.INTERRUPT,
    "\x04": Key.END_OF_INPUT,
    "\x05": Key.END,
    "\x06": Key.RIGHT,
    "\x0b": Key.ERASE_AFTER,
    "\x0c": Key.CLEAR_SCREEN,
    "\x0e": Key.DOWN,
    "\x10": Key.UP,
    "\x15": Key.ERASE_BEFORE,
    "\x17": Key.ERASE_WORD,
    "\x1b[A": Key.UP,
    "\x1b[B": Key.DOWN,
    "\x1b[C": Key.RIGHT,
    "\x1b[D": Key.LEFT,
    "\x1b[H": Key.HOME,
    "\x1b[F": Key.END,
    "\x1b[1~": Key.HOME,
    "\x1b[3~": Key.DELETE,
    "\x1b[4~": Key.END,
}
"""The usual keys of ``xterm`` and its kin, and those of Emacs that shells know."""

_PART = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1bO.|\x1b[^\[O]|[^\x00-\x1f\x7f-\x9f]+|.", re.DOTALL)


class Decoder:
    """Reads UTF-8 in pieces of any size; what it does not know, it leaves out."""

    def __init__(self) -> None:
        self._utf8 = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def feed(self, data: bytes) -> list[Key | str]:
        """Read keys, and runs of characters, from what has arrived."""
        # With application keys switched on, arrows come as ESC O A instead of ESC [ A.
        parts = [part.replace("\x1bO", "\x1b[") for part in _PART.findall(self._utf8.decode(data))]
        known = [_KEYS.get(part, part) for part in parts]
        return [part for part in known if isinstance(part, Key) or part.isprintable()]
