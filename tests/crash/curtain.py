"""Set a scene: an execution of its own, its channels, and its card before people act."""

from tests.crash.scenes import (
    AT_A_GATE,
    AT_VALUES,
    PROVIDE,
    RUNNING,
    SET_UP_WITHIN,
    NotSetUp,
    Scene,
    Story,
)
from tests.crash.universe import Universe, until


async def set_up(here: Universe, story: Story, number: int) -> Scene:
    """Start an execution and show its card.

    Raises:
        NotSetUp: it could not be done in time.
    """
    usual = {"Approve": AT_A_GATE, PROVIDE: AT_VALUES}.get(story.button, RUNNING)
    identifier = f"go-{number}"
    pipeline = here.buddy.pipeline(
        "acme", "shop", f"Go {number}", identifier=identifier, actions=story.steps or usual
    )
    crowd = list(here.people.values())[:2]
    channels = [
        here.slack.channel(f"scene-{number}-{place}", crowd) for place in range(story.channels)
    ]
    run = pipeline.push(by=here.colleagues["maya"], message="Fix")
    scene = Scene(here, number, run, channels)
    if story.button == "Retry":
        run.fails_at("Build")
        if not await until(lambda: run.is_final or None, SET_UP_WITHIN):
            raise NotSetUp("it did not fail")
    if story.before is not None:
        await story.before(scene)
    for channel in channels if story.is_shown else ():
        begun = here.trace_size
        await scene.show(channel, story.button)
        if await until(lambda begun=begun: _is_stored(here, begun), SET_UP_WITHIN) is None:  # type: ignore[misc]
            raise NotSetUp("the card was not stored")
    if story.ready is not None:
        await story.ready(scene)
    return scene


def _is_stored(here: Universe, begun: int) -> bool | None:
    """Tell whether a bot has written down the card that it posted; None until then."""
    return (
        any("INSERT card" in what and what.endswith(", stored") for _, what in here.traced(begun))
        or None
    )
