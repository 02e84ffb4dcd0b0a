"""What channels were told of executions: one card for each, and the moments it was told for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import RowMapping, bindparam, delete, select, update

from bot.database import Transaction
from bot.domain.command import Moment
from bot.domain.execution import ExecutionRef
from bot.domain.subscription import Subscription, read_moments, write_moments
from bot.store import moving
from bot.store.tables import announcement, card

_IS_EXECUTION = (
    announcement.c.host == bindparam("host_"),
    announcement.c.pipeline == bindparam("pipeline_"),
    announcement.c.execution == bindparam("execution_"),
)
_OF_EXECUTION = select(announcement).where(*_IS_EXECUTION).order_by(announcement.c.id)
_GET = select(announcement).where(
    *_IS_EXECUTION,
    announcement.c.team == bindparam("team_"),
    announcement.c.channel == bindparam("channel_"),
)
_CHANGE = update(announcement).where(announcement.c.id == bindparam("id_"))
_CARD_IN = (
    select(card.c.id)
    .where(
        card.c.team == bindparam("team_"),
        card.c.channel == bindparam("channel_"),
        card.c.host == bindparam("host_"),
        card.c.pipeline == bindparam("pipeline_"),
        card.c.execution == bindparam("execution_"),
    )
    .order_by(card.c.id.desc())
    .limit(1)
)
_DROP = delete(announcement).where(announcement.c.id == bindparam("id_"))
_FORGET = delete(announcement).where(announcement.c.noticed_at < bindparam("before"))


class State(StrEnum):
    """How far a channel was told."""

    WANTED = "wanted"
    UNCLEAR = "unclear"
    """A card may stand there, and nobody could find out."""

    TOLD = "told"
    LOST = "lost"
    """The channel cannot be reached."""


_COMING = (
    select(announcement)
    .where(
        announcement.c.channel == bindparam("channel_"),
        announcement.c.state.in_((State.WANTED.value, State.UNCLEAR.value)),
    )
    .order_by(announcement.c.id)
)


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a channel is told of an execution."""

    id: int
    team: str
    channel: str
    ref: ExecutionRef
    subscription_id: int
    moments: tuple[Moment, ...]
    card_id: int | None
    noticed_at: datetime
    """When we were told first of what it is told."""

    state: State

    def is_left(self, subscriptions: Iterable[Subscription]) -> bool:
        """Whether its card may stand there for none of these: the one that it was for is over."""
        wanted_by = {one.id for one in subscriptions}
        return self.state is State.UNCLEAR and self.subscription_id not in wanted_by


async def want(
    transaction: Transaction,
    subscription: Subscription,
    ref: ExecutionRef,
    moments: Iterable[Moment],
    noticed_at: datetime,
) -> bool:
    """Note that a channel is to be told of an execution; False if it is told already."""
    values = {
        "team": subscription.team,
        "channel": subscription.channel,
        "host": ref.host,
        "pipeline": ref.pipeline,
        "execution": ref.execution,
        "workspace": ref.workspace,
        "project": ref.project,
        "subscription_id": subscription.id,
        "moments": write_moments(moments),
        "card_id": None,
        "noticed_at": noticed_at,
        "state": State.WANTED.value,
    }
    return await transaction.insert_once(announcement, values)


async def of_execution(
    transaction: Transaction, identity: tuple[str, int, int]
) -> list[Announcement]:
    """List what was told of an execution, in every channel."""
    rows = await transaction.run(_OF_EXECUTION, _execution(identity))
    return [_read(row) for row in rows.mappings()]


async def get(
    transaction: Transaction, team: str, channel: str, identity: tuple[str, int, int]
) -> Announcement | None:
    """Find what a channel is told of an execution."""
    told = {"team_": team, "channel_": channel, **_execution(identity)}
    row = (await transaction.run(_GET, told)).mappings().one_or_none()
    return None if row is None else _read(row)


async def change(transaction: Transaction, number: int, **values: object) -> None:
    """Note how far a channel was told."""
    await transaction.run(_CHANGE, {"id_": number, **values})


async def remove(transaction: Transaction, number: int) -> None:
    """Forget what a channel is told of an execution: nobody wants it any more."""
    await transaction.run(_DROP, {"id_": number})


async def note_moments(
    transaction: Transaction, known: Announcement, moments: Iterable[Moment]
) -> None:
    """Note that a card was told for further moments."""
    told = write_moments({*known.moments, *moments})
    await change(transaction, known.id, moments=told)


async def take_over(
    transaction: Transaction,
    known: Announcement,
    subscription: Subscription,
    moments: Iterable[Moment],
) -> None:
    """Note that another subscription wants a card that may stand in its channel already."""
    told = {"subscription_id": subscription.id, "moments": write_moments(moments)}
    await change(transaction, known.id, **told)


async def card_in(
    transaction: Transaction, team: str, channel: str, identity: tuple[str, int, int]
) -> int | None:
    """Find the newest card of an execution in a channel, whoever put it there."""
    told = {"team_": team, "channel_": channel, **_execution(identity)}
    found: int | None = (await transaction.run(_CARD_IN, told)).scalar_one_or_none()
    return found


async def coming(transaction: Transaction, channel: str) -> list[Announcement]:
    """List what a channel is still to be told, for whichever team."""
    rows = await transaction.run(_COMING, {"channel_": channel})
    return [_read(row) for row in rows.mappings()]


async def move_channel(transaction: Transaction, old: str, new: str) -> None:
    """Follow a channel to its new id; what is on its way may stand there already."""
    may_stand = update(announcement).where(
        announcement.c.channel == old, announcement.c.state == State.WANTED.value
    )
    await transaction.run(may_stand.values(state=State.UNCLEAR.value))
    same = ("team", "host", "pipeline", "execution")
    await moving.move_channel(transaction, announcement, old, new, *same, new_stays=True)


async def forget(transaction: Transaction, before: datetime) -> None:
    """Forget what was told long ago: nothing happens to those executions any more."""
    await transaction.run(_FORGET, {"before": before})


def _execution(identity: tuple[str, int, int]) -> dict[str, object]:
    host, pipeline, number = identity
    return {"host_": host, "pipeline_": pipeline, "execution_": number}


def _read(row: RowMapping) -> Announcement:
    ref = ExecutionRef(
        row["host"], row["workspace"], row["project"], row["pipeline"], row["execution"]
    )
    return Announcement(
        row["id"],
        row["team"],
        row["channel"],
        ref,
        row["subscription_id"],
        read_moments(row["moments"]),
        row["card_id"],
        row["noticed_at"],
        State(row["state"]),
    )
