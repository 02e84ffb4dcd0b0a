"""Looking around: projects, pipelines, executions and their state, each only for who asks."""

import pytest

from sandbox.buddy import Step
from sandbox.slack import Role
from tests.flows.acts import types
from tests.world import World

HOSTILE = "<!channel> `x` *b* <https://evil.example|click> @here"


async def test_projects_are_listed_with_their_links(world: World) -> None:
    """Name, how to type it, and a button that goes on to its pipelines."""
    world.buddy.project("acme", "docs", display_name="Our Docs")
    maya = await world.person("maya")

    told = await types(world, maya, "projects")

    assert "Your projects" in told
    assert "Web Shop acme/shop" in told
    assert "Our Docs acme/docs" in told
    assert f"{world.buddy.url}/acme/docs" in str(maya.ephemerals[-1].layout)
    assert not world.deploys.messages


async def test_one_can_go_down_from_projects_to_a_card(world: World) -> None:
    """Each level takes the place of the last one; only the card itself is seen by everybody."""
    world.buddy.project("acme", "docs")
    maya = await world.person("maya")
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(25)

    await types(world, maya, "projects")
    answer = maya.ephemerals[-1]
    await world.acts(maya.clicks(answer, 1))
    assert "Pipelines of Web Shop" in answer.reads
    assert "Deploy shop/deploy · last run waiting for approval" in answer.reads
    await world.acts(maya.clicks(answer, "Executions"))
    assert "Executions of shop / Deploy" in answer.reads
    assert "#1 Waiting for approval" in answer.reads
    assert f"main · {run.commit.sha[:7]} · Fix login · by Maya" in answer.reads
    assert not world.deploys.messages

    await world.acts(maya.clicks(answer, "Show here"))

    assert "shop / Deploy #1" in world.deploys.messages[-1].reads
    assert "Executions of shop / Deploy" in answer.reads
    assert len(maya.ephemerals) == 1


async def test_a_long_list_is_turned_page_by_page(world: World) -> None:
    """Next and Previous change the same private message."""
    for number in range(24):
        world.buddy.project("acme", f"lib-{number:02}")
    maya = await world.person("maya")

    told = await types(world, maya, "projects")
    answer = maya.ephemerals[-1]
    count = len(maya.ephemerals)
    assert "Page 1 of 3" in told
    assert answer.buttons[-1] == "Next"
    assert "lib-00" in told
    await world.acts(maya.clicks(answer, "Next"))
    assert "Page 2 of 3" in answer.reads
    assert answer.buttons[-2:] == ["Previous", "Next"]
    assert "lib-10" in answer.reads
    await world.acts(maya.clicks(answer, "Next"))
    assert "Page 3 of 3" in answer.reads
    assert answer.buttons[-1] == "Previous"
    await world.acts(maya.clicks(answer, "Previous"))
    assert "Page 2 of 3" in answer.reads
    assert len(maya.ephemerals) == count


async def test_executions_are_paged_by_buddy(world: World) -> None:
    """A pipeline may have run thousands of times: only what is shown is read."""
    world.deploy.plan([Step("Build", seconds=1)])
    maya = await world.person("maya")
    for number in range(23):
        world.deploy.push(by=world.colleagues["maya"], message=f"No {number}")
    await world.passes(5)

    told = await types(world, maya, "executions shop/deploy")
    answer = maya.ephemerals[-1]
    assert "#23 Successful" in told
    assert "Page 1 of 3" in told
    await world.acts(maya.clicks(answer, "Next"))
    await world.acts(maya.clicks(answer, "Next"))

    assert "#3 Successful" in answer.reads
    assert "#1 Successful" in answer.reads
    assert answer.buttons == ["Show here"] * 3 + ["Previous"]


async def test_what_there_is_only_one_of_need_not_be_named(world: World) -> None:
    """Without a name the only project, and its only pipeline, are meant."""
    maya = await world.person("maya")
    world.deploy.push(by=world.colleagues["maya"], message="Fix login")

    assert "Pipelines of Web Shop" in await types(world, maya, "pipelines")
    assert "Executions of shop / Deploy" in await types(world, maya, "executions")

    world.buddy.pipeline("acme", "shop", "Docs")
    await world.passes(70)
    assert "Pipelines of Web Shop" in await types(world, maya, "executions")
    world.buddy.project("acme", "docs")
    await world.passes(70)
    assert "Which project?" in await types(world, maya, "pipelines")
    assert "Executions of which project?" in await types(world, maya, "executions")


async def test_an_ambiguous_project_is_answered_with_its_choices(world: World) -> None:
    """The button carries on with the list that was asked for."""
    for name in ("lib-a", "lib-b"):
        world.buddy.project("acme", name)
    maya = await world.person("maya")

    await types(world, maya, "pipelines lib")
    question = maya.ephemerals[-1]
    assert question.buttons == ["acme/lib-a", "acme/lib-b"]
    await world.acts(maya.clicks(question, "acme/lib-b"))

    assert "Pipelines of lib-b" in question.reads
    assert "It has no pipeline that your account sees." in question.reads


async def test_nothing_to_list_is_said(world: World) -> None:
    """An empty list is an answer, too."""
    world.buddy.workspace("zeta")
    maya = await world.person("maya", connected=False)
    world.colleagues["maya"] = world.buddy.person("Maya M", workspaces=["zeta"])
    await world.connect(maya)

    assert "Your Buddy account sees no project." in await types(world, maya, "projects")


async def test_lists_show_only_what_the_person_may_see(world: World) -> None:
    """Everything is read with the person's own token."""
    world.buddy.pipeline("acme", "shop", "Docs")
    maya, ben = await world.person("maya"), await world.person("ben")
    world.deploy.grant(world.colleagues["ben"], "DENIED")

    assert "shop/deploy" in await types(world, maya, "pipelines shop")
    told = await types(world, ben, "pipelines shop")

    assert "shop/docs · not run yet" in told
    assert "shop/deploy" not in told


async def test_foreign_names_stay_text_in_lists(world: World) -> None:
    """Nobody is pinged by a name, and no name becomes a link."""
    world.buddy.project("acme", "evil", display_name=HOSTILE)
    world.buddy.pipeline("acme", "evil", HOSTILE, identifier="evil")
    maya = await world.person("maya")

    told = await types(world, maya, "projects") + await types(world, maya, "pipelines evil")

    assert "<!channel>" in told
    assert "<https://evil.example|click>" in told
    assert not world.slack.pings


async def test_the_status_of_an_execution_is_one_glance(world: World) -> None:
    """State, since when, how far, what it runs, and which gate waits."""
    maya = await world.person("maya")
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(25)

    for typed in ("status shop/deploy#1", "status shop/deploy"):
        told = await types(world, maya, typed)
        assert "shop / Deploy #1" in told
        assert "Waiting for approval · started" in told
        assert "1 of 3 actions done" in told
        assert f"main · {run.commit.sha[:7]} · Fix login · by Maya" in told
        assert "“Approve production” waits since" in told
    assert not world.deploys.messages


async def test_the_status_alone_tells_what_is_open_in_the_channel(world: World) -> None:
    """Without a name it is about the cards of this channel that are not over."""
    maya, ben = await world.person("maya"), await world.person("ben")
    assert "Nothing that has a card in this channel is open" in await types(world, maya, "status")
    _, card = await world.waiting(maya)
    other = world.buddy.pipeline("acme", "shop", "Docs", actions=[Step("Build", seconds=500)])
    secret = other.push(by=world.colleagues["maya"], message="Secret")
    await world.passes(10)
    docs = await world.card(maya, secret)
    other.grant(world.colleagues["ben"], "DENIED")

    told = await types(world, maya, "status")
    assert told.index("shop / Docs #1") < told.index("shop / Deploy #1")
    told = await types(world, ben, "status")
    assert "shop / Deploy #1" in told
    assert "Docs" not in told
    elsewhere = world.slack.channel("random", [maya])
    await world.acts(maya.says("/buddy status", in_=elsewhere))
    assert "Nothing that has a card in this channel" in world.private(maya)
    assert card.reads
    assert docs.reads


@pytest.mark.parametrize(
    "typed",
    ["projects", "pipelines", "executions shop/deploy", "status shop/deploy", "logs shop/deploy"],
)
async def test_who_may_not_act_may_not_look_either(world: World, typed: str) -> None:
    """Guests are refused, and people without an account are offered to connect one."""
    guest = await world.person("gil", Role.GUEST, connected=False)
    ben = await world.person("ben", connected=False)

    assert "Guests cannot do this" in await types(world, guest, typed)
    assert "I do not know your Buddy account yet" in await types(world, ben, typed)
    assert ben.ephemerals[-1].buttons == ["Connect Buddy"]
    assert not world.buddy.journal.select("GET")
