"""The terminal itself: keys come in one by one, and output appears above the line being typed.

Not the standard library's ``readline``: it blocks the loop, and would let live updates tear the
line apart.
"""

import asyncio
import contextlib
import os
import signal
import termios
import tty
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TextIO

from sandbox.terminal.editor import Editor, width_of
from sandbox.terminal.keys import Decoder, Key
from sandbox.terminal.style import Style

ERASE_LINE = "\r\x1b[K"
CLEAR_SCREEN = "\x1b[H\x1b[2J"
_CHUNK = 4096
_NARROWEST = 20


@dataclass(frozen=True, slots=True)
class Prompt:
    """What stands before the cursor."""

    text: str = ""
    is_for_commands: bool = True
    """Only commands are remembered; answers to forms may be secrets."""


@dataclass(slots=True)
class Console:
    """One terminal: the file that keys come from, and the one that is drawn on."""

    source: TextIO
    out: TextIO
    style: Style
    prompt: Callable[[], Prompt] = Prompt
    """What stands before the line now."""

    complete: Callable[[str], list[str]] = lambda _: []
    """Whole lines that begin as this one does."""

    busy: asyncio.Task[None] | None = None
    """What runs for the last line; an interrupt stops it."""

    lines: asyncio.Queue[str | None] = field(default_factory=asyncio.Queue)
    """Finished lines; None when somebody leaves."""

    _editor: Editor = field(default_factory=Editor)
    _decoder: Decoder = field(default_factory=Decoder)
    _drawn: str = ""

    @property
    def width(self) -> int:
        """How many columns there are."""
        try:
            return max(_NARROWEST, os.get_terminal_size(self.out.fileno()).columns)
        except OSError:
            return 80

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """Read keys inside the block, and give the terminal back as it was."""
        number = self.source.fileno()
        before = termios.tcgetattr(number)
        _ask_for_keys(number)
        loop = asyncio.get_running_loop()
        loop.add_reader(number, self._read)
        for stop in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(stop, self._leave)
        try:
            yield
        finally:
            loop.remove_reader(number)
            for stop in (signal.SIGTERM, signal.SIGHUP):
                loop.remove_signal_handler(stop)
            with contextlib.suppress(OSError, termios.error):  # the terminal may be gone
                self._put(ERASE_LINE)
                termios.tcsetattr(number, termios.TCSADRAIN, before)

    def write(self, text: str) -> None:
        """Write lines above the one being typed."""
        self._put(f"{ERASE_LINE}{text}\n")
        self._draw()

    def refresh(self) -> None:
        """Draw the line again if its prompt has changed."""
        if self._drawn != self.prompt().text:
            self._draw()

    def _read(self) -> None:
        try:
            data = os.read(self.source.fileno(), _CHUNK)
        except OSError:
            data = b""  # a terminal that was closed
        if not data:
            self._leave()
            return
        for key in self._decoder.feed(data):
            self._press(key)
        self._draw()

    def _press(self, key: Key | str) -> None:
        match key:
            case Key.ENTER:
                self._finish()
            case Key.INTERRUPT:
                self._interrupt()
            case Key.ESCAPE:
                self._editor.clear()
                if not self.prompt().is_for_commands:
                    self.lines.put_nowait("cancel")
            case Key.END_OF_INPUT if not self._editor.text:
                self._leave()
            case Key.CLEAR_SCREEN:
                self._put(CLEAR_SCREEN)
            case Key.TAB:
                self._offer(self._editor.complete(self.complete))
            case _:
                self._editor.press(key)

    def _offer(self, choices: list[str]) -> None:
        if choices:
            self._put(f"{ERASE_LINE}{'   '.join(choices)}\n")

    def _finish(self) -> None:
        prompt = self.prompt()
        self._put(f"{ERASE_LINE}{self.style.good(prompt.text)}{self._editor.text}\n")
        self.lines.put_nowait(self._editor.take(remember=prompt.is_for_commands))

    def _interrupt(self) -> None:
        """Stop what runs; else throw the typed line away; with nothing typed, leave."""
        if self.busy is not None and not self.busy.done():
            self.busy.cancel()
        elif self._editor.text:
            self._put(f"{ERASE_LINE}{self.prompt().text}{self._editor.text}^C\n")
            self._editor.clear()
        else:
            self._leave()

    def _leave(self) -> None:
        self.lines.put_nowait(None)

    def _draw(self) -> None:
        self._drawn = prompt = self.prompt().text
        shown, cursor = self._editor.window(max(1, self.width - width_of(prompt)))
        column = width_of(prompt) + cursor
        right = f"\x1b[{column}C" if column else ""
        self._put(f"{ERASE_LINE}{self.style.good(prompt)}{shown}\r{right}")

    def _put(self, text: str) -> None:
        try:
            self.out.write(text)
            self.out.flush()
        except OSError:
            self._leave()


def _ask_for_keys(number: int) -> None:
    """Ask for each key at once and unseen, Ctrl-C included."""
    tty.setcbreak(number, termios.TCSADRAIN)
    attributes = termios.tcgetattr(number)
    if isinstance(local := attributes[3], int):
        attributes[3] = local & ~(termios.ISIG | termios.IEXTEN)
    termios.tcsetattr(number, termios.TCSADRAIN, attributes)
