"""What Buddy answered, or did not answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from typing_extensions import override

from bot.errors.base import BotError
from bot.errors.text import quote


@dataclass(eq=False, repr=False)
class BuddyError(BotError):
    """Buddy answered with an error, or did not answer."""

    code: ClassVar[str] = "buddy_error"


@dataclass(eq=False, repr=False)
class TokenRejected(BuddyError):
    """Buddy answered 401: the token is wrong, expired, or not valid for this workspace."""

    code: ClassVar[str] = "token_rejected"

    @override
    def explain(self) -> str:
        return (
            "Buddy does not accept your token: it is wrong, expired, or not valid for this "
            f"workspace. Create a new one in Buddy and connect it with `{self.command} connect`."
        )


@dataclass(eq=False, repr=False)
class BuddyForbids(BuddyError):
    """Buddy answered 403: this person, or this token's scopes, may not."""

    code: ClassVar[str] = "buddy_forbids"

    message: str

    @override
    def explain(self) -> str:
        said = f" It said: “{quote(self.message)}”." if self.message else ""
        return (
            f"Buddy does not let you do this.{said} Ask somebody who may, or check your rights "
            f"on the pipeline and your token's scopes (`{self.command} whoami` shows them)."
        )


@dataclass(eq=False, repr=False)
class ApiDisabled(BuddyError):
    """Buddy answered that the workspace's API is switched off."""

    code: ClassVar[str] = "api_disabled"

    @override
    def explain(self) -> str:
        return (
            "The API of this Buddy workspace is switched off. Ask a workspace admin to switch it "
            "on in Buddy's workspace settings."
        )


@dataclass(eq=False, repr=False)
class WorkspaceInactive(BuddyError):
    """Buddy answered that the workspace is frozen, unpaid or deleted."""

    code: ClassVar[str] = "workspace_inactive"

    @override
    def explain(self) -> str:
        return (
            "This Buddy workspace is not active (frozen, unpaid or deleted). Ask its owner to look "
            "at it in Buddy."
        )


@dataclass(eq=False, repr=False)
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


@dataclass(eq=False, repr=False)
class NotFoundInBuddy(BuddyError):
    """Buddy answered 404: it does not exist, or is hidden from this person."""

    code: ClassVar[str] = "not_found_in_buddy"

    @override
    def explain(self) -> str:
        return (
            "Buddy does not find this, or does not show it to you. Check the name and the number, "
            f"and that your token may see the workspace (`{self.command} whoami`)."
        )


@dataclass(eq=False, repr=False)
class BuddyRefuses(BuddyError):
    """Buddy answered another 4xx: it does not do this in this state, or not with these values."""

    code: ClassVar[str] = "buddy_refuses"

    status: int
    message: str

    @override
    def explain(self) -> str:
        said = f": “{quote(self.message)}”" if self.message else f" (status {self.status})"
        return f"Buddy refused{said}. Nothing was changed. Open the execution in Buddy to see why."


@dataclass(eq=False, repr=False)
class BuddyUnavailable(BuddyError):
    """No answer, after the retries that are safe; a write that raises this surely did not leave."""

    code: ClassVar[str] = "buddy_unavailable"

    @override
    def explain(self) -> str:
        return "Buddy does not answer. Nothing was changed. Try again in a minute."


@dataclass(eq=False, repr=False)
class AnswerLost(BuddyError):
    """A write left and its answer did not arrive, or was no answer: it may have been done."""

    code: ClassVar[str] = "answer_lost"

    @override
    def explain(self) -> str:
        return (
            "Buddy's answer got lost, so it is not known whether it was done. Look at the "
            "execution in Buddy before you try again."
        )
