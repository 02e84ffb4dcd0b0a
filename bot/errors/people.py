"""Who may not use the bot at all."""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from bot.errors.base import BotError


@dataclass(eq=False, repr=False)
class PersonRefused(BotError):
    """The person may not use the bot at all."""

    code: ClassVar[str] = "person_refused"


@dataclass(eq=False, repr=False)
class StrangerRefused(PersonRefused):
    """Somebody of another organisation."""

    code: ClassVar[str] = "stranger_refused"

    @override
    def explain(self) -> str:
        return (
            "Only members of this Slack team can do this, and you belong to another organisation. "
            "Nothing was sent. Ask somebody of this team."
        )


@dataclass(eq=False, repr=False)
class GuestRefused(PersonRefused):
    """A guest of this team."""

    code: ClassVar[str] = "guest_refused"

    @override
    def explain(self) -> str:
        return (
            "Guests cannot do this. Nothing was sent. Ask a full member of this Slack team, or a "
            "Slack admin to make you one."
        )


@dataclass(eq=False, repr=False)
class AccountClosed(PersonRefused):
    """A deactivated account, a bot, or nobody Slack knows."""

    code: ClassVar[str] = "account_closed"

    @override
    def explain(self) -> str:
        return (
            "This Slack account is deactivated or is no person. Nothing was sent. Ask a Slack "
            "admin."
        )


@dataclass(eq=False, repr=False)
class PersonUnverified(PersonRefused):
    """Slack did not say who this is, so nothing is done."""

    code: ClassVar[str] = "person_unverified"

    @override
    def explain(self) -> str:
        return (
            "Slack did not tell me in time who you are, so nothing was sent. Try again in a minute."
        )
