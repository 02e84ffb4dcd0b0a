"""Buddy is not asked for what it has said already."""

from tests.world import World


async def test_an_answer_that_shows_the_effect_is_not_asked_for_again(world: World) -> None:
    """An approval reads the execution before its PATCH and, for the card, once after it."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    world.buddy.journal.calls.clear()

    await world.acts(maya.clicks(card, "Approve"))

    assert "@maya approved" in card.thread[0].reads
    assert card.buttons == ["Cancel"]
    calls = [call for call in world.buddy.journal if call.path.endswith(f"/executions/{run.id}")]
    assert [call.method for call in calls] == ["GET", "PATCH", "GET"]


async def test_an_answer_from_before_the_effect_is_followed_by_a_look(world: World) -> None:
    """Where reads lag behind, nobody is told of an effect that Buddy does not show yet."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    world.buddy.journal.calls.clear()
    world.buddy.lags(2)

    await world.acts(maya.clicks(card, "Approve"))
    assert not card.thread
    await world.passes(5)

    assert "@maya approved" in card.thread[0].reads
    assert card.buttons == ["Cancel"]
    assert len(world.patches()) == 1
    assert run.is_running
