"""Many executions at once in one channel: one message each, and no limit of Slack's is broken."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from bot.services.following.budgets import POSTS
from sandbox.buddy import Execution, Gate, Step
from sandbox.slack import Message
from tests.flows.acts import story
from tests.flows.heard import subscribe, webhook
from tests.world import World

STARTS, GATES, FAILURES = 35, 8, 7


def begun(world: World, count: int, steps: Sequence[Step | Gate]) -> list[Execution]:
    """Start so many runs of the same making."""
    world.deploy.plan(list(steps))
    ben = world.colleagues["ben"]
    return [world.deploy.push(by=ben, message="Fix", branch=f"b{n}") for n in range(count)]


def posted(world: World) -> list[str]:
    """List the cards that were posted into the channel, by their names, in Slack's order."""
    bodies = [call.body for call in world.slack.journal.select(path="chat.postMessage")]
    here = [one for one in bodies if one["channel"] == world.deploys.id]
    return [one["text"].partition(":")[0] for one in here if not one.get("thread_ts")]


def name_in(card: Message) -> str:
    """Read which run a card shows."""
    return card.text.partition(":")[0]


def name(run: Execution) -> str:
    """Name a run as its card does."""
    return f"shop / Deploy #{run.id}"


async def test_fifty_at_once_with_what_matters_first(world: World) -> None:
    """What waits and what failed has its card before what merely started."""
    assert world.slack.rate_limits
    maya, ben = await world.person("maya"), await world.person("ben")
    world.deploy.concurrent = True
    await subscribe(world, maya)
    await webhook(world, maya)
    running = begun(world, STARTS, [Step("Build", seconds=600)])
    waiting = begun(world, GATES, [Step("Build", seconds=5), Gate("Go live?")])
    failing = begun(world, FAILURES, [Step("Build", seconds=5)])
    for run in failing:
        run.fails_at("Build")

    # Nobody hears of any of them before all have come so far.
    world.stage.clock.advance(timedelta(seconds=30))
    await world.settled()
    for _ in range(20):
        # A step of five seconds would free more messages at one moment than are left to starts.
        await world.passes(2)
    await world.passes(35)

    order = posted(world)
    assert Counter(order) == {name(run): 1 for run in (*running, *waiting, *failing)}
    urgent = {name(run) for run in (*waiting, *failing)}
    last = max(order.index(each) for each in urgent)
    assert last + 1 - len(urgent) <= POSTS.burst // 2

    assert 429 not in [call.status for call in world.slack.journal.calls]
    # Who waits for Slack does not read again and again: a log is read for the reply about it alone.
    assert len(world.buddy.journal.select("GET", "/logs")) == FAILURES
    assert len(ben.dms) == FAILURES
    assert [letter.reads for letter in ben.dms]
    for card in world.deploys.messages:
        assert card.reads
        assert len(story(card)) == (name_in(card) in urgent)
