"""Foreign text can neither ping anybody, nor break a card, nor speak in the bot's name."""

from pathlib import Path

import pytest

from sandbox.buddy import Gate, Step
from tests.world import World, world_of

HOSTILE = (
    "<!channel> <!here> <!everyone> <@U0MAYA0001> @channel <https://evil.example|log in here> "
    "<script>alert(1)</script> *bold* _it_ `code` &amp; \u202egnp.exe \x00\x07 🚀 שלום "
    + "x"
    * 10_000
)


@pytest.mark.parametrize("has_plan", [True, False], ids=["plan block", "plain list"])
async def test_hostile_text_everywhere(tmp_path: Path, *, has_plan: bool) -> None:
    """A commit message with mentions, markup and 10,000 characters is text and pings nobody."""
    actions: list[Step | Gate] = [
        Step(HOSTILE, seconds=5),
        Gate(f"Gate {HOSTILE}", question=HOSTILE),
        Step("End", seconds=5),
    ]
    async with world_of(tmp_path, actions) as world:
        world.slack.supports_plan = has_plan
        if not has_plan:
            world.expected_refusals.update(
                {"chat.postMessage: invalid_blocks", "chat.update: invalid_blocks"}
            )
        maya = await world.person("maya")
        world.deploy.name = f"Deploy {HOSTILE}"
        run, card = await world.waiting(maya, message=HOSTILE, branch=f"feature/{HOSTILE[:200]}")
        before = len(world.slack.pings)

        assert "Approve?" in (card.button("Approve").confirm or "")
        await world.acts(maya.clicks(card, "Reject"))
        await world.acts(maya.submits({"Reason": HOSTILE[:300]}))
        await world.passes(10)

        assert run.status == "TERMINATED"
        told = card.reads + card.thread[0].reads
        assert "log in here" in told
        assert "<https://evil.example" not in card.text
        mentioned = {ping.target for ping in world.slack.pings[before:]}
        assert mentioned == {"@maya"}


async def test_a_pipeline_with_120_actions(tmp_path: Path) -> None:
    """More actions than Slack's list can hold: what matters now is shown, the rest is counted."""
    actions: list[Step | Gate] = [Step(f"Step {number}", seconds=1) for number in range(119)] + [
        Gate("Last")
    ]
    async with world_of(tmp_path, actions) as world:
        maya = await world.person("maya")
        run = world.deploy.push(by=world.colleagues["maya"], message="Fix")
        card = await world.card(maya, run)
        assert "72 actions" in card.reads

        await world.passes(125)
        assert "Step 118 (complete)" in card.reads
        assert "Last (in progress)" in card.reads
        await world.acts(maya.clicks(card, "Approve"))

        assert run.status == "SUCCESSFUL"
        assert "119 of 120" not in card.reads
        assert "@maya approved Last" in card.thread[-2].reads
        assert "Successful" in card.thread[-1].reads
        assert len(card.thread) <= 3
        assert card.thread[0].reads


async def test_unknown_states_offer_no_button(world: World) -> None:
    """A state that is new to the bot is shown in Buddy's own word, with a link only."""
    maya = await world.person("maya")
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix")
    run.force_status("WAITING_FOR_SOMETHING_NEW", action="Build")

    card = await world.card(maya, run)

    assert "Waiting for something new" in card.reads
    assert card.buttons == ["Open in Buddy"]
