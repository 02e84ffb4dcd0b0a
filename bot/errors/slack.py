"""What Slack answered, or did not answer."""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from bot.errors.base import BotError


@dataclass(eq=False, repr=False)
class SlackError(BotError):
    """Slack answered with an error, or did not answer."""

    code: ClassVar[str] = "slack_error"


@dataclass(eq=False, repr=False)
class ChannelUnreachable(SlackError):
    """The bot cannot post there: not a member, archived, or no such channel."""

    code: ClassVar[str] = "channel_unreachable"

    reason: str

    @override
    def explain(self) -> str:
        return (
            "I cannot post in this channel: I am not a member of it, or it is archived. "
            "Invite me with `/invite`, then try again."
        )


@dataclass(eq=False, repr=False)
class MessageGone(SlackError):
    """The message was deleted or can no longer be edited."""

    code: ClassVar[str] = "message_gone"

    reason: str

    @override
    def explain(self) -> str:
        return (
            "This card is gone or can no longer be changed. "
            f"Post a fresh one with `{self.command} show`."
        )


@dataclass(eq=False, repr=False)
class BlocksRefused(SlackError):
    """Slack does not take these blocks."""

    code: ClassVar[str] = "blocks_refused"

    @override
    def explain(self) -> str:
        return "Slack did not take my message's layout. Tell your Greenlight operator about it."


@dataclass(eq=False, repr=False)
class FormExpired(SlackError):
    """More than three seconds passed between the click and the form."""

    code: ClassVar[str] = "form_expired"

    @override
    def explain(self) -> str:
        return "Slack's three seconds were over before the form was open. Try again."


@dataclass(eq=False, repr=False)
class SlackBusy(SlackError):
    """Slack asks to wait."""

    code: ClassVar[str] = "slack_busy"

    seconds: float

    @override
    def explain(self) -> str:
        return "Slack asks me to slow down. Try again in a minute."


@dataclass(eq=False, repr=False)
class SlackUnavailable(SlackError):
    """No answer from Slack, or an error that only the operator can mend."""

    code: ClassVar[str] = "slack_unavailable"

    reason: str
    is_sure: bool = True
    """Whether Slack surely did nothing; False if only its answer is missing."""

    @override
    def explain(self) -> str:
        return "Slack did not take my message. Try again in a minute."
