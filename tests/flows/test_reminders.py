"""Gates that wait are reminded of, up a ladder; who started what failed is told directly."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.domain.person import Person as Asker
from bot.jobs.table import job
from bot.services.following.reminders import Reminders
from bot.store import habits
from bot.store.habits import ChannelHabits
from bot.store.tables import card as card_table
from sandbox.buddy import Execution, Gate, Step
from sandbox.slack import Message, Person, Role
from tests.flows.acts import types
from tests.flows.heard import busy
from tests.waiting import until
from tests.world import World, both_databases, both_doors, world_of

MINUTE = 60


async def waits(world: World, person: Person) -> tuple[Execution, Message]:
    """Let a run come to its gate under a card."""
    return await world.waiting(person)


def reminders(card: Message) -> list[str]:
    """Read what a thread was reminded of."""
    told = [reply.reads for reply in card.thread]
    return [text for text in told if text.startswith(":alarm_clock:")]


async def over(world: World, minutes: float) -> None:
    """Let minutes pass, without a look at every second of them."""
    await world.passes(minutes * MINUTE)


async def test_a_gate_is_reminded_of_up_a_ladder(tmp_path: Path) -> None:
    """After 15 minutes, an hour and four, calling those who may answer; then no more."""
    async with world_of(tmp_path) as world:
        maya, _ = await world.person("maya"), await world.person("ben")
        gate = Gate("Go live?", approvers=[world.colleagues["ben"]])
        world.deploy.plan([Step("Build", seconds=5), gate])
        _, card = await waits(world, maya)

        await over(world, 14)
        assert reminders(card) == []
        await over(world, 2)
        told = ":alarm_clock: Go live? has waited for a decision for 15 min.\nMay answer: @ben"
        assert reminders(card) == [told]
        await over(world, 300)

        assert [one.partition(" for a decision")[2][:12] for one in reminders(card)] == [
            " for 15 min.",
            " for 1 h.\nMa",
            " for 4 h. I ",
        ]
        assert "I do not remind you of it again" in reminders(card)[2]
        assert card.reads


@both_doors
async def test_who_answers_is_not_reminded(world: World) -> None:
    """The reminder goes in the transaction that records the decision."""
    maya = await world.person("maya")
    _, card = await waits(world, maya)
    assert await alarms(world) == 1

    await world.acts(maya.clicks(card, "Approve"))
    assert await alarms(world) == 0
    await over(world, 20)

    assert reminders(card) == []
    assert card.reads


async def test_who_answers_while_it_is_looked_up_is_not_reminded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written stands after the decision, so it is asked again whether there is one."""
    maya = await world.person("maya")
    _, card = await waits(world, maya)
    clicked: list[bool] = []

    async def clicks(*_: object) -> None:
        clicked.append(True)
        await maya.clicks(card, "Approve")
        await until(world.patches)

    monkeypatch.setattr(Reminders, "_learn", clicks)
    await over(world, 20)

    assert clicked == [True]
    assert reminders(card) == []
    assert len(world.patches()) == 1
    assert card.reads


async def alarms(world: World) -> int:
    """Count the reminders that are set."""
    async with world.stage.bot.database.snapshot() as transaction:
        rows = await transaction.run(select(job.c.id).where(job.c.kind == "remind"))
    return len(rows.all())


async def test_what_is_answered_in_buddy_is_not_reminded_of(world: World) -> None:
    """The read that sees it drops the reminder."""
    maya = await world.person("maya")
    run, card = await waits(world, maya)

    run.approve(by=world.colleagues["maya"])
    await world.passes(10)
    assert await alarms(world) == 0
    await over(world, 20)

    assert reminders(card) == []
    assert card.reads


async def test_a_gate_that_nobody_can_read_any_more_is_not_looked_at_for_ever(
    world: World,
) -> None:
    """Once every moment of every ladder is over by a day, its reminder is gone."""
    maya = await world.person("maya")
    _, card = await waits(world, maya)
    await types(world, maya, "disconnect")
    for days, is_set in ((7, True), (2, False)):
        world.stage.clock.advance(timedelta(days=days))
        await world.settled()
        await over(world, 10)
        assert await alarms(world) == is_set

    assert reminders(card) == []
    assert card.reads


async def test_a_refused_click_leaves_the_reminder(world: World) -> None:
    """Nothing was decided after all."""
    maya = await world.person("maya")
    ben = await world.person("ben")
    world.deploy.plan(
        [
            Step("Build", seconds=5),
            Gate("Approve production", approvers=[world.colleagues["maya"]]),
        ]
    )
    _, card = await waits(world, maya)

    await world.acts(ben.clicks(card, "Approve"))
    assert "not" in world.private(ben)
    assert await alarms(world) == 1
    await over(world, 16)

    assert len(reminders(card)) == 1
    assert card.reads


async def test_an_overtaken_run_is_not_reminded_of(world: World) -> None:
    """Whoever would be reminded is told of the newer run instead; the card loses its buttons."""
    maya = await world.person("maya")
    _, card = await waits(world, maya)
    world.deploy.push(by=world.colleagues["maya"], message="Newer")
    assert card.buttons == ["Approve", "Reject"]

    await over(world, 20)

    assert reminders(card) == []
    assert "The newer run #2 has overtaken this one" in card.thread[0].reads
    assert "Overtaken by the newer run #2" in card.reads
    assert "Approve" not in card.buttons


@both_databases
@pytest.mark.parametrize("by_click", [True, False])
async def test_a_reminder_that_slack_did_not_take_is_dropped_by_the_decision(
    world: World, *, by_click: bool
) -> None:
    """It waits to be posted; by then somebody has answered, here or in Buddy."""
    maya = await world.person("maya")
    run, card = await waits(world, maya)
    world.slack.faults.order(replace(busy(20), times=1_000))
    await over(world, 16)

    if by_click:
        await world.acts(maya.clicks(card, "Approve"))
    else:
        run.approve(by=world.colleagues["maya"])
        await world.passes(10)
    world.slack.faults.clear()
    await over(world, 2)

    assert reminders(card) == []
    assert card.reads
    assert len(world.patches()) == by_click


async def test_quiet_hours_hold_for_a_channel(world: World) -> None:
    """What becomes due then is told when they are over, once."""
    maya = await world.person("maya")
    now = world.stage.clock.now()
    await types(world, maya, "settings")
    await world.acts(maya.clicks(maya.ephemerals[-1], "Change…"))
    local = (now + timedelta(hours=1)).strftime("%H:00")
    until = (now + timedelta(hours=3)).strftime("%H:00")
    await world.acts(maya.submits({"Quiet from": local, "Quiet until": until}))
    _, card = await waits(world, maya)

    await over(world, 60)
    assert reminders(card) == []
    await over(world, 70)

    assert len(reminders(card)) == 1
    assert card.reads


async def test_a_card_is_reminded_by_the_habits_of_its_own_team(world: World) -> None:
    """In a channel that teams share; whoever asked for the first card may be of another one."""
    maya = await world.person("maya")
    _, card = await waits(world, maya)
    off = ChannelHabits(ladder=())
    async with world.stage.bot.database.transaction() as transaction:
        await habits.set_channel(transaction, world.slack.team, world.deploys.id, off)
        await transaction.run(update(card_table).values(team="TELSEWHERE"))

    await over(world, 20)

    assert len(reminders(card)) == 1
    assert card.reads


async def test_a_channel_has_its_own_ladder(world: World) -> None:
    """Off is never."""
    maya = await world.person("maya")
    await types(world, maya, "settings")
    await world.acts(maya.clicks(maya.ephemerals[-1], "Change…"))
    await world.acts(maya.submits({"Remind of a gate that waits after": "off"}))
    _, card = await waits(world, maya)

    await over(world, 300)

    assert reminders(card) == []
    assert card.reads


async def test_who_started_what_failed_is_told_once(world: World) -> None:
    """Directly, with a way to have it no more."""
    maya, ben = await world.person("maya"), await world.person("ben")
    run = world.deploy.push(by=world.colleagues["ben"], message="Fix login")
    run.fails_at("Build")
    card = await world.card(maya, run)
    await world.passes(30)

    [told] = ben.dms
    assert told.reads.startswith(
        ":x: shop / Deploy #1 on main, which you started, failed at Build."
    )
    assert not maya.dms
    await world.acts(ben.clicks(told, "Don't tell me directly"))
    assert "I no longer tell you directly" in "\n".join(note.reads for note in [*ben.ephemerals])

    again = world.deploy.push(by=world.colleagues["ben"], message="Once more")
    again.fails_at("Build")
    other = await world.card(maya, again)
    await world.passes(30)
    assert len(ben.dms) == 1
    for one in (card, other):
        assert one.reads
        assert [reply.reads for reply in one.thread]


@pytest.mark.parametrize("times", [1, 3])
async def test_two_cards_are_one_notice(world: World, times: int) -> None:
    """However many channels show it."""
    maya = await world.person("maya")
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    run.fails_at("Build")
    cards = [await world.card(maya, run) for _ in range(times)]
    await world.passes(30)

    assert [message.reads.partition("\n")[0] for message in maya.dms] == [
        ":x: shop / Deploy #1 on main, which you started, failed at Build."
    ]
    for card in cards:
        assert card.reads
        assert [reply.reads for reply in card.thread]


async def test_who_may_not_act_any_more_changes_nothing(world: World) -> None:
    """Not what they are told either: a guest is told why, and it stays as it was."""
    maya, ben = await world.person("maya"), await world.person("ben")
    run = world.deploy.push(by=world.colleagues["ben"], message="Fix login")
    run.fails_at("Build")
    card = await world.card(maya, run)
    await world.passes(30)
    [told] = ben.dms
    ben.role = Role.GUEST
    await world.passes(200)

    await world.acts(ben.clicks(told, "Don't tell me directly"))

    assert "Guests cannot do this" in world.private(ben)
    person = Asker(world.slack.team, ben.id)
    async with world.stage.bot.database.snapshot() as transaction:
        assert await habits.tells_failures(transaction, person)
    assert [reply.reads for reply in (card, told, *card.thread)]
