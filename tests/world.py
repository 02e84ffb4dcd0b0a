"""The world of the flow tests: the bot between both simulators, and people who use it.

A test acts, calls ``settled``, and looks at what people see. When it ends, the world holds it to
account: every message was looked at, nothing failed in the log, Slack refused nothing, and nobody
was pinged by foreign text, unless the test says that it expected it.
"""

from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import select

from bot.cards.answers import patience_card
from bot.store.tables import audit
from sandbox.buddy import Execution, Gate, Parallel, Pipeline, SimulatedBuddy, Step
from sandbox.buddy import Person as Colleague
from sandbox.clock import SandboxClock
from sandbox.slack import Ack, Channel, Ephemeral, Message, Person, Role, SimulatedSlack
from sandbox.stage import Stage, stage

both_databases = pytest.mark.parametrize(
    "on_postgresql", [False, True], ids=["sqlite", "postgresql"]
)
"""Plays a story on a SQLite file, and on PostgreSQL."""

both_doors = pytest.mark.parametrize("by_socket", [False, True], ids=["http", "socket"])
"""Plays a story with Slack's requests over HTTP, and over Socket Mode."""

PATIENCE = patience_card().text
TOKEN_FIELD = "Personal access token"
USUAL = (Step("Build", seconds=20), Gate("Approve production"), Step("Deploy", seconds=30))
"""What the usual pipeline is made of."""


# Its repr would be everything there is, and asyncio asks for it after every test that uses it.
@dataclass(slots=True, repr=False)
class World:
    """A team with a pipeline, a channel, and a bot that is watched."""

    stage: Stage
    log: list[Any]
    deploy: Pipeline
    deploys: Channel
    colleagues: dict[str, Colleague] = field(default_factory=dict)
    expected_errors: set[str] = field(default_factory=set)
    """Log events of level error that the test means to cause."""

    expected_refusals: set[str] = field(default_factory=set)
    """Slack's refusals that the test means to cause, such as ``chat.update: is_archived``."""

    @property
    def slack(self) -> SimulatedSlack:
        """The simulated Slack."""
        return self.stage.slack

    @property
    def buddy(self) -> SimulatedBuddy:
        """The simulated Buddy."""
        return self.stage.buddy

    async def person(
        self, name: str, role: Role = Role.MEMBER, *, connected: bool = True
    ) -> Person:
        """Let somebody into the channel; by default with their own Buddy account connected."""
        person = self.stage.slack.person(name, role)
        person.joins(self.deploys)
        colleague = self.stage.buddy.person(name.title(), workspaces=["acme"])
        self.colleagues[name] = colleague
        if connected:
            await self.connect(person)
        return person

    async def connect(self, person: Person) -> None:
        """Link a person's Buddy account through the form."""
        await person.says("/buddy connect", in_=self.deploys)
        await self.settled()
        await person.submits({TOKEN_FIELD: self.colleagues[person.name].token})
        await self.settled()
        modal = person.modal
        assert modal is not None
        assert "now acts in Buddy as" in modal.reads
        await person.closes_modal()

    async def card(self, person: Person, run: Execution) -> Message:
        """Put an execution's card into the channel."""
        name = f"{run.pipeline.project.name}/{run.pipeline.identifier}#{run.id}"
        await person.says(f"/buddy show {name}", in_=self.deploys)
        await self.settled()
        return self.deploys.messages[-1]

    async def waiting(self, person: Person, **told: Any) -> tuple[Execution, Message]:
        """Push a commit, let it come to its gate, and show its card."""
        message = told.pop("message", "Fix login")
        run = self.deploy.push(by=self.colleagues[person.name], message=message, **told)
        await self.stage.passes(25)
        card = await self.card(person, run)
        assert "Approve" in card.buttons
        return run, card

    async def settled(self) -> None:
        """Wait until the bot has nothing left to do at this moment."""
        await self.stage.settled()

    async def passes(self, seconds: float) -> None:
        """Let time pass."""
        await self.stage.passes(seconds)

    async def acts(self, act: Awaitable[Ack]) -> Ack:
        """Do something as a person, and wait for all that follows."""
        ack = await act
        await self.settled()
        return ack

    def patches(self) -> list[dict[str, Any]]:
        """List the bodies of the PATCHes that reached Buddy, in order."""
        return [call.body for call in self.stage.buddy.journal.select("PATCH")]

    def private(self, person: Person) -> str:
        """Read the last thing that only this person sees."""
        notes: list[Ephemeral] = person.ephemerals
        return notes[-1].reads

    async def audited(self) -> list[tuple[str, str, str]]:
        """Read who asked for what and what came of it, from the audit."""
        async with self.stage.bot.database.snapshot() as transaction:
            rows = await transaction.run(
                select(audit.c.user, audit.c.operation, audit.c.event).order_by(audit.c.id)
            )
        return [(self.stage.slack.name_of(row.user), row.operation, row.event) for row in rows]

    def held_to_account(self) -> None:
        """Fail on whatever a test overlooked."""
        errors = [
            line
            for line in self.log
            if line["log_level"] in {"error", "critical"}
            and line["event"] not in self.expected_errors
        ]
        assert not errors, errors
        refused = [one for one in self.slack.refusals if one not in self.expected_refusals]
        assert not refused, refused
        unseen = [note.reads for note in self.slack.unseen() if not _is_aside(note.reads)]
        assert not unseen, unseen
        assert not self.slack.lost
        assert not self.stage.bot.inflight.count


def _is_aside(told: str) -> bool:
    """Tell what a story need not look at.

    What is said when silence lasts too long depends on how busy this machine is. Whoever started
    what failed is told so, and gates that wait long are reminded of: they have their own stories.
    """
    is_letter = told.startswith(":x:") and "which you started, failed" in told
    return told == PATIENCE or is_letter or told.startswith(":alarm_clock:")


@asynccontextmanager
async def world_of(
    database: Path | str, actions: Sequence[Step | Gate | Parallel] = USUAL, **settings: Any
) -> AsyncIterator[World]:
    """Open a world; look at the end whether anything in it was overlooked.

    ``database`` is a folder for a SQLite file, or the address of another database.
    """
    where = database / "greenlight.sqlite3" if isinstance(database, Path) else database
    captured = structlog.testing.LogCapture()
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, captured])
    clock = SandboxClock()
    try:
        async with stage(where, clock, **settings) as ready:
            ready.buddy.workspace("acme", name="Acme")
            ready.buddy.project("acme", "shop", display_name="Web Shop")
            deploy = ready.buddy.pipeline(
                "acme", "shop", "Deploy", identifier="deploy", actions=list(actions)
            )
            channel = ready.slack.channel("deployments")
            world = World(ready, captured.entries, deploy, channel)
            yield world
            await world.settled()
        world.held_to_account()
    finally:
        structlog.reset_defaults()
