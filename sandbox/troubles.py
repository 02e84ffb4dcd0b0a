"""Break Slack, Buddy, or the way from both to the bot, and mend them again."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from sandbox.buddy import SimulatedBuddy
from sandbox.faults import Fault, Faults
from sandbox.slack import SimulatedSlack

SLOWNESS = timedelta(seconds=2)
"""In real time, per call; the bot waits ten seconds for Buddy at most."""

_FOR_EVER = 10**9
_RETRY_AFTER = "2"


class Place(StrEnum):
    """What can be in trouble."""

    SLACK = "slack"
    """Slack's Web API. What people click still reaches the bot."""

    BUDDY = "buddy"
    BOT = "bot"
    """The way of the bot's answers to what people do: where a slow bot becomes visible."""


class State(StrEnum):
    """How something fares."""

    WELL = "well"
    SLOW = "slow"
    DOWN = "down"
    LIMITED = "limited"
    """Answers 429 to everything."""

    REVOKED = "revoked"
    """The bot's token does not count any more."""

    FAILING = "failing"
    """Answers 503 to everything."""

    LOST = "lost"
    """Nothing arrives at the bot, be it from Slack or from Buddy."""


POSSIBLE = {
    Place.SLACK: (State.WELL, State.SLOW, State.LIMITED, State.DOWN, State.REVOKED),
    Place.BUDDY: (State.WELL, State.SLOW, State.FAILING, State.DOWN),
    Place.BOT: (State.WELL, State.SLOW, State.LOST),
}
_ANSWERS = {
    State.LIMITED: Fault(
        times=_FOR_EVER,
        status=429,
        body='{"ok":false,"error":"ratelimited"}',
        headers={"Retry-After": _RETRY_AFTER},
    ),
    State.FAILING: Fault(times=_FOR_EVER, status=503, body="Service Unavailable"),
}


@dataclass(slots=True, repr=False)
class Troubles:
    """How everything fares; nothing else stops, slows or revokes while somebody plays."""

    slack: SimulatedSlack
    buddy: SimulatedBuddy
    states: dict[Place, State] = field(default_factory=lambda: dict.fromkeys(Place, State.WELL))
    hearers: list[Callable[[], None]] = field(default_factory=list, repr=False)
    """Who wants to hear of each change at once."""

    async def bring(self, place: Place, state: State, delay: timedelta = SLOWNESS) -> None:
        """Let something fare otherwise from now on; ``delay`` is for what is slow.

        Raises:
            ValueError: this cannot happen there.
        """
        if state not in POSSIBLE[place]:
            message = f"{place} cannot be {state}"
            raise ValueError(message)
        match place:
            case Place.SLACK:
                await self._bring_slack(state, delay)
            case Place.BUDDY:
                await self._bring_buddy(state, delay)
            case Place.BOT:
                self.slack.way.loses = state is State.LOST
                self.buddy.deliveries.mishaps.is_cut = state is State.LOST
                self.slack.way.delay = delay if state is State.SLOW else timedelta(0)
        self.states[place] = state
        for hear in self.hearers:
            hear()

    async def _bring_slack(self, state: State, delay: timedelta) -> None:
        before = self.states[Place.SLACK]
        if before is State.REVOKED:
            self.slack.reinstall()
        if before is State.DOWN and state is not State.DOWN:
            await self.slack.start()
        if state is State.DOWN and before is not State.DOWN:
            await self.slack.stop()
        if state is State.REVOKED:
            self.slack.revoke()
        _order(self.slack.faults, state, delay)

    async def _bring_buddy(self, state: State, delay: timedelta) -> None:
        before = self.states[Place.BUDDY]
        if before is State.DOWN and state is not State.DOWN:
            await self.buddy.start()
        if state is State.DOWN and before is not State.DOWN:
            await self.buddy.stop()
        _order(self.buddy.faults, state, delay)


def _order(faults: Faults, state: State, delay: timedelta) -> None:
    faults.clear()
    if state is State.SLOW:
        faults.order(Fault(times=_FOR_EVER, delay=delay))
    elif answer := _ANSWERS.get(state):
        faults.order(replace(answer))
