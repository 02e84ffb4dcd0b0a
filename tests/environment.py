"""An environment of its own for a test that reads settings or sets logging up."""

import contextlib
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import structlog

from bot.settings import Settings

NO_FILE = Path("there-is-no-such.env")

KEY = "vY3xTQ9cWz1mH0sEo2nB7uKd5rLpJ8iGfA6tVqXyM4w="
OLDER_KEY = "c2V2ZW50ZWVuIHBsdXMgZmlmdGVlbiBpcyB0aGlydHk="
BOT_TOKEN = "xoxb-1234567890-abcdefghij"
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"

COMPLETE = {
    "GREENLIGHT_SLACK_BOT_TOKEN": BOT_TOKEN,
    "GREENLIGHT_SLACK_SIGNING_SECRET": SIGNING_SECRET,
    "GREENLIGHT_TOKEN_KEYS": KEY,
}
"""The least that an operator must set."""

VARIABLES = [f"GREENLIGHT_{name.upper()}" for name in Settings.model_fields]


@contextlib.contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Let the process see these of our variables, whatever the machine has set."""
    with pytest.MonkeyPatch.context() as patch:
        for name in VARIABLES:
            patch.delenv(name, raising=False)
        for name, value in variables.items():
            patch.setenv(name, value)
        yield


@contextlib.contextmanager
def logging_restored() -> Iterator[None]:
    """Let the block set logging up, and leave the process as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        structlog.reset_defaults()
        for handler in set(root.handlers).difference(handlers):
            root.removeHandler(handler)
        root.setLevel(level)
