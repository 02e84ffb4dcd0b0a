"""Clicks and decisions: what was asked for, how far it came, and who was first.

    taken ─▶ sent ─▶ patched ─▶ told        the way of an operation
      │        └──────▶ refused             Buddy said no, or it surely did not arrive
      └──▶ refused                          a check said no: nothing was sent
      └──▶ void                             stored too late to be acknowledged: never carried out

``sent`` is stored together with the decision, before the PATCH leaves; a click found at ``sent``
may have been done, and is settled by reading.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping, bindparam, delete, or_, select, update

from bot.cards.actions import decode, encode
from bot.database import Transaction
from bot.domain.click import Click, Place, Way
from bot.domain.execution import Attempt, Binding, Effect, ExecutionRef, Operation
from bot.domain.person import Person
from bot.domain.reader import read_execution
from bot.domain.reference import ExecutionName
from bot.store.tables import click, decision
from bot.store.variables import read_names


class Step(StrEnum):
    """How far a click came."""

    TAKEN = "taken"
    SENT = "sent"
    PATCHED = "patched"
    TOLD = "told"
    REFUSED = "refused"
    VOID = "void"


OPEN_STEPS = (Step.TAKEN, Step.SENT, Step.PATCHED)

# Prebuilt, as everything on a click's way: building a statement costs more than running it.
_GET = select(click).where(click.c.id == bindparam("id"))
_CHANGE = update(click).where(click.c.id == bindparam("id_"))
_RELEASE = delete(decision).where(decision.c.click_id == bindparam("click_id"))
_IS_EXECUTION = (
    decision.c.host == bindparam("host"),
    decision.c.pipeline == bindparam("pipeline"),
    decision.c.execution == bindparam("execution"),
)
_DECISIONS = select(decision).where(*_IS_EXECUTION, decision.c.attempt == bindparam("attempt"))
_SENT_FOR = (
    select(click)
    .join(decision, decision.c.click_id == click.c.id)
    .where(*_IS_EXECUTION)
    .order_by(click.c.id.desc())
    .limit(1)
)
_PENDING = _SENT_FOR.where(click.c.step.in_([Step.SENT.value, Step.PATCHED.value]))
_ALL_PENDING = (
    select(click, decision.c.host, decision.c.pipeline, decision.c.execution)
    .join(decision, decision.c.click_id == click.c.id)
    .where(click.c.step.in_([Step.SENT.value, Step.PATCHED.value]))
    .order_by(click.c.id)
)
_LAST_RETRY = _SENT_FOR.where(decision.c.effect == Effect.RETRY.value)


@dataclass(frozen=True, slots=True)
class StoredClick:
    """A click as it stands in its row."""

    id: int
    key: str
    person: Person
    way: Way
    place: Place
    operation: Operation
    binding: Binding | None
    named: ExecutionName | None
    reason: str
    sealed_answer_url: str = field(repr=False)
    taken_at: datetime
    step: Step
    identity_id: int | None
    identity_generation: int | None
    before: str
    sent_at: datetime | None
    sent_count: int
    waits_until: datetime | None
    sealed_values: str = field(repr=False)
    values_until: datetime | None
    taken_by: str
    variables: tuple[str, ...]
    """Names of what was given to the gate, once it was sent."""


@dataclass(frozen=True, slots=True)
class SealedValues:
    """What was given to a gate, and how long it may be kept; only its own process sends it."""

    sealed: str = field(default="", repr=False)
    until: datetime | None = None
    taken_by: str = ""


NO_VALUES = SealedValues()


@dataclass(frozen=True, slots=True)
class Decision:
    """Who was first to ask for an effect."""

    click_id: int
    operation: Operation
    person: Person
    at: datetime


async def take(
    transaction: Transaction,
    asked: Click,
    sealed_answer_url: str,
    now: datetime,
    values: SealedValues = NO_VALUES,
) -> int | None:
    """Store a click; None if this very click is stored already."""
    row = {
        "key": asked.key,
        "team": asked.person.team,
        "user": asked.person.user,
        "way": asked.way.value,
        "channel": asked.place.channel,
        "message_ts": asked.place.message_ts,
        "thread_ts": asked.place.thread_ts,
        "is_private": asked.place.is_private,
        "operation": asked.operation.value,
        "binding": written_binding(asked.binding),
        "named": str(asked.named or ""),
        "reason": asked.reason,
        "sealed_answer_url": sealed_answer_url,
        "taken_at": now,
        "step": Step.TAKEN.value,
        "sent_count": 0,
        "sealed_values": values.sealed,
        "values_until": values.until,
        "taken_by": values.taken_by,
    }
    return await transaction.insert_numbered(click, row)


async def get(transaction: Transaction, click_id: int) -> StoredClick:
    """Read a click."""
    row = (await transaction.run(_GET, {"id": click_id})).mappings().one()
    return _read(row)


async def void(transaction: Transaction, key: str) -> int | None:
    """Make a click void that was stored although its person was told otherwise; its number."""
    rows = await transaction.run(
        update(click)
        .where(click.c.key == key, click.c.step == Step.TAKEN.value)
        .values(step=Step.VOID.value, sealed_answer_url="", sealed_values="")
        .returning(click.c.id)
    )
    number: int | None = rows.scalar_one_or_none()
    return number


async def waiting_for(transaction: Transaction, person: Person, now: datetime) -> list[StoredClick]:
    """List the clicks that wait for their person to connect an account, or are about to.

    One that is being looked at right now may have missed the account, and does not say yet that it
    waits.
    """
    may_wait = or_(click.c.waits_until.is_(None), click.c.waits_until > now)
    rows = await transaction.run(
        select(click)
        .where(click.c.team == person.team, click.c.user == person.user)
        .where(click.c.step == Step.TAKEN.value, click.c.binding != "", may_wait)
        .order_by(click.c.id)
    )
    return [_read(row) for row in rows.mappings()]


async def change(transaction: Transaction, click_id: int, **values: object) -> None:
    """Move a click on; from the moment it is sent, or ends otherwise, its values are gone.

    A click that has come to its end forgets its answer's address, too.
    """
    step = values.get("step")
    if isinstance(step, Step):
        values["step"] = step.value
        if step is not Step.TAKEN:
            values["sealed_values"] = ""
        if step not in OPEN_STEPS:
            values["sealed_answer_url"] = ""
    if "binding" in values and isinstance(values["binding"], Binding):
        values["binding"] = written_binding(values["binding"])
    await transaction.run(_CHANGE, {"id_": click_id, **values})


async def claim(
    transaction: Transaction, asked: StoredClick, binding: Binding, now: datetime
) -> bool:
    """Claim the decision for this attempt, gate and effect; False if somebody was first."""
    values = {
        **_decision_key(binding, asked.operation.effect),
        "click_id": asked.id,
        "operation": asked.operation.value,
        "team": asked.person.team,
        "user": asked.person.user,
        "at": now,
    }
    return await transaction.insert_once(decision, values)


async def release(transaction: Transaction, click_id: int) -> None:
    """Give a decision back: nothing came of it."""
    await transaction.run(_RELEASE, {"click_id": click_id})


async def decisions(transaction: Transaction, binding: Binding) -> dict[Effect, Decision]:
    """Tell who was first, by what they asked for: of this attempt, and of this gate only."""
    told = {**_told(binding.ref), "attempt": _written_attempt(binding.attempt)}
    made = {}
    for row in (await transaction.run(_DECISIONS, told)).mappings():
        effect = Effect(row["effect"])
        if row["gate"] == _decision_key(binding, effect)["gate"]:
            made[effect] = _read_decision(row)
    return made


async def last_retry(transaction: Transaction, ref: ExecutionRef) -> StoredClick | None:
    """Find the last retry that was sent for an execution, on any attempt."""
    row = (await transaction.run(_LAST_RETRY, _told(ref))).mappings().first()
    return None if row is None else _read(row)


async def pending(transaction: Transaction, ref: ExecutionRef) -> StoredClick | None:
    """Find the operation that is on its way to an execution, if any."""
    row = (await transaction.run(_PENDING, _told(ref))).mappings().first()
    return None if row is None else _read(row)


async def all_pending(transaction: Transaction) -> dict[tuple[str, int, int], StoredClick]:
    """List the operations that are on their way, by the execution's identity; few ever are."""
    rows = (await transaction.run(_ALL_PENDING)).mappings()
    return {(row["host"], row["pipeline"], row["execution"]): _read(row) for row in rows}


def _read_decision(row: RowMapping) -> Decision:
    person = Person(row["team"], row["user"])
    return Decision(row["click_id"], Operation(row["operation"]), person, row["at"])


def _told(ref: ExecutionRef) -> dict[str, Any]:
    host, pipeline, number = ref.identity
    return {"host": host, "pipeline": pipeline, "execution": number}


def _decision_key(binding: Binding, effect: Effect) -> dict[str, Any]:
    host, pipeline, number = binding.ref.identity
    return {
        "host": host,
        "pipeline": pipeline,
        "execution": number,
        "attempt": _written_attempt(binding.attempt),
        "gate": _written_gate(binding) if effect is Effect.ANSWER else "",
        "effect": effect.value,
    }


def _written_attempt(attempt: Attempt) -> str:
    return f"{_written_moment(attempt.started_at)}#{attempt.retries}"


def _written_gate(binding: Binding) -> str:
    # Without an id of its own, only the moment tells a gate from a later one of the same action.
    return f"{binding.gate_id}@{_written_moment(binding.gate_started_at)}"


def _written_moment(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else "-"


def written_binding(binding: Binding | None) -> str:
    """Write a binding as the row holds it."""
    return (encode(binding) or "") if binding else ""


def _read(row: RowMapping) -> StoredClick:
    return StoredClick(
        id=row["id"],
        key=row["key"],
        person=Person(row["team"], row["user"]),
        way=Way(row["way"]),
        place=Place(row["channel"], row["message_ts"], row["thread_ts"], row["is_private"]),
        operation=Operation(row["operation"]),
        binding=decode(row["binding"]) if row["binding"] else None,
        named=read_execution(row["named"]) if row["named"] else None,
        reason=row["reason"],
        sealed_answer_url=row["sealed_answer_url"],
        taken_at=row["taken_at"],
        step=Step(row["step"]),
        identity_id=row["identity_id"],
        identity_generation=row["identity_generation"],
        before=row["before"] or "",
        sent_at=row["sent_at"],
        sent_count=row["sent_count"],
        waits_until=row["waits_until"],
        sealed_values=row["sealed_values"],
        values_until=row["values_until"],
        taken_by=row["taken_by"],
        variables=read_names(row["variables"]),
    )
