"""The root of every situation that a person is told about."""

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(eq=False, repr=False)
class BotError(Exception):
    """A situation that a person is told about."""

    code: ClassVar[str] = "bot_error"

    command: str = field(default="/buddy", init=False)
    """The slash command's name, filled in by whoever tells people."""

    def __post_init__(self) -> None:
        """Give the exception its code as text, so that a traceback never shows a field."""
        super().__init__(self.code)

    def explain(self) -> str:
        """Say in mrkdwn what happened and what to do next."""
        raise AssertionError(type(self).__name__)
