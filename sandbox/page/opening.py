"""Open the page beside a running sandbox, and close it again."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

from aiohttp import web

from sandbox.clock import hold_up
from sandbox.manifest import Offer, find_manifest
from sandbox.page.acts import Acts
from sandbox.page.backstage import Backstage
from sandbox.page.errands import Errands
from sandbox.page.feed import Feed, Topic
from sandbox.page.inspector import Inspector
from sandbox.page.marks import Marks
from sandbox.page.panel import Watch
from sandbox.page.server import Desk, build_app
from sandbox.page.sight import Screens
from sandbox.shop import Shop
from sandbox.slack import View
from sandbox.slack import state as memory

PREFERRED_PORT = 8155
"""A fixed port, so that a page left open finds the next sandbox by itself; else a free one."""

GLANCE = timedelta(seconds=0.2)
"""How often Buddy and the clock are looked at, in real time."""

_TOPICS = {
    "message": Topic.MESSAGE,
    "ephemeral": Topic.EPHEMERAL,
    "channel": Topic.CHANNEL,
    "member": Topic.PERSON,
}


class PortTaken(Exception):
    """The page cannot be served where it was asked to."""


def listen(port: int | None) -> socket.socket:
    """Listen on loopback, and nowhere else. None is the preferred port, or a free one.

    Raises:
        PortTaken: somebody else listens there.
    """
    try:
        return socket.create_server(("127.0.0.1", PREFERRED_PORT if port is None else port))
    except OSError as failed:
        if port is None:
            return listen(0)
        raise PortTaken(f"Port {port} cannot be used: {failed.strerror}.") from None


@dataclass(slots=True, repr=False)
class Page:
    """The page's server; it may stop and start again, and nobody misses anything."""

    desk: Desk
    port: int = 0
    _runner: web.AppRunner | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """The link to open."""
        return f"http://127.0.0.1:{self.port}/"

    async def start(self, listening: socket.socket | None = None) -> None:
        """Listen on loopback; after a stop on the same port."""
        self.desk.feed.is_closed = False
        app = build_app(self.desk, lambda: self.port)
        runner = self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.SockSite(runner, listening or listen(self.port)).start()
        self.port = runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening: streams first, since nobody else ends them."""
        self.desk.feed.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


@contextlib.asynccontextmanager
async def page_for(
    shop: Shop, listening: socket.socket | None = None, *, has_opening: bool = False
) -> AsyncIterator[Page]:
    """Serve the page of a shop, on a free port unless something listens already.

    ``has_opening``: whoever opens the page first finds something going on already.
    """
    async with asyncio.TaskGroup() as tasks:
        errands = Errands(tasks)
        desk = _desk(shop, errands, has_opening=has_opening)
        page = Page(desk)
        await page.start(listening)
        errands.start(_watch(desk))
        try:
            yield page
        finally:
            await page.stop()
            errands.end()


def _desk(shop: Shop, errands: Errands, *, has_opening: bool) -> Desk:
    feed, marks, screens = Feed(), Marks(), Screens()
    slack = shop.stage.slack
    for player in shop.players.values():
        slack.space.direct(player.person.id)
    watch = Watch(shop, feed)
    offer = Offer.of(find_manifest().read_text("utf-8"))

    def opens() -> None:
        nonlocal has_opening
        if has_opening and not shop.runs:
            errands.start(shop.opens())
        has_opening = False

    desk = Desk(
        shop=shop,
        feed=feed,
        watch=watch,
        inspector=Inspector(shop, feed),
        marks=marks,
        screens=screens,
        acts=Acts(slack, marks, offer),
        backstage=Backstage(shop, errands, watch),
        offer=offer,
        opens=opens,
    )
    desk.inspector.listen()
    slack.space.hearers.append(lambda change: _follow(feed, change))
    shop.troubles.hearers.append(lambda: feed.add(Topic.TROUBLE))
    desk.watch.look()
    return desk


def _follow(feed: Feed, change: memory.Change) -> None:
    """Number a change of the workspace among all others."""
    match change.subject:
        case View() as view:
            feed.add(Topic.MODALS if view.kind == "modal" else Topic.HOME, view.owner)
        case subject:
            feed.add(_TOPICS[change.kind.partition(".")[0]], subject)


async def _watch(desk: Desk) -> None:
    while True:
        await hold_up(GLANCE)
        desk.watch.look()
