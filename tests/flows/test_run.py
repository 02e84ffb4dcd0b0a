"""Starting a run from Slack: once, as the person who asked, followed from its first second on."""

from tests.world import World, both_databases, both_doors

pytestmark = [both_doors, both_databases]

ON_IT = ":hourglass_flowing_sand: Run shop/deploy: on it…"


async def test_a_typed_run_starts_and_is_followed(world: World) -> None:
    """The command starts one execution as that person, and its live card follows it."""
    maya = await world.person("maya")

    ack = await world.acts(maya.says("/buddy run shop/deploy", in_=world.deploys))

    assert ON_IT in str(ack.body)
    [run] = world.deploy.runs
    assert run.creator is world.colleagues["maya"]
    card = world.deploys.messages[-1]
    assert "shop / Deploy #1" in card.reads
    assert "Started shop / Deploy #1. Its card is in this channel." in world.private(maya)
    await world.passes(25)
    assert "Approve" in card.buttons
    assert "gl-" not in card.reads
    assert await world.audited() == [("maya", "run", "sent"), ("maya", "run", "done")]
