"""What Buddy does not know is no reason to pass over what it does."""

import json

import aiohttp

from sandbox.buddy import Execution
from sandbox.buddy.webhooks import Webhook
from sandbox.faults import Fault
from tests.flows.acts import story
from tests.flows.heard import busy, cards, states, subscribe, webhook
from tests.world import World

UNKNOWN = 99_999


async def delivers_unknown(world: World, hook: Webhook, like: Execution) -> None:
    """Let a delivery name an execution that there is not."""
    body = json.loads(world.buddy.deliveries.letter(like, "EXECUTION_STARTED"))
    body["execution"]["id"] = UNKNOWN
    for key in ("html_url", "url"):
        body["execution"].pop(key, None)
    headers = {"Content-Type": "application/json", "secret_key": hook.secret_key}
    async with (
        aiohttp.ClientSession() as session,
        session.post(hook.target_url, data=json.dumps(body), headers=headers) as response,
    ):
        assert response.status < 300


async def test_the_next_real_one_is_told_at_once(world: World) -> None:
    """Nobody was refused the pipeline."""
    maya = await world.person("maya")
    await subscribe(world, maya)
    hook = await webhook(world, maya)
    before = world.deploy.push(by=world.colleagues["maya"], message="Before")
    await world.passes(60)
    assert [story(card) for card in cards(world.deploys, before)]

    await delivers_unknown(world, hook, before)
    await world.settled()
    world.deploy.concurrent = True
    run = world.deploy.push(by=world.colleagues["maya"], message="Real")
    await world.passes(10)

    [card] = cards(world.deploys, run)
    assert story(card) is not None


async def test_a_card_that_waits_for_slack_is_not_lost(world: World) -> None:
    """It is posted once Slack takes it."""
    maya = await world.person("maya")
    await subscribe(world, maya)
    hook = await webhook(world, maya)
    world.slack.faults.order(busy(20))
    run = world.deploy.push(by=world.colleagues["maya"], message="Real")
    await world.passes(6)

    await delivers_unknown(world, hook, run)
    await world.passes(40)

    [card] = cards(world.deploys, run)
    assert story(card) is not None
    assert await states(world, run) == ["told"]


async def test_one_unknown_card_hides_no_other(world: World) -> None:
    """Buttons of another execution of the pipeline stay where they are."""
    maya = await world.person("maya")
    world.deploy.concurrent = True
    first, lost = await world.waiting(maya, message="First")
    _, other = await world.waiting(maya, message="Second")
    told = (story(lost), story(other))
    assert told
    buttons = list(other.buttons)
    assert "Approve" in buttons
    missing = Fault(
        method="GET",
        path=f"/executions/{first.id}",
        status=404,
        body='{"errors":[{"message":"not found"}]}',
        times=1_000,
    )
    world.buddy.faults.order(missing)
    for _ in range(8):
        await world.passes(60)
        assert list(other.buttons) == buttons
