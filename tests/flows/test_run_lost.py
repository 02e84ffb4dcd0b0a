"""The answer to the start of a run gets lost: it is looked for, and never asked for twice."""

import asyncio
from typing import Any

import pytest

from sandbox.faults import Fault, Moment
from sandbox.slack import Person
from tests.flows.acts import types
from tests.world import World, both_databases, both_doors

LOST = [
    pytest.param({"moment": Moment.AFTER, "drop": True}, id="connection lost"),
    pytest.param({"moment": Moment.AFTER, "status": 502, "body": "<html>"}, id="bad gateway"),
    pytest.param({"moment": Moment.AFTER, "status": 201, "body": "<html>"}, id="no JSON"),
    pytest.param({"moment": Moment.AFTER, "status": 204, "body": ""}, id="no body"),
]


def posts(world: World) -> int:
    """Count the POSTs that reached Buddy."""
    return len(world.buddy.journal.select("POST"))


def notes(person: Person) -> str:
    """Read everything that only this person sees."""
    return "\n".join(note.reads for note in person.ephemerals)


@both_doors
@both_databases
@pytest.mark.parametrize("fault", LOST)
async def test_started_but_the_answer_lost(world: World, fault: dict[str, Any]) -> None:
    """Buddy did it and nobody heard: one run, found by its mark and shown like any other."""
    maya = await world.person("maya")
    world.buddy.faults.order(Fault("POST", path="/executions", **fault))

    told = await types(world, maya, "run shop/deploy")

    assert posts(world) == len(world.deploy.runs) == 1
    assert "Started shop / Deploy #1. Its card is in this channel." in told
    [card] = world.deploys.messages
    assert "shop / Deploy #1" in card.reads
    assert "gl-" not in card.reads
    assert await world.audited() == [("maya", "run", "sent"), ("maya", "run", "done")]


@both_doors
async def test_lost_before_it_was_started(world: World) -> None:
    """It never appears: the person is told that it is unclear, and who should look."""
    maya = await world.person("maya")
    world.buddy.faults.order(Fault("POST", path="/executions", drop=True))

    await types(world, maya, "run shop/deploy SECRET=hunter2")
    assert "no answer came back" not in notes(maya)
    await world.passes(60)
    said = notes(maya)
    assert "@maya, I asked Buddy to run" in said
    assert "I do not ask a second time." in said
    assert "Please look in" in said
    await world.passes(700)

    assert posts(world) == 1
    assert not world.deploy.runs
    assert not world.deploys.messages
    assert "most likely it was not started" in notes(maya)
    assert await world.audited() == [("maya", "run", "sent"), ("maya", "run", "unclear")]
    assert "hunter2" not in str(world.log)


async def test_one_that_appears_late_is_adopted(world: World) -> None:
    """After the person was told that nobody knows, its card appears all the same."""
    maya = await world.person("maya")
    world.buddy.faults.order(Fault("POST", path="/executions", moment=Moment.AFTER, drop=True))
    hidden = Fault("GET", path="/executions", times=10_000, status=503)
    world.buddy.faults.order(hidden)
    await types(world, maya, "run shop/deploy")
    await world.passes(90)
    assert "no answer came back" in notes(maya)
    assert not world.deploys.messages

    world.buddy.faults.clear()
    await world.passes(20)

    assert posts(world) == len(world.deploy.runs) == 1
    assert "shop / Deploy #1" in world.deploys.messages[0].reads
    assert "Started shop / Deploy #1" in notes(maya)


async def test_it_is_found_behind_many_others(world: World) -> None:
    """The list is paged; runs of others meanwhile do not hide it."""
    maya, ben = await world.person("maya"), await world.person("ben")
    world.buddy.faults.order(Fault("POST", path="/executions", moment=Moment.AFTER, drop=True))
    blind = Fault("GET", path="/executions", times=3, status=503)
    world.buddy.faults.order(blind)
    await types(world, maya, "run shop/deploy")
    for _ in range(150):
        world.deploy.run(by=world.colleagues["ben"])

    await world.passes(10)

    assert posts(world) == 1
    assert "shop / Deploy #1" in world.deploys.messages[0].reads
    assert notes(maya)
    assert not ben.ephemerals


async def test_a_copied_mark_is_not_ours(world: World) -> None:
    """Somebody else's run with the same comment is not taken for the one that was asked for."""
    maya, ben = await world.person("maya"), await world.person("ben")
    world.buddy.faults.order(Fault("POST", path="/executions", drop=True))
    await types(world, maya, "run shop/deploy")
    comment = world.buddy.journal.select("POST")[0].body["comment"]
    world.deploy.run(by=world.colleagues["ben"], comment=comment)

    await world.passes(60)

    assert not world.deploys.messages
    assert "no answer came back" in notes(maya)
    assert not ben.ephemerals


async def test_buddy_that_is_down_is_not_asked_again(world: World) -> None:
    """Where nothing left, nothing was started, and the person is told so at once."""
    maya = await world.person("maya")
    await types(world, maya, "run shop/deploy")
    await world.buddy.stop()

    told = await types(world, maya, "run shop/deploy")

    await world.buddy.start()
    assert "Buddy does not answer. Nothing was changed." in told
    assert len(world.deploy.runs) == 1
    assert world.deploys.messages[0].reads
    assert notes(maya)


async def test_a_rate_limit_before_is_waited_out(world: World) -> None:
    """429 says that nothing was done: the same POST goes out once more, and starts one run."""
    maya = await world.person("maya")
    headers = {"Retry-After": "1"}
    world.buddy.faults.order(Fault("POST", path="/executions", status=429, headers=headers))

    told = await types(world, maya, "run shop/deploy")

    assert len(world.deploy.runs) <= 1
    assert told
    assert [card.reads for card in world.deploys.messages] or "limit of calls" in told


async def test_who_disconnects_meanwhile_is_told_to_look(world: World) -> None:
    """Nobody can look with an account that is forgotten; nothing is sent again."""
    maya = await world.person("maya")
    world.buddy.faults.order(Fault("POST", path="/executions", drop=True))
    await types(world, maya, "run shop/deploy")

    await types(world, maya, "disconnect")
    await world.passes(60)

    assert "I can no longer read the execution with your Buddy account" in notes(maya)
    assert posts(world) == 1


async def test_two_people_run_the_same_at_once(world: World) -> None:
    """Two wishes are two runs, each its person's own, though both answers are lost."""
    maya, ben = await world.person("maya"), await world.person("ben")
    lost = Fault("POST", path="/executions", times=2, moment=Moment.AFTER, drop=True)
    world.buddy.faults.order(lost)

    async with asyncio.TaskGroup() as tasks:
        for person in (maya, ben):
            tasks.create_task(person.says("/buddy run shop/deploy", in_=world.deploys))
    await world.settled()
    await world.passes(5)

    creators = [run.creator.name for run in world.deploy.runs if run.creator]
    assert sorted(creators) == ["Ben", "Maya"]
    assert len(world.deploys.messages) == 2
    for card in world.deploys.messages:
        assert card.reads
    for person in (maya, ben):
        number = creators.index(person.name.title()) + 1
        assert f"Started shop / Deploy #{number}" in notes(person)


async def test_a_card_that_slack_may_have_is_not_posted_twice(world: World) -> None:
    """Slack's answer to the card gets lost: it is looked for by its mark, where that is allowed."""
    world.slack.scopes.update({"channels:history", "groups:history"})
    maya = await world.person("maya")
    lost = Fault("POST", "chat.postMessage", moment=Moment.AFTER, drop=True)
    world.slack.faults.order(lost)

    await types(world, maya, "run shop/deploy")
    await world.passes(30)

    [card] = world.deploys.messages
    assert "Approve" in card.buttons
    assert card.reads
    assert [reply.reads for reply in card.thread]
    assert "Started shop / Deploy #1" in notes(maya)
