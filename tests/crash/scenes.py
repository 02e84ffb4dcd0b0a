"""What people do in one run: each scene has an execution, a channel and a card of its own."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from sandbox.buddy import Execution, Field, Gate, GateKind, Step
from sandbox.slack import Ack, Channel, Message, Person
from tests.crash.universe import Universe, is_connected, until
from tests.world import TOKEN_FIELD

GATE, NEXT_GATE = "Ship it", "Announce it"
"""The gate that is meant, and one behind it that must never be answered."""

START = "POST"
"""What the start of an execution is called, beside Buddy's operations."""

SECRET = "hunter2-of-the-crash-suite"
"""A variable's value, which no row and no log may hold in clear."""

PROVIDE = "Provide variables…"
_FIELDS = (Field("VERSION", value="1.0"), Field("PASSWORD", encrypted=True))
AT_VALUES = (
    Gate(GATE, GateKind.VARIABLES, fields=_FIELDS),
    Gate(NEXT_GATE),
    Step("Deploy", seconds=600),
)
AT_A_GATE = (Gate(GATE), Gate(NEXT_GATE), Step("Deploy", seconds=600))
RUNNING = (Step("Build", seconds=0.1), Step("Deploy", seconds=600))
SET_UP_WITHIN = 30
TRIES = 20
_PATIENCE = 2.0
"""Seconds that somebody looks at a form before they do something about it."""


class NotSetUp(Exception):
    """What comes before the run went wrong: nothing can be said about the bot."""


@dataclass(frozen=True, slots=True)
class Click:
    """Something that a person asked for, and whether Slack was told that it is taken."""

    person: Person
    operation: str
    """In Buddy's words."""

    ack: Ack


@dataclass(slots=True)
class Scene:
    """One execution, its cards, and who asked for what."""

    here: Universe
    number: int
    run: Execution
    channels: list[Channel]
    cards: list[Message] = field(default_factory=list)
    clicks: list[Click] = field(default_factory=list)
    person: Person | None = None
    """Somebody who belongs to this scene alone."""

    begun: int = 0
    """Executions of the pipeline before somebody asked for one more."""

    gives_values: bool = False
    """Whether values are given, which only the process that took them may send."""

    is_told: bool = False
    """Whether its channels are told of the execution, so that its cards come by themselves."""

    is_taken: bool = False
    """Whether the bot said that it took what it was told."""

    wish: str = ""
    """What was asked about a channel's subscriptions, if that is what the scene is about."""

    letter_to: str = ""
    """Who must be told directly, by name."""

    news: list[str] = field(default_factory=list)
    """What every card's thread must be told, in this order, of what nobody did through the bot."""

    @property
    def named(self) -> str:
        """What a person pastes: by name, what is new is looked for only once in a few seconds."""
        return self.run.html_url

    @property
    def started(self) -> list[Execution]:
        """The executions that were begun in this scene, by whomever."""
        return self.run.pipeline.runs[self.begun :] if self.begun else []

    async def show(self, channel: Channel, button: str) -> None:
        """Put a card into a channel, and wait for a button on it."""
        for _ in range(TRIES):
            await self.here.people["maya"].says(f"/buddy show {self.named}", in_=channel)
            card = await until(lambda: _with(channel, button), 3)
            if card is not None:
                self.cards.append(card)
                return
        raise NotSetUp("no card was shown")

    async def clicks_on(self, name: str, operation: str, button: str = "Approve") -> None:
        """Press a button of the first card; who sees that it was not taken leaves it at that."""
        person = self.here.people[name]
        ack = await person.clicks(self.cards[0], button)
        self.clicks.append(Click(person, operation, ack))

    async def stops(self, name: str, button: str) -> None:
        """Cancel or reject with a reason; who gets no form tries again."""
        person = self.here.people[name]
        card = self.cards[0].snapshot()
        for _ in range(TRIES):
            await person.clicks(card, button)
            if await until(lambda: person.modal, 1):
                ack = await person.submits({"Reason": "Not today"})
                self.clicks.append(Click(person, "CANCEL", ack))
                if person.modal is not None:
                    await person.closes_modal()
                return
        raise NotSetUp("no form was opened")


def _with(channel: Channel, button: str) -> Message | None:
    return next((one for one in channel.messages[::-1] if button in one.buttons), None)


async def show(scene: Scene) -> None:
    """Show a card; then somebody approves in Buddy's web app, and every card must tell it."""
    await scene.show(scene.channels[0], "Approve")
    scene.cards = scene.channels[0].messages
    scene.run.approve(by=scene.here.colleagues["jon"])


async def decide_elsewhere(scene: Scene) -> None:
    """Somebody answers one gate in Buddy's web app, and then stops it there."""
    scene.news = ["jon approved", "jon cancelled"]
    scene.run.approve(by=scene.here.colleagues["jon"])
    await until(lambda: all(card.thread for card in scene.cards) or None, _PATIENCE)
    scene.run.cancel(by=scene.here.colleagues["jon"])


async def approve(scene: Scene) -> None:
    """Approve by button."""
    await scene.clicks_on("maya", "APPLY")


async def approve_twice(scene: Scene) -> None:
    """Two people approve at once."""
    async with asyncio.TaskGroup() as tasks:
        for name in ("maya", "jon"):
            tasks.create_task(scene.clicks_on(name, "APPLY"))


async def approve_and_reject(scene: Scene) -> None:
    """One approves while the other one rejects."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(scene.stops("jon", "Reject"))
        tasks.create_task(scene.clicks_on("maya", "APPLY"))


async def retry(scene: Scene) -> None:
    """Retry a failed execution."""
    await scene.clicks_on("maya", "RETRY", "Retry")


async def cancel(scene: Scene) -> None:
    """Cancel a running execution, with a reason."""
    await scene.stops("maya", "Cancel")


async def type_approve(scene: Scene) -> None:
    """Approve by a typed command."""
    person = scene.here.people["maya"]
    ack = await person.says(f"/buddy approve {scene.named}", in_=scene.channels[0])
    scene.clicks.append(Click(person, "APPLY", ack))


async def provide(scene: Scene) -> None:
    """Fill in what a gate asks for; who gets no form, or an empty one, tries again."""
    scene.gives_values = True
    await _fill_in(scene, "maya")


async def provide_twice(scene: Scene) -> None:
    """Two people fill in the same gate at once."""
    scene.gives_values = True
    async with asyncio.TaskGroup() as tasks:
        for name in ("maya", "jon"):
            tasks.create_task(_fill_in(scene, name))


async def _fill_in(scene: Scene, name: str) -> None:
    person = scene.here.people[name]
    card = scene.cards[0].snapshot()
    for _ in range(TRIES):
        await person.clicks(card, PROVIDE)
        if await until(lambda: _has_fields(person), _PATIENCE):
            ack = await person.submits({"PASSWORD": SECRET})
            scene.clicks.append(Click(person, "APPLY_VARIABLES", ack))
        elif not _is_over(person):
            continue
        if person.modal is not None:
            await person.closes_modal()
        return
    raise NotSetUp("no form was opened")


def _has_fields(person: Person) -> bool | None:
    return True if person.modal is not None and person.modal.labels else None


def _is_over(person: Person) -> bool:
    """Tell whether a form without fields says that somebody was first."""
    return person.modal is not None and "Already" in person.modal.reads


async def start(scene: Scene) -> None:
    """Start an execution by a typed command; its card comes by itself, if it comes."""
    person = scene.here.people["maya"]
    scene.begun = len(scene.run.pipeline.runs)
    where = scene.named.partition("/execution/")[0]
    ack = await person.says(f"/buddy run {where} VERSION={SECRET}", in_=scene.channels[0])
    scene.clicks.append(Click(person, START, ack))


async def link(scene: Scene) -> None:
    """Approve without an account, then connect one."""
    name = f"nina-{scene.number}"
    person = scene.person = await scene.here.admit(name, connected=False)
    person.joins(scene.channels[0])
    await scene.clicks_on(name, "APPLY")
    token = scene.here.colleagues[name].token
    for _ in range(TRIES):
        if person.modal is None:
            await person.says("/buddy connect", in_=scene.channels[0])
            await until(lambda: person.modal, 1)
        if _asks(person):
            await person.submits({TOKEN_FIELD: token})
        # Nobody pastes it twice within a moment.
        if await until(lambda: is_connected(person) or None, _PATIENCE):
            return
        if person.modal is not None and not _asks(person):
            await person.closes_modal()


def _asks(person: Person) -> bool:
    return person.modal is not None and TOKEN_FIELD in person.modal.labels


@dataclass(frozen=True, slots=True)
class Story:
    """What people do, and on what."""

    name: str
    act: Callable[[Scene], Coroutine[Any, Any, None]]
    button: str = "Approve"
    channels: int = 1
    is_shown: bool = True
    """Whether there is a card before people act."""

    steps: tuple[Gate | Step, ...] = ()
    """What the pipeline is made of, if it is something of its own."""

    before: Callable[[Scene], Coroutine[Any, Any, None]] | None = None
    """What is done before a card is shown."""

    ready: Callable[[Scene], Coroutine[Any, Any, None]] | None = None
    """What is looked at last, before people act."""

    after: Callable[[Scene], Coroutine[Any, Any, None]] | None = None
    """What is done once all is judged."""


SHOW = Story("show", show, is_shown=False)
APPROVE = Story("approve", approve)
RETRY = Story("retry", retry, "Retry")
CANCEL = Story("cancel with a reason", cancel, "Cancel")
TYPED = Story("typed command", type_approve)
VALUES = Story("provide variables", provide, PROVIDE)
CONNECT = Story("connect while a click waits", link)
TWO_CHANNELS = Story("a card in two channels", approve, channels=2)
ELSEWHERE = Story("decided in Buddy's web app", decide_elsewhere, channels=2)
RUN = Story("typed run", start, is_shown=False)
STORIES = (
    SHOW,
    APPROVE,
    Story("two approve at once", approve_twice),
    Story("approve and reject together", approve_and_reject),
    RETRY,
    CANCEL,
    TYPED,
    CONNECT,
    TWO_CHANNELS,
    ELSEWHERE,
    RUN,
    VALUES,
    Story("two provide variables at once", provide_twice, PROVIDE),
)
