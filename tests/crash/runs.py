"""One run: people act, a bot is struck at a boundary, and all must be well in time."""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from signal import SIGCONT, SIGKILL, SIGSTOP

from typing_extensions import override

from sandbox.clock import hold_up
from sandbox.faults import Fault, Faults, Moment
from tests.crash.faults import Trouble
from tests.crash.judge import SILENCE, Case
from tests.crash.scenes import Scene, Story, set_up
from tests.crash.universe import HISTORY, Universe, until
from tests.crash.zygote import Replica

HOLD = timedelta(milliseconds=400)
"""How long a far side holds a call at a boundary, so that the caller can be struck meanwhile."""

ARRIVED, NEVER, DONE = " arrived, not done", " arrived, never done", " done, not answered"
_NEWS_WITHIN = timedelta(milliseconds=50)
_NEXT_WITHIN = 6.0
"""Seconds in which the same work may come to the same boundary again."""

_HELD = (
    (ARRIVED, {"moment": Moment.BEFORE}),
    (NEVER, {"moment": Moment.BEFORE, "drop": True}),
    (DONE, {"moment": Moment.AFTER}),
)
"""How a far side holds a call at each of its boundaries."""

CALLERS = {
    "PATCH": ("operation",),
    "chat.update": ("follow",),
    "chat.postMessage": ("reply", "operation", "answer"),
    "chat.postEphemeral": ("answer", "operation"),
    "response_url": ("answer", "operation"),
    "views.update": ("link",),
}
"""Which job makes a call: whoever was seen at one of them last is the caller."""


class How(StrEnum):
    """What happens to a bot at a boundary."""

    KILL = "kill"
    TWICE = "kill twice"
    """Whoever goes on with the work is killed at the same boundary."""

    STOP = "stop"
    """It goes on when others have long taken it for dead."""

    FREEZE = "freeze"
    """It stays as it is, with all that it holds of the database."""

    RESTART = "restart"
    """The database crashes and comes back while the bot stands at the boundary."""


@dataclass(frozen=True, slots=True)
class Strike:
    """Where and how a bot is struck; without a boundary nothing is done to it."""

    story: Story
    trouble: Trouble
    boundary: str = ""
    how: How = How.KILL

    @property
    def place(self) -> str:
        """Name where it strikes, as ``--only`` takes it."""
        return " | ".join(filter(None, (self.story.name, self.trouble.name, self.boundary)))

    @override
    def __str__(self) -> str:
        return f"{self.how}: {self.place}" if self.boundary else self.place


@dataclass(slots=True)
class Result:
    """What came of one run."""

    strike: Strike
    case: Case
    is_struck: bool = False
    seconds: float = 0.0
    """From the strike until all was well."""

    stale: int = 0
    lost: int = 0
    untold: int = 0
    may_read: bool = True
    """Whether the bot may look into threads."""


async def play(here: Universe, number: int, strike: Strike) -> Result:
    """Play one run.

    Raises:
        NotSetUp: it could not begin.
    """
    # Whoever came to a boundary at the very end of the last run is known to stand still by now.
    await hold_up(_NEWS_WITHIN)
    await here.complete()
    scene = await set_up(here, strike.story, number)
    case = Case.of(scene)
    result = Result(strike, case, may_read=HISTORY[0] in here.slack.scopes)
    strike.trouble.order(here)
    armed = _arm(here, strike)
    began = here.trace_size
    async with asyncio.TaskGroup() as tasks:
        acting = tasks.create_task(_act(strike.story, scene))
        victim = await _first_victim(here, strike, armed, acting, began, case)
        struck_at = time.monotonic()
        if victim is not None:
            result.is_struck = True
            tasks.create_task(_carry_out(here, strike, victim))
        await _wait_until_well(here, result, acting, struck_at)
    here.plan("")
    strike.trouble.clear(here)
    here.leave(scene.run)
    return result


async def _act(story: Story, scene: Scene) -> None:
    await story.act(scene)


def _arm(here: Universe, strike: Strike) -> Fault | None:
    """Lay the trap: in a bot, or on a far side."""
    for ending, how in _HELD:
        if strike.boundary.endswith(ending):
            call = strike.boundary.removesuffix(ending)
            fault = (
                Fault("POST", call, delay=HOLD, **how)
                if call != "PATCH"
                else Fault(call, delay=HOLD, **how)
            )
            _far_side(here, call).pending.insert(0, fault)
            return fault
    here.plan(strike.boundary)
    return None


async def _first_victim(
    here: Universe,
    strike: Strike,
    armed: Fault | None,
    acting: "asyncio.Task[None]",
    began: int,
    case: Case,
) -> Replica | None:
    """Wait until a bot comes to the boundary; None if none does before all is well."""
    if not strike.boundary:
        return None

    def reached() -> Replica | bool | None:
        if armed is not None:
            if armed not in _far_side(here, armed.path or armed.method).pending:
                return _caller(here, strike.boundary, began) or False
        elif (victim := _stopped(here)) is not None:
            return victim
        is_over = acting.done() and case.is_well
        return False if is_over else None

    found = await until(reached, SILENCE)
    if isinstance(found, Replica):
        return found
    # Whoever is well already may still come to a boundary that lies behind it.
    late = await until(lambda: reached() or None, 0.5)
    return late if isinstance(late, Replica) else None


def _far_side(here: Universe, call: str) -> Faults:
    return here.buddy.faults if call == "PATCH" else here.slack.faults


def _caller(here: Universe, boundary: str, began: int) -> Replica | None:
    name = next(call for call in CALLERS if boundary.startswith(f"{call} "))
    for traced, what in reversed(here.traced(began)):
        if what.split(" ")[0].rstrip(":") in CALLERS[name]:
            return next((one for one in here.replicas if one.name == traced), None)
    return None


async def _carry_out(here: Universe, strike: Strike, victim: Replica) -> None:
    match strike.how:
        case How.KILL | How.TWICE:
            await here.end(victim, SIGKILL)
            if strike.how is How.TWICE:
                here.plan(strike.boundary)
            await here.complete()
            if (
                strike.how is How.TWICE
                and await until(lambda: _stopped(here), _NEXT_WITHIN) is not None
            ):
                await here.complete()
        case How.STOP:
            victim.signal(SIGSTOP)
            await hold_up(timedelta(seconds=here.pace.dead_after * 1.5))
            victim.signal(SIGCONT)
        case How.FREEZE:
            victim.signal(SIGSTOP)
        case How.RESTART:
            assert here.server is not None
            victim.signal(SIGSTOP)
            await asyncio.to_thread(here.server.restart, "immediate")
            victim.signal(SIGCONT)


def _stopped(here: Universe) -> Replica | None:
    return next((one for one in here.replicas if one.stopped.is_set()), None)


async def _wait_until_well(
    here: Universe, result: Result, acting: "asyncio.Task[None]", struck_at: float
) -> None:
    """Wait until all is well; note what is not in time."""
    case, slack = result.case, 4.0

    def is_over() -> bool | None:
        # What was not acknowledged may be carried out all the same, once it is found.
        is_sure = all(click.ack.is_ok for click in case.scene.clicks)
        calm = 0.0 if is_sure or not result.is_struck else here.pace.dead_after + 0.5
        is_calm = time.monotonic() - struck_at >= calm
        return True if acting.done() and case.is_well and is_calm else None

    if not await until(is_over, max(0.0, struck_at + SILENCE - time.monotonic())):
        result.stale = case.stale
        if not await until(is_over, here.pace.settling + slack):
            result.lost = len(case.lost)
            result.untold = 0 if case.is_told else 1
            if not acting.done():
                acting.cancel()
    result.seconds = time.monotonic() - struck_at
