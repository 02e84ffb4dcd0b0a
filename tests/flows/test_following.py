"""Cards are kept true: with somebody's account, within everybody's budget."""

import uuid
from pathlib import Path

from sandbox.buddy import Execution, Gate, Step
from sandbox.faults import Fault
from sandbox.slack import Message, Person
from tests.flows.acts import refused_as, story, types
from tests.prometheus import scraped
from tests.world import World, both_databases, world_of

CALM = 5 * 60
INFO = "EXECUTION_INFO"
BUSY = refused_as("ratelimited")


def reads(world: World, run: Execution | None = None) -> int:
    """Count how often Buddy was asked for an execution, or for any list of them."""
    end = f"/executions/{run.id}" if run else "/executions"
    return sum(call.path.endswith(end) for call in world.buddy.journal.select("GET"))


async def shown(world: World, person: Person, count: int) -> list[tuple[Execution, Message]]:
    """Start runs of one pipeline and put their cards into the channel."""
    world.deploy.concurrent = True
    cards = []
    for number in range(count):
        # Each on a branch of its own, so that none overtakes another.
        run = world.deploy.push(
            by=world.colleagues[person.name],
            message=f"Change {number}",
            branch=f"change-{number}",
        )
        cards.append((run, await world.card(person, run)))
        await world.passes(1)
    return cards


# Whose account reads


async def test_somebody_who_acted_reads_when_the_asker_cannot(world: World) -> None:
    """Maya asked for the card and disconnects; Tom approved, so his account goes on reading."""
    maya, tom = await world.person("maya"), await world.person("tom")
    run, card = await world.waiting(maya)
    await world.acts(tom.clicks(card, "Approve"))
    await types(world, maya, "disconnect")

    await world.passes(40)

    assert "Successful" in card.reads
    assert "@tom approved" in card.thread[0].reads
    assert "Successful" in card.thread[1].reads
    assert run.is_final
    assert world.buddy.journal.calls[-1].who == "Tom"


async def test_out_of_sight_and_back(world: World) -> None:
    """The card says so and how to mend it; once the asker connects again, it goes on by itself."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    await types(world, maya, "disconnect")
    await world.passes(10)
    assert "Out of sight" in card.reads
    assert f"<@{maya.id}>" in str(card.blocks)
    assert card.buttons == ["Connect Buddy"]
    assert not card.thread

    await world.connect(maya)

    assert "Waiting for approval" in card.reads
    assert "Approve" in card.buttons
    assert run.is_waiting


async def test_what_buddy_shows_again_is_found_without_anybody(world: World) -> None:
    """Maya may not see the pipeline for a while; nobody has to do anything afterwards."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    world.deploy.grant(world.colleagues["maya"], "DENIED")
    await world.passes(10)
    assert "Out of sight" in card.reads
    before = reads(world, run)
    await world.passes(CALM)
    assert reads(world, run) <= before + 1

    world.deploy.grant(world.colleagues["maya"], "DEFAULT")
    await world.passes(3 * CALM)

    assert "Waiting for approval" in card.reads


async def test_the_service_account_reads_when_nobody_else_can(tmp_path: Path) -> None:
    """It is asked last, and a click of somebody without an account still does nothing."""
    token = str(uuid.uuid4())
    async with world_of(tmp_path, buddy_service_token=token) as world:
        maya = await world.person("maya")
        robot = world.buddy.person("Robot", workspaces=["acme"], scopes=["WORKSPACE", INFO])
        robot.tokens[0].value = token
        run, card = await world.waiting(maya)
        await types(world, maya, "disconnect")
        await world.passes(10)

        assert "Waiting for approval" in card.reads
        assert world.buddy.journal.calls[-1].who == "Robot"
        await world.acts(maya.clicks(card, "Approve"))
        assert "I do not know your Buddy account yet" in world.private(maya)
        assert run.is_waiting


async def test_somebody_else_takes_over_what_is_out_of_sight(world: World) -> None:
    """Tom shows what Maya's account no longer reads: both cards are true again."""
    maya, tom = await world.person("maya"), await world.person("tom")
    run, card = await world.waiting(maya)
    await types(world, maya, "disconnect")
    await world.passes(10)
    assert "/buddy show" in card.reads

    second = await world.card(tom, run)
    await world.passes(10)

    assert card.buttons == second.buttons == ["Approve", "Reject"]


# Within Buddy's budget


async def test_a_run_that_ended_badly_is_looked_at_for_another_hour(world: World) -> None:
    """Somebody may retry it in Buddy's web app: its card shows that within a minute."""
    maya = await world.person("maya")
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    run.fails_at("Build")
    card = await world.card(maya, run)
    await world.passes(30)
    assert card.buttons == ["Retry"]

    run.retry(by=world.colleagues["maya"])
    await world.passes(61)

    assert card.buttons != ["Retry"]
    assert story(card)[1:] == [
        ":repeat: This execution was run again in Buddy",
        ":raised_hand: Approve production waits for a decision",
    ]
    run.cancel(by=world.colleagues["maya"])
    await world.passes(70 * 60)
    before = reads(world, run)
    await world.passes(60 * 60)
    assert reads(world, run) == before
    assert "@maya cancelled this in Buddy" in card.thread[-1].reads
    assert "Build failed" in card.thread[0].reads


async def test_following_leaves_a_quarter_of_the_calls_to_clicks(world: World) -> None:
    """However many cards there are, a click finds calls left, and the card shows its effect."""
    maya = await world.person("maya")
    (run, card), *others = await shown(world, maya, 3)
    world.buddy.rate_limit = 100
    world.colleagues["maya"].budget.leave(40, world.stage.clock.now(), 100)

    await world.passes(CALM)

    left = 100 - world.colleagues["maya"].budget.used
    assert 25 <= left < 40
    await world.acts(maya.clicks(card, "Approve"))
    assert "@maya approved" in card.thread[1].reads
    assert run.is_running
    assert all("Approve" in other.buttons for _, other in others)
    assert all("waits" in other.thread[0].reads for _, other in [(run, card), *others])
    assert all(call.status != 429 for call in world.buddy.journal)


async def test_where_calls_are_scarce_one_list_serves_all_runs_of_a_pipeline(world: World) -> None:
    """Twenty runs: gates and ends are shown within ten seconds, for a list every five."""
    maya = await world.person("maya")
    world.deploy.plan([Step("Build", seconds=120), Gate("Approve production"), Step("Deploy")])
    cards = await shown(world, maya, 20)
    await world.passes(30)
    world.buddy.journal.calls.clear()

    for _ in range(60):
        await world.passes(1)
    lists = reads(world)
    assert 9 <= lists <= 13
    assert len(world.buddy.journal.calls) <= lists + 4

    for _ in range(50):
        await world.passes(1)
    assert all("Approve" in card.buttons for _, card in cards)
    for run, _ in cards:
        run.approve(by=world.colleagues["maya"])
    for _ in range(12):
        await world.passes(1)
    assert all("Approve" not in card.buttons for _, card in cards)
    await world.passes(60)
    assert all("@maya approved" in card.thread[1].reads for _, card in cards)
    assert all(reply.reads for _, card in cards for reply in card.thread)
    assert all(call.status == 200 for call in world.buddy.journal)
    assert (await scraped(world.stage.bot))["greenlight_polls_total shared"] > 0


# Within Slack's budget


@both_databases
async def test_a_busy_workspace_stays_within_slacks_edits(world: World) -> None:
    """Fifteen runs that move on all the time: nothing is refused, and every gate is shown."""
    maya = await world.person("maya")
    steps = [Step(f"Step {number}", seconds=5) for number in range(24)]
    world.deploy.plan([*steps, Gate("Approve production")])
    world.buddy.rate_limit = 100_000
    cards = await shown(world, maya, 15)

    await world.passes(105)
    assert not world.slack.refusals
    await world.passes(25)

    assert all("Approve" in card.buttons for _, card in cards)
    told = await scraped(world.stage.bot)
    assert told["greenlight_paints_total held_back"] > 0
    edits = world.slack.journal.select(path="chat.update")
    assert told["greenlight_paints_total sent"] == len(edits)
    await world.passes(20)
    assert all("waits for a decision" in card.thread[0].reads for _, card in cards)


async def test_when_slack_asks_to_wait_nobody_edits(world: World) -> None:
    """Slack's own word counts for every card of the workspace."""
    world.expected_refusals.add("chat.update: ratelimited")
    maya = await world.person("maya")
    (_, first), (run, second) = await shown(world, maya, 2)
    world.slack.faults.order(
        Fault(path="chat.update", status=429, headers={"Retry-After": "30"}, body=BUSY)
    )
    await world.passes(25)
    updates = len([one for one in world.slack.journal if one.path == "chat.update"])

    await world.passes(10)
    assert len([one for one in world.slack.journal if one.path == "chat.update"]) == updates
    await world.passes(30)

    assert "Approve" in first.buttons
    assert "Approve" in second.buttons
    assert run.is_waiting
    assert story(first) == story(second)
    assert "waits for a decision" in story(first)[0]


async def test_a_burst_of_replies_keeps_to_what_a_channel_takes(world: World) -> None:
    """Twelve approvals at once: each thread is told, and Slack refuses none of it."""
    maya = await world.person("maya")
    cards = await shown(world, maya, 12)
    await world.passes(30)

    for _, card in cards:
        await world.acts(maya.clicks(card, "Approve"))
    await world.passes(60)

    assert all("waits for a decision" in card.thread[0].reads for _, card in cards)
    assert all("@maya approved" in card.thread[1].reads for _, card in cards)
    assert all(len(story(card)) <= 3 for _, card in cards)
