"""One run: people act, a bot is struck at a boundary, and all must be well in time."""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from signal import SIGCONT, SIGKILL, SIGSTOP

from typing_extensions import override

from sandbox.clock import hold_up
from tests.crash.curtain import set_up
from tests.crash.faults import Trouble
from tests.crash.judge import SILENCE, Case
from tests.crash.scenes import Story
from tests.crash.traps import Trap
from tests.crash.universe import HISTORY, Universe, until
from tests.crash.zygote import Replica

_NEWS_WITHIN = timedelta(milliseconds=50)
"""How long it takes until a bot that stands still is known to."""

_NEXT_WITHIN = 6.0
"""Seconds in which the same work may come to the same boundary again."""

_LATE = 0.5
"""Seconds in which a bot may still come to a boundary after all is well."""

_SLACK = 4.0
"""Seconds beyond what a person and the settling of a request may take: machines are busy."""


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

    def may_be(self, only: str) -> bool:
        """Whether strikes of this story and trouble may be those that ``--only`` names."""
        first, more, _ = only.partition(" | ")
        names = {self.story.name, self.trouble.name}
        return not more or any(name.endswith(first) for name in names)

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
    trap = Trap.lay(here, strike.boundary)
    async with asyncio.TaskGroup() as tasks:
        acting = tasks.create_task(strike.story.act(scene))
        victim = await _first_victim(trap, acting, case) if strike.boundary else None
        struck_at = time.monotonic()
        if victim is not None:
            result.is_struck = True
            tasks.create_task(_carry_out(trap, strike.how, victim))
        await _wait_until_well(here, result, acting, struck_at)
    trap.lift()
    strike.trouble.clear(here)
    case.traced_until = here.trace_size
    if strike.story.after is not None:
        await strike.story.after(scene)
    for run in (scene.run, *scene.started):
        here.leave(run)
    return result


async def _first_victim(trap: Trap, acting: "asyncio.Task[None]", case: Case) -> Replica | None:
    """Wait until a bot comes to the boundary; None if none does before all is well."""

    def is_decided() -> bool | None:
        return True if trap.caught or (acting.done() and case.is_well) else None

    await until(is_decided, SILENCE)
    caught = await until(lambda: trap.caught, _LATE)
    if caught is None:
        # Nobody may come there later, and stand there for ever; somebody may just now have.
        trap.lift()
        caught = await until(lambda: trap.caught, _NEWS_WITHIN.total_seconds())
    return caught


async def _carry_out(trap: Trap, how: How, victim: Replica) -> None:
    here = trap.here
    match how:
        case How.KILL:
            await here.end(victim, SIGKILL)
            await here.complete()
        case How.TWICE:
            await here.end(victim, SIGKILL)
            again = Trap.lay(here, trap.boundary)
            await here.complete()
            await until(lambda: again.caught, _NEXT_WITHIN)
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


async def _wait_until_well(
    here: Universe, result: Result, acting: "asyncio.Task[None]", struck_at: float
) -> None:
    """Wait until all is well; note what is not in time."""
    case = result.case

    def is_over() -> bool | None:
        # What was not acknowledged may be carried out all the same, once it is found.
        is_sure = all(click.ack.is_ok for click in case.scene.clicks)
        calm = 0.0 if is_sure or not result.is_struck else here.pace.dead_after + 0.5
        is_calm = time.monotonic() - struck_at >= calm
        return True if acting.done() and case.is_well and is_calm else None

    if not await until(is_over, max(0.0, struck_at + SILENCE - time.monotonic())):
        result.stale = case.stale
        if not await until(is_over, here.pace.settling + _SLACK):
            result.lost = len(case.lost) + case.missing_cards
            result.untold = 0 if case.is_told else 1
            if not acting.done():
                acting.cancel()
    result.seconds = time.monotonic() - struck_at
