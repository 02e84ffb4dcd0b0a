"""The thread of a card tells its execution's story: each thing once, in order, by whom and why."""

from datetime import timedelta
from pathlib import Path

from sandbox.buddy import Execution, Field, Gate, GateKind, Parallel, Step
from sandbox.buddy.actions import Value
from sandbox.faults import Fault
from sandbox.slack import Message, Person
from tests.flows.acts import refused_as
from tests.world import World, both_databases, world_of


def told(card: Message) -> list[str]:
    """Read a card's thread."""
    return [reply.reads for reply in card.thread]


async def shown(world: World, person: Person) -> tuple[Execution, Message]:
    """Push a commit, and show its card while it builds."""
    run = world.deploy.push(by=world.colleagues[person.name], message="Fix login")
    return run, await world.card(person, run)


@both_databases
async def test_what_happens_in_buddy_is_told_once_in_order(world: World) -> None:
    """A gate is reached and answered in Buddy's web app; two cards in two channels tell it."""
    maya, ben = await world.person("maya"), await world.person("ben")
    run, card = await shown(world, maya)
    ops = world.slack.channel("ops", [ben])
    await world.acts(ben.says("/buddy show shop/deploy#1", in_=ops))
    other = ops.messages[-1]
    assert told(card) == told(other) == []

    await world.passes(25)
    assert told(card) == [":raised_hand: Approve production waits for a decision."]
    run.approve(by=world.colleagues["ben"])
    await world.passes(10)
    for each in (card, other):
        assert each.buttons == ["Cancel"]
        assert "Approved in Buddy by @ben" in each.reads
    await world.passes(60)

    for each in (card, other):
        assert told(each) == [
            ":raised_hand: Approve production waits for a decision.",
            ":white_check_mark: @ben approved Approve production in Buddy.",
            ":white_check_mark: Successful after 50 s, not counting 5 s at gates.",
        ]
        assert "Successful" in each.reads


@both_databases
async def test_what_the_bot_did_is_told_by_the_operation_alone(world: World) -> None:
    """Approve, fail, retry, cancel: one reply for each, whoever reads it first."""
    maya, ben = await world.person("maya"), await world.person("ben")
    run, card = await world.waiting(maya)
    run.fails_at("Deploy", logs=["Connecting to web-1", "No space left on device"])

    await world.acts(ben.clicks(card, "Approve"))
    await world.passes(60)
    await world.acts(ben.clicks(card, "Retry"))
    await world.passes(30)
    await world.acts(maya.clicks(card, "Reject"))
    await world.acts(maya.submits({"Reason": "Legal has not seen it"}))
    await world.passes(20)

    failed = told(card)[1]
    assert failed.startswith(":x: Deploy failed after 30 s.\n>Action failed: see logs above")
    assert "@maya, this was yours." in failed
    assert "Connecting to web-1\nNo space left on device" in failed
    assert [line.split(".")[0] for line in told(card)] == [
        ":white_check_mark: @ben approved Approve production",
        ":x: Deploy failed after 30 s",
        ":repeat: @ben retried this",
        ":raised_hand: Approve production waits for a decision",
        ":no_entry: @maya rejected Approve production, so Buddy cancels the execution",
    ]
    assert "Rejected by @maya" in card.reads


async def test_a_retry_and_a_stop_in_buddy_are_told(world: World) -> None:
    """Attempt by attempt, though the number stays, and the start date too."""
    world.buddy.retry_keeps_start_date = True
    maya, ben = await world.person("maya"), await world.person("ben")
    run, card = await world.waiting(maya)
    old = card.snapshot()

    for _ in range(2):
        run.cancel(by=world.colleagues["ben"])
        await world.passes(10)
        assert "Cancelled in Buddy by @ben" in card.reads
        run.retry(by=world.colleagues["ben"])
        # It had ended: somebody's click is what lets the bot look again.
        await world.acts(maya.clicks(old, "Approve"))
        assert "Nothing was sent" in world.private(maya)
        await world.passes(30)

    assert [line.split(".")[0] for line in told(card)] == [
        ":octagonal_sign: @ben cancelled this in Buddy",
        ":repeat: This execution was run again in Buddy",
        ":raised_hand: Approve production waits for a decision",
    ] * 2
    assert card.buttons == ["Approve", "Reject"]
    assert not ben.ephemerals


async def test_reads_that_lag_tell_nothing_twice(world: World) -> None:
    """Buddy shows old pictures for a while after each operation, by hand and through the bot."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    world.buddy.lags(12)

    await world.acts(maya.clicks(card, "Approve"))
    await world.passes(60)
    assert run.is_final
    world.buddy.lags(0)
    await world.passes(30)

    assert [line.split(".")[0].split(" after")[0] for line in told(card)] == [
        ":white_check_mark: @maya approved Approve production",
        ":white_check_mark: Successful",
    ]
    assert card.reads


async def test_who_is_not_linked_is_named_as_buddy_does(world: World) -> None:
    """By the name that the execution holds, else by number."""
    maya = await world.person("maya")
    await world.person("zoe", connected=False)
    run, card = await world.waiting(maya)
    zoe = world.colleagues["zoe"]

    run.approve(by=zoe)
    await world.passes(10)

    assert told(card) == [
        f":white_check_mark: Buddy user {zoe.id} approved Approve production in Buddy."
    ]
    assert f"Approved in Buddy by Buddy user {zoe.id}" in card.reads
    run.cancel(by=world.colleagues["maya"])
    await world.passes(10)
    assert "@maya cancelled this in Buddy" in told(card)[1]
    assert card.reads


async def test_a_gate_calls_those_who_may_answer_it(tmp_path: Path) -> None:
    """By Buddy's own list, where they are known in Slack; and asks its question."""
    async with world_of(tmp_path) as world:
        maya, ben = await world.person("maya"), await world.person("ben")
        approvers = [world.colleagues["ben"]]
        gate = Gate("Go live?", question="Is support informed?", approvers=approvers)
        world.deploy.plan([Step("Build", seconds=5), gate])
        _, card = await shown(world, maya)

        await world.passes(10)

        assert told(card) == [
            ":raised_hand: Go live? waits for a decision.\n>Is support informed?\nMay answer: @ben"
        ]
        assert "@ben" in [ping.target for ping in world.slack.pings]
        assert card.buttons == ["Approve", "Reject"]
        assert not ben.ephemerals


async def test_a_crash_between_the_card_and_its_thread_loses_nothing(world: World) -> None:
    """Slack is away when the gate is reached; a later read tells it, once."""
    maya = await world.person("maya")
    _, card = await shown(world, maya)
    down = Fault("POST", "chat.postMessage", times=3, status=200)
    down.body = refused_as("service_unavailable")
    world.slack.faults.order(down)

    await world.passes(60)

    assert told(card) == [":raised_hand: Approve production waits for a decision."]
    assert card.reads


async def test_a_log_that_cannot_be_read_keeps_no_failure_from_being_told(world: World) -> None:
    """The failure is what matters."""
    maya = await world.person("maya")
    run, card = await shown(world, maya)
    run.fails_at("Build")
    world.buddy.faults.order(Fault("GET", path="/logs", times=9, status=500))

    await world.passes(40)

    assert "I could not read its log. The whole log is in Buddy." in told(card)[0]
    assert "Build failed after 20 s" in told(card)[0]
    assert card.buttons == ["Retry"]


async def test_no_secret_of_a_log_is_told(tmp_path: Path) -> None:
    """Neither what looks like one, nor what Buddy knows to be one, nor colours."""
    gate = Gate("Which door?", GateKind.VARIABLES, fields=[Field("CODE", encrypted=True)])
    steps: list[Step | Gate | Parallel] = [Step("Build", seconds=5), gate, Step("Deploy")]
    async with world_of(tmp_path, steps) as world:
        world.buddy.shows_secrets = True
        maya = await world.person("maya")
        run, card = await shown(world, maya)
        lines = ["\x1b[31mopening with mellon42\x1b[0m", "DB_PASSWORD=hunter2", "exit code 7"]
        run.fails_at("Deploy", logs=lines)
        await world.passes(10)
        run.approve(by=world.colleagues["maya"], variables=[Value("CODE", "mellon42")])
        await world.passes(30)

        assert [line.partition("\n")[0] for line in told(card)] == [
            ":raised_hand: Which door? waits for variables.",
            ":white_check_mark: @maya answered Which door? in Buddy.",
            ":x: Deploy failed after 10 s.",
        ]
        failed = told(card)[-1]
        assert "opening with ***\nDB_PASSWORD=***\nexit code 7" in failed
        assert "mellon42" not in str(card.thread[-1].layout)
        assert card.reads


async def test_a_card_posted_late_does_not_tell_what_it_shows(world: World) -> None:
    """It failed and ran again before the card was there: only what comes after is told."""
    maya = await world.person("maya")
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    run.fails_at("Build")
    await world.passes(25)
    run.retry(by=world.colleagues["maya"])
    await world.passes(30)
    assert run.is_waiting

    card = await world.card(maya, run)
    await world.passes(30)

    assert told(card) == []
    assert card.buttons == ["Approve", "Reject"]


async def test_a_scheduled_run_says_when_it_starts(world: World) -> None:
    """The card was posted before; through the bot it is told by who started it."""
    maya = await world.person("maya")
    later = world.stage.clock.now() + timedelta(minutes=10)
    cards = []
    for _ in range(2):
        run = world.deploy.run(by=world.colleagues["maya"], delay_until=later)
        cards.append(await world.card(maya, run))

    await world.acts(maya.clicks(cards[0], "Start now"))
    await world.passes(5)
    assert [line.split(".")[0] for line in told(cards[0])] == [":arrow_forward: @maya started this"]
    await world.passes(610)

    assert told(cards[1])[0] == ":arrow_forward: This execution has started on main."
    for card in cards:
        assert len([line for line in told(card) if "start" in line]) == 1
        assert card.reads


async def test_a_newer_run_takes_the_older_ones_buttons(world: World) -> None:
    """Buddy lets only the newest of a branch go on; both have cards, so the bot knows."""
    maya = await world.person("maya")
    _, card = await world.waiting(maya)
    _, newer = await shown(world, maya)

    await world.passes(20)

    [overtaken] = told(card)
    assert overtaken.startswith(":fast_forward: The newer run #2 has overtaken this one")
    assert "Overtaken by the newer run #2" in card.reads
    assert "Approve" not in card.buttons
    assert newer.buttons == ["Approve", "Reject"]
    assert told(newer) == [":raised_hand: Approve production waits for a decision."]


async def test_runs_side_by_side_overtake_nobody(world: World) -> None:
    """The pipeline's own setting decides."""
    world.deploy.concurrent = True
    maya = await world.person("maya")
    _, card = await world.waiting(maya)
    _, newer = await shown(world, maya)

    await world.passes(20)

    assert told(card) == []
    assert card.buttons == newer.buttons == ["Approve", "Reject"]
    assert told(newer)
