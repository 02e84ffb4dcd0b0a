"""The one place where a failure becomes a message; no click stays silent.

A ``BotError`` is told in its own words, privately, where the person is. Anything else becomes an
incident: a number for the person, the traceback under the same number for the log.
"""

import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck
from slack_bolt.response import BoltResponse

from bot.cards.answers import incident_card, patience_card, problem_card
from bot.cards.card import Card
from bot.cards.menus import slow_option
from bot.errors import BotError
from bot.services.operating.patience import soothing
from bot.slack.messenger import Messenger
from handlers.payloads import Body, PayloadUnreadable, sender

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Failures:
    """Runs a handler; tells whoever clicked what went wrong."""

    messenger: Messenger
    command: str
    """The slash command's name, for the next step that a person is told."""

    async def guard(
        self,
        handler: Callable[[AsyncAck, Body], Coroutine[Any, Any, None]],
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
                async with soothing(lambda: self._soothe(ack, body)):
                    await handler(ack, body)
            except PayloadUnreadable:
                log.warning("request.unreadable")
                ack.response = BoltResponse(status=400, body="")
            except BotError as error:
                log.info("request.refused", code=error.code)
                await self._tell(ack, body, problem_card(error, self.command))
            except Exception:
                log.exception("request.failed", chapter="Incidents")
                await self._tell(ack, body, incident_card(request))

    @staticmethod
    async def undispatchable(error: Exception) -> BoltResponse:
        """Refuse a payload that lacks what its kind always has: the table or Bolt stumbles over it.

        Failures of handlers never come this far: ``guard`` has told and logged them.
        """
        log.warning("request.undispatchable", error=type(error).__name__)
        return BoltResponse(status=400, body="")

    async def _soothe(self, ack: AsyncAck, body: Body) -> None:
        """Say that it takes longer; a form says so by itself."""
        person, place, url = sender(body)
        if person is not None and ack.response is not None and "view" not in body:
            await self.messenger.tell(person, place, patience_card(), url)

    async def _tell(self, ack: AsyncAck, body: Body, card: Card) -> None:
        """Answer in the acknowledgement itself where Slack shows it, else privately."""
        is_command = "command" in body
        if ack.response is None and is_command:
            await ack(text=card.text, blocks=list(card.blocks))
            return
        if body.get("type") == "block_suggestion":
            # The menu itself says so: the person is about to choose, and reads nothing else.
            ack.response = ack.response or await ack(options=[slow_option()])
            return
        if "event" in body:
            # Nobody waits for an answer, and what is not acknowledged Slack tells again.
            ack.response = ack.response or BoltResponse(status=503, body="")
            return
        if ack.response is None:
            await ack()
        person, place, url = sender(body)
        if person is not None:
            await self.messenger.tell(person, place, card, url)
