"""Every request and answer between Slack, the bot and Buddy, without secrets; the latest only."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sandbox.buddy.deliveries import Sent
from sandbox.journal import Call
from sandbox.page.feed import Feed, Topic
from sandbox.page.masks import masked
from sandbox.shop import Shop
from sandbox.slack import Ack

Json = dict[str, Any]

KEPT = 300


@dataclass(frozen=True, slots=True, eq=False)
class Exchange:
    """One request and its answer, as they are shown."""

    shown: Json = field(repr=False)


@dataclass(slots=True, repr=False)
class Inspector:
    """Listens to both simulators."""

    shop: Shop
    feed: Feed
    exchanges: deque[Exchange] = field(default_factory=lambda: deque(maxlen=KEPT))
    _count: int = 0

    def listen(self) -> None:
        """Begin to listen."""
        stage = self.shop.stage
        stage.slack.journal.hearers.append(lambda call: self._called("slack", call))
        stage.buddy.journal.hearers.append(lambda call: self._called("buddy", call))
        stage.slack.delivery.hearers.append(self._delivered)
        stage.buddy.deliveries.hearers.append(self._told)

    def _called(self, where: str, call: Call) -> None:
        refused = call.answer.get("error") if isinstance(call.answer, dict) else None
        self._add(
            {
                "at": call.at.isoformat(),
                "from": "bot",
                "to": where,
                "what": call.path.rsplit("/", 1)[-1] if where == "slack" else call.path,
                "method": call.method,
                "path": call.path,
                "who": call.who,
                "status": call.status,
                "ms": round((call.answered - call.arrived) * 1000, 1),
                "headers": {},
                "note": str(refused or "") or ("no answer" if not call.status else ""),
                "request": call.body,
                "answer": call.answer,
            }
        )

    def _delivered(self, ack: Ack) -> None:
        payload = ack.request.payload if ack.request else {}
        user = payload.get("user_id") or payload.get("user") or ""
        key = user.get("id", "") if isinstance(user, dict) else user
        self._add(
            {
                "at": self.shop.stage.clock.now().isoformat(),
                "from": "slack",
                "to": "bot",
                "what": " ".join(_words(payload)),
                "method": "POST",
                "path": ack.request.kind.value if ack.request else "",
                "who": self.shop.stage.slack.name_of(str(key)),
                "status": ack.status,
                "ms": round(ack.elapsed * 1000, 1),
                "note": ack.problem,
                "headers": ack.request.headers if ack.request else {},
                "request": payload,
                "answer": ack.body,
            }
        )

    def _told(self, sent: Sent) -> None:
        """Show what Buddy told the bot by itself."""
        path = urlsplit(sent.url).path
        self._add(
            {
                "at": self.shop.stage.clock.now().isoformat(),
                "from": "buddy",
                "to": "bot",
                "what": sent.event,
                "method": "POST",
                "path": path,
                "who": "",
                "status": sent.status,
                "ms": round(sent.seconds * 1000, 1),
                "note": "" if sent.status else "no answer",
                "headers": dict(sent.headers),
                "request": sent.body,
                "answer": "",
            }
        )

    def _add(self, shown: Json) -> None:
        self._count += 1
        hidden = masked(shown, set(self._secrets()))
        made = Exchange({"id": self._count, **hidden} if isinstance(hidden, dict) else {})
        self.exchanges.append(made)
        self.feed.add(Topic.EXCHANGE, made)

    def _secrets(self) -> Iterator[str]:
        slack = self.shop.stage.slack
        yield from (slack.bot_token, slack.app_token, slack.signing_secret)
        for person in self.shop.stage.buddy.state.people:
            yield from (token.value for token in person.tokens)
        for webhook in self.shop.stage.buddy.state.webhooks.values():
            yield webhook.secret_key


def _words(payload: Json) -> Iterator[str]:
    """Name a request from Slack: its type, and what was pressed, sent or typed."""
    if command := payload.get("command"):
        yield from (str(command), str(payload.get("text", ""))[:80])
        return
    event = payload.get("event") or {}
    yield str(event.get("type") or payload.get("type", ""))
    view = payload.get("view") or {}
    actions = payload.get("actions") or []
    if actions:
        yield str(actions[0].get("action_id", ""))
    else:
        yield str(payload.get("callback_id") or view.get("callback_id") or "")
