"""Fifty runs of ten minutes in one channel, with the limits of Buddy and Slack switched on.

One person asked for all of their cards, so one token reads them all. Each run comes to a gate that
somebody answers after a while: mostly in Buddy, for some by a click on the card. Time is simulated
and passes a second at a time; a card is looked at after each.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path

from benchmarks.report import percentile, plain
from sandbox.buddy import Execution, Gate, Pipeline, Step
from sandbox.buddy import Person as Colleague
from sandbox.clock import SandboxClock
from sandbox.journal import Call
from sandbox.slack import Channel, Message, Person
from sandbox.stage import Stage, stage

HEAD = ("", "how many", "p50 s", "p99 s", "longest s")
RUNS = 50
BEGIN_WITHIN = 100
"""Seconds in which all of them begin."""

LONGEST = 20 * 60
"""Seconds after which something went wrong."""

CLICKED_EACH = 5
"""One of so many gates is answered by a click on the card; the others are in Buddy."""

FAILED_EACH = 10
"""One of so many runs fails."""

NAMES = {
    "gate": "a gate opened",
    "answer": "a gate was answered in Buddy",
    "end": "a run ended",
}

_TICK = timedelta(seconds=1)


@dataclass(slots=True)
class Part:
    """One run, its card, and when people saw what."""

    number: int
    run: Execution
    card: Message
    shown: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    """When something happened, and when its card said so; by what it was."""

    answered_at: datetime | None = None
    _happened: dict[str, datetime] = field(default_factory=dict)

    def happens(self, what: str, at: datetime | None) -> None:
        """Note that something happened which the card must show."""
        if at is not None:
            self._happened.setdefault(what, at)

    def look(self, now: datetime) -> None:
        """Look at the card, and at what it should show."""
        if (waiting := self.run.attempt.waiting) and self.answered_at is None:
            self.happens("gate", waiting[0].started)
        if self.run.is_final:
            self.happens("end", self.run.attempt.finished)
        buttons = self.card.buttons
        is_open = "Approve" in buttons
        says = {
            "gate": is_open or self.answered_at is not None,
            "answer": not is_open,
            "end": not is_open and "Cancel" not in buttons,
        }
        for what, at in self._happened.items():
            if says[what]:
                self.shown.setdefault(what, (at, now))

    @property
    def is_over(self) -> bool:
        """Whether its end was seen."""
        return "end" in self.shown


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the crowd cost, and how long people waited."""

    runs: int
    minutes: float
    """From the first start to the last end, in simulated time."""

    buddy: list[Call]
    slack: list[Call]
    waits: dict[str, list[float]]
    """Simulated seconds until a card showed it; by what happened."""

    @property
    def refused(self) -> dict[str, int]:
        """Count the calls beyond a limit."""
        beyond = [call for call in self.slack if call.body.get("error") == "ratelimited"]
        too_many = [call for call in self.buddy if call.status == HTTPStatus.TOO_MANY_REQUESTS]
        return {"Buddy": len(too_many), "Slack": len(beyond)}

    def rows(self) -> list[list[str]]:
        """Write how long people waited."""
        return [
            [
                name,
                f"{len(waits)}",
                *(f"{percentile(waits, percent):.0f}" for percent in (50, 99)),
                f"{max(waits):.0f}",
            ]
            for what, name in NAMES.items()
            if (waits := self.waits.get(what))
        ]

    def facts(self) -> list[str]:
        """Write what it cost."""
        edits = [call for call in self.slack if call.path.endswith("chat.update")]
        shares = [len(calls) / self.runs for calls in (self.buddy, self.slack, edits)]
        return [
            f"{self.runs} runs were over after {self.minutes:.0f} minutes",
            "Each took {:.1f} calls of Buddy and {:.1f} of Slack, {:.1f} of them edits of its "
            "card; starting it, asking for its card and clicks included".format(*shares),
            "Refused for a limit: {Buddy} calls of Buddy, {Slack} of Slack".format(**self.refused),
        ]


async def play(storage: Path) -> Outcome:
    """Play until every end was seen.

    Raises:
        TimeoutError: a card never showed the end of its run.
    """
    async with stage(storage / "crowd.sqlite3", SandboxClock()) as ready:
        crowd = _Crowd(ready)
        await crowd.gathers()
        return await crowd.plays()


@dataclass(slots=True)
class _Crowd:
    """The people, the channel and the runs."""

    stage: Stage
    colleagues: dict[str, Colleague] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    channel: Channel = field(init=False)

    async def gathers(self) -> None:
        """Let two people connect their accounts: who asks for the cards, and who clicks."""
        buddy, slack = self.stage.buddy, self.stage.slack
        buddy.workspace("acme")
        buddy.project("acme", "shop")
        self.people = {name: slack.person(name) for name in ("maya", "ben")}
        self.channel = slack.channel("deployments", self.people.values())
        for name, person in self.people.items():
            self.colleagues[name] = buddy.person(name.title(), workspaces=["acme"])
            await person.says("/buddy connect", in_=self.channel)
            await self.stage.settled()
            await person.submits({"Personal access token": self.colleagues[name].token})
            await self.stage.settled()
            await person.closes_modal()

    async def plays(self) -> Outcome:
        """Start all runs, answer their gates, and watch their cards."""
        buddy, slack, clock = self.stage.buddy, self.stage.slack, self.stage.clock
        pipeline = buddy.pipeline(
            *("acme", "shop", "Deploy"), identifier="deploy", actions=_plan(0), concurrent=True
        )
        buddy.journal.calls.clear()
        slack.journal.calls.clear()
        began = clock.now()
        for second in range(LONGEST):
            while len(self.parts) < RUNS and len(self.parts) * BEGIN_WITHIN // RUNS <= second:
                await self._begin(pipeline)
            clock.advance(_TICK)
            await self.stage.settled()
            await self._answer_gates(clock.now())
            for part in self.parts:
                part.look(clock.now())
            if len(self.parts) == RUNS and all(part.is_over for part in self.parts):
                return self._outcome(clock.now() - began)
        raise TimeoutError

    async def _begin(self, pipeline: Pipeline) -> None:
        """Push a commit, and show the card of its run."""
        number = len(self.parts)
        # The same actions, which take another time.
        planned = zip(pipeline.actions, _plan(number), strict=True)
        pipeline.actions = [replace(action, what=what) for action, what in planned]
        maya = self.colleagues["maya"]
        run = pipeline.push(by=maya, message=f"Change {number}", branch=f"change-{number}")
        await self.people["maya"].says(f"/buddy show shop/deploy#{run.id}", in_=self.channel)
        await self.stage.settled()
        self.parts.append(Part(number, run, self.channel.messages[-1]))

    async def _answer_gates(self, now: datetime) -> None:
        for part in self.parts:
            waiting = part.run.attempt.waiting
            if not waiting or part.answered_at is not None:
                continue
            opened = waiting[0].started
            if opened is None or now < opened + timedelta(seconds=30 + part.number * 17 % 61):
                continue
            if part.number % CLICKED_EACH == 0:
                # Who clicks sees the button first.
                if "Approve" not in part.card.buttons:
                    continue
                await self.people["ben"].clicks(part.card, "Approve")
                await self.stage.settled()
            else:
                part.run.approve(by=self.colleagues["ben"])
                part.happens("answer", now)
            part.answered_at = now

    def _outcome(self, took: timedelta) -> Outcome:
        waits: dict[str, list[float]] = {}
        for part in self.parts:
            for what, (at, seen) in part.shown.items():
                waits.setdefault(what, []).append((seen - at).total_seconds())
        return Outcome(
            len(self.parts),
            took.total_seconds() / 60,
            list(self.stage.buddy.journal),
            list(self.stage.slack.journal),
            waits,
        )


def _plan(number: int) -> list[Step | Gate]:
    """Make a run of some ten minutes, half of them before its gate; none is like another."""

    def lasts(least: int, factor: int, spread: int) -> int:
        return least + number * factor % spread

    return [
        Step("Install", seconds=lasts(30, 11, 31)),
        Step("Build", seconds=lasts(60, 7, 41)),
        Step("Test", seconds=lasts(80, 13, 61)),
        Gate("Approve production"),
        Step("Deploy", seconds=lasts(120, 19, 61), fails=number % FAILED_EACH == 1),
        Step("Smoke test", seconds=lasts(90, 23, 71)),
    ]


def text(outcome: Outcome) -> str:
    """Write all of it for a terminal."""
    return "\n".join([*outcome.facts(), plain([HEAD, *outcome.rows()])])
