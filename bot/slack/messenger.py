"""Every message the bot sends: cards, replies, private answers, forms.

A lost answer to ``chat.postMessage`` is never repeated here: Slack has no idempotency key, so only
the caller can know whether a second message would do harm.
"""

import json
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards.card import Block, Card, Form
from bot.domain.click import Place
from bot.domain.person import Person
from bot.errors import BlocksRefused, ChannelUnreachable, SlackError, SlackUnavailable
from bot.lease import LeaseLost, guard
from bot.metrics import OK, Metric, Metrics
from bot.slack.answers import NO_ANSWER, meaning, silence
from bot.slack.client import REFUSED

log = structlog.get_logger()

MARK = "greenlight_message"
"""The metadata event type by which a message of ours is found again; its payload is no secret."""

MAX_SEARCHED = 999
"""Messages that are looked through. Source: Slack, conversations.history, ``limit``."""

MAX_RECENT = 100
"""Messages of a channel that are looked through for one that was posted a moment ago."""

ANSWER_LIFE = timedelta(minutes=29)
"""How long a response URL is used; Slack says 30 minutes and 5 uses."""

_ANSWERED = "response_url"
"""What a post to one is called, beside the methods of the Web API."""


_FORM_MOVED = frozenset({"hash_conflict", "not_found"})
"""Slack's words for a modal that is not as it was, or closed. Source: views.update, «Errors»."""


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A modal in front of somebody, as it was when we saw it last."""

    view_id: str
    hash: str = ""
    """Empty where it does not matter what changed it meanwhile."""


@dataclass(slots=True)
class Messenger:
    """Speaks Slack's Web API for the services."""

    client: AsyncWebClient
    session: aiohttp.ClientSession
    metrics: Metrics

    async def post(
        self,
        channel: str,
        text: str,
        blocks: tuple[Block, ...],
        *,
        thread_ts: str = "",
        mark: str = "",
        is_broadcast: bool = False,
    ) -> str:
        """Post a message; its ``ts``. By its ``mark`` it is found again.

        A reply that is broadcast is shown in the channel as well.

        Raises:
            SlackError: Slack refused, or did not answer (then it may stand there all the same).
        """
        arguments: dict[str, Any] = {"thread_ts": thread_ts} if thread_ts else {}
        if is_broadcast:
            arguments["reply_broadcast"] = True
        if mark:
            arguments["metadata"] = {"event_type": MARK, "event_payload": {"id": mark}}
        answer = await self._call(
            self.client.chat_postMessage(
                channel=channel,
                text=text,
                blocks=list(blocks),
                unfurl_links=False,
                unfurl_media=False,
                **arguments,
            )
        )
        return str(answer.get("ts", ""))

    async def find_reply(self, channel: str, thread_ts: str, mark: str) -> str:
        """Look for a reply of ours in a thread; its ``ts``, or nothing if it is not there.

        Raises:
            SlackError: the thread cannot be read, for example without the scope to.
        """
        answer = await self._call(
            self.client.conversations_replies(
                channel=channel, ts=thread_ts, include_all_metadata=True, limit=MAX_SEARCHED
            )
        )
        return _marked(answer, mark)

    async def find_message(self, channel: str, mark: str, since: datetime | None = None) -> str:
        """Look for a message of ours in a channel; its ``ts``, or nothing if it is not there.

        Without a moment ``since`` only the newest are looked through.

        Raises:
            SlackError: the channel cannot be read, for example without the scope to.
        """
        answer = await self._call(
            self.client.conversations_history(
                channel=channel,
                include_all_metadata=True,
                **_reach(since),
            )
        )
        return _marked(answer, mark)

    async def direct_channel(self, person: Person) -> str:
        """Open the conversation of the bot with one person; its id.

        Raises:
            SlackError: Slack does not open it.
        """
        answer = await self._call(self.client.conversations_open(users=[person.user]))
        channel = answer.get("channel")
        if not isinstance(channel, dict):
            raise SlackUnavailable("no_channel")
        return str(channel.get("id"))

    async def permalink(self, channel: str, ts: str) -> str:
        """Find the address of a message; empty if Slack does not tell."""
        try:
            answer = await self._call(self.client.chat_getPermalink(channel=channel, message_ts=ts))
        except SlackError as untold:
            log.info("permalink.not_told", code=untold.code)
            return ""
        return str(answer.get("permalink", ""))

    async def update(self, channel: str, ts: str, text: str, blocks: tuple[Block, ...]) -> None:
        """Change a message.

        Raises:
            SlackError: ``MessageGone`` and ``ChannelUnreachable`` are for good.
        """
        await self._call(
            self.client.chat_update(channel=channel, ts=ts, text=text, blocks=list(blocks))
        )

    async def open_form(self, trigger_id: str, form: Form) -> str:
        """Open a modal within the three seconds that Slack gives; its id."""
        answer = await self._call(self.client.views_open(trigger_id=trigger_id, view=form.view))
        return _view_id(answer)

    async def show_form(self, trigger_id: str, form: Form) -> OpenForm:
        """Open a modal that is filled in later, within the three seconds that Slack gives."""
        answer = await self._call(self.client.views_open(trigger_id=trigger_id, view=form.view))
        return _open_form(answer)

    async def repaint_form(self, shown: OpenForm, form: Form) -> OpenForm | None:
        """Change a modal unless it was closed, or changed since it was like this: then None."""
        told = {"hash": shown.hash} if shown.hash else {}
        try:
            answer = await self._call(
                self.client.views_update(view_id=shown.view_id, view=form.view, **told)
            )
        except SlackUnavailable as refused:
            if refused.reason in _FORM_MOVED:
                return None
            raise
        return _open_form(answer)

    async def update_form(self, view_id: str, form: Form) -> None:
        """Change a modal that is open."""
        await self._call(self.client.views_update(view_id=view_id, view=form.view))

    async def tell(self, person: Person, place: Place, card: Card, answer_url: str = "") -> bool:
        """Tell a person something that only they see; whether any way worked.

        What no way could bring is counted.
        """
        if await self.climb(person, place, card, answer_url) is None:
            return True
        self.lose(person)
        return False

    def lose(self, person: Person) -> None:
        """Count an answer that no way could bring."""
        self.metrics.count(Metric.PRIVATE_ANSWER_LOST)
        log.error("answer.lost", user=person.user, chapter="Private answers")

    async def climb(
        self, person: Person, place: Place, card: Card, answer_url: str = ""
    ) -> SlackError | None:
        """Try every way to tell a person something that only they see; why the last one failed.

        The ways, in order: the interaction's own response URL, an ephemeral message where they
        are, a direct message; then once more as text alone, if it was for its blocks.
        """
        if answer_url and await self._answer(answer_url, card):
            return None
        failure: SlackError | None = None
        for way in (self._whisper, self._direct):
            try:
                await way(person, place, card)
            except SlackError as error:
                log.info("answer.way_failed", way=way.__name__.strip("_"), code=error.code)
                failure = error
            else:
                return None
        if card.blocks and isinstance(failure, BlocksRefused):
            return await self.climb(person, place, Card(card.text), answer_url)
        return failure

    async def replace(self, person: Person, place: Place, card: Card, answer_url: str) -> bool:
        """Put a card in the place of the private message whose button was pressed.

        Where that message can no longer be changed, the card is told like any other answer.
        """
        if answer_url and await self._answer(answer_url, card, in_place=True):
            return True
        return await self.tell(person, place, card)

    def may_answer(self, url: str) -> bool:
        """Whether a response URL is one that Slack gives, and not somebody's trap.

        Slack's begin with ``https://hooks.`` and the host of its API; a simulated Slack gives its
        own address.
        """
        parts, api = urlsplit(url), urlsplit(self.client.base_url)
        if (parts.scheme, parts.netloc) == (api.scheme, api.netloc):
            return True
        return parts.scheme == "https" and parts.netloc == f"hooks.{api.netloc}"

    async def _answer(self, url: str, card: Card, *, in_place: bool = False) -> bool:
        if not self.may_answer(url):
            log.warning("answer.url_refused")
            return False
        told = {
            "response_type": "ephemeral",
            "replace_original": in_place,
            "text": card.text,
            "blocks": list(card.blocks),
        }
        guard()
        try:
            async with self.session.post(url, json=told, allow_redirects=False) as response:
                is_taken = response.ok and not _is_refusal(await response.content.read(10_000))
        except NO_ANSWER:
            self.metrics.slack_called(_ANSWERED, SlackUnavailable.code)
            log.info("answer.way_failed", way=_ANSWERED, code=SlackUnavailable.code)
            return False
        self.metrics.slack_called(_ANSWERED, OK if is_taken else REFUSED)
        return is_taken

    async def _whisper(self, person: Person, place: Place, card: Card) -> None:
        if not place.channel:
            raise ChannelUnreachable("no_channel")
        arguments: dict[str, Any] = {"thread_ts": place.thread_ts} if place.thread_ts else {}
        await self._call(
            self.client.chat_postEphemeral(
                channel=place.channel,
                user=person.user,
                text=card.text,
                blocks=list(card.blocks),
                **arguments,
            )
        )

    async def _direct(self, person: Person, _place: Place, card: Card) -> None:
        await self.post(await self.direct_channel(person), card.text, card.blocks)

    async def _call(self, call: Coroutine[Any, Any, Any]) -> dict[str, Any]:
        try:
            guard()
        except LeaseLost:
            call.close()
            raise
        try:
            answer = await call
        except SlackApiError as error:
            known = meaning(error)
            if isinstance(known, BlocksRefused):
                log.warning("slack.blocks_refused", why=_reasons(error))
            raise known from None
        except SlackClientError as error:
            raise silence(error) from None
        except NO_ANSWER as error:
            raise silence(error) from None
        return dict(answer.data) if isinstance(answer.data, dict) else {}


def _marked(answer: dict[str, Any], mark: str) -> str:
    """Find the message that carries a mark."""
    for message in answer.get("messages", []):
        told = message.get("metadata") or {}
        if told.get("event_type") == MARK and told.get("event_payload") == {"id": mark}:
            return str(message.get("ts", ""))
    return ""


def _is_refusal(body: bytes) -> bool:
    """Tell whether an answer to a response URL, though 200, says that Slack refused it."""
    try:
        told = json.loads(body)
    except ValueError:
        return False
    return isinstance(told, dict) and told.get("ok") is False


def _reach(since: datetime | None) -> dict[str, Any]:
    """Say how far back to look."""
    if since is None:
        return {"limit": MAX_RECENT}
    return {"limit": MAX_SEARCHED, "oldest": f"{since.timestamp():.6f}"}


def _open_form(answer: dict[str, Any]) -> OpenForm:
    view = answer.get("view")
    shown = str(view.get("hash", "")) if isinstance(view, dict) else ""
    return OpenForm(_view_id(answer), shown)


def _view_id(answer: dict[str, Any]) -> str:
    view = answer.get("view")
    return str(view.get("id", "")) if isinstance(view, dict) else ""


def _reasons(error: SlackApiError) -> list[str]:
    """Name the refused places: JSON pointers and rules, none of the text in them."""
    metadata = error.response.get("response_metadata") or {}
    return [str(message)[:200] for message in metadata.get("messages", [])][:5]
