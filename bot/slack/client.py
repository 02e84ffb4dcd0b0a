"""Slack's own client, with every call counted by its method and by what came of it."""

from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from typing_extensions import override

from bot.errors import SlackUnavailable
from bot.metrics import OK, Metrics
from bot.slack.answers import NO_ANSWER, SlackClientError, meaning

REFUSED = "refused"
"""Slack answered with an error that has no code of ours."""


class CountedClient(AsyncWebClient):
    """Calls Slack and counts it."""

    def __init__(self, metrics: Metrics, **options: Any) -> None:
        super().__init__(**options)
        self._metrics = metrics

    @override
    async def api_call(self, api_method: str, **options: Any) -> AsyncSlackResponse:
        """Call a method; every other way of calling one comes through here."""
        try:
            answer = await super().api_call(api_method, **options)
        except SlackApiError as error:
            self._metrics.slack_called(api_method, _result(error))
            raise
        except (SlackClientError, *NO_ANSWER):
            self._metrics.slack_called(api_method, SlackUnavailable.code)
            raise
        self._metrics.slack_called(api_method, OK)
        return answer


def _result(error: SlackApiError) -> str:
    known = meaning(error)
    is_named = isinstance(known, SlackUnavailable) and known.is_sure
    return REFUSED if is_named else known.code
