"""Tell who subscribed a channel that it cannot be told any more, and what to do."""

from collections.abc import Sequence

from bot.cards.answers import note_card
from bot.cards.card import Card
from bot.cards.wishes import title_of
from bot.domain.subscription import Subscription

_MAX_LISTED = 10


def gone_card(channel: str, subscriptions: Sequence[Subscription], command: str) -> Card:
    """Say which channel cannot be reached, what it was told of, and how it is told again."""
    listed = "\n".join(f"• {title_of(one)}" for one in subscriptions[:_MAX_LISTED])
    if len(subscriptions) > _MAX_LISTED:
        listed += f"\n• …and {len(subscriptions) - _MAX_LISTED} more"
    return note_card(
        f":mute: I can no longer post in <#{channel}>: I was removed from it, or it is archived. "
        f"You subscribed it to\n{listed}\nInvite me there again with `/invite @` and my name, and "
        f"it goes on by itself. Or type `{command} subscribe` in another channel."
    )
