"""What waits for somebody, and what they started: private, with the next step beside it."""

from sandbox.buddy import Gate, Step
from tests.flows.acts import types
from tests.world import World, both_doors

pytestmark = both_doors


async def test_an_empty_inbox_says_what_to_do(world: World) -> None:
    """One sentence, and where to look."""
    maya = await world.person("maya")

    told = await types(world, maya, "inbox")

    assert "Nothing waits for you" in told
    assert "/buddy projects" in told


async def test_what_waits_can_be_approved_from_it(world: World) -> None:
    """Also what has no card: the person's own pipelines are looked at."""
    maya = await world.person("maya")
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(25)

    told = await types(world, maya, "inbox")
    answer = maya.ephemerals[-1]
    assert "Waiting for you: 1" in told
    assert "shop / Deploy #1" in told
    assert answer.buttons == ["Approve #1", "Show card here"]
    assert "Goes on with: main" in (answer.button("Approve #1").confirm or "")
    await world.acts(maya.clicks(answer, "Approve #1"))

    assert run.is_running
    assert "Approve #1" in answer.reads
    assert "Approved: shop / Deploy #1" in world.private(maya)
    card = world.deploys.messages[-1]
    assert "shop / Deploy #1" in card.reads
    assert [reply.reads for reply in card.thread]


async def test_gates_of_others_are_not_in_it(world: World) -> None:
    """A gate with a list waits for those on it; what I started is shown as mine."""
    boss = world.buddy.person("Boss", workspaces=["acme"])
    world.deploy.plan([Gate("Approve production", approvers=[boss]), Step("Deploy")])
    maya, ben = await world.person("maya"), await world.person("ben")
    world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(5)

    mine = await types(world, maya, "inbox")
    assert "Waiting for you" not in mine
    assert "Started by you, and still open: 1" in mine
    assert "Nothing waits for you" in await types(world, ben, "inbox")


async def test_a_starter_who_may_not_approve_is_not_asked(world: World) -> None:
    """What one started oneself waits for somebody else there."""
    world.deploy.plan([Gate("Four eyes", prevent_self_approval=True), Step("Deploy")])
    maya, ben = await world.person("maya"), await world.person("ben")
    world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(5)

    assert "Started by you" in await types(world, maya, "inbox")
    assert "Waiting for you: 1" in await types(world, ben, "inbox")


async def test_a_long_inbox_is_turned_page_by_page(world: World) -> None:
    """What waits comes first; Next changes the same private message."""
    world.deploy.concurrent = True
    maya = await world.person("maya")
    for number in range(7):
        world.deploy.push(by=world.colleagues["maya"], message=f"Step {number}")
    await world.passes(25)

    told = await types(world, maya, "inbox")
    answer = maya.ephemerals[-1]
    assert "Waiting for you: 7" in told
    assert "Page 1 of 2" in told
    await world.acts(maya.clicks(answer, "Next"))

    assert "Page 2 of 2" in answer.reads


async def test_an_overtaken_run_waits_for_nobody(world: World) -> None:
    """Only the newest run of a branch can be approved."""
    maya = await world.person("maya")
    world.deploy.push(by=world.colleagues["maya"], message="One")
    world.deploy.push(by=world.colleagues["maya"], message="Two")
    await world.passes(25)

    told = await types(world, maya, "inbox")

    assert "Waiting for you: 1" in told
    assert "Started by you, and still open: 1" in told
