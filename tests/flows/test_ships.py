"""What an approval lets out is said before it: the commits since the last successful run."""

from sandbox.buddy.people import DEFAULT_SCOPES
from sandbox.slack import Message, Person
from tests.flows.acts import types
from tests.world import World

SEES_CODE = [*DEFAULT_SCOPES, "REPOSITORY_READ"]


async def deployed(world: World, person: Person, message: str = "Stands now") -> None:
    """Let a run have been successful, so that there is something to compare with."""
    colleague = world.colleagues[person.name]
    run = world.deploy.push(by=colleague, message=message)
    await world.passes(25)
    run.approve(by=colleague)
    await world.passes(40)
    assert run.status == "SUCCESSFUL"


async def shipping(world: World, person: Person, commits: int) -> Message:
    """Let some commits be pushed, and show the card of the last one's run at its gate."""
    colleague = world.colleagues[person.name]
    for number in range(1, commits):
        world.deploy.project.commit(f"Step {number}", by=colleague)
    run = world.deploy.push(by=colleague, message=f"Step {commits} <!channel>")
    await world.passes(25)
    return await world.card(person, run)


def comparisons(world: World) -> int:
    """Count how often commits were asked for."""
    return len([call for call in world.buddy.journal.calls if "/comparison/" in call.path])


async def test_the_card_and_the_dialog_say_what_ships(world: World) -> None:
    """How many, by how many people, since which run, with a link to look."""
    maya = await world.person("maya")
    world.colleagues["maya"].scopes = SEES_CODE
    await deployed(world, maya)
    ben = world.buddy.person("Ben", workspaces=["acme"])
    world.deploy.project.commit("By somebody else", by=ben)

    card = await shipping(world, maya, 3)

    assert "Ships 4 commits by 2 people since #1" in card.reads
    dialog = card.button("Approve").confirm or ""
    assert "Ships 4 commits by 2 people since #1" in dialog
    assert "Step 3" in dialog
    read = comparisons(world)
    await world.passes(60)
    assert comparisons(world) == read, "read once for a gate"


async def test_what_went_out_meanwhile_counts(world: World) -> None:
    """Of two runs at their gates one goes out: the other one's card tells what is left."""
    maya = await world.person("maya")
    world.colleagues["maya"].scopes = SEES_CODE
    await deployed(world, maya)
    world.deploy.concurrent = True
    first = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    card = await shipping(world, maya, 2)
    assert "Ships 3 commits by 1 person since #1" in card.reads

    first.approve(by=world.colleagues["maya"])
    await world.passes(900)
    assert first.status == "SUCCESSFUL"

    assert "Ships 2 commits by 1 person since #2" in card.reads
    assert "since #2" in (card.button("Approve").confirm or "")


async def test_the_same_revision_again_says_so(world: World) -> None:
    """A run of what stands already brings nothing new, and no commits are asked for."""
    maya = await world.person("maya")
    world.colleagues["maya"].scopes = SEES_CODE
    await deployed(world, maya)
    run = world.deploy.run(by=world.colleagues["maya"])
    await world.passes(25)

    card = await world.card(maya, run)

    assert "Ships the same revision as #1" in card.reads
    assert comparisons(world) == 0


async def test_more_than_fifty_are_not_counted(world: World) -> None:
    """Nobody reads so many."""
    maya = await world.person("maya")
    world.colleagues["maya"].scopes = SEES_CODE
    await deployed(world, maya)

    card = await shipping(world, maya, 53)

    assert "Ships more than 50 commits" in card.reads


async def test_a_rewritten_history_says_nothing(world: World) -> None:
    """What goes out does not descend from what stands: counting would mislead."""
    maya = await world.person("maya")
    world.colleagues["maya"].scopes = SEES_CODE
    await deployed(world, maya)
    project = world.deploy.project
    project.rewrite(to=project.commits[0])

    card = await shipping(world, maya, 2)

    assert comparisons(world) == 2
    assert "Ships" not in card.reads


async def test_without_the_right_to_read_code_it_says_nothing(world: World) -> None:
    """The token of whoever reads decides, and is not asked for it again and again."""
    maya = await world.person("maya")
    await deployed(world, maya)

    card = await shipping(world, maya, 2)
    await world.passes(60)

    assert "Ships" not in card.reads
    assert comparisons(world) == 1


async def test_other_organisations_are_told_nothing_of_it(world: World) -> None:
    """Commits and how many people write them are our own business."""
    maya = await world.person("maya")
    world.colleagues["maya"].scopes = SEES_CODE
    await deployed(world, maya)
    world.deploys.shared = True

    card = await shipping(world, maya, 2)

    assert "Ships" not in card.reads
    assert "Ships" not in (card.button("Approve").confirm or "")
    told = await types(world, maya, "approve shop/deploy")
    assert "shop / Deploy #2" in told


async def test_a_first_run_has_nothing_to_compare_with(world: World) -> None:
    """Nothing stands yet, so nothing is said."""
    maya = await world.person("maya")
    world.colleagues["maya"].scopes = SEES_CODE

    card = await shipping(world, maya, 2)

    assert "Ships" not in card.reads
    assert comparisons(world) == 0
