"""The one place where a failure becomes a message; no click stays silent.

A ``BotError`` is told in its own words, privately, where the person is. Anything else becomes an
incident: a number for the person, the traceback under the same number for the log.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from slack_bolt.async_app import AsyncAck
from slack_bolt.response import BoltResponse

from bot.cards.answers import incident_card, problem_card
from bot.cards.card import Card
from bot.errors import BotError, CommandSyntaxError
from bot.slack.messenger import Messenger
from handlers.payloads import Body, PayloadUnreadable, sender

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Failures:
    """Runs a handler; tells whoever clicked what went wrong."""

    messenger: Messenger

    async def guard(
        self,
        handler: Callable[[AsyncAck, Body], Awaitable[None]],
        ack: AsyncAck,
        body: Body,
        kind: str,
    ) -> None:
        """Run a handler with its log context; never lets a failure pass unseen."""
        request = secrets.token_hex(4)
        with structlog.contextvars.bound_contextvars(request=request, kind=kind):
            try:
                person, _place, _url = sender(body)
                if person is not None:
                    structlog.contextvars.bind_contextvars(team=person.team, user=person.user)
                await handler(ack, body)
            except PayloadUnreadable:
                log.warning("request.unreadable")
                ack.response = BoltResponse(status=400, body="")
            except BotError as error:
                log.info("request.refused", code=error.code)
                await self._tell(ack, body, problem_card(_named(error, body)))
            except Exception:
                log.exception("request.failed", chapter="Incidents")
                await self._tell(ack, body, incident_card(request))

    async def _tell(self, ack: AsyncAck, body: Body, card: Card) -> None:
        """Answer in the acknowledgement itself where Slack shows it, else privately."""
        is_command = "command" in body
        if ack.response is None and is_command:
            await ack(text=card.text, blocks=list(card.blocks))
            return
        if ack.response is None:
            await ack()
        person, place, url = sender(body)
        if person is not None:
            await self.messenger.tell(person, place, card, url)


def _named(error: BotError, body: Body) -> BotError:
    """Let a syntax error show the command as it was typed."""
    if isinstance(error, CommandSyntaxError):
        error.command = str(body.get("command", ""))
    return error
