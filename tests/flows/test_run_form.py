"""The form that starts a run: opened from anywhere, filled in, sent once."""

from datetime import timedelta

import pytest

from sandbox.slack import Person
from tests.world import World, both_doors

pytestmark = both_doors

PIPELINE = "Pipeline"
BRANCH = "Branch, tag or pull request"


async def opened(world: World, person: Person, text: str = "run") -> None:
    """Let somebody type a command that opens the form."""
    await world.acts(person.says(f"/buddy {text}".strip(), in_=world.deploys))
    assert person.modal is not None


def form(person: Person) -> str:
    """Read the form in front of somebody."""
    assert person.modal is not None
    return person.modal.reads


async def test_a_run_from_nothing(world: World) -> None:
    """``run`` alone opens the form; a pipeline is searched, a branch chosen, and it runs."""
    world.deploy.project.commit("Fix", by=None, branch="hotfix")
    maya = await world.person("maya")
    await opened(world, maya)
    found = await maya.searches(maya.modal, PIPELINE, "dep")
    print(world.slack.deliveries[-1], world.log[-4:])
    assert "Web Shop / Deploy" in found  # (maya.modal, PIPELINE, "dep")

    await maya.fills({PIPELINE: "Web Shop / Deploy"})
    await world.settled()
    assert "acme / shop · runs for main" in form(maya)
    await maya.submits({BRANCH: "hotfix", "Comment": "as agreed", "Priority": "High"})
    await world.settled()

    assert "is asked for" in form(maya)
    [run] = world.deploy.runs
    assert (run.order.branch, run.order.priority) == ("hotfix", "HIGH")
    assert run.creator is world.colleagues["maya"]
    card = world.deploys.messages[-1]
    assert "shop / Deploy #1" in card.reads
    assert "as agreed" in card.reads or "Fix" in card.reads
    assert "Started shop / Deploy #1" in world.private(maya)
