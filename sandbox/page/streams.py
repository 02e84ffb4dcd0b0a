"""Server-sent events: what changes, as one person sees it, until they go or everything stops."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiohttp import web

from sandbox.buddy import Execution
from sandbox.clock import SandboxClock
from sandbox.page.feed import Change, Feed, Topic
from sandbox.page.inspector import Exchange
from sandbox.page.panel import clock_json, execution_json
from sandbox.page.sight import Sight
from sandbox.slack import Channel, Ephemeral, Message
from sandbox.slack.surfaces import Member

Json = dict[str, Any]

QUIET = timedelta(seconds=15)
"""How long a stream may say nothing: a comment then keeps it open, and finds who has gone."""

_OF_ONE_PERSON = {Topic.UNREAD, Topic.MODALS, Topic.HOME}
RETRY_MS = 500
"""After how long a browser comes back. Its own default is some seconds."""

_SEQ = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True, repr=False)
class Telling:
    """Writes changes as one person sees them."""

    sight: Sight
    clock: SandboxClock
    troubles: Callable[[], Json]
    inspects: bool

    def event(self, change: Change) -> Json | None:
        """Write how the changed thing stands now; None if it is not for this person."""
        if change.topic in _OF_ONE_PERSON:
            return self._of_one_person(change)
        match change.subject:
            case Message() as message:
                return self._message(message)
            case Ephemeral() as note:
                return self._note(note)
            case Channel() as channel:
                return self._channel(channel)
            case Member() as member:
                known = self.sight.knows(member)
                return {"person": self.sight.member(member)} if known else None
            case _:
                return self._of_the_machinery(change)

    def _of_one_person(self, change: Change) -> Json | None:
        match change.topic, change.subject:
            case Topic.UNREAD, (str(user), str(key)) if user == self.sight.me:
                return self._unread(self.sight.space.channels[key])
            case Topic.MODALS, user if user == self.sight.me:
                return {"views": self.sight.modals()}
            case Topic.HOME, user if user == self.sight.me:
                return {"home": self.sight.home()}
            case _:
                return None

    def _of_the_machinery(self, change: Change) -> Json | None:
        match change.topic, change.subject:
            case Topic.EXECUTION, Execution() as run:
                return {"execution": execution_json(run)}
            case Topic.TROUBLE, _:
                return {"trouble": self.troubles()}
            case Topic.CLOCK, _:
                return {"clock": clock_json(self.clock)}
            case Topic.EXCHANGE, Exchange() as exchange if self.inspects:
                return {"exchange": exchange.shown}
            case _:
                return None

    def _message(self, message: Message) -> Json | None:
        channel = message.channel
        if not self.sight.person.hands.may_read(channel):
            return None
        return {
            "messages": self.sight.with_parent(message),
            "channel": channel.id,
            **self.sight.unread(channel),
        }

    def _note(self, note: Ephemeral) -> Json | None:
        is_mine = note.to == self.sight.me and note not in self.sight.space.lost
        return {"ephemeral": self.sight.note(note)} if is_mine else None

    def _channel(self, channel: Channel) -> Json | None:
        if self.sight.person.hands.may_read(channel):
            return {
                "channel": self.sight.channel(channel),
                "messages": self.sight.messages(channel),
                "people": self.sight.people(),
            }
        return {"gone": channel.id} if self.sight.has_lost(channel) else None

    def _unread(self, channel: Channel) -> Json:
        last = self.sight.marks.last_read(self.sight.me, channel)
        return {"channel": channel.id, "last_read": last, **self.sight.unread(channel)}


async def stream(request: web.Request, feed: Feed, telling: Telling) -> web.StreamResponse:
    """Send what changed since the number that the page has, then what changes."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    await response.write(f"retry: {RETRY_MS}\n\n".encode())
    at = _known(request, feed)
    try:
        while not feed.is_closed:
            changes = None if at is None else feed.since(at)
            if at is None or changes is None:
                await response.write(_event(feed, "reset", feed.seq, {}))
                break
            if changes:
                at = changes[-1].seq
                await response.write(b"".join(_events(feed, telling, changes)))
            elif not await feed.news(at, QUIET):
                await response.write(b": still here\n\n")
    except ConnectionResetError:
        pass  # the page was closed
    return response


def _events(feed: Feed, telling: Telling, changes: Iterable[Change]) -> Iterable[bytes]:
    """Write a batch; its end has a number of its own, since others' changes are left out."""
    sent = seq = 0
    for change in changes:
        seq = change.seq
        if (told := telling.event(change)) is not None:
            yield _event(feed, change.topic, seq, told)
            sent = seq
    if sent < seq:
        yield _event(feed, "upto", seq, {})


def _event(feed: Feed, name: str, seq: int, told: Json) -> bytes:
    data = json.dumps({"seq": seq, **told}, ensure_ascii=False, separators=(",", ":"))
    return f"id: {feed.world}-{seq}\nevent: {name}\ndata: {data}\n\n".encode()


def _known(request: web.Request, feed: Feed) -> int | None:
    """Read which number the page has; None if it is from another world, or nonsense."""
    last = request.headers.get("Last-Event-ID") or (
        f"{request.query.get('world', '')}-{request.query.get('from', '')}"
    )
    world, _, seq = last.rpartition("-")
    return int(seq) if world == feed.world and _SEQ.fullmatch(seq) else None
