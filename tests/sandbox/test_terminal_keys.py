"""Typing in the sandbox's terminal: keys, the line, and what it remembers."""

import io
import logging
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot
from bot.log import configure
from sandbox.looks import EMOJI, as_seen, boxed, dialog, harmless
from sandbox.terminal.editor import MAX_LINE, Editor, width_of
from sandbox.terminal.keys import Decoder, Key
from sandbox.terminal.logtail import KEPT, LogTail
from sandbox.terminal.style import Style, style_for
from tests.environment import logging_restored

EMOJI_WRITTEN = re.compile(r'"\S*?:([a-z][a-z_]*):(?=["\s])')
"""A short name that stands first in a text, or before its end."""


def typed(*keys: Key | str) -> Editor:
    """Press keys into an empty line."""
    editor = Editor()
    for key in keys:
        editor.press(key)
    return editor


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b"push\r", ["push", Key.ENTER]),
        ("für".encode(), ["für"]),
        (b"\x1b[A\x1bOB", [Key.UP, Key.DOWN]),
        (b"\x03\x04\t", [Key.INTERRUPT, Key.END_OF_INPUT, Key.TAB]),
        (b"\x1b", [Key.ESCAPE]),
        (b"a\x1b[17~b", ["a", "b"]),
        (b"a\x1bxb\x00", ["a", "b"]),
        (b"\xff", ["�"]),
    ],
)
def test_bytes_become_keys(data: bytes, keys: list[Key | str]) -> None:
    """Known sequences are keys, characters are text, and the rest is nothing."""
    assert Decoder().feed(data) == keys


def test_a_character_may_arrive_in_pieces() -> None:
    """Bytes of one character that come apart are put together."""
    decoder = Decoder()
    first, second = "é".encode()[:1], "é".encode()[1:]
    assert decoder.feed(first) == []
    assert decoder.feed(second) == ["é"]


@given(st.binary(max_size=60))
def test_no_bytes_upset_the_line(data: bytes) -> None:
    """Whatever a terminal sends, the cursor stays inside a line that can be printed."""
    editor = Editor()
    for key in Decoder().feed(data):
        editor.press(key)
    assert 0 <= editor.cursor <= len(editor.text)
    assert editor.text.isprintable()


@pytest.mark.parametrize(
    ("keys", "text", "cursor"),
    [
        (["abc", Key.LEFT, Key.BACKSPACE], "ac", 1),
        (["abc", Key.HOME, Key.DELETE], "bc", 0),
        (["abc", Key.HOME, Key.END, "d"], "abcd", 4),
        (["abc", Key.LEFT, Key.LEFT, Key.ERASE_AFTER], "a", 1),
        (["abc", Key.LEFT, Key.ERASE_BEFORE], "c", 0),
        (["fix the login", Key.ERASE_WORD], "fix the ", 8),
        (["a", Key.RIGHT, Key.DOWN, Key.UP], "a", 1),
    ],
)
def test_a_line_is_edited(keys: list[Key | str], text: str, cursor: int) -> None:
    """The usual keys do the usual things."""
    editor = typed(*keys)
    assert (editor.text, editor.cursor) == (text, cursor)


def test_commands_are_remembered_and_secrets_are_not() -> None:
    """Arrows bring commands back; an answer to a form is gone."""
    editor = typed("look")
    assert editor.take(remember=True) == "look"
    editor.press("a-secret-token")
    editor.take(remember=False)
    editor.press("look")
    editor.take(remember=True)
    assert editor.history == ["look"]
    editor.press(Key.UP)
    assert editor.text == "look"
    editor.press(Key.DOWN)
    assert editor.text == ""


def test_tab_goes_on_as_far_as_it_can() -> None:
    """One way to go on is taken; several are offered."""
    lines = ["as ben", "as maya", "buddy"]
    editor = typed("a")
    assert editor.complete(lambda text: [one for one in lines if one.startswith(text)]) == []
    assert editor.text == "as "
    assert editor.complete(lambda _: lines[:2]) == ["as ben", "as maya"]
    editor.press("m")
    assert editor.complete(lambda _: ["as maya"]) == []
    assert editor.text == "as maya"
    assert editor.complete(lambda _: []) == []


def test_a_long_line_scrolls() -> None:
    """What does not fit is left out around the cursor, wide characters counted as two."""
    assert typed("x" * MAX_LINE, "y").text == "x" * MAX_LINE
    shown, column = typed("0123456789").window(5)
    assert (shown, column) == ("6789", 4)
    shown, column = typed("日本語日本語", Key.HOME).window(5)
    assert (shown, column) == ("日本", 0)
    assert width_of("e\N{COMBINING ACUTE ACCENT}日") == 3


def test_slacks_text_is_drawn_for_a_terminal() -> None:
    """Emoji, tasks and quotes look as in Slack; an unknown emoji keeps its name."""
    assert as_seen(":x: • a\n• Build (complete): 20 s\n>Why?") == "❌ • a\n✓ Build: 20 s\n┃ Why?"
    assert as_seen(":acme: 10:30:45") == ":acme: 10:30:45"
    assert harmless("a\x1b[2J\tb\x9b") == "a�[2J�b�"
    assert boxed("here", "one two\n\nthree", 22) == ["┌ here", "│ one two", "│", "│ three", "└"]
    assert dialog("Sure?\nReally\nYes\nNo") == "Sure?\nReally\n[Yes] [No]"


def test_every_emoji_that_the_bot_writes_has_its_picture() -> None:
    """A new one would stand in the terminal by its name."""
    here = Path(bot.__file__).parent
    modules = [each for part in ("cards", "services") for each in (here / part).rglob("*.py")]
    written = {name for each in modules for name in EMOJI_WRITTEN.findall(each.read_text("utf-8"))}

    assert {"package", "x", "warning"} <= written
    assert written <= set(EMOJI)


def test_the_log_keeps_its_last_lines_without_secrets() -> None:
    """Only the newest lines are kept, and what the bot masks stays masked."""
    log = LogTail()
    with logging_restored():
        configure("info", "text", stream=log)
        for number in range(KEPT + 5):
            logging.getLogger("greenlight").info("line %s token=xoxb-1-secret", number)
    assert len(log.last().splitlines()) == KEPT
    assert "secret" not in log.last()
    assert "line 4 " not in log.last()


def test_colours_are_for_terminals() -> None:
    """A file gets plain text."""
    assert not style_for(io.StringIO()).has_colours
    assert Style(has_colours=False).bold("x") == "x"
    assert Style(has_colours=True).bold("x") == "\x1b[1mx\x1b[0m"
    assert Style(has_colours=True).bold("") == ""
