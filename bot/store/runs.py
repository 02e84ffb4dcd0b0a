"""Runs that people ask for: what each is to be, and how far it came.

    taken ─▶ sent ─▶ started ─▶ told      the way of a run
      │        ├──▶ sought ─▶ started     the answer got lost: it is looked for by its mark
      │        │       └──▶ unclear       nobody found it in all that time
      │        └──▶ refused               Buddy said no, or it surely did not arrive
      ├──▶ choosing ─▶ taken              the name can mean several pipelines: the person chooses
      ├──▶ asked                          something is missing: the person fills in a form
      ├──▶ refused                        a check said no: nothing was sent
      └──▶ void                           stored too late to be acknowledged: never carried out

``sent`` is stored before the POST leaves, and from then on it never leaves again: a run found at
``sent`` may have been started, and is looked for. Values of variables stand beside what is wanted,
sealed, for ten minutes at most, and are gone with ``sent`` and with every end.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel
from sqlalchemy import RowMapping, bindparam, select, update

from bot.database import Transaction
from bot.domain.catalog import PipelineRef
from bot.domain.click import Place, Way
from bot.domain.command import Run
from bot.domain.person import Person
from bot.domain.run import RunClick, RunRequest, Wanted
from bot.store.tables import run


class Step(StrEnum):
    """How far a run came."""

    TAKEN = "taken"
    CHOOSING = "choosing"
    SENT = "sent"
    SOUGHT = "sought"
    STARTED = "started"
    TOLD = "told"
    UNCLEAR = "unclear"
    ASKED = "asked"
    REFUSED = "refused"
    VOID = "void"


OPEN_STEPS = frozenset({Step.TAKEN, Step.CHOOSING, Step.SENT, Step.SOUGHT, Step.STARTED})
HOLDS_VALUES = frozenset({Step.TAKEN, Step.CHOOSING})

_GET = select(run).where(run.c.id == bindparam("id"))
_CHANGE = update(run).where(run.c.id == bindparam("id_"))


class _Written(BaseModel):
    """How what is wanted stands in its row: without the values of variables."""

    v: Literal[1] = 1
    typed: Run | None = None
    request: RunRequest | None = None


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run as it stands in its row."""

    id: int
    key: str
    mark: str
    person: Person
    way: Way
    place: Place
    wanted: Wanted
    """Its variables have no values: those are sealed."""

    sealed_values: str = field(repr=False)
    sealed_answer_url: str = field(repr=False)
    taken_at: datetime
    step: Step
    pipeline: PipelineRef
    """Where it was sent; nowhere until then."""

    execution: int
    """Which execution it became; zero until that is known."""

    identity_id: int | None
    identity_generation: int | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sealed:
    """What of a run must not stand in clear."""

    values: str = field(default="", repr=False)
    answer_url: str = field(default="", repr=False)


async def take(
    transaction: Transaction, asked: RunClick, mark: str, sealed: Sealed, now: datetime
) -> int | None:
    """Store a wish; None if this very one is stored already, or its mark is another one's."""
    values = {
        "key": asked.key,
        "mark": mark,
        "team": asked.person.team,
        "user": asked.person.user,
        "way": asked.way.value,
        "channel": asked.place.channel,
        "thread_ts": asked.place.thread_ts,
        "wanted": write(asked.wanted),
        "sealed_values": sealed.values,
        "sealed_answer_url": sealed.answer_url,
        "taken_at": now,
        "step": Step.TAKEN.value,
        "host": "",
        "workspace": "",
        "project": "",
        "pipeline": 0,
        "execution": 0,
        "outcome": "",
    }
    return await transaction.insert_numbered(run, values)


async def get(transaction: Transaction, run_id: int) -> StoredRun | None:
    """Read a run."""
    row = (await transaction.run(_GET, {"id": run_id})).mappings().one_or_none()
    return None if row is None else _read(row)


async def is_known(transaction: Transaction, key: str) -> bool:
    """Tell whether a wish is stored already."""
    rows = await transaction.run(select(run.c.id).where(run.c.key == key))
    return rows.first() is not None


async def void(transaction: Transaction, key: str) -> int | None:
    """Make a wish void that was stored too late; its number."""
    rows = await transaction.run(
        update(run)
        .where(run.c.key == key, run.c.step == Step.TAKEN.value)
        .values(step=Step.VOID.value, sealed_values="", sealed_answer_url="")
        .returning(run.c.id)
    )
    number: int | None = rows.scalar_one_or_none()
    return number


async def move(transaction: Transaction, run_id: int, step: Step, **values: object) -> None:
    """Move a run on. Values are forgotten once they are sent, and everything sealed at an end."""
    if step not in HOLDS_VALUES:
        values["sealed_values"] = ""
    if step not in OPEN_STEPS:
        values["sealed_answer_url"] = ""
    await transaction.run(_CHANGE, {"id_": run_id, "step": step.value, **values})


async def claim(transaction: Transaction, run_id: int, **values: object) -> bool:
    """Record that a run is sent; False if it is not to be sent, or was before.

    It may have two jobs for a moment, the one that asked which pipeline and the one that was told.
    """
    rows = await transaction.run(
        update(run)
        .where(run.c.id == run_id, run.c.step == Step.TAKEN.value)
        .values(step=Step.SENT.value, sealed_values="", **values)
        .returning(run.c.id)
    )
    return rows.first() is not None


async def choose(
    transaction: Transaction, run_id: int, person: Person, chosen: Wanted, sealed_answer_url: str
) -> bool:
    """Say which pipeline was meant; False unless this person's run waits for that."""
    rows = await transaction.run(
        update(run)
        .where(run.c.id == run_id, run.c.step == Step.CHOOSING.value)
        .where(run.c.team == person.team, run.c.user == person.user)
        .values(step=Step.TAKEN.value, wanted=write(chosen), sealed_answer_url=sealed_answer_url)
        .returning(run.c.id)
    )
    return rows.first() is not None


async def unchoose(transaction: Transaction, run_id: int, sealed_answer_url: str) -> bool:
    """Take a choice back that was stored too late; False if it was another one, or has gone on."""
    rows = await transaction.run(
        update(run)
        .where(run.c.id == run_id, run.c.step == Step.TAKEN.value)
        .where(run.c.sealed_answer_url == sealed_answer_url)
        .values(step=Step.CHOOSING.value)
        .returning(run.c.id)
    )
    return rows.first() is not None


async def forget(transaction: Transaction, *, values_of: datetime, urls_of: datetime) -> None:
    """Forget sealed values and response URLs of what was taken before these moments."""
    for column, before in ((run.c.sealed_values, values_of), (run.c.sealed_answer_url, urls_of)):
        await transaction.run(
            update(run).where(column != "", run.c.taken_at < before).values({column.name: ""})
        )


def write(wanted: Wanted) -> str:
    """Write down what is wanted, without the values of its variables."""
    blank = tuple(replace(one, value="") for one in wanted.variables)
    bare = replace(wanted, variables=blank)
    is_typed = isinstance(bare, Run)
    written = _Written(typed=bare if is_typed else None, request=None if is_typed else bare)
    return written.model_dump_json()


def read(text: str) -> Wanted:
    """Read what was written down."""
    written = _Written.model_validate_json(text)
    wanted = written.typed or written.request
    assert wanted is not None  # noqa: S101 - one of both was written
    return wanted


def _read(row: RowMapping) -> StoredRun:
    return StoredRun(
        id=row["id"],
        key=row["key"],
        mark=row["mark"],
        person=Person(row["team"], row["user"]),
        way=Way(row["way"]),
        place=Place(row["channel"], thread_ts=row["thread_ts"]),
        wanted=read(row["wanted"]),
        sealed_values=row["sealed_values"],
        sealed_answer_url=row["sealed_answer_url"],
        taken_at=row["taken_at"],
        step=Step(row["step"]),
        pipeline=PipelineRef(row["host"], row["workspace"], row["project"], row["pipeline"]),
        execution=row["execution"],
        identity_id=row["identity_id"],
        identity_generation=row["identity_generation"],
        sent_at=row["sent_at"],
    )
