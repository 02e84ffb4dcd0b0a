"""What stories about notifications do: subscribe a channel, and let Buddy tell the bot."""

import socket
from dataclasses import dataclass

from bot.domain.command import Moment
from bot.domain.person import Person as Subscriber
from bot.domain.subscription import USUAL, Scope, Wish
from bot.store import announcements, hooks, subscriptions
from bot.store.hooks import HookKind, Issued
from bot.store.subscriptions import Asked
from sandbox.buddy import Execution, Pipeline, StepCall
from sandbox.buddy.webhooks import EVENTS, Webhook
from sandbox.faults import Fault
from sandbox.slack import Channel, Message, Person
from tests.flows.acts import refused_as
from tests.world import World

WORKSPACE = "acme"


@dataclass(frozen=True, slots=True)
class Told:
    """What a channel is told, as somebody asks for it."""

    moments: tuple[Moment, ...] = USUAL
    branch: str = ""
    by: Person | None = None
    whole_project: bool = False
    broadcasts: bool = False
    """Whether failures are shown to the whole channel."""


async def subscribe(
    world: World,
    person: Person,
    channel: Channel | None = None,
    told: Told = Told(),
    pipeline: Pipeline | None = None,
) -> int:
    """Let a channel be told; the subscription's number."""
    of, place = pipeline or world.deploy, channel or world.deploys
    number = None if told.whole_project else of.id
    scope = Scope(world.buddy.host, WORKSPACE, of.project.name, number)
    wish = Wish(told.moments, told.branch, told.by.id if told.by else "", told.broadcasts)
    owner = Subscriber(world.slack.team, person.id)
    asked = Asked(place.id, scope, of.project.display_name, of.name, wish, owner)
    async with world.stage.bot.database.transaction() as transaction:
        saved, _ = await subscriptions.save(transaction, asked, world.stage.clock.now())
        await world.stage.bot.services.polling.begin(transaction)
    await world.settled()
    return saved


async def issue(world: World, kind: HookKind, person: Person) -> Issued:
    """Make an address that Buddy may call."""
    owner, now = Subscriber(world.slack.team, person.id), world.stage.clock.now()
    async with world.stage.bot.database.transaction() as transaction:
        return await hooks.issue(transaction, kind, owner, world.buddy.host, WORKSPACE, now)


async def webhook(world: World, person: Person) -> Webhook:
    """Let the workspace tell the bot of everything."""
    made = await issue(world, HookKind.WEBHOOK, person)
    url = made.url(world.stage.bot.url)
    workspace = world.buddy.state.workspaces[WORKSPACE]
    number, now = world.buddy.number("webhook"), world.stage.clock.now()
    told = Webhook(number, workspace, url, made.secret, EVENTS, since=now)
    world.buddy.state.webhooks[number] = told
    return told


async def step(world: World, person: Person, **shape: bool) -> StepCall:
    """Let the pipeline call the bot whenever a gate opens."""
    made = await issue(world, HookKind.STEP, person)
    call = StepCall(made.url(world.stage.bot.url), made.secret, **shape)
    world.deploy.on_wait = call
    return call


def cards(channel: Channel, run: Execution) -> list[Message]:
    """List the cards of a run in a channel."""
    return [one for one in channel.messages if f"#{run.id}:" in one.text]


async def states(world: World, run: Execution) -> list[str]:
    """Tell how far each channel was told of a run."""
    ref_of = (world.buddy.host, run.pipeline.id, run.id)
    async with world.stage.bot.database.snapshot() as transaction:
        found = await announcements.of_execution(transaction, ref_of)
    return [one.state.value for one in found]


def busy(seconds: int) -> Fault:
    """Let Slack take no message for a while."""
    headers = {"Retry-After": f"{seconds}"}
    return Fault(
        path="chat.postMessage", status=429, body=refused_as("ratelimited"), headers=headers
    )


def free_port() -> int:
    """Find a port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
