"""The page's server: its files, a snapshot, a stream of changes, and what people do."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.manifest import Offer
from sandbox.page.acts import Acts
from sandbox.page.asking import Body, Wrong, bad, missing
from sandbox.page.backstage import Backstage
from sandbox.page.feed import Feed, Topic
from sandbox.page.guard import dress, guard
from sandbox.page.inspector import Inspector
from sandbox.page.marks import Marks
from sandbox.page.panel import Watch, clock_json, pipeline_json
from sandbox.page.sight import Screens, Sight
from sandbox.page.streams import Telling, stream
from sandbox.shop import Player, Shop
from sandbox.slack import Person, Role
from sandbox.slack.wire import view_object

Json = dict[str, Any]
Act = Callable[[Person, Body], Awaitable[Json]]

FIRST = "maya"
"""Who one is at first: she may approve, and needs no account connected before."""

STATIC = Path(__file__).parent / "static"
TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".woff2": "font/woff2",
}
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_MOST_BYTES = 256 * 1024


@dataclass(slots=True, repr=False)
class Desk:
    """Everything behind the page."""

    shop: Shop
    feed: Feed
    watch: Watch
    inspector: Inspector
    marks: Marks
    screens: Screens
    acts: Acts
    backstage: Backstage
    offer: Offer
    opens: Callable[[], None]
    """Called when somebody opens the page."""

    def player(self, request: web.Request) -> Player:
        """Find who is in front of this page."""
        wanted = request.query.get("as")
        if not wanted:
            return self.shop.players[FIRST]
        for player in self.shop.players.values():
            if player.person.id == wanted:
                return player
        raise Wrong(404, "unknown_person", "Nobody of this id can be played.")

    def sight(self, person: Person) -> Sight:
        """Give somebody eyes."""
        return Sight(self.shop.stage.slack.space, person, self.marks, self.screens)


def build_app(desk: Desk, port: Callable[[], int]) -> web.Application:
    """Put everything together."""
    app = web.Application(middlewares=[guard(port)], client_max_size=_MOST_BYTES)
    app.on_response_prepare.append(dress)
    routes = Routes(desk)
    app.router.add_get("/", routes.index)
    app.router.add_get("/static/{name}", routes.static)
    app.router.add_get("/api/snapshot", routes.snapshot)
    app.router.add_get("/api/stream", routes.stream)
    app.router.add_get("/api/exchanges", routes.exchanges)
    app.router.add_get("/api/raw", routes.raw)
    acts, stage = desk.acts, desk.backstage
    by_name: dict[str, Act] = {
        "say": acts.say,
        "press": acts.press,
        "options": acts.options,
        "submit": acts.submit,
        "close": acts.close,
        "shortcut": acts.shortcut,
        "join": acts.join,
        "leave": acts.leave,
        "home": routes.home,
        "read": routes.read,
        "buddy/push": stage.push,
        "buddy/run": stage.run,
        "buddy/approve": stage.approve,
        "buddy/cancel": stage.cancel,
        "buddy/retry": stage.retry,
        "buddy/start": stage.start,
        "buddy/fail": stage.fail,
        "buddy/token": stage.token,
        "trouble": stage.trouble,
        "clock": stage.clock,
    }
    for name, act in by_name.items():
        app.router.add_post(f"/api/{name}", routes.acting(act))
    return app


@dataclass(frozen=True, slots=True, repr=False)
class Routes:
    """Answers requests."""

    desk: Desk

    async def index(self, _request: web.Request) -> web.StreamResponse:
        """Give the page itself."""
        return _file("index.html")

    async def static(self, request: web.Request) -> web.StreamResponse:
        """Give one of the page's files."""
        return _file(request.match_info["name"])

    async def snapshot(self, request: web.Request) -> web.StreamResponse:
        """Give everything that one person sees now."""
        player = self.desk.player(request)
        self.desk.opens()
        self.desk.watch.look()
        return _json(self._snapshot(player))

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Follow what changes."""
        person = self.desk.player(request).person
        inspects = request.query.get("inspect") == "1"
        clock, troubles = self.desk.shop.stage.clock, self.desk.backstage.troubles
        telling = Telling(self.desk.sight(person), clock, troubles, inspects)
        return await stream(request, self.desk.feed, telling)

    async def exchanges(self, _request: web.Request) -> web.StreamResponse:
        """Give what the inspector has."""
        shown = [one.shown for one in self.desk.inspector.exchanges]
        return _json({"seq": self.desk.feed.seq, "exchanges": shown})

    async def raw(self, request: web.Request) -> web.StreamResponse:
        """Give a message or a view as Slack's API writes it."""
        person = self.desk.player(request).person
        sight, query = self.desk.sight(person), request.query
        if "view" not in query:
            message = self.desk.acts.find(person, query.get("channel", ""), query.get("ts", ""))
            return _json({"raw": sight.raw(message)})
        views = [*sight.space.views.stack(person.id), *filter(None, [person.home])]
        for view in views:
            if view.id == query["view"]:
                return _json({"raw": view_object(sight.space, view)})
        raise missing("view")

    def acting(self, act: Act) -> Handler:
        """Make the handler of a POST."""

        async def handle(request: web.Request) -> web.StreamResponse:
            person = self.desk.player(request).person
            told = await act(person, await _body(request))
            return _json({**told, "seq": self.desk.feed.seq})

        return handle

    async def read(self, person: Person, body: Body) -> Json:
        """Note how far somebody has read."""
        channel, is_new = self.desk.acts.read(person, body)
        if is_new:
            self.desk.feed.add(Topic.UNREAD, (person.id, channel.id))
        return {"ok": True}

    async def home(self, person: Person, _body: Body) -> Json:
        """Let somebody open the app's Home tab; the bot hears of it if it asked to."""
        if self.desk.offer.hears_of_home:
            self.desk.backstage.errands.start(self._open_home(person))
        return {"ok": True}

    async def _open_home(self, person: Person) -> None:
        await self.desk.shop.stage.slack.opens_home(person)

    def _snapshot(self, player: Player) -> Json:
        desk, stage = self.desk, self.desk.shop.stage
        sight = desk.sight(player.person)
        channels = sight.channels()
        space = sight.space
        own = desk.backstage.own_account(player.person)
        return {
            "world": desk.feed.world,
            "seq": desk.feed.seq,
            "team": {
                "id": space.team,
                "name": "Acme",
                "domain": space.domain,
                "url": f"https://{space.domain}.slack.com/",
            },
            "me": sight.me,
            "switch": [_switch(one) for one in desk.shop.players.values()],
            "people": sight.people(),
            "app": {
                "id": space.app_id,
                "user": space.bot_user,
                "name": space.name_of(space.bot_user),
                "has_home": desk.offer.has_home,
            },
            "channels": [sight.channel(one) for one in channels],
            "messages": [message for one in channels for message in sight.messages(one)],
            "ephemerals": sight.new_notes(),
            "modals": {"views": sight.modals()},
            "home": sight.home(),
            **desk.offer.listed(is_stranger=player.person.role is Role.STRANGER),
            "buddy": {
                "url": stage.buddy.links_url,
                "people": [{"id": one.id, "name": one.name} for one in stage.buddy.state.people],
                "me": own.id if own else None,
                "pipelines": [pipeline_json(one) for one in stage.buddy.state.pipelines.values()],
            },
            "trouble": desk.backstage.troubles(),
            "clock": clock_json(stage.clock),
        }


def _switch(player: Player) -> Json:
    return {
        "id": player.person.id,
        "name": player.person.name,
        "role": player.person.role.value,
        "about": player.about,
        "buddy": player.colleague.name if player.colleague else None,
    }


def _file(name: str) -> web.StreamResponse:
    path = STATIC / name
    kind = TYPES.get(path.suffix)
    if not _NAME.fullmatch(name) or kind is None or not path.is_file():
        raise missing("file")
    text = "" if kind.startswith(("image/png", "font/")) else "; charset=utf-8"
    return web.FileResponse(path, headers={"Content-Type": kind + text})


def _json(told: Json) -> web.Response:
    return web.json_response(told, dumps=lambda one: json.dumps(one, ensure_ascii=False))


async def _body(request: web.Request) -> Body:
    try:
        told = json.loads(await request.read())
    except ValueError:
        raise bad("The body must be JSON.") from None
    if not isinstance(told, dict):
        raise bad("The body must be an object.")
    return Body(told)
