"""Who acts: one member of one Slack team."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in Slack, as Slack's ``user`` object of a payload names them.

    ``team`` is the team the person belongs to, which for a guest from a partner company is not the
    team the bot is installed in.
    """

    team: str
    user: str

    @property
    def mention(self) -> str:
        """How Slack writes this person in mrkdwn."""
        return f"<@{self.user}>"
