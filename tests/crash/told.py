"""What comes by itself: cards of notifications, reminders, letters, and what a channel is told.

The simulated Buddy's own deliveries are cut off here. A scene sends them, until they are taken:
what was taken must be shown, and nobody can say more of what was not.
"""

from datetime import timedelta

import aiohttp

from bot.domain.ladder import USUAL
from sandbox.buddy import Gate, Pipeline, Step
from sandbox.buddy.webhooks import Webhook
from sandbox.clock import hold_up
from sandbox.slack import Channel, Person
from tests.crash.scenes import (
    GATE,
    SET_UP_WITHIN,
    TRIES,
    Click,
    NotSetUp,
    Scene,
    Story,
)
from tests.crash.universe import Universe, until

SUBSCRIBE, UNSUBSCRIBE = "SUBSCRIBE", "UNSUBSCRIBE"
"""What is asked about a channel's subscriptions, beside Buddy's operations."""

_TAKEN = 200
_AGAIN_AFTER = timedelta(milliseconds=100)
_SENT_FOR = 200
"""How often a delivery is sent until it is taken."""

_REMINDED_IN = timedelta(seconds=8)
"""When the reminder is due, counted from the push."""

_FAILS = (Gate(GATE), Step("Deploy", seconds=0.3))
_HOOK_SHOWN = ":satellite_antenna:"
_TOLD = "This channel is told no more of"


async def hear(scene: Scene) -> None:
    """Buddy tells that an execution started, and once more; each channel gets its card."""
    body = scene.here.buddy.deliveries.letter(scene.run, "EXECUTION_STARTED")
    [webhook] = webhooks(scene.here, "acme")
    for _ in range(2):
        await _sent(webhook, body)
    scene.is_taken = True


async def _sent(webhook: Webhook, body: str) -> None:
    headers = {"Content-Type": "application/json", "secret_key": webhook.secret_key}
    async with aiohttp.ClientSession() as session:
        for _ in range(_SENT_FOR):
            try:
                async with session.post(webhook.target_url, data=body, headers=headers) as answer:
                    if answer.status == _TAKEN:
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass
            await hold_up(_AGAIN_AFTER)


async def fail(scene: Scene) -> None:
    """An action fails: threads read which, with the end of its log, and its author a letter."""
    scene.news = ["jon approved", "disk is full"]
    scene.letter_to = "maya"
    scene.run.fails_at("Deploy", logs=["Copying", "disk is full"])
    scene.run.approve(by=scene.here.colleagues["jon"])


async def wait(scene: Scene) -> None:
    """Nobody answers, so the thread is reminded."""
    scene.news = [":alarm_clock:"]


async def subscribe(scene: Scene) -> None:
    """Subscribe a channel to a pipeline of a workspace that has no webhook yet."""
    await _asks(scene, SUBSCRIBE, f"subscribe {_place(scene.run.pipeline)} on:canceled")


async def unsubscribe(scene: Scene) -> None:
    """End a channel's only subscription, and with it the workspace's webhook."""
    await _asks(scene, UNSUBSCRIBE, "unsubscribe")


async def _asks(scene: Scene, operation: str, text: str) -> None:
    person = scene.here.people["maya"]
    ack = await person.says(f"/buddy {text}", in_=scene.channels[0])
    scene.wish = operation
    scene.clicks.append(Click(person, operation, ack))


# Before a scene begins, and after it


async def is_told(scene: Scene) -> None:
    """Let each channel be told of a pipeline, and start its first execution."""
    pipeline = _pipeline(scene, "acme", f"told-{scene.number}", (Gate(GATE),))
    for channel in scene.channels:
        await _subscribed(scene, channel, pipeline)
    scene.is_told = True
    scene.run = pipeline.push(by=scene.here.colleagues["maya"], message="Fix")


async def is_told_no_more(scene: Scene) -> None:
    """End what the channels were told, so that nobody looks at the pipeline for ever."""
    maya = scene.here.people["maya"]
    for channel in scene.channels:
        seen = len(maya.ephemerals)
        await maya.says("/buddy unsubscribe", in_=channel)
        await until(lambda seen=seen: _heard(maya, seen, _TOLD), SET_UP_WITHIN)  # type: ignore[misc]


async def has_own_workspace(scene: Scene) -> None:
    """Move the scene to a workspace that nobody has a webhook for."""
    here, domain = scene.here, f"space-{scene.number}"
    space = here.buddy.workspace(domain)
    here.buddy.project(domain, "shop")
    space.join(here.colleagues["maya"], is_admin=True)
    pipeline = _pipeline(scene, domain, "go", (Step("Build", seconds=600),))
    scene.run = pipeline.push(by=here.colleagues["maya"], message="Fix")


async def is_subscribed(scene: Scene) -> None:
    """Let the channel be told of something in a workspace of its own."""
    await has_own_workspace(scene)
    await _subscribed(scene, scene.channels[0], scene.run.pipeline, " on:canceled")


def _pipeline(
    scene: Scene, domain: str, identifier: str, steps: tuple[Gate | Step, ...]
) -> Pipeline:
    buddy, name = scene.here.buddy, f"Go {scene.number}"
    return buddy.pipeline(domain, "shop", name, identifier=identifier, actions=steps)


async def _subscribed(scene: Scene, channel: Channel, pipeline: Pipeline, more: str = "") -> None:
    maya = scene.here.people["maya"]
    for _ in range(TRIES):
        seen = len(maya.ephemerals)
        await maya.says(f"/buddy subscribe {_place(pipeline)}{more}", in_=channel)
        if await until(lambda seen=seen: _heard(maya, seen, _HOOK_SHOWN), SET_UP_WITHIN):  # type: ignore[misc]
            return
    raise NotSetUp("nobody subscribed")


async def waits_long(scene: Scene) -> None:
    """Let the gate have opened so long ago that its first reminder is due soon."""
    scene.run.action(GATE).started = scene.here.buddy.clock.now() + _REMINDED_IN - USUAL[0]


async def is_early(scene: Scene) -> None:
    """Refuse a scene whose reminder was due before its card stood there: it is never told."""
    opened = scene.run.action(GATE).started
    if opened is None or scene.here.buddy.clock.now() > opened + USUAL[0] - timedelta(seconds=1):
        raise NotSetUp("the card came too late to be reminded of")


def _heard(person: Person, seen: int, words: str) -> bool | None:
    """Tell whether somebody was told something privately; None until then."""
    return any(words in note.reads for note in person.ephemerals[seen:]) or None


def _place(pipeline: Pipeline) -> str:
    """Name a pipeline by its link: by name, what is new is looked for only once in a while."""
    project = pipeline.project
    where = f"{project.workspace.domain}/{project.name}/pipelines/pipeline/{pipeline.id}"
    return f"{pipeline.world.links_url}/{where}"


def webhooks(here: Universe, domain: str) -> list[Webhook]:
    """List a workspace's webhooks."""
    found = here.buddy.state.webhooks.values()
    return [one for one in found if one.workspace.domain == domain]


NOTIFY = Story(
    "told by a webhook", hear, channels=2, is_shown=False, before=is_told, after=is_told_no_more
)
FAILURE = Story("an action fails", fail, steps=_FAILS)
REMIND = Story("reminded of a gate", wait, before=waits_long, ready=is_early)
BEGIN = Story("subscribe", subscribe, is_shown=False, before=has_own_workspace)
END = Story("unsubscribe", unsubscribe, is_shown=False, before=is_subscribed)
STORIES = (NOTIFY, FAILURE, REMIND, BEGIN, END)
