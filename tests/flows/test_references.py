"""Names as people type them: beginnings, choices, and names that changed since."""

import asyncio

import pytest

from sandbox.buddy import Execution, Gate, Parallel, Step
from sandbox.faults import Fault
from sandbox.slack import Person
from tests.flows.acts import A_MOMENT, types
from tests.world import World

GATED: list[Step | Gate | Parallel] = [Gate("Approve production"), Step("Deploy", seconds=5)]


def more_pipelines(world: World, *names: str) -> None:
    """Build pipelines beside the usual one."""
    for name in names:
        world.buddy.pipeline("acme", "shop", name, actions=GATED)


async def pushed(world: World, person: Person) -> Execution:
    """Push a commit and let it come to its gate, without any card."""
    run = world.deploy.push(by=world.colleagues[person.name], message="Fix login")
    await world.passes(25)
    return run


@pytest.mark.parametrize("name", ["sh/dep#1", "w/deploy#1", "ac/shop/DEP#1", '"web s"/D#1'])
async def test_the_beginning_of_a_name_is_enough(world: World, name: str) -> None:
    """Nobody types a whole name on a phone."""
    maya = await world.person("maya")
    await pushed(world, maya)

    assert await types(world, maya, f"show {name}") == ""

    assert "shop / Deploy #1" in world.deploys.messages[-1].reads


async def test_a_whole_name_goes_before_the_beginning_of_another(world: World) -> None:
    """«deploy» is Deploy, though there is a Deploy docs as well."""
    more_pipelines(world, "Deploy docs")
    maya = await world.person("maya")
    await pushed(world, maya)

    await types(world, maya, "show shop/deploy#1")

    assert "shop / Deploy #1" in world.deploys.messages[-1].reads


async def test_an_ambiguous_name_is_answered_with_its_choices(world: World) -> None:
    """A button carries on with what was asked, and takes the place of the question."""
    more_pipelines(world, "Deploy docs")
    maya = await world.person("maya")
    await pushed(world, maya)

    told = await types(world, maya, "show shop/depl#1")
    question = maya.ephemerals[-1]
    assert "“shop/depl” can mean several. Which one?" in told
    assert question.buttons == ["acme/shop/deploy", "acme/shop/deploy-docs"]
    assert not world.deploys.messages

    await world.acts(maya.clicks(question, "acme/shop/deploy"))

    assert "shop / Deploy #1" in world.deploys.messages[-1].reads
    assert "shop / Deploy #1 is in this channel now." in question.reads


async def test_a_choice_of_an_operation_is_carried_out_once_it_is_exact(world: World) -> None:
    """The reason that was typed goes along; nothing is sent before the choice."""
    more_pipelines(world, "Deploy docs")
    maya = await world.person("maya")
    run = await pushed(world, maya)

    await types(world, maya, 'approve shop/depl#1 reason:"tested"')
    assert not world.patches()
    question = maya.ephemerals[-1]
    await world.acts(maya.clicks(question, "acme/shop/deploy"))

    assert [effect.operation for effect in run.history] == ["APPLY"]
    [card] = world.deploys.messages
    assert card.thread[0].reads.endswith(">tested")
    assert "Approve acme/shop/deploy#1: on it…" in question.reads
    assert "Approved" in world.private(maya)
    assert "by @maya" in card.reads


async def test_many_choices_are_cut(world: World) -> None:
    """Ten buttons, and how many there are besides."""
    more_pipelines(world, *(f"Deploy {number:02}" for number in range(20)))
    maya = await world.person("maya")

    told = await types(world, maya, "executions shop/deploy-")

    assert len(maya.ephemerals[-1].buttons) == 10
    assert "…and 10 more: type a little more of the name." in told


async def test_many_projects_that_fit_are_choices_too(world: World) -> None:
    """Before every pipeline of a big workspace is looked through, the person is asked."""
    for number in range(12):
        world.buddy.project("acme", f"lib-{number:02}")
    maya = await world.person("maya")

    told = await types(world, maya, "executions lib/test")

    assert maya.ephemerals[-1].buttons[0] == "acme/lib-00/test"
    assert "…and 2 more" in told


async def test_a_choice_is_only_for_the_one_who_was_asked(world: World) -> None:
    """A value that was copied elsewhere opens nothing, whoever presses it."""
    more_pipelines(world, "Deploy docs")
    maya, ben = await world.person("maya"), await world.person("ben")
    run = await pushed(world, maya)
    await types(world, maya, "cancel shop/depl#1")
    await types(world, ben, "cancel shop/depl#1")
    mine, theirs = maya.ephemerals[-1], ben.ephemerals[-1]

    buttons = [block["elements"][0] for block in theirs.layout if block["type"] == "actions"]
    copied = [block["elements"][0] for block in mine.layout if block["type"] == "actions"]
    for button, other in zip(buttons, copied, strict=True):
        button["value"] = other["value"]
    await world.acts(ben.clicks(theirs, "acme/shop/deploy"))

    assert "This choice was offered to somebody else" in world.private(ben)
    assert not run.history


async def test_a_button_holds_no_command_that_could_not_be_typed(world: World) -> None:
    """A value that somebody made up is refused, and nothing happens."""
    more_pipelines(world, "Deploy docs")
    maya = await world.person("maya")
    for value in ("", "{}", '{"v":2,"u":"x","c":"projects"}', '{"v":1,"u":"x","c":"connect"}'):
        await types(world, maya, "executions shop/depl")
        question = maya.ephemerals[-1]
        for block in question.layout:
            if block["type"] == "actions":
                block["elements"][0]["value"] = value
        await world.acts(maya.clicks(question, 0))
        assert "I do not trust its button" in world.private(maya)


async def test_a_renamed_project_is_found_by_the_name_it_had(world: World) -> None:
    """Who types the old name means what it was the name of."""
    maya = await world.person("maya")
    await pushed(world, maya)
    await types(world, maya, "status shop/deploy#1")

    world.buddy.rename(world.deploy.project, "store")
    await world.passes(70)

    assert "store / Deploy #1" in await types(world, maya, "status shop/deploy#1")
    assert "store / Deploy #1" in await types(world, maya, "status store/deploy#1")


async def test_a_renamed_pipeline_is_found_by_the_name_it_had(world: World) -> None:
    """The number stays, whatever the pipeline is called."""
    maya = await world.person("maya")
    await pushed(world, maya)
    await types(world, maya, "status shop/deploy#1")

    world.deploy.name, world.deploy.identifier = "Ship it", "ship"
    await world.passes(70)

    assert "shop / Ship it #1" in await types(world, maya, "status shop/deploy#1")
    assert "I find no pipeline “deplo”" in await types(world, maya, "status shop/deplo#1")


async def test_a_new_name_is_known_before_the_lists_are_old(world: World) -> None:
    """What was made a moment ago is found at the first try."""
    maya = await world.person("maya")
    await types(world, maya, "pipelines shop")
    await world.passes(10)
    more_pipelines(world, "Docs")

    assert "has no execution yet" in await types(world, maya, "status shop/docs")


async def test_cards_keep_working_after_a_project_was_renamed(world: World) -> None:
    """The card is repainted, its buttons work, and its follower goes on with the new name."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)

    world.buddy.rename(world.deploy.project, "store")
    await world.passes(10)
    assert "store / Deploy #1" in card.reads
    before = card.snapshot()
    world.buddy.rename(world.deploy.project, "market")
    await world.acts(maya.clicks(before, "Approve"))

    assert [effect.operation for effect in run.history] == ["APPLY"]
    assert "@maya approved" in card.thread[0].reads
    await world.passes(60)
    assert "Successful" in card.reads
    assert "market / Deploy" in card.reads
    assert "Successful" in card.thread[1].reads


async def test_a_button_of_a_renamed_project_stops_what_it_says(world: World) -> None:
    """Reject after a renaming, with its form in between."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    still = card.snapshot()
    world.buddy.rename(world.deploy.project, "store")

    await world.acts(maya.clicks(still, "Reject"))
    await world.acts(maya.submits({"Reason": "renamed"}))

    assert [effect.operation for effect in run.history] == ["CANCEL"]
    assert "@maya rejected" in card.thread[0].reads
    assert "store / Deploy #1" in card.reads


async def test_a_workspace_that_is_closed_does_not_hide_the_others(world: World) -> None:
    """One frozen workspace is no reason not to find what stands in another."""
    frozen = world.buddy.workspace("zeta")
    both = world.buddy.person("Maya M", workspaces=["zeta", "acme"])
    frozen.is_active = False
    maya = await world.person("maya", connected=False)
    world.colleagues["maya"] = both
    await world.connect(maya)
    await pushed(world, maya)

    assert "shop / Deploy #1" in await types(world, maya, "status shop/deploy")
    assert "not active" in await types(world, maya, "status zeta/shop/deploy")


async def test_lists_are_read_once_for_commands_in_a_row(world: World) -> None:
    """Typing several commands costs a workspace's lists once."""
    maya = await world.person("maya")
    await pushed(world, maya)

    for _ in range(3):
        await types(world, maya, "status shop/deploy#1")

    paths = [call.path for call in world.buddy.journal.select("GET")]
    assert sum(path == "/workspaces" for path in paths) == 1


async def test_commands_at_the_same_moment_share_one_reading_of_a_list(world: World) -> None:
    """Whoever asks for a list that is being read waits for it instead of asking again."""
    maya = await world.person("maya")
    await pushed(world, maya)
    world.buddy.faults.order(Fault(path="/projects", times=2, delay=A_MOMENT))

    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(maya.says("/buddy status shop/deploy#1", in_=world.deploys))
    await world.settled()

    paths = [call.path for call in world.buddy.journal.select("GET")]
    assert sum(path == "/workspaces/acme/projects" for path in paths) <= 2
    assert all("shop / Deploy #1" in note.reads for note in maya.ephemerals[-4:])
