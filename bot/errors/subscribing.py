"""What keeps a channel from being told."""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from bot.errors.base import BotError
from bot.errors.text import code


@dataclass(eq=False, repr=False)
class SubscribingError(BotError):
    """A channel's subscriptions cannot be changed like this."""

    code: ClassVar[str] = "subscribing_error"


@dataclass(eq=False, repr=False)
class NotInvited(SubscribingError):
    """The bot cannot post in the channel that is to be told."""

    code: ClassVar[str] = "not_invited"

    @override
    def explain(self) -> str:
        return (
            "I cannot post here, so nobody would be told, and I subscribed nothing. A conversation "
            "between people is closed to me. Invite me with `/invite @` and my name, then try "
            f"again; or type `{self.command} subscribe` in your conversation with me."
        )


@dataclass(eq=False, repr=False)
class NothingSubscribed(SubscribingError):
    """The channel is told of nothing that this could mean."""

    code: ClassVar[str] = "nothing_subscribed"

    topic: str = ""

    @override
    def explain(self) -> str:
        what = code(self.topic) if self.topic else "anything"
        return (
            f"This channel is not told of {what}, so nothing was changed. "
            f"Look at `{self.command} subscriptions` for what it is told, or type `{self.command} "
            "subscribe`."
        )


@dataclass(eq=False, repr=False)
class SubscriptionGone(SubscribingError):
    """The button is about a subscription that ended, or that is another channel's."""

    code: ClassVar[str] = "subscription_gone"

    @override
    def explain(self) -> str:
        return (
            "This subscription is over, or belongs to another channel. Nothing was changed. "
            f"Look at `{self.command} subscriptions` for what this channel is told now."
        )


@dataclass(eq=False, repr=False)
class NotYours(SubscribingError):
    """The secret of an address is for who sees in Buddy what it is about."""

    code: ClassVar[str] = "not_yours"

    @override
    def explain(self) -> str:
        return (
            "Your Buddy account does not see what this channel is told of, so nothing was changed. "
            "Ask somebody who works on it in Buddy to press the button."
        )


@dataclass(eq=False, repr=False)
class NotManager(SubscribingError):
    """The secret of a webhook that is there is for who may manage webhooks, or had it made."""

    code: ClassVar[str] = "not_manager"

    by: str
    """Mentions who had it made."""

    @override
    def explain(self) -> str:
        return (
            "Your Buddy token may not manage this workspace's webhooks, so nothing was changed. "
            f"Ask {self.by}, who had the address made, or an admin of the workspace to press "
            "the button."
        )


@dataclass(eq=False, repr=False)
class SecretNotTaken(SubscribingError):
    """Buddy did not take the new secret of its webhook, so the one before still counts."""

    code: ClassVar[str] = "secret_not_taken"

    @override
    def explain(self) -> str:
        return (
            "Buddy did not take a new secret for its webhook, so the secret is what it was and "
            "nothing was changed. Look in Buddy under *Settings → Webhooks* whether the webhook "
            "still stands there, or ask an admin of the workspace to press the button."
        )


@dataclass(eq=False, repr=False)
class SecretUnclear(SubscribingError):
    """It is not known whether Buddy took the new secret of its webhook: both count for a day."""

    code: ClassVar[str] = "secret_unclear"

    @override
    def explain(self) -> str:
        return (
            "Buddy's answer got lost, so it is not known whether it took the new secret of its "
            "webhook; for 24 hours it may call with either. Try again in a minute."
        )
