"""What was asked for is stored once, and the first of two like wishes is the one that counts."""

from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from bot.database import Database
from bot.domain.click import Click, Place, Way
from bot.domain.execution import Attempt, Binding, Effect, ExecutionRef, Operation
from bot.domain.person import Person
from bot.domain.reference import ExecutionName, PipelineName
from bot.store import audit, clicks, wiping
from bot.store.clicks import OPEN_STEPS, SealedValues, Step, StoredClick
from bot.store.tables import audit as audit_rows
from tests.domain.samples import AT_GATE_BINDING, NOON, REF, RUNNING, bound_to

MAYA, TOM = Person("T1", "MAYA"), Person("T1", "TOM")
PLACE = Place("C1", "1700000000.000100", "1700000000.000200", is_private=True)
PRESSED = Click(
    key="a/1",
    person=MAYA,
    way=Way.BUTTON,
    place=PLACE,
    operation=Operation.APPROVE,
    binding=AT_GATE_BINDING,
    reason="tested",
    answer_url="https://hooks.slack.com/actions/secret",
)
AT_ATTEMPT = bound_to(RUNNING)
SEALED = "1a2b3c4d:sealed"


async def taken(database: Database, click: Click) -> StoredClick:
    """Take a click and read it back."""
    async with database.transaction() as transaction:
        number = await clicks.take(transaction, click, SEALED, NOON)
        assert number is not None
        return await clicks.get(transaction, number)


async def pressed_by(database: Database, person: Person, operation: Operation) -> StoredClick:
    """Take a click of somebody, with a key of its own."""
    key = f"{person.user}/{operation.value}"
    return await taken(database, replace(PRESSED, key=key, person=person, operation=operation))


async def claimed(database: Database, click: StoredClick, binding: Binding) -> bool:
    """Claim a decision."""
    async with database.transaction() as transaction:
        return await clicks.claim(transaction, click, binding, NOON)


async def moved(database: Database, click: StoredClick, **values: object) -> StoredClick:
    """Change a click and read it back."""
    async with database.transaction() as transaction:
        await clicks.change(transaction, click.id, **values)
        return await clicks.get(transaction, click.id)


@pytest.mark.parametrize(
    "click",
    [
        PRESSED,
        replace(PRESSED, way=Way.FORM, place=Place("C1"), reason=""),
        replace(
            PRESSED,
            way=Way.COMMAND,
            binding=None,
            named=ExecutionName(PipelineName("", "my shop", "deploy"), 12),
        ),
    ],
)
async def test_a_click_comes_back_as_it_was_taken(database: Database, click: Click) -> None:
    """Whatever happens to the process in between."""
    stored = await taken(database, click)

    for name in ("key", "person", "way", "place", "operation", "binding", "named", "reason"):
        assert getattr(stored, name) == getattr(click, name)
    assert (stored.step, stored.taken_at, stored.sealed_answer_url) == (Step.TAKEN, NOON, SEALED)
    assert (stored.sent_at, stored.sent_count, stored.before) == (None, 0, "")


async def test_a_click_that_is_delivered_twice_is_taken_once(database: Database) -> None:
    """Slack delivers again when it did not hear us."""
    await taken(database, PRESSED)

    async with database.transaction() as transaction:
        again = await clicks.take(transaction, replace(PRESSED, person=TOM), SEALED, NOON)

    assert again is None


async def test_neither_answer_url_shows_itself(database: Database) -> None:
    """Whoever has it can write into the channel."""
    assert "hooks.slack.com" not in repr(PRESSED)
    assert SEALED not in repr(await taken(database, PRESSED))


@pytest.mark.parametrize("step", Step)
async def test_only_what_was_not_begun_is_made_void(database: Database, step: Step) -> None:
    """Its person was told «not taken»; what was sent already cannot be unsaid."""
    click = await moved(database, await taken(database, PRESSED), step=step)

    async with database.transaction() as transaction:
        number = await clicks.void(transaction, PRESSED.key)
        after = await clicks.get(transaction, click.id)

    assert number == (click.id if step is Step.TAKEN else None)
    assert after.step is (Step.VOID if step is Step.TAKEN else step)
    if step is Step.TAKEN:
        assert after.sealed_answer_url == ""


async def test_what_waits_for_an_account_is_found_while_it_waits(database: Database) -> None:
    """Of this person, not begun, and not too old; also one that is being looked at right now."""
    until = NOON + timedelta(minutes=15)
    waiting = await moved(database, await taken(database, PRESSED), waits_until=until)
    other = await taken(database, replace(PRESSED, key="of tom", person=TOM))
    await moved(database, other, waits_until=until)
    ended = await taken(database, replace(PRESSED, key="ended"))
    await moved(database, ended, waits_until=until, step=Step.REFUSED)
    begun = await taken(database, replace(PRESSED, key="begun"))
    nameless = replace(
        PRESSED, key="named", binding=None, named=ExecutionName(PipelineName("", "s", "d"))
    )
    await taken(database, nameless)

    async with database.snapshot() as transaction:
        found = await clicks.waiting_for(transaction, PRESSED.person, NOON)
        late = await clicks.waiting_for(transaction, PRESSED.person, until)

    assert [click.id for click in found] == [waiting.id, begun.id]
    assert [click.id for click in late] == [begun.id]


async def test_addresses_that_slack_no_longer_takes_are_forgotten(database: Database) -> None:
    """Also of clicks that are still waiting for something."""
    old = await taken(database, PRESSED)

    async with database.transaction() as transaction:
        await wiping.forget_answer_urls(transaction, NOON)
        kept = await clicks.get(transaction, old.id)
        await wiping.forget_answer_urls(transaction, NOON + timedelta(seconds=1))
        forgotten = await clicks.get(transaction, old.id)

    assert kept.sealed_answer_url == SEALED
    assert forgotten.sealed_answer_url == ""


async def test_values_have_their_time(database: Database) -> None:
    """Then they are wiped, though their click still waits; those of others are not."""
    later = NOON + timedelta(minutes=10)
    async with database.transaction() as transaction:
        values = SealedValues("1a2b3c4d:values", later, "a-process")
        old = await clicks.take(transaction, PRESSED, "", NOON, values)
        young = await clicks.take(
            transaction,
            replace(PRESSED, key="a/2"),
            "",
            NOON,
            replace(values, until=later + timedelta(seconds=1)),
        )
        assert old is not None
        assert young is not None
        await wiping.forget_values(transaction, NOON)
        kept = await clicks.get(transaction, old)
        await wiping.forget_values(transaction, later)
        gone, left = await clicks.get(transaction, old), await clicks.get(transaction, young)

    assert (kept.sealed_values, gone.sealed_values) == ("1a2b3c4d:values", "")
    assert left.sealed_values == "1a2b3c4d:values"
    assert (gone.step, gone.values_until) == (Step.TAKEN, later)


@pytest.mark.parametrize("step", Step)
async def test_values_are_gone_from_the_moment_they_are_sent(
    database: Database, step: Step
) -> None:
    """Whatever becomes of the click: sent, refused, made void."""
    async with database.transaction() as transaction:
        values = SealedValues("1a2b3c4d:values", NOON, "a-process")
        number = await clicks.take(transaction, PRESSED, "", NOON, values)
        assert number is not None
        if step is Step.VOID:
            await clicks.void(transaction, PRESSED.key)
        else:
            await clicks.change(transaction, number, step=step)
        click = await clicks.get(transaction, number)

    assert (click.sealed_values != "") == (step is Step.TAKEN)


@pytest.mark.parametrize("step", Step)
async def test_the_answers_address_is_forgotten_at_the_end(database: Database, step: Step) -> None:
    """It is kept as long as an answer may be due, and no longer."""
    click = await moved(database, await taken(database, PRESSED), step=step)

    assert click.step is step
    assert click.sealed_answer_url == (SEALED if step in OPEN_STEPS else "")


async def test_a_named_execution_gets_its_binding_later(database: Database) -> None:
    """What a command means is formed when the execution is read, and stays."""
    click = await taken(database, replace(PRESSED, binding=None))

    click = await moved(
        database, click, binding=AT_GATE_BINDING, before="INPROGRESS|", sent_at=NOON, sent_count=1
    )

    assert click.binding == AT_GATE_BINDING
    assert (click.before, click.sent_at, click.sent_count) == ("INPROGRESS|", NOON, 1)
    assert click.step is Step.TAKEN


async def test_the_first_of_two_approvers_decides(database: Database) -> None:
    """The second one is told who it was."""
    first = await pressed_by(database, MAYA, Operation.APPROVE)
    second = await pressed_by(database, TOM, Operation.APPROVE_VISUAL_TESTS)

    assert await claimed(database, first, AT_GATE_BINDING)
    assert not await claimed(database, second, AT_GATE_BINDING)

    async with database.snapshot() as transaction:
        made = await clicks.decisions(transaction, AT_GATE_BINDING)
        decision = made.get(Effect.ANSWER)
        assert Effect.STOP not in made
    assert decision == clicks.Decision(first.id, Operation.APPROVE, MAYA, NOON)


async def test_reject_and_cancel_are_one_decision(database: Database) -> None:
    """Both stop the attempt, whatever gate was looked at."""
    reject = await pressed_by(database, MAYA, Operation.REJECT)
    cancel = await pressed_by(database, TOM, Operation.CANCEL)

    assert await claimed(database, reject, AT_GATE_BINDING)
    assert not await claimed(database, cancel, AT_ATTEMPT)


LATER_ATTEMPT = Attempt(NOON + timedelta(hours=1), 0)


@pytest.mark.parametrize(
    "other",
    [
        replace(AT_GATE_BINDING, gate_id="f" * 24),
        replace(AT_GATE_BINDING, gate_started_at=NOON + timedelta(minutes=30)),
        replace(AT_GATE_BINDING, attempt=Attempt(NOON, 1)),
        replace(AT_GATE_BINDING, attempt=LATER_ATTEMPT),
        replace(AT_GATE_BINDING, attempt=Attempt(None, 0)),
        replace(AT_GATE_BINDING, ref=replace(REF, execution=13)),
        replace(AT_GATE_BINDING, ref=replace(REF, pipeline=8)),
        replace(AT_GATE_BINDING, ref=replace(REF, host="other.example")),
    ],
)
async def test_another_gate_or_attempt_is_another_decision(
    database: Database, other: Binding
) -> None:
    """A decision holds for what it was about, and for nothing else."""
    first = await pressed_by(database, MAYA, Operation.APPROVE)
    second = await pressed_by(database, TOM, Operation.APPROVE)

    assert await claimed(database, first, AT_GATE_BINDING)
    assert await claimed(database, second, other)


OLD_GATE = replace(AT_GATE_BINDING, gate_id="action:103")
"""A gate of an older Buddy, which names the action alone and not this run of it."""


async def test_a_later_gate_of_the_same_action_is_another_decision(database: Database) -> None:
    """Only its start tells it from the one before, and whoever answered that did not see it."""
    later = replace(OLD_GATE, gate_started_at=NOON + timedelta(minutes=30))
    first = await pressed_by(database, MAYA, Operation.APPROVE)
    second = await pressed_by(database, TOM, Operation.APPROVE)

    assert await claimed(database, first, OLD_GATE)
    async with database.snapshot() as transaction:
        assert not await clicks.decisions(transaction, later)
    assert await claimed(database, second, later)


async def test_the_same_gate_told_in_another_zone_is_the_same_decision(database: Database) -> None:
    """Buddy may write a moment in any zone."""
    elsewhere = timezone(timedelta(hours=5, minutes=30))
    moment, attempt = OLD_GATE.gate_started_at, OLD_GATE.attempt
    assert moment is not None
    assert attempt.started_at is not None
    told = replace(
        OLD_GATE,
        gate_started_at=moment.astimezone(elsewhere),
        attempt=replace(attempt, started_at=attempt.started_at.astimezone(elsewhere)),
    )
    first = await pressed_by(database, MAYA, Operation.APPROVE)
    second = await pressed_by(database, TOM, Operation.APPROVE)

    assert await claimed(database, first, OLD_GATE)
    assert not await claimed(database, second, told)


async def test_a_renamed_project_is_the_same_decision(database: Database) -> None:
    """Names only find things."""
    renamed = ExecutionRef(REF.host, "acme2", "store", REF.pipeline, REF.execution)
    first = await pressed_by(database, MAYA, Operation.APPROVE)
    second = await pressed_by(database, TOM, Operation.APPROVE)

    assert await claimed(database, first, AT_GATE_BINDING)
    assert not await claimed(database, second, replace(AT_GATE_BINDING, ref=renamed))


async def test_a_decision_of_which_nothing_came_is_given_back(database: Database) -> None:
    """Somebody with the rights may then decide."""
    first = await pressed_by(database, MAYA, Operation.APPROVE)
    second = await pressed_by(database, TOM, Operation.APPROVE)
    await claimed(database, first, AT_GATE_BINDING)

    async with database.transaction() as transaction:
        await clicks.release(transaction, first.id)

    assert await claimed(database, second, AT_GATE_BINDING)


async def test_the_last_retry_is_found_on_any_attempt(database: Database) -> None:
    """Only retries count, and only those of this execution."""
    async with database.snapshot() as transaction:
        assert await clicks.last_retry(transaction, REF) is None
    first = await pressed_by(database, MAYA, Operation.RETRY)
    second = await pressed_by(database, TOM, Operation.RETRY)
    stop = await pressed_by(database, TOM, Operation.CANCEL)
    await claimed(database, first, AT_ATTEMPT)
    await claimed(database, second, replace(AT_ATTEMPT, attempt=LATER_ATTEMPT))
    await claimed(database, stop, replace(AT_ATTEMPT, attempt=LATER_ATTEMPT))

    async with database.snapshot() as transaction:
        found = await clicks.last_retry(transaction, REF)
        assert await clicks.last_retry(transaction, replace(REF, execution=13)) is None

    assert found is not None
    assert found.id == second.id


async def test_what_is_on_its_way_is_found_until_it_is_told(database: Database) -> None:
    """While it is, the card shows no buttons."""
    click = await pressed_by(database, MAYA, Operation.CANCEL)
    await claimed(database, click, AT_ATTEMPT)
    seen = []

    for step in (Step.TAKEN, Step.SENT, Step.PATCHED, Step.TOLD):
        await moved(database, click, step=step)
        async with database.snapshot() as transaction:
            found = await clicks.pending(transaction, REF)
            seen.append(None if found is None else found.id)

    assert seen == [None, click.id, click.id, None]


async def test_the_audit_tells_who_asked_for_what_and_what_came_of_it(database: Database) -> None:
    """Each event is a row of its own; no reason or name stands in it."""
    click = await taken(database, PRESSED)

    async with database.transaction() as transaction:
        await audit.append(transaction, click, AT_GATE_BINDING, audit.Event.SENT, NOON)
        await audit.append(
            transaction, click, AT_GATE_BINDING, audit.Event.REFUSED, NOON, "buddy_forbids"
        )
        rows = (await transaction.run(audit_rows.select())).mappings().all()

    assert [(row["event"], row["detail"]) for row in rows] == [
        ("sent", ""),
        ("refused", "buddy_forbids"),
    ]
    assert {(row["user"], row["operation"], row["execution"]) for row in rows} == {
        ("MAYA", "approve", 12)
    }
    assert "tested" not in str(rows)
