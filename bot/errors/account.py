"""What is the matter with the person's Buddy account."""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from bot.errors.base import BotError


@dataclass(eq=False, repr=False)
class LinkError(BotError):
    """Something about the person's Buddy account."""

    code: ClassVar[str] = "link_error"


@dataclass(eq=False, repr=False)
class NotLinked(LinkError):
    """The person has no Buddy account connected."""

    code: ClassVar[str] = "not_linked"

    @override
    def explain(self) -> str:
        return (
            "I do not know your Buddy account yet, and I only ever act as you. "
            "Connect it, then do this again."
        )


@dataclass(eq=False, repr=False)
class LinkNotMade(LinkError):
    """A click waited for its person's account in vain."""

    code: ClassVar[str] = "link_not_made"

    @override
    def explain(self) -> str:
        return (
            "No Buddy account was connected in time, so nothing was sent. "
            f"Connect it with `{self.command} connect`, then press the button again."
        )


@dataclass(eq=False, repr=False)
class NotConnected(LinkError):
    """A pasted token was not checked to the end, and is not kept."""

    code: ClassVar[str] = "not_connected"

    @override
    def explain(self) -> str:
        return (
            "I was interrupted while I checked your token, and I do not keep what was pasted. "
            "Nothing was connected. Try again: paste it once more."
        )


@dataclass(eq=False, repr=False)
class LinkChanged(LinkError):
    """The person reconnected or disconnected between the click and its turn."""

    code: ClassVar[str] = "link_changed"

    @override
    def explain(self) -> str:
        return (
            "Your Buddy account was changed while this waited for its turn. Nothing was sent. "
            "Do it again if you still want it."
        )


@dataclass(eq=False, repr=False)
class LinkUnreadable(LinkError):
    """The stored token cannot be opened with the keys of this installation."""

    code: ClassVar[str] = "link_unreadable"

    @override
    def explain(self) -> str:
        return (
            "I can no longer open your stored token: its key is gone, or it was altered. "
            f"Nothing was sent. Connect your account again with `{self.command} connect`."
        )
