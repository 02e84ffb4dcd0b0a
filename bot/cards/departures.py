"""Tell who subscribed a channel why it is told nothing any more, and what to do."""

from collections.abc import Sequence

from bot.cards.answers import note_card
from bot.cards.card import Card
from bot.cards.text import code, escape
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


def lost_card(one: Subscription, command: str) -> Card:
    """Say which project is not found, and how the channel is told of it again."""
    scope = one.scope
    name = escape(one.project_shown or scope.project, 80)
    where = code(f"{scope.workspace}/{scope.project}", 160)
    return note_card(
        f":mag: I no longer find the project *{name}* ({where}), to which you subscribed "
        f"<#{one.channel}>: it was renamed or closed, or your Buddy account does not see it any "
        f"more. If it has another name now, type `{command} subscribe` with that name in the "
        f"channel, and end this with `{command} unsubscribe`."
    )
