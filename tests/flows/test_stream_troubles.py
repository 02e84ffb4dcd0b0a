"""Deliveries get lost, come twice, late and in any order; Slack refuses; the card is true, once."""

import asyncio
from datetime import timedelta

import aiohttp

from bot.domain.cadence import RECONCILED
from bot.domain.event import Event, Source
from bot.jobs import census
from bot.metrics import Metric
from bot.services.upkeep import DEAD_FOR
from bot.store import deliveries, hooks
from bot.store.hooks import HookKind
from sandbox.buddy import Execution
from sandbox.buddy.webhooks import Webhook
from sandbox.faults import Fault, Moment
from tests.flows.acts import refused_as, story
from tests.flows.heard import WORKSPACE, cards, issue, states, subscribe, webhook
from tests.prometheus import scraped
from tests.world import World, both_databases

POST = "chat.postMessage"
GATE = ":raised_hand: Approve production waits for a decision"


def reads(world: World, run: Execution) -> int:
    """Count how often Buddy was asked for an execution."""
    end = f"/executions/{run.id}"
    return sum(call.path.endswith(end) for call in world.buddy.journal.select("GET"))


async def leaps(world: World, time: timedelta) -> None:
    """Let time pass at once, and then a moment for what follows from it."""
    world.stage.clock.advance(time)
    await world.settled()
    await world.passes(5)


async def finished(world: World, run: Execution) -> None:
    """Let a run come to its end."""
    await world.passes(25)
    run.approve(by=world.colleagues["maya"])
    await world.passes(60)


@both_databases
async def test_whatever_order_and_number_they_come_in(world: World) -> None:
    """Each delivery comes three times, in disorder, half a minute late."""
    maya = await world.person("maya")
    await subscribe(world, maya)
    await webhook(world, maya)
    mishaps = world.buddy.deliveries.mishaps
    mishaps.copies, mishaps.is_disordered, mishaps.delay = 3, True, timedelta(seconds=90)

    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await finished(world, run)
    await world.passes(100)

    [card] = cards(world.deploys, run)
    assert "Successful" in card.reads
    assert "Approve" not in card.buttons
    assert story(card) is not None


async def test_a_late_word_of_the_start_paints_nothing_back(world: World) -> None:
    """The start is told after the end was shown."""
    maya = await world.person("maya")
    await subscribe(world, maya)
    await webhook(world, maya)
    world.buddy.deliveries.mishaps.losing = 1
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await finished(world, run)
    [card] = cards(world.deploys, run)
    shown, edits = card.reads, len(world.slack.journal.select(path="chat.update"))
    [hook] = world.buddy.state.webhooks.values()
    late = world.buddy.deliveries.letter(run, "EXECUTION_STARTED")

    assert await posted(hook, late) == 200
    await world.passes(10)

    assert card.reads == shown
    assert len(world.slack.journal.select(path="chat.update")) == edits
    assert story(card) is not None


async def posted(hook: Webhook, body: str) -> int:
    """Send a delivery as Buddy does."""
    headers = {"Content-Type": "application/json", "secret_key": hook.secret_key}
    async with (
        aiohttp.ClientSession() as session,
        session.post(hook.target_url, data=body, headers=headers) as response,
    ):
        return response.status


async def test_a_flood_of_one_execution_is_one_card_and_few_reads(world: World) -> None:
    """A thousand times the same: one row, one card."""
    maya = await world.person("maya")
    await subscribe(world, maya)
    hook = await webhook(world, maya)
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.settled()
    before = reads(world, run)
    body = world.buddy.deliveries.letter(run, "EXECUTION_STARTED")
    headers = {"Content-Type": "application/json", "secret_key": hook.secret_key}

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=20)) as session:

        async def send() -> int:
            async with session.post(hook.target_url, data=body, headers=headers) as response:
                return response.status

        answers = await asyncio.gather(*(send() for _ in range(1_000)))
    await world.settled()

    assert set(answers) == {200}
    assert len(cards(world.deploys, run)) == 1
    assert reads(world, run) == before
    sample = await scraped(world.stage.bot)
    assert sample["greenlight_deliveries_total repeated webhook"] == 1_000
    assert sample["greenlight_notified_seconds_count"] == 1


async def test_ten_minutes_without_a_way_from_buddy(world: World) -> None:
    """Whatever happened meanwhile is shown within one look at the list, and told once."""
    maya = await world.person("maya")
    ours = world.colleagues["maya"]
    older = world.deploy.push(by=ours, message="Long ago")
    await world.passes(60)
    await subscribe(world, maya)
    hook = await webhook(world, maya)
    world.deploy.concurrent = True
    first, second = [
        world.deploy.push(by=ours, message="Before the cut", branch=branch) for branch in "ab"
    ]
    await world.passes(60)
    told = len(hook.requests)

    world.buddy.deliveries.mishaps.is_cut = True
    ended = world.deploy.push(by=ours, message="In between")
    await finished(world, ended)
    assert cards(world.deploys, ended) == []
    first.approve(by=ours)
    await leaps(world, timedelta(seconds=445))
    broken = world.deploy.push(by=ours, message="At the end", branch="c")
    broken.fails_at("Build")
    opened = world.deploy.push(by=ours, message="At the end", branch="d")
    await world.passes(70)
    world.buddy.deliveries.mishaps.is_cut = False
    assert len(hook.requests) == told
    await leaps(world, RECONCILED)

    assert cards(world.deploys, older) == []
    for run, says in (
        (first, "Successful"),
        (second, "Waiting for approval"),
        (ended, "Successful"),
        (broken, "Failed"),
        (opened, "Waiting for approval"),
    ):
        [card] = cards(world.deploys, run)
        assert says in card.reads
        assert ("Approve" in card.buttons) == run.is_waiting
        assert len(set(story(card))) == len(story(card))
    [card] = cards(world.deploys, ended)
    assert not card.thread


# Slack


async def test_a_lost_answer_of_slacks_makes_no_second_card(world: World) -> None:
    """The card stands there; it is found by its mark."""
    world.slack.scopes.add("channels:history")
    maya = await world.person("maya")
    await subscribe(world, maya)
    await webhook(world, maya)
    world.slack.faults.order(Fault(path=POST, moment=Moment.AFTER, drop=True))

    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(15)

    [card] = cards(world.deploys, run)
    assert "Cancel" in card.buttons
    assert await states(world, run) == ["told"]
    assert world.stage.bot.metrics.read()[Metric.CARD_UNCLEAR] == 0


async def test_without_the_history_a_lost_answer_is_counted(world: World) -> None:
    """Nobody can tell whether the card stands there, so it is posted once more."""
    world.expected_refusals.add("conversations.history: missing_scope")
    maya = await world.person("maya")
    await subscribe(world, maya)
    await webhook(world, maya)
    world.slack.faults.order(Fault(path=POST, moment=Moment.AFTER, drop=True))

    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(15)

    assert len(cards(world.deploys, run)) == 2
    assert world.stage.bot.metrics.read()[Metric.CARD_UNCLEAR] == 1


async def test_slack_is_busy_and_then_down(world: World) -> None:
    """The card comes when Slack takes it, and shows how things stand then."""
    world.slack.scopes.add("channels:history")
    maya = await world.person("maya")
    await subscribe(world, maya)
    await webhook(world, maya)
    refused = refused_as("ratelimited")
    world.slack.faults.order(
        Fault(path=POST, status=429, body=refused, headers={"Retry-After": "7"})
    )
    world.slack.faults.order(Fault(path=POST, status=503, times=2))

    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(60)

    [card] = cards(world.deploys, run)
    assert "Approve" in card.buttons
    assert len(story(card)) <= 1


async def test_a_card_that_was_given_up_is_tried_again_by_the_operator(world: World) -> None:
    """Slack is down for hours; the job is listed as dead, and revived it finds its way."""
    world.slack.scopes.add("channels:history")
    world.expected_errors.update({"job.given_up"})
    maya = await world.person("maya")
    await subscribe(world, maya)
    await webhook(world, maya)
    down = Fault(path=POST, status=503, times=10_000)
    world.slack.faults.order(down)
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.settled()
    for _ in range(70):
        await world.passes(300)
        if any(depth.dead for depth in await world.stage.bot.jobs.depths()):
            break
    assert [one.kind for one in await world.stage.bot.jobs.depths() if one.dead] == ["notify"]
    assert await states(world, run) == ["unclear"]
    world.slack.faults.clear()

    await revived(world)
    await world.passes(5)

    [card] = cards(world.deploys, run)
    assert await states(world, run) == ["told"]
    assert story(card) == [GATE]


async def revived(world: World) -> None:
    """Do what ``greenlight jobs retry`` does."""
    bot = world.stage.bot
    async with bot.database.transaction() as transaction:
        found = await census.listed(transaction, only_dead=True, most=10)
        await census.revive(transaction, [one.id for one in found], bot.jobs.pulse.now())
    bot.jobs.pulse.wake.set()
    await world.settled()


async def test_every_address_that_is_called_is_known_to_work(world: World) -> None:
    """Two webhooks of a workspace tell the same: the second word of it is no news, but a call."""
    maya = await world.person("maya")
    await subscribe(world, maya)
    for _ in range(2):
        await webhook(world, maya)
    space = (world.slack.team, world.buddy.host, WORKSPACE)
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.settled()

    async with world.stage.bot.database.snapshot() as transaction:
        known = await hooks.of_workspace(transaction, *space)
    assert [one.last_delivery_at for one in known] == [world.stage.clock.now()] * 2
    assert len(cards(world.deploys, run)) == 1


async def test_what_nobody_looked_at_is_forgotten_after_its_job(world: World) -> None:
    """As long as the operator may try it again it is there; then it has had its time."""
    now, place = world.stage.clock.now(), (world.slack.team, world.buddy.host)
    told = {
        days: Event(Source.WEBHOOK, "acme", "shop", world.deploy.id, days)
        for days in (8, 31, 36, 38)
    }
    async with world.stage.bot.database.transaction() as transaction:
        for days, event in told.items():
            await deliveries.take(transaction, *place, event, now - timedelta(days=days))
    await world.passes(61)
    async with world.stage.bot.database.snapshot() as transaction:
        left = await deliveries.latest(transaction, 10)
    assert [one.event for one in left] == [told[days] for days in (36, 31, 8)]
    assert timedelta(days=36) > DEAD_FOR


async def test_the_secret_before_counts_for_a_day(world: World) -> None:
    """After a rotation both are taken; a day later only the new one."""
    maya = await world.person("maya")
    await subscribe(world, maya)
    hook = await webhook(world, maya)
    path = hook.target_url.rpartition("/")[2]
    async with world.stage.bot.database.transaction() as transaction:
        made = await hooks.rotate(transaction, path, world.stage.clock.now())
    assert made is not None
    assert await posted(hook, "{}") == 200
    world.stage.clock.advance(timedelta(hours=25))
    assert await posted(hook, "{}") == 403
    hook.secret_key = made.secret
    assert await posted(hook, "{}") == 200
    assert (await issue(world, HookKind.STEP, maya)).secret != made.secret
