"""Subscriptions: what each channel wants to be told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, delete, func, select, update

from bot.database import Transaction
from bot.domain.catalog import PipelineRef
from bot.domain.person import Person
from bot.domain.subscription import Scope, Subscription, Wish, read_moments, write_moments
from bot.store import moving
from bot.store.tables import subscription

_COVERING = (
    select(subscription)
    .where(
        subscription.c.host == bindparam("host"),
        subscription.c.topic.in_(bindparam("topics", expanding=True)),
    )
    .order_by(subscription.c.id)
)
_COVERS = _COVERING.with_only_columns(subscription.c.id).order_by(None).limit(1)
_OF_CHANNEL = (
    select(subscription)
    .where(subscription.c.team == bindparam("team"), subscription.c.channel == bindparam("channel"))
    .order_by(subscription.c.project, subscription.c.pipeline_shown, subscription.c.id)
)
_IN_CHANNEL = (
    select(subscription)
    .where(subscription.c.channel == bindparam("channel"))
    .order_by(subscription.c.id)
)
_OF_OWNER = (
    select(subscription)
    .where(subscription.c.team == bindparam("team"), subscription.c.user == bindparam("user"))
    .order_by(subscription.c.id)
)
_GET = select(subscription).where(subscription.c.id == bindparam("id"))
_CHANGE = update(subscription).where(subscription.c.id == bindparam("id_"))
_NOTE_GONE = _CHANGE.where(subscription.c.told_gone_at.is_(None))
_ALL = select(subscription).order_by(subscription.c.id)
_OTHERS = (
    select(subscription)
    .where(
        subscription.c.team == bindparam("team"),
        subscription.c.host == bindparam("host"),
        subscription.c.workspace == bindparam("workspace"),
        subscription.c.id != bindparam("besides"),
    )
    .order_by(subscription.c.id)
)
_FIRST_IN = _OTHERS.limit(1)
_COUNT_IN = _OTHERS.with_only_columns(func.count()).order_by(None)


@dataclass(frozen=True, slots=True)
class Asked:
    """A subscription that somebody asks for."""

    channel: str
    scope: Scope
    project_shown: str
    pipeline_shown: str
    wish: Wish
    owner: Person


async def save(transaction: Transaction, asked: Asked, now: datetime) -> tuple[int, bool]:
    """Store a subscription; its number, and whether it is new.

    One that the channel has for the same topic is changed instead: from now on it is told what is
    wanted now, as whoever asked last sees it. It keeps its age, so nothing is told twice.
    """
    team, scope = asked.owner.team, asked.scope
    key = {"team": team, "channel": asked.channel, "host": scope.host, "topic": scope.topic}
    told = {
        "workspace": scope.workspace,
        "project": scope.project,
        "pipeline": scope.pipeline,
        "project_shown": asked.project_shown,
        "pipeline_shown": asked.pipeline_shown,
        "user": asked.owner.user,
        "told_gone_at": None,
        **_written(asked.wish),
    }
    number = await transaction.insert_numbered(subscription, {**key, **told, "created_at": now})
    if number is not None:
        return number, True
    known = [getattr(subscription.c, name) == value for name, value in key.items()]
    await transaction.run(update(subscription).where(*known).values(**told))
    found: int = (await transaction.run(select(subscription.c.id).where(*known))).scalar_one()
    return found, False


async def get(transaction: Transaction, number: int) -> Subscription | None:
    """Find a subscription by its number."""
    rows = await transaction.run(_GET, {"id": number})
    row = rows.mappings().one_or_none()
    return None if row is None else read_subscription(row)


async def change_wish(transaction: Transaction, number: int, wish: Wish) -> bool:
    """Change what a channel is told; whether the subscription is there."""
    changed = await transaction.run(_CHANGE, {"id_": number, **_written(wish)})
    return changed.rowcount > 0


async def remove(transaction: Transaction, number: int) -> bool:
    """End a subscription; whether there was one."""
    gone = await transaction.run(delete(subscription).where(subscription.c.id == number))
    return gone.rowcount > 0


async def of_channel(transaction: Transaction, team: str, channel: str) -> list[Subscription]:
    """List what a channel is told, by project and pipeline."""
    return await _listed(transaction, _OF_CHANNEL, {"team": team, "channel": channel})


async def in_channel(transaction: Transaction, channel: str) -> list[Subscription]:
    """List what a channel is told, for whichever team."""
    return await _listed(transaction, _IN_CHANNEL, {"channel": channel})


async def of_owner(transaction: Transaction, person: Person) -> list[Subscription]:
    """List what a person asked for, in whatever channel."""
    return await _listed(transaction, _OF_OWNER, {"team": person.team, "user": person.user})


async def everything(transaction: Transaction) -> list[Subscription]:
    """List all subscriptions, the oldest first."""
    return await _listed(transaction, _ALL, {})


async def covering(transaction: Transaction, pipeline: PipelineRef) -> list[Subscription]:
    """List the subscriptions that something in a pipeline belongs to, the oldest first."""
    told = {"host": pipeline.host, "topics": list(Scope.covering(pipeline))}
    return await _listed(transaction, _COVERING, told)


async def covers(transaction: Transaction, pipeline: PipelineRef) -> bool:
    """Tell whether any channel is told what happens in a pipeline."""
    told = {"host": pipeline.host, "topics": list(Scope.covering(pipeline))}
    return (await transaction.run(_COVERS, told)).first() is not None


async def first_in(
    transaction: Transaction, team: str, host: str, workspace: str, *, besides: int = 0
) -> Subscription | None:
    """Find the oldest of a team's subscriptions in a Buddy workspace, besides one."""
    told = {"team": team, "host": host, "workspace": workspace, "besides": besides}
    rows = await transaction.run(_FIRST_IN, told)
    row = rows.mappings().first()
    return None if row is None else read_subscription(row)


async def count_in(
    transaction: Transaction, team: str, host: str, workspace: str, *, besides: int = 0
) -> int:
    """Count a team's other subscriptions in a Buddy workspace: its webhook serves all of them."""
    told = {"team": team, "host": host, "workspace": workspace, "besides": besides}
    count: int = (await transaction.run(_COUNT_IN, told)).scalar_one()
    return count


async def note_gone(transaction: Transaction, number: int, at: datetime) -> bool:
    """Note that the owner is told that the channel cannot be reached; whether nobody did before."""
    noted = await transaction.run(_NOTE_GONE, {"id_": number, "told_gone_at": at})
    return noted.rowcount > 0


async def note_back(transaction: Transaction, number: int) -> None:
    """Note that the channel can be reached again."""
    await transaction.run(_CHANGE, {"id_": number, "told_gone_at": None})


async def learn_names(transaction: Transaction, numbers: Iterable[int], at: PipelineRef) -> None:
    """Note where pipelines live now: their workspace or project was renamed."""
    for number in numbers:
        told = {"id_": number, "workspace": at.workspace, "project": at.project}
        await transaction.run(_CHANGE, told)


async def learn_workspace(
    transaction: Transaction, team: str, host: str, old: str, new: str
) -> None:
    """Note that a workspace has another name now, also for whole projects, known by their names."""
    here = (
        subscription.c.team == team,
        subscription.c.host == host,
        subscription.c.workspace == old,
    )
    await transaction.run(update(subscription).where(*here).values(workspace=new))
    begins = f"project/{old}/"
    rows = await transaction.run(
        select(subscription.c.id, subscription.c.channel, subscription.c.topic).where(
            subscription.c.team == team,
            subscription.c.host == host,
            subscription.c.pipeline.is_(None),
        )
    )
    known = rows.all()
    taken = {(row.channel, row.topic) for row in known}
    for row in known:
        if not row.topic.startswith(begins):
            continue
        topic = f"project/{new}/{row.topic.removeprefix(begins)}"
        if (row.channel, topic) in taken:
            # Somebody has subscribed to it anew.
            await remove(transaction, row.id)
        else:
            await transaction.run(_CHANGE, {"id_": row.id, "topic": topic})


async def move_channel(transaction: Transaction, old: str, new: str) -> int:
    """Follow a channel to its new id; how many subscriptions it has."""
    # What was subscribed under the new id before this was told counts.
    same = ("team", "host", "topic")
    return await moving.move_channel(transaction, subscription, old, new, *same, new_stays=True)


async def _listed(
    transaction: Transaction,
    statement: Any,  # noqa: ANN401 - SQLAlchemy's own type has no name
    told: dict[str, Any],
) -> list[Subscription]:
    rows: Sequence[RowMapping] = (await transaction.run(statement, told)).mappings().all()
    return [read_subscription(row) for row in rows]


def read_subscription(row: RowMapping) -> Subscription:
    """Read a row of the table."""
    return Subscription(
        id=row["id"],
        team=row["team"],
        channel=row["channel"],
        scope=Scope(row["host"], row["workspace"], row["project"], row["pipeline"]),
        project_shown=row["project_shown"],
        pipeline_shown=row["pipeline_shown"],
        wish=Wish(
            read_moments(row["moments"]),
            row["branch"],
            row["by_user"],
            row["broadcasts_failures"],
            row["mention"],
        ),
        owner=Person(row["team"], row["user"]),
        created_at=row["created_at"],
        told_gone_at=row["told_gone_at"],
    )


def _written(wish: Wish) -> dict[str, Any]:
    return {
        "moments": write_moments(wish.moments),
        "branch": wish.branch,
        "by_user": wish.by_user,
        "broadcasts_failures": wish.broadcasts_failures,
        "mention": wish.mention,
    }
