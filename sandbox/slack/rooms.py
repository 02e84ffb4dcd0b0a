"""What happens to a channel as a whole, told to the app as events where it may hear of them.

Sources: Slack, «channel_left», «group_left», «channel_archive», «channel_unarchive»,
«member_joined_channel» and «channel_rename» events.
"""

from sandbox.slack.delivery import Ack
from sandbox.slack.simulated import SimulatedSlack
from sandbox.slack.surfaces import Channel


async def removes_bot(slack: SimulatedSlack, channel: Channel) -> Ack:
    """Remove the bot from a channel."""
    channel.bot_is_member = False
    return await _tell(slack, channel, f"{_kind(channel)}_left")


async def invites_bot(slack: SimulatedSlack, channel: Channel) -> Ack:
    """Invite the bot into a channel."""
    channel.bot_is_member = True
    event = {
        "type": "member_joined_channel",
        "user": slack.bot_user,
        "channel": channel.id,
        "channel_type": "G" if channel.private else "C",
        "team": slack.team,
    }
    return await _send(slack, channel, event)


async def archives(slack: SimulatedSlack, channel: Channel) -> Ack:
    """Archive a channel."""
    channel.archived = True
    return await _tell(slack, channel, f"{_kind(channel)}_archive")


async def unarchives(slack: SimulatedSlack, channel: Channel) -> Ack:
    """Bring an archived channel back."""
    channel.archived = False
    return await _tell(slack, channel, f"{_kind(channel)}_unarchive")


async def _tell(slack: SimulatedSlack, channel: Channel, kind: str) -> Ack:
    return await _send(slack, channel, {"type": kind, "channel": channel.id})


async def _send(slack: SimulatedSlack, channel: Channel, event: dict[str, str]) -> Ack:
    """Tell the app, unless it lacks the scope for such channels."""
    scope = "groups:read" if channel.private else "channels:read"
    return await slack.event(event) if scope in slack.scopes else Ack()


def _kind(channel: Channel) -> str:
    return "group" if channel.private else "channel"
