"""Whom the bot acts for in Slack: the one team it is installed in, known since the start."""

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from typing_extensions import override


class OneTeam(AsyncAuthorize):
    """Answers every request with what ``auth.test`` said once.

    Whether the person belongs to that team is not decided here, but by ``bot.slack.people``.
    """

    def __init__(self, authorized: AuthorizeResult) -> None:
        self._authorized = authorized

    @override
    async def __call__(self, **_request: object) -> AuthorizeResult:
        return self._authorized
