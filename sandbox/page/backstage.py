"""What happens outside Slack: Buddy's web app, troubles, the clock."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sandbox.buddy import Execution, Pipeline, Refused
from sandbox.buddy import Person as Colleague
from sandbox.clock import RATES, hold_up
from sandbox.page.asking import Body, bad, missing, refused
from sandbox.page.errands import Errands
from sandbox.page.panel import Watch, clock_json, execution_json
from sandbox.shop import Shop
from sandbox.slack import Person
from sandbox.troubles import POSSIBLE, Place, State

Json = dict[str, Any]

LONGEST_WAIT = 3600
"""Simulated seconds that may pass at once."""

PATIENCE = timedelta(seconds=10)
"""How long a jump of the clock may take, in real time."""

LONGEST_DELAY = 10_000
"""Real milliseconds."""


@dataclass(slots=True, repr=False)
class Backstage:
    """Moves the world that the bot watches."""

    shop: Shop
    errands: Errands
    watch: Watch
    """Lets a page hear at once of what was done."""

    _healing: dict[Place, Callable[[], object]] = field(default_factory=dict)

    # Buddy's web app

    async def push(self, person: Person, body: Body) -> Json:
        """Push a commit, which starts a pipeline."""
        pipeline, by = self._pipeline(body), self._colleague(person, body)
        message, branch = body.text("message", 2000), body.maybe_text("branch") or ""

        def push() -> Execution:
            pipeline.check_may_run(by)  # before the commit is made, which nobody would take back
            return pipeline.push(by=by, message=message, branch=branch)

        return self._done(push)

    async def run(self, person: Person, body: Body) -> Json:
        """Start a pipeline with a click."""
        pipeline, by = self._pipeline(body), self._colleague(person, body)
        return self._done(lambda: self.shop.start(pipeline, by))

    async def approve(self, person: Person, body: Body) -> Json:
        """Answer a gate."""
        run, by, gate = self._run(body), self._colleague(person, body), body.maybe_text("gate")
        return self._operated(run, lambda: run.approve(by=by, gate=gate))

    async def cancel(self, person: Person, body: Body) -> Json:
        """Stop an execution; at a gate that is what a reject is."""
        run, by = self._run(body), self._colleague(person, body)
        return self._operated(run, lambda: run.cancel(by=by))

    async def retry(self, person: Person, body: Body) -> Json:
        """Let an execution run again."""
        run, by = self._run(body), self._colleague(person, body)
        return self._operated(run, lambda: run.retry(by=by))

    async def start(self, person: Person, body: Body) -> Json:
        """Start a delayed execution now."""
        run, by = self._run(body), self._colleague(person, body)
        return self._operated(run, lambda: run.start_now(by=by))

    async def fail(self, _person: Person, body: Body) -> Json:
        """Let an action fail the next time that it runs."""
        run, name = self._run(body), body.text("action")
        if name not in [one.action.name for one in run.attempt.actions]:
            raise missing("action")
        if run.action(name).action.gate:
            raise refused(f"{name} is a gate: it waits for people, and cannot fail.")
        logs = ["exit code 1: the sandbox was told to fail here"]
        return self._operated(run, lambda: run.fails_at(name, logs))

    async def token(self, person: Person, body: Body) -> Json:
        """Make a personal access token, which is shown this once."""
        return {"ok": True, "token": self._colleague(person, body).create_token()}

    # Troubles and time

    async def trouble(self, _person: Person, body: Body) -> Json:
        """Break something, perhaps for a while only, or mend it."""
        place, state = _place(body.text("where")), _state(body.text("state"))
        if state not in POSSIBLE[place]:
            raise bad(f"{place} can be {', '.join(POSSIBLE[place])}.")
        delay = body.number("delay_ms", most=LONGEST_DELAY) if body.has("delay_ms") else 2000
        lasts = body.number("for_s", least=0.1, most=LONGEST_WAIT) if body.has("for_s") else None
        if (stop_healing := self._healing.pop(place, None)) is not None:
            stop_healing()
        await self.shop.troubles.bring(place, state, timedelta(milliseconds=delay))
        if lasts is not None and state is not State.WELL:
            heals = self._heals(place, timedelta(seconds=lasts))
            self._healing[place] = self.errands.start(heals)
        return {"ok": True, "trouble": self.troubles()}

    async def clock(self, _person: Person, body: Body) -> Json:
        """Change how fast time runs, or let some of it pass at once."""
        stage = self.shop.stage
        if body.has("wait_s"):
            seconds = body.number("wait_s", least=1, most=LONGEST_WAIT)
            # In trouble the bot may have something left to do for ever.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE.total_seconds()):
                    await stage.passes(seconds)
        else:
            name = body.text("name")
            if name not in RATES:
                raise bad(f"Time runs {', '.join(RATES)}.")
            stage.clock.run(RATES[name])
        self.watch.look()
        return {"ok": True, "clock": clock_json(stage.clock)}

    def troubles(self) -> Json:
        """Write how everything fares."""
        return {place.value: state.value for place, state in self.shop.troubles.states.items()}

    def own_account(self, person: Person) -> Colleague | None:
        """Find the account that somebody has in Buddy."""
        players = (one for one in self.shop.players.values() if one.person is person)
        return next((one.colleague for one in players), None)

    async def _heals(self, place: Place, lasts: timedelta) -> None:
        await hold_up(lasts)
        self._healing.pop(place, None)
        await self.shop.troubles.bring(place, State.WELL)

    def _pipeline(self, body: Body) -> Pipeline:
        pipeline = self.shop.stage.buddy.state.pipelines.get(int(body.number("pipeline")))
        if pipeline is None:
            raise missing("pipeline")
        return pipeline

    def _run(self, body: Body) -> Execution:
        runs, number = self._pipeline(body).runs, int(body.number("execution"))
        if not 1 <= number <= len(runs):
            raise missing("execution")
        return runs[number - 1]

    def _colleague(self, person: Person, body: Body) -> Colleague:
        if body.has("by"):
            number = int(body.number("by"))
            found = [one for one in self.shop.stage.buddy.state.people if one.id == number]
            if not found:
                raise missing("person in Buddy")
            return found[0]
        if (own := self.own_account(person)) is None:
            raise refused(f"{person.name} has no account in Buddy.")
        return own

    def _operated(self, run: Execution, operate: Callable[[], None]) -> Json:
        def done() -> Execution:
            operate()
            return run

        return self._done(done)

    def _done(self, act: Callable[[], Execution]) -> Json:
        try:
            run = act()
        except Refused as no:
            raise refused(f"Buddy refuses: {no.message}.") from None
        self.watch.look()
        return {"ok": True, "execution": execution_json(run)}


def _place(text: str) -> Place:
    try:
        return Place(text)
    except ValueError:
        raise bad(f"where must be one of {', '.join(Place)}.") from None


def _state(text: str) -> State:
    try:
        return State(text)
    except ValueError:
        raise bad(f"state must be one of {', '.join(State)}.") from None
