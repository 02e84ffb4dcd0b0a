"""What somebody gave is sent once or never: lost answers, ends of processes, too much time."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from bot.cards.actions import decode
from bot.domain import person as domain
from bot.domain.click import Click, Place, Way
from bot.domain.execution import Operation
from bot.domain.values import Entries
from bot.jobs.table import job
from bot.services.operating.values import KEPT
from bot.store import clicks, identities
from bot.store.clicks import SealedValues, Step
from bot.store.tables import click
from sandbox.faults import Fault, Moment
from sandbox.slack import Message, Person
from tests.flows.test_storage import row_of
from tests.flows.test_values import (
    FILLED,
    PLAN,
    PROVIDE,
    asks,
    everything_stored,
    kept,
    opens,
    values_of,
)
from tests.world import World, world_of


async def test_done_but_the_answer_lost(tmp_path: Path) -> None:
    """Buddy did it and nobody heard: reading tells, and nothing is sent twice."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)
        await opens(world, maya, card)
        world.buddy.faults.order(Fault("PATCH", moment=Moment.AFTER, drop=True))

        await world.acts(maya.submits(FILLED))

        assert len(world.patches()) == len(run.history) == 1
        assert "@maya answered Version" in card.thread[0].reads
        assert "Given: VERSION" in card.thread[0].reads
        assert "Answered by @maya" in card.reads
        assert not await kept(world)


async def test_lost_before_it_was_done(tmp_path: Path) -> None:
    """Nobody has the values any more: they are asked for again, and only then sent."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)
        await opens(world, maya, card)
        world.buddy.faults.order(Fault("PATCH", drop=True))
        await world.acts(maya.submits(FILLED))
        assert not await kept(world)

        await world.passes(20)
        assert not run.history
        assert len(world.patches()) == 1
        told = world.private(maya)
        assert "no answer came back, and Buddy shows none of them" in told
        assert "Please fill it in again" in told
        assert "Buddy shows no effect" in card.thread[0].reads
        assert PROVIDE in card.buttons
        await opens(world, maya, maya.ephemerals[-1])
        await world.acts(maya.submits(FILLED))

        assert values_of(run) == FILLED
        assert "@maya answered Version" in card.thread[1].reads
        assert card.reads


async def left_behind(world: World, person: Person, card: Message, step: Step) -> None:
    """Store what a process leaves that is killed with somebody's values in its hands."""
    bot = world.stage.bot
    who, now = domain.Person(world.slack.team, person.id), world.stage.clock.now()
    binding = decode(card.button(PROVIDE).value)
    place = Place(card.channel.id, card.ts)
    asked = Click(
        "k", who, Way.FORM, place, Operation.PROVIDE, binding, entries=Entries({"0.x": "gone"})
    )
    values = bot.services.operations.values.seal(asked)
    async with bot.database.transaction() as transaction:
        number = await clicks.take(
            transaction, asked, "", now, replace(values, taken_by="a-process-that-died")
        )
        assert number is not None
        if step is Step.SENT:
            link = await identities.find(transaction, who, binding.ref.host)
            assert link is not None
            stored = await clicks.get(transaction, number)
            await clicks.claim(transaction, stored, binding, now)
            await clicks.change(
                transaction,
                number,
                step=step,
                identity_id=link.id,
                identity_generation=link.generation,
                before="",
                sent_at=now,
                sent_count=1,
            )
        row = {**row_of(number, binding), "state": "waiting", "owner": "", "attempt": 0}
        await transaction.run(insert(job).values(**row))


@pytest.mark.parametrize("step", [Step.TAKEN, Step.SENT])
async def test_what_a_process_left_is_never_sent(tmp_path: Path, step: Step) -> None:
    """Whoever finds it wipes it and says so; the form is a click away."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)
        await left_behind(world, maya, card, step)

        await world.passes(20)

        assert not world.patches()
        assert not await kept(world)
        told = world.private(maya)
        said = {
            Step.TAKEN: "I was interrupted before I could pass on your variables. Nothing was sent",
            Step.SENT: "no answer came back, and Buddy shows none of them",
        }
        assert said[step] in told
        await opens(world, maya, maya.ephemerals[-1])
        await world.acts(maya.submits(FILLED))
        assert values_of(run) == FILLED
        assert [reply.reads for reply in card.thread]
        assert card.reads


async def test_values_are_gone_after_ten_minutes(tmp_path: Path) -> None:
    """Whatever keeps their click from its turn."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        _, card = await asks(world, maya)
        await left_behind(world, maya, card, Step.TAKEN)
        async with world.stage.bot.database.transaction() as transaction:
            await transaction.run(job.delete().where(job.c.kind == "operation"))
        assert await kept(world)

        await world.passes(KEPT.total_seconds() - 90)
        assert await kept(world)
        await world.passes(180)

        assert not await kept(world)
        assert "gone" not in await everything_stored(world)
        assert card.reads


async def test_whoever_disconnects_meanwhile_sends_nothing(tmp_path: Path) -> None:
    """Values do not wait for an account: they are wiped, and the way back is told."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        run, card = await asks(world, maya)
        await opens(world, maya, card)
        await world.acts(maya.says("/buddy disconnect", in_=world.deploys))
        assert maya.ephemerals[-1].reads

        await world.acts(maya.submits(FILLED))

        told = maya.ephemerals[-1]
        assert "I do not know your Buddy account yet" in told.reads
        assert told.buttons == ["Connect Buddy", PROVIDE]
        assert not world.patches()
        assert not await kept(world)
        assert run.is_waiting
        assert card.reads


async def test_a_row_of_somebody_else_does_not_open(tmp_path: Path) -> None:
    """Values are bound to who gave them, and to their gate: moved, they are worth nothing."""
    async with world_of(tmp_path, PLAN) as world:
        maya = await world.person("maya")
        _, card = await asks(world, maya)
        await left_behind(world, maya, card, Step.TAKEN)
        ours = world.stage.bot.jobs.pulse.id
        async with world.stage.bot.database.transaction() as transaction:
            row = (await transaction.run(select(click).where(click.c.key == "k"))).one()
            moved = {"taken_by": ours, "key": "another"}
            await transaction.run(click.update().where(click.c.id == row.id).values(**moved))

        await world.passes(20)

        assert not world.patches()
        assert "I was interrupted" in world.private(maya)
        assert not await kept(world)
        assert card.reads


def test_what_is_sealed_is_shown_nowhere() -> None:
    """Not even in a repr, which may end up in a log."""
    assert "sealed" not in repr(SealedValues("sealed:x"))[len("SealedValues(") :]
    assert timedelta(minutes=10) == KEPT
