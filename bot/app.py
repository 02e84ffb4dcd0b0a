"""The composition root: settings become resources, services, handlers and doors.

What is opened here is closed here, in the opposite order. A stop first shuts the doors, then lets
everything that was acknowledged come to its end.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import structlog
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot import __version__
from bot.assembly import Resources, Workshop
from bot.buddy.client import BuddyApi
from bot.buddy.transport import create_session
from bot.clock import Clock, SystemClock
from bot.database import Database
from bot.entry import (
    SLACK_TIMEOUT,
    StartFailed,
    open_database,
    own_id,
    sign_in,
    slack_client,
    who_am_i,
)
from bot.jobs.clock import SharedClock
from bot.jobs.pulse import Pulse
from bot.jobs.queue import Jobs
from bot.jobs.worker import Worker
from bot.metrics import Metrics
from bot.services import Services
from bot.services.finding.background import Background
from bot.services.operating.taking import Taking
from bot.settings import ListenAddress, Settings
from bot.signals import StopSignals
from bot.slack.addresses import Addresses
from bot.slack.channels import Channels
from bot.slack.messenger import Messenger
from bot.slack.people import Ourselves, People
from bot.vault import Vault
from handlers import register
from handlers.ack import install
from handlers.authorization import OneTeam
from handlers.buddy import BuddyDoor
from handlers.connection import NotOpened
from handlers.inflight import Inflight
from handlers.reach import WITHIN as REACH_WITHIN
from handlers.reach import Reach
from handlers.routes import Routes
from handlers.scraping import Scraping
from handlers.socket import Sockets
from handlers.web import AddressTaken, Door, Health, listen, web_app

log = structlog.get_logger()

GRACE = timedelta(seconds=20)
"""How long a stop waits for what was acknowledged; with what it takes to close everything else it
stays below the 30 seconds after which orchestrators kill.
"""


@dataclass(frozen=True, slots=True, repr=False)
class Bot:
    """A running bot."""

    services: Services
    database: Database
    inflight: Inflight
    jobs: Worker
    metrics: Metrics
    url: str
    """Where it listens."""

    metrics_url: str
    """Where it answers Prometheus; the same, unless that has an address of its own."""

    health: Health
    routes: Routes
    worker: asyncio.Task[None]
    """Runs the jobs; it ends only with the bot."""

    heart: asyncio.Task[None]
    """Beats for the other processes to see; it ends only with the bot."""

    sockets: Sockets | None
    """None where Slack comes by HTTP."""

    background: Background
    """Reads lists that nobody waits for."""

    @property
    def keepers(self) -> set[asyncio.Task[None]]:
        """The tasks without which the bot is no bot."""
        ours = {self.worker, self.heart}
        return ours if self.sockets is None else {*ours, self.sockets.keeper}

    async def settled(self) -> None:
        """Wait until no request is at work and no job is due."""
        works: list[Inflight | Background] = [self.inflight, self.background]
        if self.sockets is not None:
            works.insert(0, self.sockets.work)
        while any(work.count for work in works) or not self.jobs.is_calm:
            for work in works:
                await work.idle()
            await self.jobs.calm()


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT, then finish what was acknowledged.

    Raises:
        StartFailed: Slack does not know one of the tokens, or the database or the address is taken.
    """
    signals = StopSignals()
    signals.listen()
    async with running(settings, SystemClock()) as bot:
        log.info("bot.ready", url=bot.url)
        stopping = asyncio.get_running_loop().create_task(signals.told.wait())
        await asyncio.wait({stopping, *bot.keepers}, return_when=asyncio.FIRST_COMPLETED)
        log.info("bot.stopping")
        if stopping.done():
            # Whoever sends requests here looks at /readyz, and needs a moment to notice.
            bot.health.is_leaving = True
            await signals.linger(settings.leave_for)


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: Clock) -> AsyncIterator[Bot]:
    """Open everything, run the bot inside the block, and close everything in order."""
    async with contextlib.AsyncExitStack() as stack:
        database = await open_database(settings, stack)
        slack = await stack.enter_async_context(aiohttp.ClientSession(timeout=SLACK_TIMEOUT))
        buddy = await stack.enter_async_context(create_session(settings.buddy_ca_file))
        metrics, inflight = Metrics(), Inflight()
        client = slack_client(settings, slack, metrics)
        ourselves = await who_am_i(client)
        vault = Vault([key.get_secret_value() for key in settings.token_keys])
        pulse = await sign_in(settings, database, clock, vault, stack)
        loop = asyncio.get_running_loop()
        heart = loop.create_task(pulse.run(), name="heart")
        stack.push_async_callback(_stop_beating, heart)
        jobs, shared = Jobs(clock, pulse), SharedClock(clock, pulse)
        messenger = Messenger(client, slack, metrics)
        people = People(client, ourselves.team, clock)
        channels = Channels(client, clock, settings.show_in_shared_channels)
        api = BuddyApi(
            buddy,
            str(settings.buddy_api_url),
            clock,
            settings.buddy_timeout,
            app_url=str(settings.buddy_app_url),
            metrics=metrics,
            calls_per_hour=settings.buddy_calls_per_hour,
        )
        ours = await own_id(database)
        workshop = Workshop(
            Resources(
                settings,
                shared,
                database,
                ours,
                api,
                people,
                channels,
                Addresses(client, clock),
                messenger,
                jobs,
                vault,
            )
        )
        services = workshop.services
        app = _bolt(settings, client, ourselves)
        install(app, inflight)
        routes = register(app, services, messenger, settings.command)
        await workshop.begin()
        worker = Worker(database, jobs, pulse, clock, metrics)
        work = loop.create_task(worker.run(), name="jobs")
        stack.push_async_callback(workshop.background.close)
        stack.push_async_callback(_finish, inflight, worker, workshop.taking, work)
        sockets = _sockets(settings, app, client, metrics, pulse)
        scraping = _scraping(worker, api, sockets)
        health = Health([database.is_ready], worker.depths)
        reach = Reach(slack, settings.public_url) if settings.public_url else None
        buddy_door = BuddyDoor(services.letterbox, reach)
        application = _web(settings, app, health, worker, sockets, buddy_door)
        url, metrics_url = await _listen(settings, application, scraping, stack)
        if sockets is not None:
            await _open(sockets, stack)
        if reach is not None:
            # Nobody waits for it; its owner ends it.
            _ = workshop.background.start(reach.look, REACH_WITHIN)
        yield Bot(
            services,
            database,
            inflight,
            worker,
            metrics,
            url,
            metrics_url,
            health,
            routes,
            work,
            heart,
            sockets,
            workshop.background,
        )


def _bolt(settings: Settings, client: AsyncWebClient, ourselves: Ourselves) -> AsyncApp:
    authorized = AuthorizeResult(
        enterprise_id=ourselves.team.enterprise_id or None,
        team_id=ourselves.team.id,
        bot_user_id=ourselves.bot_user_id,
        bot_id=ourselves.bot_id,
        bot_token=client.token,
    )
    return AsyncApp(
        # Without a token: Bolt takes it from ``authorize``, and would warn of a second one.
        client=AsyncWebClient(base_url=client.base_url, session=client.session),
        signing_secret=settings.slack_signing_secret.get_secret_value(),
        authorize=OneTeam(authorized),
    )


def _sockets(
    settings: Settings, app: AsyncApp, client: AsyncWebClient, metrics: Metrics, pulse: Pulse
) -> Sockets | None:
    token = settings.slack_app_token
    if token is None:
        return None
    told = token.get_secret_value()
    return Sockets(app, client, told, pulse.clock, metrics, lambda: pulse.processes)


def _scraping(worker: Worker, api: BuddyApi, sockets: Sockets | None) -> Scraping:
    kind = "postgresql" if worker.database.is_shared else "sqlite"
    door = "http" if sockets is None else "socket"
    worker.metrics.describe(version=__version__, database=kind, door=door)
    return Scraping(
        worker.metrics,
        worker.clock,
        worker.depths,
        lambda: api.ledgers,
        lambda: worker.pulse.processes,
        lambda: sockets.count if sockets is not None else 0,
    )


def _web(
    settings: Settings,
    app: AsyncApp,
    health: Health,
    worker: Worker,
    sockets: Sockets | None,
    buddy: BuddyDoor,
) -> web.Application:
    """Build the web application: for orchestrators and Buddy, and for Slack without sockets."""
    if sockets is not None:
        health.checks.append(sockets.is_connected)
        return web_app(health, None, buddy)
    signatures = SignatureVerifier(settings.slack_signing_secret.get_secret_value())
    return web_app(health, Door(app, signatures, worker.metrics), buddy)


async def _listen(
    settings: Settings,
    application: web.Application,
    scraping: Scraping,
    stack: contextlib.AsyncExitStack,
) -> tuple[str, str]:
    """Open the web server, and one for metrics if they have an address of their own; both URLs."""
    own = settings.metrics_listen
    if own is None:
        scraping.add_to(application)
    url = await _open_at("GREENLIGHT_LISTEN", settings.listen, application, stack)
    if own is None:
        return url, url
    alone = scraping.application()
    return url, await _open_at("GREENLIGHT_METRICS_LISTEN", own, alone, stack)


async def _open_at(
    variable: str,
    address: ListenAddress,
    application: web.Application,
    stack: contextlib.AsyncExitStack,
) -> str:
    try:
        return await listen(application, address.host, address.port, stack)
    except AddressTaken:
        raise StartFailed(
            f"{variable}: {address} is taken or not of this machine. Choose another address."
        ) from None


async def _open(sockets: Sockets, stack: contextlib.AsyncExitStack) -> None:
    try:
        await sockets.open()
    except NotOpened as refused:
        raise StartFailed(
            f"GREENLIGHT_SLACK_APP_TOKEN: Slack opens no socket for it ({refused.code}). Copy a "
            "token with the scope connections:write from your Slack app's settings, Basic "
            "Information, App-Level Tokens, and see that Socket Mode is switched on there."
        ) from None
    stack.push_async_callback(sockets.close)


async def _finish(
    inflight: Inflight, worker: Worker, taking: Taking, work: asyncio.Task[None]
) -> None:
    """Let what was acknowledged come to its end, for as long as the orchestrator gives.

    A worker that died of a bug raises here, so that the process ends with an error.
    """
    await inflight.drain(GRACE / 3)
    await taking.drain(GRACE / 6)
    left = await worker.stop(GRACE / 2)
    if left:
        log.error("bot.unfinished", jobs=left, chapter="Stopping")
    await work
    log.info("bot.stopped")


async def _stop_beating(heart: asyncio.Task[None]) -> None:
    """Stop the heart; one that died of a bug raises here."""
    heart.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await heart
