"""The main story, as `greenlight sandbox --story` plays it, through both of Slack's doors."""

from pathlib import Path

import pytest

from sandbox.clock import SandboxClock
from sandbox.stage import stage
from sandbox.story import Story
from sandbox.teller import Teller
from tests.world import both_doors


@pytest.mark.slow
@both_doors
async def test_the_main_story_keeps_its_promises(tmp_path: Path, *, by_socket: bool) -> None:
    """Every promise holds, whether Slack and Buddy call the bot, or the bot asks them."""
    told: list[str] = []
    doors = {"by_socket": by_socket, "is_public": not by_socket}
    async with stage(tmp_path / "greenlight", SandboxClock(), **doors) as ready:
        code = await Story(ready, Teller(write=told.append)).play()

    assert code == 0, "\n".join(told)
    webhooks = ready.buddy.state.webhooks
    assert len(webhooks) == (not by_socket)
    assert len(ready.slack.deliveries) > 10
    assert all(ack.is_ok for ack in ready.slack.deliveries)
