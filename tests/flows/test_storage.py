"""The click is stored before it is acknowledged; what could not be stored never happens."""

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from bot.app import running
from bot.cards.actions import decode
from bot.database import Database
from bot.domain import person as domain
from bot.domain.click import Click, Place, Way
from bot.domain.execution import Binding, Operation
from bot.jobs.table import job
from bot.store import clicks, identities
from bot.store.clicks import Step
from sandbox.buddy import Gate
from sandbox.clock import SandboxClock, hold_up
from sandbox.slack import Message
from sandbox.stage import settings_for, simulators
from tests.flows.acts import A_MOMENT
from tests.flows.run_forms import choose, field, form, opened, sends
from tests.world import World


async def test_a_locked_database_is_said_and_nothing_happens_later(
    world: World, tmp_path: Path
) -> None:
    """The commit fails: «not taken», and it does not happen when the lock is gone either."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    other = sqlite3.connect(tmp_path / "greenlight.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    ack = await maya.clicks(card, "Approve")
    other.execute("ROLLBACK")
    other.close()
    await world.settled()
    await world.passes(60)

    assert ack.status == 200
    assert ack.elapsed < 3
    assert "Not taken" in world.private(maya)
    assert "nothing was sent and nothing will be" in world.private(maya)
    assert world.patches() == []
    assert run.is_waiting


async def test_a_locked_database_at_a_command(world: World, tmp_path: Path) -> None:
    """The same holds for a typed operation: its acknowledgement says that it was not taken."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    other = sqlite3.connect(tmp_path / "greenlight.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    await maya.says("/buddy approve shop/deploy#1", in_=world.deploys)
    other.execute("ROLLBACK")
    other.close()
    await world.settled()
    await world.passes(60)

    assert "Not taken" in world.private(maya)
    assert run.is_waiting
    assert card.reads


async def test_a_locked_database_at_the_run_form(world: World, tmp_path: Path) -> None:
    """The form says that it was not taken, keeps what was typed, and the next try counts."""
    maya = await world.person("maya")
    await opened(world, maya)
    await choose(world, maya)
    other = sqlite3.connect(tmp_path / "greenlight.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    ack = await maya.submits({"Comment": "as agreed", "Variables": "VERSION=2.1"})
    other.execute("ROLLBACK")
    other.close()
    await world.settled()

    assert ack.elapsed < 3
    view = form(maya)
    assert "Not taken" in view.reads
    assert (field(view, "Comment"), field(view, "Variables")) == ("as agreed", "VERSION=2.1")
    assert not world.deploy.runs
    view = await sends(world, maya)
    assert "is asked for" in view.reads
    [run] = world.deploy.runs
    assert run.order.comment.startswith("as agreed [gl-")
    assert world.private(maya)
    assert world.deploys.messages[-1].reads


async def test_what_could_be_stored_too_late_is_not_stored(world: World, tmp_path: Path) -> None:
    """Maya was told «not taken» while the disk was slow; when it takes her click, nobody wants it.

    Ben's click has its turn first and waits for the lock in vain. Maya's has its turn after that,
    and gets the lock after she was answered.
    """
    maya, ben = await world.person("maya"), await world.person("ben")
    run, card = await world.waiting(maya)
    other = sqlite3.connect(tmp_path / "greenlight.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ben.clicks(card, "Approve"))
        await hold_up(A_MOMENT)
        ack = await maya.clicks(card, "Approve")
    other.execute("ROLLBACK")
    await world.stage.bot.services.operations.taking.drain(timedelta(seconds=10))
    (stored,) = other.execute("SELECT count(*) FROM click").fetchone()
    other.close()
    await world.settled()
    await world.passes(60)

    assert 2 <= ack.elapsed < 3
    assert all("Not taken" in world.private(person) for person in (maya, ben))
    assert stored == 0
    assert world.patches() == []
    assert run.is_waiting


@pytest.mark.parametrize("crash", ["taken", "sent, not done", "sent and done"])
async def test_what_was_acknowledged_survives_the_process(tmp_path: Path, crash: str) -> None:
    """The process was killed in the middle: the next one finishes the click, with one effect."""
    database = tmp_path / "greenlight.sqlite3"
    clock = SandboxClock()
    async with simulators(clock) as (slack, buddy):
        settings = settings_for(slack, buddy, database)
        buddy.workspace("acme")
        buddy.project("acme", "shop")
        gate = buddy.pipeline("acme", "shop", "Go", identifier="go", actions=[Gate("Ship it")])
        channel = slack.channel("deployments")
        maya, colleague = slack.person("maya"), buddy.person("Maya", workspaces=["acme"])
        maya.joins(channel)
        run = gate.push(by=colleague, message="Fix")
        async with running(settings, clock) as bot:
            slack.deliver_to(f"{bot.url}/slack/events")
            await maya.says("/buddy connect", in_=channel)
            await bot.settled()
            await maya.submits({"Personal access token": colleague.token})
            await bot.settled()
            await maya.closes_modal()
            await maya.says("/buddy show shop/go#1", in_=channel)
            await bot.settled()
        card = channel.messages[-1]
        await leave_behind(database, clock, domain.Person(slack.team, maya.id), card, crash)
        if crash == "sent and done":
            run.approve(by=colleague)

        async with running(settings, clock) as bot:
            await bot.settled()
            for _ in range(4):
                clock.advance(timedelta(seconds=5))
                await bot.settled()

        assert [effect.who for effect in run.history] == ["Maya"]
        assert len(buddy.journal.select("PATCH")) == (0 if crash == "sent and done" else 1)
        told = [reply.reads for reply in card.thread]
        assert told[0] == ":white_check_mark: @maya approved Ship it. The execution is successful."
        assert [text.partition(" after")[0] for text in told[1:]] == [
            ":white_check_mark: Successful"
        ]
        assert "Approved by @maya" in card.reads


async def leave_behind(
    path: Path, clock: SandboxClock, person: domain.Person, card: Message, crash: str
) -> None:
    """Store what a process leaves that is killed after the acknowledgement, or after sending."""
    database = Database.open(f"sqlite:///{path}")
    binding = decode(card.button("Approve").value)
    place = Place(card.channel.id, card.ts)
    click = Click("k", person, Way.BUTTON, place, Operation.APPROVE, binding)
    async with database.transaction() as transaction:
        click_id = await clicks.take(transaction, click, "", clock.now())
        assert click_id is not None
        if crash != "taken":
            stored = await clicks.get(transaction, click_id)
            link = await identities.find(transaction, person, binding.ref.host)
            assert link is not None
            await clicks.claim(transaction, stored, binding, clock.now())
            await clicks.change(
                transaction,
                click_id,
                step=Step.SENT,
                identity_id=link.id,
                identity_generation=link.generation,
                before="",
                sent_at=clock.now(),
                sent_count=1,
            )
        await transaction.run(insert(job).values(**row_of(click_id, binding)))
    await database.close()


def row_of(click_id: int, binding: Binding) -> dict[str, Any]:
    """Write the job of a click as a process leaves it that dies while it works on it."""
    host, pipeline, number = binding.ref.identity
    return {
        "kind": "operation",
        "key": str(click_id),
        "lane": f"operate/{host}/{pipeline}/{number}",
        "state": "running",
        "owner": "gone",
        "attempt": 1,
        **dict.fromkeys(("data", "error", "sealed"), ""),
        **dict.fromkeys(("put_at", "due", "not_before"), 0.0),
    }
