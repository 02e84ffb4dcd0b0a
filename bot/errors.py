"""Every failure a person is told about: one situation, one class, one message.

    BotError
    ├── BuddyError                     what Buddy answered, or did not answer
    │   ├── TokenRejected              401
    │   ├── BuddyForbids               403, the person may not
    │   ├── ApiDisabled                403, the workspace's API is off
    │   ├── WorkspaceInactive          403, frozen, unpaid or deleted
    │   ├── BuddyRateLimited           429, or 403 with Buddy's documented text
    │   ├── NotFoundInBuddy            404
    │   ├── BuddyRefuses               any other 4xx
    │   ├── BuddyUnavailable           no answer to a read, or a write that surely did not leave
    │   └── AnswerLost                 a write left and its answer did not arrive

Fields carry facts as plain values; ``explain`` says in mrkdwn what happened and ends with a step
the person can take. Foreign text in a field is escaped by ``explain``, never before.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from typing_extensions import override


def quote(foreign: str, limit: int = 200) -> str:
    """Make foreign text safe inside mrkdwn: no mention, no link, no line breaks, not too long."""
    text = " ".join(foreign.split())
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@dataclass(eq=False)
class BotError(Exception):
    """A situation that a person is told about."""

    code: ClassVar[str] = "bot_error"

    def __post_init__(self) -> None:
        """Give the exception its code as text, so that a traceback never shows a field."""
        super().__init__(self.code)

    def explain(self) -> str:
        """Say in mrkdwn what happened and what to do next."""
        raise AssertionError(type(self).__name__)


@dataclass(eq=False)
class BuddyError(BotError):
    """Buddy answered with an error, or did not answer."""

    code: ClassVar[str] = "buddy_error"


@dataclass(eq=False)
class TokenRejected(BuddyError):
    """Buddy answered 401: the token is wrong, expired, or not valid for this workspace."""

    code: ClassVar[str] = "token_rejected"

    @override
    def explain(self) -> str:
        return (
            "Buddy does not accept your token: it is wrong, expired, or not valid for this "
            "workspace. Create a new one in Buddy and connect it with `connect`."
        )


@dataclass(eq=False)
class BuddyForbids(BuddyError):
    """Buddy answered 403: this person, or this token's scopes, may not."""

    code: ClassVar[str] = "buddy_forbids"

    message: str

    @override
    def explain(self) -> str:
        said = f" It said: “{quote(self.message)}”." if self.message else ""
        return (
            f"Buddy does not let you do this.{said} Ask somebody who may, or check your rights "
            "on the pipeline and your token's scopes (`whoami` shows them)."
        )


@dataclass(eq=False)
class ApiDisabled(BuddyError):
    """Buddy answered that the workspace's API is switched off."""

    code: ClassVar[str] = "api_disabled"

    @override
    def explain(self) -> str:
        return (
            "The API of this Buddy workspace is switched off. Ask a workspace admin to switch it "
            "on in Buddy's workspace settings."
        )


@dataclass(eq=False)
class WorkspaceInactive(BuddyError):
    """Buddy answered that the workspace is frozen, unpaid or deleted."""

    code: ClassVar[str] = "workspace_inactive"

    @override
    def explain(self) -> str:
        return (
            "This Buddy workspace is not active (frozen, unpaid or deleted). Ask its owner to look at "
            "it in Buddy."
        )


@dataclass(eq=False)
class BuddyRateLimited(BuddyError):
    """The token's budget of calls is used up until ``retry_at`` (aware, by our clock)."""

    code: ClassVar[str] = "buddy_rate_limited"

    retry_at: datetime

    @override
    def explain(self) -> str:
        moment = int(self.retry_at.timestamp())
        return (
            "Buddy's limit of calls for your token is used up. Nothing was changed. Try again "
            f"after <!date^{moment}^{{time}}|{self.retry_at:%H:%M} UTC>."
        )


@dataclass(eq=False)
class NotFoundInBuddy(BuddyError):
    """Buddy answered 404: it does not exist, or is hidden from this person."""

    code: ClassVar[str] = "not_found_in_buddy"

    @override
    def explain(self) -> str:
        return (
            "Buddy does not find this, or does not show it to you. Check the name and the number, "
            "and that your token may see the workspace (`whoami`)."
        )


@dataclass(eq=False)
class BuddyRefuses(BuddyError):
    """Buddy answered another 4xx: it does not do this in this state, or not with these values."""

    code: ClassVar[str] = "buddy_refuses"

    status: int
    message: str

    @override
    def explain(self) -> str:
        said = f": “{quote(self.message)}”" if self.message else f" (status {self.status})"
        return f"Buddy refused{said}. Nothing was changed. Open the execution in Buddy to see why."


@dataclass(eq=False)
class BuddyUnavailable(BuddyError):
    """No answer, after the retries that are safe; a write that raises this surely did not leave."""

    code: ClassVar[str] = "buddy_unavailable"

    @override
    def explain(self) -> str:
        return "Buddy does not answer. Nothing was changed. Try again in a minute."


@dataclass(eq=False)
class AnswerLost(BuddyError):
    """A write left and its answer did not arrive, or was no answer: it may have been done."""

    code: ClassVar[str] = "answer_lost"

    @override
    def explain(self) -> str:
        return (
            "Buddy's answer got lost, so it is not known whether it was done. Look at the "
            "execution in Buddy before you try again."
        )
