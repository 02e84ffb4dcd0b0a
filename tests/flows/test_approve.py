"""Approving: one effect, for the right gate, by the right person."""

import asyncio

from sandbox.slack import Role
from tests.world import World, both_databases, both_doors

pytestmark = [both_doors, both_databases]


async def test_an_approval_lets_the_execution_continue(world: World) -> None:
    """Clicking Approve resumes the execution and leaves only Cancel on the card."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)

    await world.acts(maya.clicks(card, "Approve"))

    assert run.is_running
    assert card.buttons == ["Cancel"]
    assert "Approved by @maya" in card.reads
    assert [reply.reads for reply in card.thread] == [
        ":white_check_mark: @maya approved Approve production. The execution is running."
    ]
    assert await world.audited() == [("maya", "approve", "sent"), ("maya", "approve", "done")]


async def test_the_gate_is_named_in_the_request(world: World) -> None:
    """The PATCH says which gate it answers, so that Buddy cannot take another one."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    gate = run.action("Approve production").id

    await world.acts(maya.clicks(card, "Approve"))

    assert world.patches() == [{"operation": "APPLY", "approve_action_id": gate}]
    assert card.thread[0].reads


async def test_two_people_on_one_gate_send_one_request(world: World) -> None:
    """Of two approvers at the same moment one is first; both are told the truth."""
    maya, ben = await world.person("maya"), await world.person("ben")
    run, card = await world.waiting(maya)

    await asyncio.gather(maya.clicks(card, "Approve"), ben.clicks(card, "Approve"))
    await world.settled()

    assert len(world.patches()) == 1
    assert len(run.history) == 1
    first, second = (maya, ben) if run.history[0].who == "Maya" else (ben, maya)
    assert f"@{first.name} approved" in card.thread[0].reads
    assert len(card.thread) == 1
    assert f"Already approved by @{first.name}" in world.private(second)
    assert not first.ephemerals
    assert f"Approved by @{first.name}" in card.reads


async def test_a_double_click_is_one_approval(world: World) -> None:
    """Two clicks of one nervous finger have one effect, and the second one is answered."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)

    await maya.double_clicks(card, "Approve")
    await world.settled()

    assert len(run.history) == len(world.patches()) == 1
    assert len(card.thread) == 1
    assert "Already approved by you" in world.private(maya)
    assert card.reads
    assert card.thread[0].reads


async def test_the_same_request_twice_is_one_click(world: World) -> None:
    """A request that arrives a second time is acknowledged and does nothing."""
    maya = await world.person("maya")
    _, card = await world.waiting(maya)
    ack = await world.acts(maya.clicks(card, "Approve"))

    again = await world.acts(maya.redelivers(ack))

    assert again.status == 200
    assert len(world.patches()) == 1
    assert not maya.ephemerals
    assert card.thread[0].reads
    assert card.reads


async def test_a_guest_first_does_not_block_the_approver(world: World) -> None:
    """A refused click claims nothing: the approver's click counts."""
    maya = await world.person("maya")
    gia = await world.person("gia", Role.GUEST, connected=False)
    run, card = await world.waiting(maya)

    await world.acts(gia.clicks(card, "Approve"))
    await world.acts(maya.clicks(card, "Approve"))

    assert "Guests cannot do this" in world.private(gia)
    assert [effect.who for effect in run.history] == ["Maya"]
    assert card.thread[0].reads
    assert card.reads


async def test_an_unlinked_person_first_does_not_block_the_approver(world: World) -> None:
    """Who has no account connected is offered to connect it; the approver's click counts."""
    maya = await world.person("maya")
    ben = await world.person("ben", connected=False)
    run, card = await world.waiting(maya)

    await world.acts(ben.clicks(card, "Approve"))
    await world.acts(maya.clicks(card, "Approve"))

    assert "I do not know your Buddy account yet" in world.private(ben)
    assert ben.ephemerals[-1].buttons == ["Connect Buddy"]
    assert [effect.who for effect in run.history] == ["Maya"]
    assert card.thread[0].reads
    assert card.reads


async def test_buddys_own_rule_holds(world: World) -> None:
    """Who may not approve in Buddy may not approve here, is told so, and blocks nobody."""
    maya, ben = await world.person("maya"), await world.person("ben")
    world.deploy.grant(world.colleagues["ben"], "READ_ONLY")
    run, card = await world.waiting(maya)

    await world.acts(ben.clicks(card, "Approve"))
    assert "Buddy does not let you do this" in world.private(ben)
    assert not run.history

    await world.acts(maya.clicks(card, "Approve"))
    assert [effect.who for effect in run.history] == ["Maya"]
    assert card.thread[0].reads
    assert card.reads


async def test_approve_and_cancel_at_once_run_one_after_the_other(world: World) -> None:
    """Who comes second is asked again, against the state that the first one made."""
    maya, ben = await world.person("maya"), await world.person("ben")
    run, card = await world.waiting(maya)
    await world.acts(ben.clicks(card, "Reject"))

    await asyncio.gather(maya.clicks(card, "Approve"), ben.submits({"Reason": "too early"}))
    await world.settled()

    operations = [effect.operation for effect in run.history]
    assert len(world.patches()) == 1
    assert card.thread[0].reads
    assert card.reads
    if operations == ["APPLY"]:
        assert "Do you still want to cancel it?" in world.private(ben)
        await world.acts(ben.clicks(ben.ephemerals[-1], "Cancel it now"))
        await world.acts(ben.submits({}))
        assert run.status in {"TERMINATING", "TERMINATED"}
        assert "@ben cancelled" in card.thread[-1].reads
    else:
        assert operations == ["CANCEL"]
        assert "Nothing was sent" in world.private(maya)
