"""How Slack says no."""

from collections.abc import Sequence
from typing import Any

from typing_extensions import override


class Refusal(Exception):
    """One of Slack's documented error codes, with what Slack adds to it."""

    def __init__(self, error: str, messages: Sequence[str] = (), **details: object) -> None:
        super().__init__(error)
        self.error = error
        self.messages = tuple(messages)
        self.details = details

    def answer(self) -> dict[str, Any]:
        """Write the body: ``ok: false``, the code, and the messages that name JSON pointers."""
        body: dict[str, Any] = {"ok": False, "error": self.error, **self.details}
        if self.messages:
            body["errors"] = list(self.messages)
            body["response_metadata"] = {"messages": [f"[ERROR] {text}" for text in self.messages]}
        return body

    @override
    def __str__(self) -> str:
        return f"{self.error}: {'; '.join(self.messages)}" if self.messages else self.error
