"""The menu of a message does what buttons do, for whoever cannot or will not press them."""

from pathlib import Path

import pytest

from bot.cards import shortcuts
from sandbox.buddy import Gate, Parallel, Step
from sandbox.slack import Role
from tests.world import World, both_doors, world_of

pytestmark = both_doors


async def test_approve_names_everything_and_sends_once(world: World) -> None:
    """The form says pipeline, gate, branch and revision; nothing is sent before it is."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)

    await world.acts(maya.uses_shortcut(shortcuts.APPROVE, card))
    form = maya.modal
    assert form is not None
    assert form.title == "Approve execution"
    assert "shop / Deploy #1" in form.reads
    assert "Approve production" in form.reads
    assert "main" in form.reads
    assert run.commit.sha[:7] in form.reads
    assert not world.patches()

    await world.acts(maya.submits())

    assert run.is_running
    assert [body["operation"] for body in world.patches()] == ["APPLY"]
    assert "approved" in card.thread[0].reads
    assert "Its card in this channel shows it" in world.private(maya)
    assert await world.audited() == [("maya", "approve", "sent"), ("maya", "approve", "done")]


async def test_it_works_on_a_reply_and_on_somebodys_link(world: World) -> None:
    """A reply of the card's thread, and a message with a link, are about the execution too."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    reply = await maya.says("shall I?", in_=world.deploys, thread=card)
    linked = await maya.says(f"have a look: {run.html_url}?approve=true", in_=world.deploys)
    for said in (reply, linked):
        await world.acts(maya.uses_shortcut(shortcuts.APPROVE, said.message))
        assert "shop / Deploy #1" in (maya.modal.reads if maya.modal else "")
        await maya.closes_modal()
    assert not world.patches()


async def test_a_link_in_a_channel_without_a_card_brings_one(world: World) -> None:
    """What was approved is shown where it was asked for."""
    maya = await world.person("maya")
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(25)
    said = await maya.says(f"who approves <{run.html_url}|this>?", in_=world.deploys)

    await world.acts(maya.uses_shortcut(shortcuts.APPROVE, said.message))
    await world.acts(maya.submits())

    assert run.is_running
    card = world.deploys.messages[-1]
    assert "shop / Deploy #1" in card.reads
    assert any("approved" in reply.reads for reply in card.thread)
    assert "Approved: shop / Deploy #1" in world.private(maya)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no link at all", "about no execution that I know"),
        ("https://evil.example/acme/shop/pipelines/pipeline/1/execution/6741f0c2", "no execution"),
    ],
)
async def test_a_message_about_nothing_says_what_to_do(world: World, text: str, says: str) -> None:
    """One sentence in the form, and nothing that could be sent."""
    maya = await world.person("maya")
    said = await maya.says(text, in_=world.deploys)

    await world.acts(maya.uses_shortcut(shortcuts.CANCEL, said.message))

    form = maya.modal
    assert form is not None
    assert says in form.reads
    assert "submit" not in form.spec


async def test_several_links_are_not_guessed_at(world: World) -> None:
    """Of two executions neither is taken."""
    maya = await world.person("maya")
    first = world.deploy.push(by=None, message="One")
    second = world.deploy.push(by=None, message="Two")
    text = f"{first.html_url} or {second.html_url}?"
    said = await maya.says(text, in_=world.deploys)

    await world.acts(maya.uses_shortcut(shortcuts.CANCEL, said.message))

    assert "several executions" in (maya.modal.reads if maya.modal else "")


async def test_cancel_asks_for_a_reason_as_the_button_does(world: World) -> None:
    """The reason stands in the thread."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)

    await world.acts(maya.uses_shortcut(shortcuts.CANCEL, card))
    assert "shop / Deploy #1" in (maya.modal.reads if maya.modal else "")
    await world.acts(maya.submits({"Reason": "wrong branch"}))

    assert run.history[-1].operation == "CANCEL"
    await world.passes(10)
    assert "wrong branch" in card.thread[0].reads
    assert "Cancelled" in world.private(maya)


async def test_retry_asks_once_more(world: World) -> None:
    """A failed run is started again; a running one is not."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    await world.acts(maya.uses_shortcut(shortcuts.RETRY, card))
    assert "there is nothing to retry" in (maya.modal.reads if maya.modal else "")
    await maya.closes_modal()
    run.cancel(by=world.colleagues["maya"])
    await world.passes(15)

    await world.acts(maya.uses_shortcut(shortcuts.RETRY, card))
    await world.acts(maya.submits())

    assert run.history[-1].operation == "RETRY"
    assert [reply.reads for reply in card.thread]
    assert "Retried" in world.private(maya)


async def test_several_gates_are_chosen_from(tmp_path: Path, *, by_socket: bool) -> None:
    """Two of one name are told apart, and exactly the chosen one is answered."""
    plan: list[Step | Gate | Parallel] = [
        Parallel([Gate("Sign off", question="Legal?"), Gate("Sign off", question="Money?")]),
        Step("Deploy", seconds=5),
    ]
    async with world_of(tmp_path, plan, by_socket=by_socket) as world:
        maya = await world.person("maya")
        run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
        await world.passes(25)
        card = await world.card(maya, run)

        await world.acts(maya.uses_shortcut(shortcuts.APPROVE, card))
        assert "Money?" in (maya.modal.reads if maya.modal else "")
        await world.acts(maya.submits({"Which gate?": "2. Sign off"}))

        second = run.attempt.actions[1]
        assert world.patches() == [{"operation": "APPLY", "approve_action_id": second.id}]
        assert [reply.reads for reply in card.thread]
        assert world.private(maya)
        assert card.reads


async def test_who_is_not_connected_is_offered_to(world: World) -> None:
    """No form opens that could send nothing."""
    maya = await world.person("maya")
    _, card = await world.waiting(maya)
    ben = await world.person("ben", connected=False)

    await world.acts(ben.uses_shortcut(shortcuts.APPROVE, card))

    assert ben.modal is None
    assert ben.ephemerals[-1].buttons == ["Connect Buddy"]
    assert "I do not know your Buddy account" in world.private(ben)


async def test_guests_are_refused_and_strangers_have_no_such_menu(world: World) -> None:
    """Denied by default, with the reason."""
    maya = await world.person("maya")
    _, card = await world.waiting(maya)
    gia = await world.person("gia", Role.GUEST, connected=False)
    pat = await world.person("pat", Role.STRANGER, connected=False)

    await world.acts(gia.uses_shortcut(shortcuts.APPROVE, card))

    assert "Guests cannot do this" in world.private(gia)
    with pytest.raises(LookupError):
        await pat.uses_shortcut(shortcuts.APPROVE, card)


async def test_a_form_left_open_sends_nothing_to_a_later_state(world: World) -> None:
    """What it named is gone, so it says so instead."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    await world.acts(maya.uses_shortcut(shortcuts.APPROVE, card))
    run.approve(by=world.colleagues["maya"])
    await world.passes(15)

    await world.acts(maya.submits())

    assert not world.patches()
    assert "no longer waits" in world.private(maya)
    assert [reply.reads for reply in card.thread]


async def test_why_tells_what_stands_against_it(tmp_path: Path, *, by_socket: bool) -> None:
    """The list of the gate, who may, and what Buddy answered the last time."""
    async with world_of(tmp_path, (), by_socket=by_socket) as world:
        boss = world.buddy.person("Boss", workspaces=["acme"])
        world.deploy.plan([Gate("Approve production", approvers=[boss]), Step("Deploy")])
        maya = await world.person("maya")
        run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
        await world.passes(5)
        card = await world.card(maya, run)
        await world.acts(maya.clicks(card, "Approve"))
        assert world.private(maya)

        await world.acts(maya.uses_shortcut(shortcuts.WHY, card))

        told = world.private(maya)
        assert "shop / Deploy #1 is waiting for approval" in told
        assert "You act in Buddy as Maya" in told
        assert "you are not on its list" in told
        assert "Boss" in told
        assert "Buddy said that your account may not" in told
        assert card.thread == []


async def test_why_is_a_command_too(world: World) -> None:
    """With a name, and for what has no card."""
    maya = await world.person("maya")
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(25)
    world.colleagues["maya"].scopes = ["WORKSPACE", "EXECUTION_INFO", "USER_INFO"]

    await world.acts(maya.says(f"/buddy why shop/deploy#{run.id}", in_=world.deploys))

    told = world.private(maya)
    assert "Your token has no scope that lets it approve" in told
    assert "everybody may answer who may run the pipeline" in told
